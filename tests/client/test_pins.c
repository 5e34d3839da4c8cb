/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client remembers of a server and of failures, and the state file that
 * it keeps it in. */
#include "client/gateway.h"
#include "support/run.h"

#include <sys/stat.h>
#include <unistd.h>

static struct gateway gateway;

static void setup(void)
{
	gateway_init(&gateway);
	gateway_add_password(&gateway);
}

static void teardown(void)
{
	gateway_clear(&gateway);
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

START_TEST(remembers_pins)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	struct obol_state state;
	char why[256];
	const char *path = tempdir_file(&gateway.dir, "state");

	ck_assert_int_ne(login(client, "wrong"), OBOL_OK);
	/* a server that nobody has proved is not pinned */
	ck_assert_int_eq(obol_state_load(path, &state, why, sizeof(why)), OBOL_OK);
	ck_assert_uint_eq(state.n_server_keys, 0);
	ck_assert_uint_eq(state.n_tls_keys, 0);
	ck_assert_uint_eq(state.n_failures, 1);
	check_ok(client, login(client, PASSWORD));
	ck_assert_int_eq(obol_state_load(path, &state, why, sizeof(why)), OBOL_OK);
	ck_assert_uint_eq(state.n_server_keys, 1);
	ck_assert_uint_eq(state.n_tls_keys, 1);
	ck_assert_uint_eq(state.n_failures, 0);
	ck_assert(!state.has_account_id);
	check_ok(client, ask(client));
	ck_assert_int_eq(obol_state_load(path, &state, why, sizeof(why)), OBOL_OK);
	ck_assert(state.has_account_id);
	ck_assert_mem_eq(state.account_id, gateway.owner.account_key.account_id,
					 OBOL_ACCOUNT_ID_LEN);
	obol_client_free(client);
}
END_TEST

START_TEST(writes_only_changes)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	const char *path = tempdir_file(&gateway.dir, "state");
	struct stat before;
	struct stat after;

	login_whole(client, PASSWORD);
	ck_assert_int_eq(stat(path, &before), 0);
	login_whole(client, PASSWORD);
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	obol_client_free(client);
}
END_TEST

/* Another TLS key: nothing at all is sent. */
START_TEST(tls_key_is_pinned)
{
	struct obol_client *client = gateway_client(&gateway, NULL);

	login_whole(client, PASSWORD);
	gateway_new_tls_key(&gateway);
	ck_assert_int_eq(login(client, PASSWORD), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_PIN);
	ck_assert_int_eq(atomic_load(&gateway.peer.n_received), 0);
	ck_assert_ptr_nonnull(
		strstr(obol_client_error(client)->text, gateway.dir.path));
	/* who removes the file starts anew */
	ck_assert_int_eq(unlink(tempdir_file(&gateway.dir, "state")), 0);
	check_ok(client, login(client, PASSWORD));
	obol_client_free(client);
}
END_TEST

static void swap_server_keys(void)
{
	static const uint8_t none[OBOL_DEVICE_ID_LEN];
	struct fake_owner *owner = &gateway.owner;

	obol_opaque_local_keys_clear(&owner->keys);
	obol_secret_free(owner->private_key);
	owner->private_key = NULL;
	ck_assert_int_eq(obol_opaque_generate_key_pair(obol_rng_system(),
												   &owner->private_key,
												   owner->public_key),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_local_keys_init(&owner->keys, FAKE_KEY_NUMBER,
												 owner->oprf_seed,
												 owner->private_key),
					 OBOL_OK);
	fake_owner_add(owner, OBOL_SLOT_PASSWORD, none, PASSWORD);
}

/* A machine that knows the password, with the same TLS key: KE3 is kept. */
START_TEST(server_key_is_pinned)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	unsigned n_finishes;

	login_whole(client, PASSWORD);
	swap_server_keys();
	n_finishes = gateway.owner.n_finishes;
	ck_assert_int_eq(login(client, PASSWORD), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_PIN);
	ck_assert_int_ne(ask(client), OBOL_OK);
	ck_assert_uint_eq(gateway.owner.n_finishes, n_finishes);
	obol_client_free(client);
}
END_TEST

