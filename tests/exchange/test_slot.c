/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "exchange/exchange.h"
#include "pake/opaque_registration.h"

Suite *slot_suite(void);

static const uint8_t new_device_id[OBOL_DEVICE_ID_LEN] = { 0xd2, 9 };

/** A slot that the client makes. */
struct making {
	struct exchange *x;
	enum obol_slot_kind kind;
	struct obol_secret *input;
	struct obol_opaque_registration *state;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct obol_writer wrap;
	struct obol_slot_message slot;
};

static void making_init(struct making *m, struct exchange *x,
						enum obol_slot_kind kind, const char *secret)
{
	struct obol_secret *typed = obol_secret_dup(secret, strlen(secret));

	memset(m, 0, sizeof(*m));
	m->x = x;
	m->kind = kind;
	m->slot.kind = (uint8_t)kind;
	if (kind == OBOL_SLOT_DEVICE)
	{
		memcpy(m->slot.device_id, new_device_id, sizeof(new_device_id));
	}
	obol_writer_init(&m->wrap);
	ck_assert_int_eq(
		obol_login_oprf_input(obol_bytes_str(FAKE_ACCOUNT), typed, &m->input),
		OBOL_OK);
	obol_secret_free(typed);
}

static void making_clear(struct making *m)
{
	obol_secret_free(m->input);
	obol_opaque_registration_free(m->state);
	obol_writer_clear(&m->wrap);
}

/* SlotStart; NULL when refused */
static const struct obol_answer *start(struct making *m)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	const struct obol_answer *answer;

	ck_assert_ptr_nonnull(request);
	request->type = OBOL_SLOT_START;
	request->slot_start.kind = m->slot.kind;
	memcpy(request->slot_start.device_id, m->slot.device_id,
		   OBOL_DEVICE_ID_LEN);
	ck_assert_int_eq(obol_opaque_registration_start(obol_rng_system(), m->input,
													request->slot_start.request,
													&m->state),
					 OBOL_OK);
	answer = exchange_ask(m->x, request);
	free(request);
	return answer;
}

/* the record and the wrap, after SlotStart's answer */
static void make(struct making *m, const struct obol_answer *answer,
				 const struct obol_account_key *key)
{
	struct obol_opaque_identities ids = {
		.client = obol_bytes_str(FAKE_ACCOUNT),
	};
	uint8_t public_key[OBOL_OPAQUE_NPK];
	struct obol_secret *export_key = NULL;
	struct obol_ksf ksf;

	ck_assert_ptr_nonnull(answer);
	m->slot.ksf = answer->slot_start.ksf;
	m->slot.key_number = answer->slot_start.key_number;
	m->slot.generation = key->generation;
	ck_assert_int_eq(obol_ksf_init(&ksf, &m->slot.ksf), OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_finish(
						 m->state,
						 obol_bytes(answer->slot_start.response,
									sizeof(answer->slot_start.response)),
						 &ids, &ksf, m->record, &export_key, public_key),
					 OBOL_OK);
	ck_assert_int_eq(
		obol_slot_wrap(obol_rng_system(), export_key, m->kind, key, &m->wrap),
		OBOL_OK);
	obol_secret_free(export_key);
	m->slot.record = obol_bytes(m->record, sizeof(m->record));
	m->slot.wrap = obol_writer_view(&m->wrap);
}

/* SlotFinish; NULL when refused */
static const struct obol_answer *finish(struct making *m)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	const struct obol_answer *answer;

	ck_assert_ptr_nonnull(request);
	request->type = OBOL_SLOT_FINISH;
	request->slot = m->slot;
	answer = exchange_ask(m->x, request);
	free(request);
	return answer;
}

static const enum obol_slot_kind makeable[] = {
	OBOL_SLOT_PASSWORD,
	OBOL_SLOT_RECOVERY,
	OBOL_SLOT_DEVICE,
};

