/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots: activation and re-keying, also when the answer is lost; devices,
 * passwords, recovery codes; registering anew when the server asks for it. */
#include "client/gateway.h"
#include "support/run.h"

#include <stdio.h>
#include <stdlib.h>

static struct gateway gateway;
static struct obol_client *client;
static struct obol_device device;

#define NEW_PASSWORD "a new and longer one"

static void setup(void)
{
	gateway_init(&gateway);
	gateway_add_password(&gateway);
	client = gateway_client(&gateway, NULL);
}

static void teardown(void)
{
	obol_device_clear(&device);
	obol_client_free(client);
	gateway_clear(&gateway);
}

static void put(const char *name, const char *text)
{
	struct obol_secret *body = secret_of(text);
	uint64_t version;

	check_ok(client, obol_client_put(client, name, OBOL_FORMAT_OPAQUE, 0, body,
									 &version));
	obol_secret_free(body);
}

static void check_stored(const char *name, const char *text, uint64_t version)
{
	struct obol_credential got;

	check_ok(client, obol_client_get(client, name, 0, &got));
	ck_assert(obol_bytes_eq(obol_secret_view(got.body), obol_bytes_str(text)));
	ck_assert_uint_eq(got.info.version, version);
	obol_credential_clear(&got);
}

static bool has_slot(enum obol_slot_kind kind)
{
	size_t i;

	for (i = 0; i < gateway.owner.n_slots; i++)
	{
		if (gateway.owner.slots[i].kind == kind)
		{
			return true;
		}
	}
	return false;
}

/* Some credentials, and a login with an activation code. */
static void login_with_code(void)
{
	struct obol_secret *code;

	check_ok(client, login(client, PASSWORD));
	put("a", "one");
	put("b", "two");
	put("c", "three");
	code = gateway_add_code(&gateway, OBOL_SLOT_ACTIVATION);
	check_ok(client, obol_client_login_activation(client, code));
	obol_secret_free(code);
}

static enum obol_status activate(const char *label)
{
	struct obol_secret *password = secret_of(NEW_PASSWORD);
	enum obol_status status =
		obol_client_activate(client, password, label, &device);

	obol_secret_free(password);
	return status;
}

