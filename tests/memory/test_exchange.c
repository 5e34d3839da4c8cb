/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's session and a whole server: without memory at either end. */
#include <stdio.h>
#include <stdlib.h>

#include "memory/fail_each.h"
#include "pake/opaque_registration.h"
#include "server/world.h"
#include "support/pkcs10.h"

Suite *memory_exchange_suite(void);

/** Flights of a story at most; one that goes on is stuck. */
#define FLIGHTS_MAX 100

static struct world w;
static struct pkcs10 pkcs10;
static const uint8_t exporter[OBOL_EXPORTER_LEN] = { 0xe5, 1 };

/* Two ends. Nothing in here allocates, and nothing ends the test. */
static struct pair {
	struct obol_client_session *client;
	struct obol_server_connection *conn;
	unsigned n_stories;
	char name[32];
	/** for a ReKey: made beforehand, where there is memory */
	struct obol_request *rekey;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	uint8_t wrap[OBOL_WRAP_MAX];
} pair;

static void setup(void)
{
	EVP_PKEY *key;

	memset(&pair, 0, sizeof(pair));
	world_begin(&w);
	(void)world_add(&w, "alice");
	world_activate(&w, "alice");
	key = pkcs10_key("P-256");
	pkcs10_good(&pkcs10, key, exporter);
	EVP_PKEY_free(key);
}

static void teardown(void)
{
	world_clear(&w);
}

/*
 * The way between them
 */

/* each story comes from another network, so that none is limited */
static bool connect_pair(void)
{
	struct obol_client_session_config config = { .rng = obol_rng_system() };
	struct obol_server_peer peer = { .source = "192.0.2.1" };

	memcpy(config.exporter, exporter, sizeof(exporter));
	memcpy(peer.exporter, exporter, sizeof(exporter));
	pair.n_stories++;
	peer.address.bytes[0] = 10;
	peer.address.bytes[1] = (uint8_t)(pair.n_stories >> 8);
	peer.address.bytes[2] = (uint8_t)pair.n_stories;
	return obol_client_session_new(&config, &pair.client) == OBOL_OK &&
		   obol_server_connection_new(w.server, &peer, NULL, NULL,
									  &pair.conn) == OBOL_OK;
}

static void disconnect(void)
{
	obol_client_session_free(pair.client);
	obol_server_connection_close(pair.conn);
	obol_store_flush(w.options.store);
	pair.client = NULL;
	pair.conn = NULL;
	MUST(obol_server_n_connections(w.server) == 0);
}

static bool talk(void)
{
	struct obol_bytes out;
	size_t n, flights = 0;

	do
	{
		n = 0;
		out = obol_client_session_output(pair.client);
		if (out.len && obol_server_connection_room(pair.conn) >= out.len)
		{
			obol_server_connection_input(pair.conn, out);
			n = out.len;
			obol_client_session_sent(pair.client, n);
		}
		obol_store_flush(w.options.store);
		out = obol_server_connection_output(pair.conn);
		if (out.len)
		{
			n += out.len;
			if (obol_client_session_input(pair.client, out) != OBOL_OK)
			{
				return false;
			}
			obol_server_connection_sent(pair.conn, out.len);
		}
		MUST(++flights < FLIGHTS_MAX);
	} while (n);
	return obol_client_session_state(pair.client) == OBOL_CLIENT_READY;
}

static bool start(enum obol_slot_kind kind, const uint8_t *device_id,
				  const char *code)
{
	struct obol_secret *secret = obol_secret_dup(code, strlen(code));
	struct obol_client_login login = {
		.kind = kind,
		.name = obol_bytes_str(pair.name),
		.secret = secret,
	};
	bool good;

	if (!secret)
	{
		return false;
	}
	if (device_id)
	{
		memcpy(login.device_id, device_id, sizeof(login.device_id));
	}
	good = obol_client_session_login(pair.client, &login) == OBOL_OK && talk();
	obol_secret_free(secret);
	return good;
}

static const struct obol_answer *ask(const struct obol_request *request)
{
	if (obol_client_session_request(pair.client, request) != OBOL_OK || !talk())
	{
		return NULL;
	}
	return obol_client_session_answer(pair.client);
}

/*
 * What a device does
 */

static bool list_and_get(void)
{
	struct obol_request list = { .type = OBOL_LIST };
	struct obol_request get = { .type = OBOL_GET };
	const struct obol_answer *answer = ask(&list);

	if (!answer)
	{
		return false;
	}
	MUST(answer->list.n_items == 1);
	answer = ask(&get);
	if (!answer)
	{
		return false;
	}
	MUST(answer->get.n_items == 1);
	return true;
}

static bool put_again(void)
{
	struct obol_request get = { .type = OBOL_GET };
	struct obol_request put = { .type = OBOL_PUT };
	const struct obol_answer *answer = ask(&get);
	uint64_t version;

	if (!answer)
	{
		return false;
	}
	version = answer->get.n_items ? answer->get.items[0].version : 0;
	put.put.name = obol_bytes_str("vpn");
	put.put.format = OBOL_FORMAT_BUNDLE;
	put.put.base_version = version;
	put.put.generation = 2;
	put.put.sealed = obol_bytes_str("sealed bytes, for all the server knows");
	answer = ask(&put);
	if (!answer)
	{
		return false;
	}
	MUST(answer->put.version == version + 1);
	return true;
}

static bool have_signed(void)
{
	struct obol_request request = {
		.type = OBOL_ISSUE,
		.pkcs10 = obol_bytes(pkcs10.der, pkcs10.len),
	};
	const struct obol_answer *answer = ask(&request);

	return answer && answer->issue.certificate.len;
}