/* made with a recovery code, and proved by a login */
START_TEST(made_and_used)
{
	enum obol_slot_kind kind = makeable[_i];
	struct obol_secret *secret = obol_secret_dup("new secret", 10);
	struct obol_client_login login = {
		.kind = kind,
		.name = obol_bytes_str(FAKE_ACCOUNT),
		.secret = secret,
	};
	struct making m;
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_RECOVERY);
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	making_init(&m, &x, kind, "new secret");
	make(&m, start(&m), &x.owner.account_key);
	ck_assert_ptr_nonnull(finish(&m));
	/* once */
	ck_assert_ptr_null(finish(&m));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_SEQUENCE);

	exchange_connect(&x);
	memcpy(login.device_id, m.slot.device_id, sizeof(login.device_id));
	ck_assert_int_eq(obol_client_session_login(x.client, &login), OBOL_OK);
	exchange_run(&x);
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_LIST));
	ck_assert(obol_bytes_eq(
		obol_secret_view(obol_client_session_account_key(x.client)->key),
		obol_secret_view(x.owner.account_key.key)));
	making_clear(&m);
	exchange_clear(&x);
	obol_secret_free(secret);
}
END_TEST

/* activation: everything anew, then the old code is gone */
START_TEST(rekeyed)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct obol_account_key next = { .generation = 0 };
	const struct obol_answer *answer;
	struct making password, device;
	struct exchange x;

	ck_assert_ptr_nonnull(request);
	exchange_init(&x, OBOL_SLOT_ACTIVATION);
	exchange_open(&x, OBOL_SLOT_ACTIVATION);
	ck_assert_int_eq(
		obol_account_key_next(obol_rng_system(),
							  obol_client_session_account_key(x.client), &next),
		OBOL_OK);
	making_init(&password, &x, OBOL_SLOT_PASSWORD, FAKE_PASSWORD);
	make(&password, start(&password), &next);
	making_init(&device, &x, OBOL_SLOT_DEVICE, FAKE_DEVICE_SECRET);
	make(&device, start(&device), &next);

	request->type = OBOL_STAGE;
	request->put.name = obol_bytes_str("vpn");
	request->put.sealed = obol_bytes_str("anew");
	request->put.generation = 2;
	ck_assert_ptr_nonnull(exchange_ask(&x, request));

	memset(request, 0, sizeof(*request));
	request->type = OBOL_REKEY;
	request->rekey.generation = 2;
	request->rekey.n_slots = 2;
	request->rekey.slots[0] = password.slot;
	request->rekey.slots[1] = device.slot;
	answer = exchange_ask(&x, request);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->generation, 2);

	/* the slot logged in with is gone: nothing more but Info */
	ck_assert_ptr_null(exchange_ask_type(&x, OBOL_LIST));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_LOGIN_NEEDED);
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_INFO));

	exchange_connect(&x);
	exchange_ready(&x, OBOL_SLOT_PASSWORD);
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_LIST));
	ck_assert(obol_bytes_eq(
		obol_secret_view(obol_client_session_account_key(x.client)->key),
		obol_secret_view(next.key)));
	exchange_connect(&x);
	exchange_login(&x, OBOL_SLOT_ACTIVATION, FAKE_CODE);
	exchange_run(&x);
	ck_assert_int_eq(obol_client_session_failure(x.client), OBOL_FAILURE_KE2);

	making_clear(&password);
	making_clear(&device);
	obol_account_key_clear(&next);
	exchange_clear(&x);
	free(request);
}
END_TEST

/* each slot of a ReKey must have been begun here */
START_TEST(rekey_with_one_not_begun)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct making m;
	struct exchange x;

	ck_assert_ptr_nonnull(request);
	exchange_init(&x, OBOL_SLOT_ACTIVATION);
	exchange_open(&x, OBOL_SLOT_ACTIVATION);
	making_init(&m, &x, OBOL_SLOT_DEVICE, FAKE_DEVICE_SECRET);
	make(&m, start(&m), &x.owner.account_key);
	request->type = OBOL_REKEY;
	request->rekey.generation = 1;
	request->rekey.n_slots = 2;
	request->rekey.slots[0] = m.slot;
	request->rekey.slots[1] = m.slot;
	request->rekey.slots[1].device_id[15] = 1;
	ck_assert_ptr_null(exchange_ask(&x, request));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_SEQUENCE);
	ck_assert(x.owner.is_closed);
	making_clear(&m);
	exchange_clear(&x);
	free(request);
}
END_TEST