/* Keys that were announced are taken when they come. */
START_TEST(successors_are_taken)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	struct obol_client *later;
	struct obol_bytes der;
	uint8_t hash[OBOL_TLS_KEY_HASH_LEN];
	struct test_identity next;
	struct test_cert cert = { .san = "IP:127.0.0.1" };
	struct tls_peer_config config;
	uint8_t *spki = NULL;

	test_identity_init(&next, &cert, NULL);
	der.len = (size_t)i2d_PUBKEY(next.key, &spki);
	ck_assert_int_eq(EVP_Digest(spki, der.len, hash, NULL, EVP_sha256(), NULL),
					 1);
	OPENSSL_free(spki);
	gateway.n_pins = 1;
	memcpy(gateway.pins[0].tls_key_hash, hash, sizeof(hash));
	memset(gateway.pins[0].opaque_public_key, 2, OBOL_OPAQUE_NPK);
	login_whole(client, PASSWORD);
	gateway.n_pins = 0;
	config = gateway.peer.config;
	config.port = gateway.peer.port;
	config.identity = &next;
	tls_peer_clear(&gateway.peer);
	tls_peer_init(&gateway.peer, &config);
	later = gateway_client(&gateway, NULL);
	login_whole(later, PASSWORD);
	/* the old one is not any more */
	gateway_new_tls_key(&gateway);
	ck_assert_int_ne(login(later, PASSWORD), OBOL_OK);
	check_cause(later, OBOL_CAUSE_PIN);
	obol_client_free(later);
	obol_client_free(client);
	test_identity_clear(&next);
}
END_TEST

START_TEST(three_failures_stop_a_device)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	struct obol_client *other;
	struct obol_device device;
	unsigned n_starts;
	int i;

	gateway_add_device(&gateway, &device);
	gateway.owner.n_slots = 1; /* revoked at once */
	for (i = 0; i < 3; i++)
	{
		ck_assert_int_ne(obol_client_login_device(client, &device), OBOL_OK);
		check_cause(client, OBOL_CAUSE_AUTH);
	}
	n_starts = gateway.owner.n_starts;
	ck_assert_int_eq(obol_client_login_device(client, &device),
					 OBOL_ERR_DENIED);
	check_cause(client, OBOL_CAUSE_STOPPED);
	/* not by another process either */
	other = gateway_client(&gateway, NULL);
	ck_assert_int_ne(obol_client_login_device(other, &device), OBOL_OK);
	check_cause(other, OBOL_CAUSE_STOPPED);
	ck_assert_uint_eq(gateway.owner.n_starts, n_starts);
	/* the user acts, and fails: that one counts */
	ck_assert_int_ne(login(client, "wrong"), OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
	ck_assert_int_ne(obol_client_login_device(client, &device), OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
	ck_assert_int_ne(obol_client_login_device(client, &device), OBOL_OK);
	ck_assert_int_ne(obol_client_login_device(client, &device), OBOL_OK);
	check_cause(client, OBOL_CAUSE_STOPPED);
	/* and succeeds: from now on the server is known */
	check_ok(client, login(client, PASSWORD));
	for (i = 0; i < 5; i++)
	{
		ck_assert_int_ne(obol_client_login_device(client, &device), OBOL_OK);
		check_cause(client, OBOL_CAUSE_AUTH);
	}
	obol_device_clear(&device);
	obol_client_free(other);
	obol_client_free(client);
}
END_TEST

START_TEST(unattended_password_stops_too)
{
	struct obol_client_options options;
	struct obol_client *client;
	int i;

	gateway_options(&gateway, &options);
	options.unattended = true;
	options.state_file = NULL;
	client = gateway_client(&gateway, &options);
	for (i = 0; i < 3; i++)
	{
		ck_assert_int_ne(login(client, "wrong"), OBOL_OK);
		check_cause(client, OBOL_CAUSE_AUTH);
	}
	ck_assert_int_ne(login(client, PASSWORD), OBOL_OK);
	check_cause(client, OBOL_CAUSE_STOPPED);
	obol_client_free(client);
}
END_TEST

START_TEST(another_account_of_the_name)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	struct obol_secret *code;

	login_whole(client, PASSWORD);
	obol_account_key_clear(&gateway.owner.account_key);
	ck_assert_int_eq(
		obol_account_key_new(obol_rng_system(), &gateway.owner.account_key),
		OBOL_OK);
	fake_owner_add(&gateway.owner, OBOL_SLOT_PASSWORD, NULL, PASSWORD);
	check_ok(client, login(client, PASSWORD));
	ck_assert_int_ne(ask(client), OBOL_OK);
	check_cause(client, OBOL_CAUSE_SEAL);
	ck_assert_ptr_nonnull(
		strstr(obol_client_error(client)->text, "activate this device"));
	/* what the operator hands out counts */
	code = gateway_add_code(&gateway, OBOL_SLOT_ACTIVATION);
	check_ok(client, obol_client_login_activation(client, code));
	check_ok(client, ask(client));
	check_ok(client, login(client, PASSWORD));
	check_ok(client, ask(client));
	obol_secret_free(code);
	obol_client_free(client);
}
END_TEST