START_TEST(activates)
{
	login_with_code();
	gateway.is_paging = _i;
	check_ok(client, activate("thinkpad"));
	ck_assert_str_eq(gateway.label, "thinkpad");
	ck_assert(!has_slot(OBOL_SLOT_ACTIVATION));
	/* logged in with the new password, everything is there */
	ck_assert_uint_ne(obol_client_login_info(client)->server_time, 0);
	check_stored("a", "one", 2);
	check_stored("b", "two", 2);
	check_stored("c", "three", 2);
	ck_assert_int_ne(login(client, PASSWORD), OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
	check_ok(client, login(client, NEW_PASSWORD));
	check_ok(client, obol_client_login_device(client, &device));
	check_stored("a", "one", 2);
}
END_TEST

START_TEST(activates_an_empty_account)
{
	struct obol_secret *code = gateway_add_code(&gateway, OBOL_SLOT_ACTIVATION);

	check_ok(client, obol_client_login_activation(client, code));
	check_ok(client, activate("phone"));
	check_ok(client, obol_client_issue(client, OBOL_CLIENT_VPN, NULL));
	obol_secret_free(code);
}
END_TEST

struct lost_row {
	uint8_t cut_before;
	uint8_t cut_after;
	unsigned n_pass;
	/** it comes to a good end all the same */
	bool is_ok;
	/** the account is set up */
	bool is_done;
};

static const struct lost_row lost[] = {
	{ OBOL_REKEY, 0, 0, false, false }, { 0, OBOL_REKEY, 0, true, true },
	{ OBOL_GET, 0, 0, false, false },   { OBOL_SLOT_START, 0, 1, false, false },
	{ OBOL_STAGE, 0, 1, false, false }, { 0, OBOL_STAGE, 2, false, false },
};

/* kill -9 of the server at each step: the old or the new, never between. */
START_TEST(answer_is_lost)
{
	const struct lost_row *row = &lost[_i];

	login_with_code();
	gateway.cut_before = row->cut_before;
	gateway.cut_after = row->cut_after;
	gateway.n_pass = row->n_pass;
	if (row->is_ok)
	{
		check_ok(client, activate("thinkpad"));
		check_stored("c", "three", 2);
	}
	else
	{
		ck_assert_int_eq(activate("thinkpad"), OBOL_ERR_STORE);
		check_cause(client, OBOL_CAUSE_SERVER);
		ck_assert_ptr_null(device.secret);
	}
	gateway.cut_before = 0;
	gateway.cut_after = 0;
	ck_assert_int_eq(has_slot(OBOL_SLOT_ACTIVATION), !row->is_done);
	check_ok(client, login(client, row->is_done ? NEW_PASSWORD : PASSWORD));
	check_stored("a", "one", row->is_done ? 2 : 1);
}
END_TEST

START_TEST(bad_activation)
{
	struct obol_secret *weak = secret_of("\x01");

	/* not logged in */
	ck_assert_int_eq(activate("thinkpad"), OBOL_ERR_ARG);
	/* with another secret */
	check_ok(client, login(client, PASSWORD));
	ck_assert_int_eq(activate("thinkpad"), OBOL_ERR_DENIED);
	check_cause(client, OBOL_CAUSE_NOT_ALLOWED);
	login_with_code();
	ck_assert_int_ne(activate(""), OBOL_OK);
	check_cause(client, OBOL_CAUSE_CONFIG);
	ck_assert_int_ne(activate(NULL), OBOL_OK);
	check_cause(client, OBOL_CAUSE_CONFIG);
	ck_assert_int_ne(activate("new\nline"), OBOL_OK);
	check_cause(client, OBOL_CAUSE_CONFIG);
	ck_assert_int_ne(obol_client_activate(client, weak, "x", &device), OBOL_OK);
	check_cause(client, OBOL_CAUSE_PASSWORD);
	ck_assert_ptr_null(device.secret);
	ck_assert(has_slot(OBOL_SLOT_ACTIVATION));
	/* and then it works */
	check_ok(client, activate("thinkpad"));
	obol_secret_free(weak);
}
END_TEST

/* A credential that was exchanged is not sealed anew. */
START_TEST(changed_credential_stops_it)
{
	login_with_code();
	gateway.owner.credentials[1].sealed[100] ^= 1;
	ck_assert_int_eq(activate("thinkpad"), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_SEAL);
	ck_assert(has_slot(OBOL_SLOT_ACTIVATION));
	ck_assert_uint_eq(gateway.n_requests[OBOL_REKEY], 0);
}
END_TEST

START_TEST(adds_a_device)
{
	login_whole(client, PASSWORD);
	check_ok(client, obol_client_add_device(client, "phone", &device));
	ck_assert_str_eq(gateway.label, "phone");
	/* logged in with the password again */
	put("a", "one");
	check_ok(client, obol_client_login_device(client, &device));
	check_stored("a", "one", 1);
	/* which may not make others */
	ck_assert_int_ne(obol_client_add_device(client, "x", &device), OBOL_OK);
	check_cause(client, OBOL_CAUSE_NOT_ALLOWED);
}
END_TEST

START_TEST(no_room_for_a_device)
{
	check_ok(client, login(client, PASSWORD));
	/* at the first request even, when LoginDone is still to come */
	gateway.owner.refuse_request = OBOL_REPLY_QUOTA;
	ck_assert_int_eq(obol_client_add_device(client, "phone", &device),
					 OBOL_ERR_DENIED);
	check_cause(client, OBOL_CAUSE_QUOTA);
	ck_assert_ptr_null(device.secret);
	ck_assert_uint_eq(gateway.owner.n_slots, 1);
}
END_TEST

START_TEST(changes_the_password)
{
	struct obol_secret *password = secret_of(NEW_PASSWORD);

	login_whole(client, PASSWORD);
	put("a", "one");
	check_ok(client, obol_client_change_password(client, password));
	check_stored("a", "one", 1);
	ck_assert_int_ne(login(client, PASSWORD), OBOL_OK);
	check_ok(client, login(client, NEW_PASSWORD));
	obol_secret_free(password);
}
END_TEST

START_TEST(server_wants_more_stretching)
{
	static const struct obol_ksf_params more = { OBOL_KSF_SCRYPT, 16, 8, 1 };
	static const struct obol_ksf_params much = { OBOL_KSF_SCRYPT, 22, 8, 1 };
	struct obol_secret *password = secret_of(NEW_PASSWORD);

	login_whole(client, PASSWORD);
	gateway.owner.least_ksf = much;
	ck_assert_int_ne(obol_client_change_password(client, password), OBOL_OK);
	check_cause(client, OBOL_CAUSE_KSF);
	gateway.owner.least_ksf = more;
	login_whole(client, PASSWORD);
	check_ok(client, obol_client_change_password(client, password));
	ck_assert(obol_ksf_params_eq(&gateway.owner.slots[0].ksf, &more));
	check_ok(client, login(client, NEW_PASSWORD));
	obol_secret_free(password);
}
END_TEST

START_TEST(rekeys)
{
	struct obol_secret *password = secret_of(NEW_PASSWORD);
	struct obol_device old;
	struct obol_secret *code;

	gateway_add_device(&gateway, &old);
	code = gateway_add_code(&gateway, OBOL_SLOT_RECOVERY);
	if (_i)
	{
		check_ok(client, obol_client_login_recovery(client, code));
	}
	else
	{
		check_ok(client, login(client, PASSWORD));
	}
	put("a", "one");
	check_ok(client,
			 obol_client_rekey(client, password, _i ? "new" : NULL, &device));
	ck_assert_int_eq(device.secret != NULL, _i);
	check_stored("a", "one", 2);
	ck_assert_uint_eq(gateway.owner.n_slots, _i ? 2 : 1);
	ck_assert_int_ne(obol_client_login_device(client, &old), OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
	ck_assert_int_ne(obol_client_login_recovery(client, code), OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
	check_ok(client, login(client, NEW_PASSWORD));
	obol_secret_free(code);
	obol_secret_free(password);
	obol_device_clear(&old);
}
END_TEST

START_TEST(recovers)
{
	struct obol_secret *code = NULL;
	struct obol_secret *second = NULL;
	struct obol_secret *password = secret_of(NEW_PASSWORD);

	login_whole(client, PASSWORD);
	put("a", "one");
	check_ok(client, obol_client_new_recovery(client, &code));
	/* with the password still */
	check_ok(client, obol_client_add_device(client, "phone", &device));
	check_ok(client, obol_client_login_recovery(client, code));
	check_stored("a", "one", 1);
	check_ok(client, obol_client_change_password(client, password));
	check_ok(client, obol_client_new_recovery(client, &second));
	ck_assert_int_ne(obol_client_login_recovery(client, code), OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
	check_ok(client, obol_client_login_recovery(client, second));
	/* a new one after a login with one */
	obol_secret_free(code);
	code = NULL;
	check_ok(client, obol_client_new_recovery(client, &code));
	check_stored("a", "one", 1);
	check_ok(client, login(client, NEW_PASSWORD));
	obol_secret_free(code);
	obol_secret_free(second);
	obol_secret_free(password);
}
END_TEST

START_TEST(lists_and_deletes)
{
	struct obol_slot_info *slots = NULL;
	size_t n;

	login_whole(client, PASSWORD);
	check_ok(client, obol_client_add_device(client, "phone", &device));
	check_ok(client, obol_client_slots(client, &slots, &n));
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(slots[1].kind, OBOL_SLOT_DEVICE);
	ck_assert_mem_eq(slots[1].device_id, device.id, sizeof(device.id));
	free(slots);
	check_ok(client,
			 obol_client_delete_slot(client, OBOL_SLOT_DEVICE, device.id));
	ck_assert_int_eq(
		obol_client_delete_slot(client, OBOL_SLOT_DEVICE, device.id),
		OBOL_ERR_NOT_FOUND);
	check_cause(client, OBOL_CAUSE_NOT_FOUND);
	ck_assert_int_ne(obol_client_login_device(client, &device), OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
}
END_TEST

/* The server's wish is granted behind the first answer, once, and nobody
 * notices; also when it fails. */
START_TEST(registers_anew)
{
	struct obol_secret *code;

	check_ok(client, login(client, PASSWORD));
	gateway.owner.migrate = true;
	login_whole(client, PASSWORD);
	ck_assert_uint_eq(gateway.n_requests[OBOL_SLOT_FINISH], 1);
	check_cause(client, OBOL_CAUSE_NONE);
	put("a", "one");
	ck_assert_uint_eq(gateway.n_requests[OBOL_SLOT_FINISH], 1);
	/* the same password opens it */
	login_whole(client, PASSWORD);
	gateway.owner.migrate = false;
	check_ok(client, login(client, PASSWORD));
	check_ok(client, obol_client_add_device(client, "thinkpad", &device));
	gateway.owner.migrate = true;
	gateway.label[0] = '\0';
	check_ok(client, obol_client_login_device(client, &device));
	check_stored("a", "one", 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_SLOT_FINISH], 4);
	/* under its name */
	ck_assert_str_eq(gateway.label, "thinkpad");
	check_ok(client, obol_client_login_device(client, &device));
	/* in the middle of it the server goes away */
	gateway.cut_before = OBOL_SLOT_FINISH;
	check_stored("a", "one", 1);
	check_cause(client, OBOL_CAUSE_NONE);
	gateway.cut_before = 0;
	check_ok(client, obol_client_login_device(client, &device));
	/* an activation code is not worth it */
	code = gateway_add_code(&gateway, OBOL_SLOT_ACTIVATION);
	check_ok(client, obol_client_login_activation(client, code));
	check_stored("a", "one", 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_SLOT_FINISH], 4);
	obol_secret_free(code);
}
END_TEST

Suite *slots_suite(void);
Suite *slots_suite(void)
{
	Suite *suite = suite_create("slots");
	TCase *tcase = tcase_create("slots");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, activates, 0, 2);
	tcase_add_test(tcase, activates_an_empty_account);
	tcase_add_loop_test(tcase, answer_is_lost, 0,
						sizeof(lost) / sizeof(lost[0]));
	tcase_add_test(tcase, bad_activation);
	tcase_add_test(tcase, changed_credential_stops_it);
	tcase_add_test(tcase, adds_a_device);
	tcase_add_test(tcase, no_room_for_a_device);
	tcase_add_test(tcase, changes_the_password);
	tcase_add_test(tcase, server_wants_more_stretching);
	tcase_add_loop_test(tcase, rekeys, 0, 2);
	tcase_add_test(tcase, recovers);
	tcase_add_test(tcase, lists_and_deletes);
	tcase_add_test(tcase, registers_anew);
	suite_add_tcase(suite, tcase);
	return suite;
}