/** What is wrong with a SlotFinish; the slot was begun as a password. */
static const struct finish_row {
	const char *name;
	enum obol_slot_kind kind;
	struct obol_ksf_params least;
	struct obol_ksf_params ksf;
	uint32_t key_number;
	enum obol_reply reply;
} finishes[] = {
	{ "right",
	  OBOL_SLOT_PASSWORD,
	  { 1, 15, 8, 1 },
	  { 1, 15, 8, 1 },
	  FAKE_KEY_NUMBER,
	  0 },
	{ "stronger",
	  OBOL_SLOT_PASSWORD,
	  { 1, 15, 8, 1 },
	  { 1, 17, 8, 2 },
	  FAKE_KEY_NUMBER,
	  0 },
	{ "another key",
	  OBOL_SLOT_PASSWORD,
	  { 1, 15, 8, 1 },
	  { 1, 15, 8, 1 },
	  FAKE_KEY_NUMBER + 1,
	  OBOL_REPLY_PARAMETER },
	{ "identity",
	  OBOL_SLOT_PASSWORD,
	  { 1, 15, 8, 1 },
	  { 0, 0, 0, 0 },
	  FAKE_KEY_NUMBER,
	  OBOL_REPLY_PARAMETER },
	{ "below the floor",
	  OBOL_SLOT_PASSWORD,
	  { 1, 15, 8, 1 },
	  { 1, 14, 8, 1 },
	  FAKE_KEY_NUMBER,
	  OBOL_REPLY_PARAMETER },
	{ "above the ceiling",
	  OBOL_SLOT_PASSWORD,
	  { 1, 15, 8, 1 },
	  { 1, 20, 8, 1 },
	  FAKE_KEY_NUMBER,
	  OBOL_REPLY_PARAMETER },
	{ "unknown KSF",
	  OBOL_SLOT_PASSWORD,
	  { 1, 15, 8, 1 },
	  { 9, 15, 8, 1 },
	  FAKE_KEY_NUMBER,
	  OBOL_REPLY_PARAMETER },
	{ "below what was answered",
	  OBOL_SLOT_PASSWORD,
	  { 1, 16, 8, 1 },
	  { 1, 15, 8, 1 },
	  FAKE_KEY_NUMBER,
	  OBOL_REPLY_PARAMETER },
	{ "p below what was answered",
	  OBOL_SLOT_PASSWORD,
	  { 1, 15, 8, 2 },
	  { 1, 16, 8, 1 },
	  FAKE_KEY_NUMBER,
	  OBOL_REPLY_PARAMETER },
	{ "a device with scrypt",
	  OBOL_SLOT_DEVICE,
	  { 1, 15, 8, 1 },
	  { 1, 15, 8, 1 },
	  FAKE_KEY_NUMBER,
	  OBOL_REPLY_PARAMETER },
	{ "recovery with scrypt",
	  OBOL_SLOT_RECOVERY,
	  { 1, 15, 8, 1 },
	  { 1, 15, 8, 1 },
	  FAKE_KEY_NUMBER,
	  OBOL_REPLY_PARAMETER },
};

START_TEST(finish_checked)
{
	const struct finish_row *row = &finishes[_i];
	uint8_t record[OBOL_OPAQUE_RECORD_LEN] = { 2 };
	const struct obol_answer *answer;
	struct making m;
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_RECOVERY);
	x.owner.least_ksf = row->least;
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	making_init(&m, &x, row->kind, "secret");
	ck_assert_ptr_nonnull(start(&m));
	m.slot.ksf = row->ksf;
	m.slot.key_number = row->key_number;
	m.slot.generation = 1;
	m.slot.record = obol_bytes(record, sizeof(record));
	m.slot.wrap = obol_bytes_str("wrap");
	answer = finish(&m);
	ck_assert_msg(exchange_reply(&x) == row->reply, "%s: %u", row->name,
				  exchange_reply(&x));
	ck_assert_msg((answer != NULL) == (row->reply == 0), "%s", row->name);
	making_clear(&m);
	exchange_clear(&x);
}
END_TEST