struct file_row {
	const char *content;
	const char *word;
};

static const struct file_row files[] = {
	{ "", "state" },
	{ "garbage\n", "line 1" },
	{ "obol-state 1\naccount alice\n", "line 2" },
	{ "obol-state 1\naccount mallory\n"
	  "account-id 000102030405060708090a0b0c0d0e0f\nend\n",
	  "another account" },
};

START_TEST(state_file_is_no_use)
{
	struct obol_client *client = gateway_client(&gateway, NULL);

	tempdir_write(&gateway.dir, "state", files[_i].content,
				  strlen(files[_i].content), 0644);
	ck_assert_int_eq(login(client, PASSWORD), OBOL_ERR_IO);
	check_cause(client, OBOL_CAUSE_FILE);
	ck_assert_msg(strstr(obol_client_error(client)->text, files[_i].word) !=
					  NULL,
				  "%s", obol_client_error(client)->text);
	ck_assert_int_eq(atomic_load(&gateway.peer.n_accepted), 0);
	obol_client_free(client);
}
END_TEST

/* A name that was mistyped once does not keep the right one out. */
START_TEST(state_file_of_a_name_that_never_worked)
{
	static const char content[] =
		"obol-state 1\naccount mallory\nfailures 2\nend\n";
	struct obol_client *client = gateway_client(&gateway, NULL);

	tempdir_write(&gateway.dir, "state", content, strlen(content), 0644);
	check_ok(client, login(client, PASSWORD));
	check_ok(client, ask(client));
	obol_client_free(client);
}
END_TEST

START_TEST(state_file_that_is_only_read)
{
	struct obol_client_options options;
	struct obol_client *client;

	gateway_options(&gateway, &options);
	options.state_read_only = true;
	client = gateway_client(&gateway, &options);
	login_whole(client, PASSWORD);
	ck_assert(!exists(options.state_file));
	/* it remembers for itself */
	gateway_new_tls_key(&gateway);
	ck_assert_int_ne(login(client, PASSWORD), OBOL_OK);
	check_cause(client, OBOL_CAUSE_PIN);
	obol_client_free(client);
}
END_TEST

START_TEST(state_file_that_cannot_be_written)
{
	struct obol_client_options options;
	struct obol_client *client;

	gateway_options(&gateway, &options);
	options.state_file = tempdir_file(&gateway.dir, "no-such/state");
	client = gateway_client(&gateway, &options);
	ck_assert_int_ne(login(client, PASSWORD), OBOL_OK);
	check_cause(client, OBOL_CAUSE_FILE);
	obol_client_free(client);
}
END_TEST

Suite *pins_suite(void);

Suite *pins_suite(void)
{
	Suite *suite = suite_create("pins");
	TCase *tcase = tcase_create("pins");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, remembers_pins);
	tcase_add_test(tcase, writes_only_changes);
	tcase_add_test(tcase, tls_key_is_pinned);
	tcase_add_test(tcase, server_key_is_pinned);
	tcase_add_test(tcase, successors_are_taken);
	tcase_add_test(tcase, three_failures_stop_a_device);
	tcase_add_test(tcase, unattended_password_stops_too);
	tcase_add_test(tcase, another_account_of_the_name);
	tcase_add_loop_test(tcase, state_file_is_no_use, 0,
						sizeof(files) / sizeof(files[0]));
	tcase_add_test(tcase, state_file_of_a_name_that_never_worked);
	tcase_add_test(tcase, state_file_that_is_only_read);
	tcase_add_test(tcase, state_file_that_cannot_be_written);
	suite_add_tcase(suite, tcase);
	return suite;
}