static bool look_around(void)
{
	struct obol_request slots = { .type = OBOL_SLOT_LIST };
	struct obol_request info = { .type = OBOL_INFO };
	struct obol_request history = { .type = OBOL_HISTORY, .history.limit = 5 };

	return ask(&info) && ask(&slots) && ask(&history);
}

static bool be_a_device(void *ctx)
{
	bool good;

	(void)ctx;
	(void)snprintf(pair.name, sizeof(pair.name), "alice");
	good = connect_pair() &&
		   start(OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET) && put_again() &&
		   list_and_get() && have_signed() && look_around();
	disconnect();
	return good;
}

static void forget_guesses(void *ctx)
{
	uint8_t key[1][OBOL_GUESS_KEY_LEN];
	struct obol_store_account_unlock arg = {
		.in = { .account_id = world_account(&w, "alice").id,
				.n_keys = 1,
				.guess_keys = (const uint8_t(*)[OBOL_GUESS_KEY_LEN])key,
				.actor = { .source = "root" },
				.now = WORLD_NOW },
	};

	(void)ctx;
	w.logged_len = 0;
	ck_assert_int_eq(obol_store_guess_key(w.options.store, OBOL_SLOT_DEVICE,
										  obol_bytes_str("alice"), device_one,
										  key[0]),
					 OBOL_OK);
	world_run(&w, OBOL_STORE_ACCOUNT_UNLOCK, &arg);
}

/*
 * An activation
 */

/* an account for each try, and a slot for its password: who asks for a record
 * at the server need not have stretched anything */
static void prepare_account(void *ctx)
{
	struct obol_slot_message *slot;

	(void)ctx;
	w.logged_len = 0;
	(void)snprintf(pair.name, sizeof(pair.name), "u%u", pair.n_stories);
	(void)world_add(&w, pair.name);
	pair.rekey = calloc(1, sizeof(*pair.rekey));
	ck_assert_ptr_nonnull(pair.rekey);
	pair.rekey->type = OBOL_REKEY;
	pair.rekey->rekey.generation = 2;
	pair.rekey->rekey.n_slots = 1;
	slot = &pair.rekey->rekey.slots[0];
	slot->kind = OBOL_SLOT_PASSWORD;
	slot->ksf = obol_ksf_default;
	slot->key_number = w.options.current_key;
	slot->generation = 2;
	slot->record = obol_bytes(pair.record, sizeof(pair.record));
	slot->wrap = obol_bytes(pair.wrap, 100);
}

static void tidy_account(void *ctx)
{
	(void)ctx;
	free(pair.rekey);
	pair.rekey = NULL;
}

static bool begin_password(void)
{
	struct obol_request request = { .type = OBOL_SLOT_START };
	struct obol_secret *input = obol_secret_dup("password", 8);
	struct obol_opaque_registration *state = NULL;
	struct obol_secret *export_key = NULL;
	uint8_t server_key[OBOL_OPAQUE_NPK];
	const struct obol_answer *answer;
	struct obol_ksf ksf;
	bool good = false;

	request.slot_start.kind = OBOL_SLOT_PASSWORD;
	if (input && obol_ksf_init(&ksf, &obol_ksf_identity) == OBOL_OK &&
		obol_opaque_registration_start(obol_rng_system(), input,
									   request.slot_start.request,
									   &state) == OBOL_OK &&
		(answer = ask(&request)))
	{
		good = obol_opaque_registration_finish(
				   state,
				   obol_bytes(answer->slot_start.response,
							  OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN),
				   NULL, &ksf, pair.record, &export_key, server_key) == OBOL_OK;
	}
	obol_opaque_registration_free(state);
	obol_secret_free(export_key);
	obol_secret_free(input);
	return good;
}

static bool activate(void *ctx)
{
	struct obol_request stage = { .type = OBOL_STAGE };
	const struct obol_answer *answer;
	bool good;

	(void)ctx;
	stage.put.name = obol_bytes_str("vpn");
	stage.put.format = OBOL_FORMAT_BUNDLE;
	stage.put.generation = 2;
	stage.put.sealed = obol_bytes_str("sealed anew");
	good = connect_pair() && start(OBOL_SLOT_ACTIVATION, NULL, CODE) &&
		   begin_password() && ask(&stage) && (answer = ask(pair.rekey)) &&
		   answer->generation == 2;
	disconnect();
	return good;
}

/* all of it or nothing, and nothing is lost that was acknowledged */
static void check_account(void *ctx)
{
	struct obol_account account = world_account(&w, pair.name);

	ck_assert_uint_eq(account.generation, account.has_activation ? 1 : 2);
	ck_assert_uint_eq(account.n_credentials, account.has_activation ? 0 : 1);
	tidy_account(ctx);
}

START_TEST(device)
{
	const struct story story = {
		.prepare = forget_guesses,
		.run = be_a_device,
		.n_least = 100,
		.may_do_without = true,
		.sqlite_keeps = true,
	};

	/* the first put of all */
	forget_guesses(NULL);
	ck_assert(be_a_device(NULL));
	fail_each(&story, (enum failing_malloc_owner)_i);
	forget_guesses(NULL);
	ck_assert(be_a_device(NULL));
}
END_TEST

START_TEST(activation)
{
	const struct story story = {
		.prepare = prepare_account,
		.run = activate,
		.tidy = check_account,
		.n_least = 100,
		.may_do_without = true,
		.sqlite_keeps = true,
	};

	fail_each(&story, (enum failing_malloc_owner)_i);
}
END_TEST

Suite *memory_exchange_suite(void)
{
	Suite *suite = suite_create("memory: exchange");
	TCase *tcase = tcase_create("out of memory");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, device, 0, FAILING_OWNERS);
	tcase_add_loop_test(tcase, activation, 0, FAILING_OWNERS);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite;
}