START_TEST(finish_not_begun)
{
	uint8_t record[OBOL_OPAQUE_RECORD_LEN] = { 2 };
	struct making m;
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_RECOVERY);
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	making_init(&m, &x, OBOL_SLOT_DEVICE, "secret");
	ck_assert_ptr_nonnull(start(&m));
	/* another device than the one begun */
	m.slot.device_id[5] ^= 1;
	m.slot.key_number = FAKE_KEY_NUMBER;
	m.slot.record = obol_bytes(record, sizeof(record));
	m.slot.wrap = obol_bytes_str("wrap");
	ck_assert_ptr_null(finish(&m));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_SEQUENCE);
	ck_assert(x.owner.is_closed);
	making_clear(&m);
	exchange_clear(&x);
}
END_TEST

/** A kind that no client may begin. */
static const struct begin_row {
	unsigned kind;
	enum obol_reply reply;
} begins[] = {
	{ OBOL_SLOT_ACTIVATION, OBOL_REPLY_NOT_ALLOWED },
	{ 0, OBOL_REPLY_UNSUPPORTED },
	{ 5, OBOL_REPLY_UNSUPPORTED },
	{ 255, OBOL_REPLY_UNSUPPORTED },
};

START_TEST(begin_refused)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct exchange x;

	ck_assert_ptr_nonnull(request);
	exchange_init(&x, OBOL_SLOT_RECOVERY);
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	request->type = OBOL_SLOT_START;
	request->slot_start.kind = (uint8_t)begins[_i].kind;
	ck_assert_ptr_null(exchange_ask(&x, request));
	ck_assert_uint_eq(exchange_reply(&x), begins[_i].reply);
	ck_assert_int_eq(obol_client_session_state(x.client), OBOL_CLIENT_READY);
	ck_assert_uint_eq(x.owner.n_requests, 1);
	exchange_clear(&x);
	free(request);
}
END_TEST

START_TEST(begun_are_bounded)
{
	struct making m;
	struct exchange x;
	unsigned i;

	exchange_init(&x, OBOL_SLOT_RECOVERY);
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	for (i = 0; i <= OBOL_SLOTS_MAX; i++)
	{
		making_init(&m, &x, OBOL_SLOT_DEVICE, "secret");
		m.slot.device_id[2] = (uint8_t)i;
		if (i < OBOL_SLOTS_MAX)
		{
			ck_assert_ptr_nonnull(start(&m));
		}
		else
		{
			ck_assert_ptr_null(start(&m));
			ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_QUOTA);
		}
		making_clear(&m);
	}
	/* one of them again is no further one */
	making_init(&m, &x, OBOL_SLOT_DEVICE, "secret");
	ck_assert_ptr_nonnull(start(&m));
	making_clear(&m);
	exchange_clear(&x);
}
END_TEST

/* five minutes after the login slots can be changed no more */
START_TEST(stale_login)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct making m;
	struct exchange x;

	ck_assert_ptr_nonnull(request);
	exchange_init(&x, OBOL_SLOT_RECOVERY);
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	driven_clock_pass(&x.owner.clock, OBOL_FRESH_LOGIN_S - 1);
	making_init(&m, &x, OBOL_SLOT_DEVICE, "secret");
	make(&m, start(&m), &x.owner.account_key);
	driven_clock_pass(&x.owner.clock, 1);
	ck_assert_ptr_null(finish(&m));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_LOGIN_NEEDED);
	making_clear(&m);
	making_init(&m, &x, OBOL_SLOT_DEVICE, "secret");
	ck_assert_ptr_null(start(&m));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_LOGIN_NEEDED);
	request->type = OBOL_SLOT_DELETE;
	request->slot_delete.kind = OBOL_SLOT_RECOVERY;
	ck_assert_ptr_null(exchange_ask(&x, request));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_LOGIN_NEEDED);
	ck_assert_uint_eq(x.owner.n_slots, 1);
	/* all else goes on */
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_SLOT_LIST));
	making_clear(&m);
	exchange_clear(&x);
	free(request);
}
END_TEST

START_TEST(deleted)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct exchange x;

	ck_assert_ptr_nonnull(request);
	exchange_init(&x, OBOL_SLOT_RECOVERY);
	fake_owner_add(&x.owner, OBOL_SLOT_DEVICE, fake_device_id, "lost");
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	request->type = OBOL_SLOT_DELETE;
	request->slot_delete.kind = OBOL_SLOT_DEVICE;
	memcpy(request->slot_delete.device_id, fake_device_id, OBOL_DEVICE_ID_LEN);
	ck_assert_ptr_nonnull(exchange_ask(&x, request));
	ck_assert_uint_eq(x.owner.n_slots, 1);
	ck_assert_ptr_null(exchange_ask(&x, request));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_NOT_FOUND);
	memset(request->slot_delete.device_id, 0, OBOL_DEVICE_ID_LEN);
	request->slot_delete.kind = 6;
	ck_assert_ptr_null(exchange_ask(&x, request));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_UNSUPPORTED);
	exchange_clear(&x);
	free(request);
}
END_TEST

/** A device's login: what it may do about slots. */
static const struct migrate_row {
	const char *name;
	bool migrate;
	enum obol_slot_kind kind;
	uint8_t first_of_id;
	bool allowed;
} migrations[] = {
	{ "own, told to", true, OBOL_SLOT_DEVICE, 0xd1, true },
	{ "own, not told to", false, OBOL_SLOT_DEVICE, 0xd1, false },
	{ "another's", true, OBOL_SLOT_DEVICE, 0xd2, false },
	{ "the password", true, OBOL_SLOT_PASSWORD, 0, false },
	{ "a recovery code", true, OBOL_SLOT_RECOVERY, 0, false },
};

START_TEST(device_migrates)
{
	const struct migrate_row *row = &migrations[_i];
	const struct obol_answer *answer;
	struct making m;
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	x.owner.migrate = row->migrate;
	exchange_open(&x, OBOL_SLOT_DEVICE);
	making_init(&m, &x, row->kind, FAKE_DEVICE_SECRET);
	if (row->kind == OBOL_SLOT_DEVICE)
	{
		memcpy(m.slot.device_id, fake_device_id, OBOL_DEVICE_ID_LEN);
		m.slot.device_id[0] = row->first_of_id;
	}
	answer = start(&m);
	ck_assert_msg((answer != NULL) == row->allowed, "%s", row->name);
	if (row->allowed)
	{
		make(&m, answer, &x.owner.account_key);
		ck_assert_ptr_nonnull(finish(&m));
		exchange_connect(&x);
		exchange_open(&x, OBOL_SLOT_DEVICE);
	}
	else
	{
		ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_NOT_ALLOWED);
	}
	making_clear(&m);
	exchange_clear(&x);
}
END_TEST

Suite *slot_suite(void)
{
	Suite *suite = suite_create("slot");
	TCase *tc = tcase_create("slot");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, made_and_used, 0, 3);
	tcase_add_test(tc, rekeyed);
	tcase_add_test(tc, rekey_with_one_not_begun);
	tcase_add_loop_test(tc, finish_checked, 0,
						sizeof(finishes) / sizeof(*finishes));
	tcase_add_test(tc, finish_not_begun);
	tcase_add_loop_test(tc, begin_refused, 0, sizeof(begins) / sizeof(*begins));
	tcase_add_test(tc, begun_are_bounded);
	tcase_add_test(tc, stale_login);
	tcase_add_test(tc, deleted);
	tcase_add_loop_test(tc, device_migrates, 0,
						sizeof(migrations) / sizeof(*migrations));
	suite_add_tcase(suite, tc);
	return suite;
}
