/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "wire/frame.h"
#include "wire/login.h"
#include "wire/request.h"

Suite *bounds_suite(void);

static uint8_t big[OBOL_FRAME_MAX];

static struct obol_bytes letters(size_t len)
{
	memset(big, 'a', len);
	return obol_bytes(big, len);
}

/* Each makes one message; n is what is at its bound or above it. */

static void put_sealed(struct obol_request *q, size_t n)
{
	q->type = OBOL_PUT;
	q->put.name = obol_bytes_str("vpn");
	q->put.sealed = letters(n);
}

static void put_name(struct obol_request *q, size_t n)
{
	put_sealed(q, 1);
	q->put.name = letters(n);
}

static void stage_sealed(struct obol_request *q, size_t n)
{
	put_sealed(q, n);
	q->type = OBOL_STAGE;
}

static void get_name(struct obol_request *q, size_t n)
{
	q->type = OBOL_GET;
	q->get.name = letters(n);
}

static void delete_name(struct obol_request *q, size_t n)
{
	q->type = OBOL_DELETE;
	q->delete_.name = letters(n);
}

static void good_slot(struct obol_slot_message *slot)
{
	memset(slot, 0, sizeof(*slot));
	slot->kind = OBOL_SLOT_DEVICE;
	slot->record = letters(OBOL_OPAQUE_RECORD_LEN);
	slot->wrap = obol_bytes_str("wrap");
}

static void slot_label(struct obol_request *q, size_t n)
{
	q->type = OBOL_SLOT_FINISH;
	good_slot(&q->slot);
	q->slot.label = letters(n);
	q->slot.record = obol_bytes(big, OBOL_OPAQUE_RECORD_LEN);
}

static void slot_wrap(struct obol_request *q, size_t n)
{
	slot_label(q, 0);
	q->slot.wrap = letters(n);
	q->slot.record = obol_bytes(big, OBOL_OPAQUE_RECORD_LEN);
}

static void slot_record(struct obol_request *q, size_t n)
{
	slot_label(q, 0);
	q->slot.record = letters(n);
}

static void rekey_slots(struct obol_request *q, size_t n)
{
	size_t i;

	q->type = OBOL_REKEY;
	for (i = 0; i < n && i < OBOL_SLOTS_MAX; i++)
	{
		good_slot(&q->rekey.slots[i]);
		q->rekey.slots[i].device_id[0] = (uint8_t)i;
	}
	q->rekey.n_slots = (uint8_t)n;
}

static void issue_request(struct obol_request *q, size_t n)
{
	q->type = OBOL_ISSUE;
	q->pkcs10 = letters(n);
}

static void start_name(struct obol_request *q, size_t n)
{
	q->type = OBOL_ACCOUNT_START;
	q->account_start.name = letters(n);
	q->account_start.n_slots = 1;
	q->account_start.slots[0].kind = OBOL_SLOT_PASSWORD;
}

static void start_slots(struct obol_request *q, size_t n)
{
	start_name(q, 1);
	q->account_start.slots[1].kind = OBOL_SLOT_DEVICE;
	q->account_start.n_slots = (uint8_t)n;
}

static void create_slots(struct obol_request *q, size_t n)
{
	size_t i;

	q->type = OBOL_ACCOUNT_CREATE;
	for (i = 0; i < OBOL_FIRST_SLOTS_MAX; i++)
	{
		good_slot(&q->account_create.slots[i]);
		q->account_create.slots[i].device_id[0] = (uint8_t)i;
		q->account_create.slots[i].generation = 1;
	}
	q->account_create.name = obol_bytes(big, 3);
	q->account_create.n_slots = (uint8_t)n;
}

static void create_name(struct obol_request *q, size_t n)
{
	create_slots(q, 1);
	q->account_create.name = letters(n);
	q->account_create.slots[0].record = obol_bytes(big, OBOL_OPAQUE_RECORD_LEN);
}

static void history_limit(struct obol_request *q, size_t n)
{
	q->type = OBOL_HISTORY;
	q->history.limit = (uint16_t)n;
}

/** A request's value: the least and the most that it may be. */
static const struct request_row {
	const char *name;
	void (*make)(struct obol_request *request, size_t n);
	size_t min;
	size_t max;
} requests[] = {
	{ "Put sealed", put_sealed, 1, OBOL_SEALED_MAX },
	{ "Put name", put_name, 1, OBOL_CREDENTIAL_NAME_MAX },
	{ "Stage sealed", stage_sealed, 1, OBOL_SEALED_MAX },
	{ "Get name", get_name, 0, OBOL_CREDENTIAL_NAME_MAX },
	{ "Delete name", delete_name, 1, OBOL_CREDENTIAL_NAME_MAX },
	{ "slot label", slot_label, 0, OBOL_LABEL_MAX },
	{ "slot wrap", slot_wrap, 1, OBOL_WRAP_MAX },
	{ "slot record", slot_record, OBOL_OPAQUE_RECORD_LEN,
	  OBOL_OPAQUE_RECORD_LEN },
	{ "ReKey slots", rekey_slots, 1, OBOL_SLOTS_MAX },
	{ "Issue request", issue_request, 1, OBOL_PKCS10_MAX },
	{ "AccountStart name", start_name, 1, OBOL_NAME_MAX },
	{ "AccountStart slots", start_slots, 1, OBOL_FIRST_SLOTS_MAX },
	{ "AccountCreate name", create_name, 1, OBOL_NAME_MAX },
	{ "AccountCreate slots", create_slots, 1, OBOL_FIRST_SLOTS_MAX },
	{ "History limit", history_limit, 1, OBOL_HISTORY_MAX },
};

static enum obol_status request_goes(const struct request_row *row, size_t n)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct obol_request *back = calloc(1, sizeof(*back));
	struct obol_frame frame;
	struct obol_writer w;
	enum obol_status status;
	size_t used;

	ck_assert(request && back);
	row->make(request, n);
	obol_writer_init(&w);
	obol_request_encode(&w, request);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		ck_assert_int_eq(obol_frame_decode(obol_writer_view(&w), OBOL_FRAME_MAX,
										   &frame, &used),
						 OBOL_OK);
		ck_assert_msg(obol_request_decode(frame.type, frame.body, back) ==
						  OBOL_OK,
					  "%s of %zu is encoded, but not decoded", row->name, n);
	}
	obol_writer_clear(&w);
	free(request);
	free(back);
	return status;
}

START_TEST(request_bounds)
{
	const struct request_row *row = &requests[_i];

	ck_assert_msg(request_goes(row, row->min) == OBOL_OK, "%s", row->name);
	ck_assert_msg(request_goes(row, row->max) == OBOL_OK, "%s", row->name);
	ck_assert_msg(request_goes(row, row->max + 1) == OBOL_ERR_ARG, "%s",
				  row->name);
	if (row->min)
	{
		ck_assert_msg(request_goes(row, row->min - 1) == OBOL_ERR_ARG, "%s",
					  row->name);
	}
}
END_TEST

static void info_name(struct obol_answer *a, size_t n)
{
	a->type = OBOL_INFO_ANSWER;
	a->info.server_name = letters(n);
}

static void info_suites(struct obol_answer *a, size_t n)
{
	a->type = OBOL_INFO_ANSWER;
	a->info.n_suites = (uint8_t)n;
}

static void info_mechanisms(struct obol_answer *a, size_t n)
{
	a->type = OBOL_INFO_ANSWER;
	a->info.n_mechanisms = (uint8_t)n;
}

/* names that differ: a window of one byte more each */
static struct obol_bytes nth_name(size_t i)
{
	uint8_t *place = big + 2 * i;

	place[0] = (uint8_t)('a' + i / 26);
	place[1] = (uint8_t)('a' + i % 26);
	return obol_bytes(place, 2);
}

static void list_items(struct obol_answer *a, size_t n)
{
	size_t i;

	a->type = OBOL_LIST_ANSWER;
	for (i = 0; i < n && i < OBOL_NAMES_MAX; i++)
	{
		a->list.items[i].name = nth_name(i);
	}
	a->list.n_items = (uint16_t)n;
}

static void get_items(struct obol_answer *a, size_t n)
{
	size_t i;

	a->type = OBOL_GET_ANSWER;
	for (i = 0; i < n && i < OBOL_CREDENTIALS_MAX; i++)
	{
		a->get.items[i].name = nth_name(i);
		a->get.items[i].sealed = obol_bytes_str("s");
	}
	a->get.n_items = (uint16_t)n;
}

static void get_sealed(struct obol_answer *a, size_t n)
{
	get_items(a, 1);
	a->get.items[0].name = obol_bytes_str("vpn");
	a->get.items[0].sealed = letters(n);
}

static void slot_items(struct obol_answer *a, size_t n)
{
	size_t i;

	a->type = OBOL_SLOT_LIST_ANSWER;
	for (i = 0; i < n && i < OBOL_SLOTS_MAX; i++)
	{
		a->slot_list.items[i].kind = OBOL_SLOT_DEVICE;
		a->slot_list.items[i].device_id[3] = (uint8_t)i;
	}
	a->slot_list.n_items = (uint16_t)n;
}

static void issue_certificate(struct obol_answer *a, size_t n)
{
	a->type = OBOL_ISSUE_ANSWER;
	a->issue.certificate = letters(n);
}

static void issue_chain(struct obol_answer *a, size_t n)
{
	size_t i;

	issue_certificate(a, 1);
	for (i = 0; i < n && i < OBOL_CHAIN_MAX; i++)
	{
		a->issue.chain[i] = obol_bytes_str("c");
	}
	a->issue.n_chain = (uint8_t)n;
}

static void issue_cas(struct obol_answer *a, size_t n)
{
	issue_chain(a, n);
	memcpy(a->issue.cas, a->issue.chain, sizeof(a->issue.cas));
	a->issue.n_cas = (uint8_t)n;
	a->issue.n_chain = 0;
}

static void anchors_set(struct obol_answer *a, size_t n)
{
	a->type = OBOL_ANCHORS_ANSWER;
	a->anchors.cms = letters(n);
}

static void start_answers(struct obol_answer *a, size_t n)
{
	a->type = OBOL_ACCOUNT_START_ANSWER;
	a->account_start.n_slots = (uint8_t)n;
}

static void history_items(struct obol_answer *a, size_t n)
{
	size_t i;

	a->type = OBOL_HISTORY_ANSWER;
	for (i = 0; i < n && i < OBOL_HISTORY_MAX; i++)
	{
		a->history.items[i].id = 1000 - i;
	}
	a->history.n_items = (uint16_t)n;
}

static void history_detail(struct obol_answer *a, size_t n)
{
	history_items(a, 1);
	a->history.items[0].detail = letters(n);
}

static void follow_items(struct obol_answer *a, size_t n)
{
	size_t i;

	a->type = OBOL_FOLLOW_ANSWER;
	a->follow.sequence = n;
	for (i = 0; i < n && i < OBOL_FOLLOW_ITEMS_MAX; i++)
	{
		a->follow.items[i].number = i + 1;
		a->follow.items[i].serial = obol_bytes_str("s");
	}
	a->follow.n_items = (uint16_t)n;
}

static void follow_serial(struct obol_answer *a, size_t n)
{
	follow_items(a, 1);
	a->follow.items[0].serial = letters(n);
}

static void follow_subject(struct obol_answer *a, size_t n)
{
	follow_items(a, 1);
	a->follow.items[0].subject = letters(n);
}

static void follow_part(struct obol_answer *a, size_t n)
{
	follow_items(a, 0);
	a->follow.crl_number = 1;
	a->follow.crl_len = UINT32_MAX;
	a->follow.crl_part = letters(n);
}

/** An answer's value: the least and the most that it may be. */
static const struct answer_row {
	const char *name;
	void (*make)(struct obol_answer *answer, size_t n);
	size_t min;
	size_t max;
} answers[] = {
	{ "Info name", info_name, 0, OBOL_NAME_MAX },
	{ "Info suites", info_suites, 0, OBOL_INFO_SUITES_MAX },
	{ "Info mechanisms", info_mechanisms, 0, OBOL_INFO_MECHANISMS_MAX },
	{ "List items", list_items, 0, OBOL_NAMES_MAX },
	{ "Get items", get_items, 0, OBOL_CREDENTIALS_MAX },
	{ "Get sealed", get_sealed, 1, OBOL_SEALED_MAX },
	{ "SlotList items", slot_items, 0, OBOL_SLOTS_MAX },
	{ "Issue certificate", issue_certificate, 1, OBOL_CERTIFICATE_MAX },
	{ "Issue chain", issue_chain, 0, OBOL_CHAIN_MAX },
	{ "Issue CAs", issue_cas, 0, OBOL_CHAIN_MAX },
	{ "Anchors set", anchors_set, 1, OBOL_ANCHORS_MAX },
	{ "AccountStart answers", start_answers, 1, OBOL_FIRST_SLOTS_MAX },
	{ "Follow items", follow_items, 0, OBOL_FOLLOW_ITEMS_MAX },
	{ "Follow serial number", follow_serial, 1, OBOL_SERIAL_MAX },
	{ "Follow subject", follow_subject, 0, OBOL_TEXT_MAX },
	{ "Follow part", follow_part, 0, OBOL_FOLLOW_PART_MAX },
	{ "History items", history_items, 0, OBOL_HISTORY_MAX },
	{ "History detail", history_detail, 0, OBOL_TEXT_MAX },
};

static enum obol_status answer_goes(const struct answer_row *row, size_t n)
{
	struct obol_answer *answer = calloc(1, sizeof(*answer));
	struct obol_answer *back = calloc(1, sizeof(*back));
	struct obol_frame frame;
	struct obol_writer w;
	enum obol_status status;
	size_t used;

	ck_assert(answer && back);
	row->make(answer, n);
	obol_writer_init(&w);
	obol_answer_encode(&w, answer);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		ck_assert_int_eq(obol_frame_decode(obol_writer_view(&w), OBOL_FRAME_MAX,
										   &frame, &used),
						 OBOL_OK);
		ck_assert_msg(obol_answer_decode(frame.type, frame.body, back) ==
						  OBOL_OK,
					  "%s of %zu is encoded, but not decoded", row->name, n);
	}
	obol_writer_clear(&w);
	free(answer);
	free(back);
	return status;
}

START_TEST(answer_bounds)
{
	const struct answer_row *row = &answers[_i];

	ck_assert_msg(answer_goes(row, row->min) == OBOL_OK, "%s", row->name);
	ck_assert_msg(answer_goes(row, row->max) == OBOL_OK, "%s", row->name);
	ck_assert_msg(answer_goes(row, row->max + 1) == OBOL_ERR_ARG, "%s",
				  row->name);
	if (row->min)
	{
		ck_assert_msg(answer_goes(row, row->min - 1) == OBOL_ERR_ARG, "%s",
					  row->name);
	}
}
END_TEST

/* What no single bound shows: the encoders' own rules. */
START_TEST(encoders_refuse)
{
	struct obol_request *q = calloc(1, sizeof(*q));
	struct obol_answer *a = calloc(1, sizeof(*a));
	struct obol_writer w;

	ck_assert(q && a);
	obol_writer_init(&w);

	rekey_slots(q, 2);
	q->rekey.slots[1].device_id[0] = 0;
	obol_request_encode(&w, q);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);

	rekey_slots(q, 2);
	q->rekey.slots[1].generation = 9;
	obol_request_encode(&w, q);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);

	slot_label(q, 0);
	q->slot.kind = OBOL_SLOT_PASSWORD;
	q->slot.device_id[0] = 1;
	obol_request_encode(&w, q);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);

	list_items(a, 2);
	a->list.items[1].name = a->list.items[0].name;
	obol_answer_encode(&w, a);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);

	memset(a, 0, sizeof(*a));
	get_items(a, 0);
	a->get.more = true;
	obol_answer_encode(&w, a);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	free(q);
	free(a);
}
END_TEST

/* eight of the largest do not fit one frame */
START_TEST(answer_above_the_frame)
{
	struct obol_answer *a = calloc(1, sizeof(*a));
	struct obol_bytes sealed;
	struct obol_writer w;
	size_t i;

	ck_assert_ptr_nonnull(a);
	get_items(a, 4);
	sealed = obol_bytes(big, OBOL_SEALED_MAX);
	for (i = 0; i < 4; i++)
	{
		a->get.items[i].sealed = sealed;
	}
	obol_writer_init(&w);
	obol_answer_encode(&w, a);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	a->get.n_items = 3;
	obol_answer_encode(&w, a);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_OK);
	obol_writer_clear(&w);
	free(a);
}
END_TEST

START_TEST(login_encoders_refuse)
{
	uint8_t bytes[OBOL_OPAQUE_KE2_LEN + 1] = { 0 };
	struct obol_login_start start = { .kind = OBOL_SLOT_PASSWORD };
	struct obol_login_challenge challenge = { .key_number = 1 };
	struct obol_login_done done = { .n_pins = OBOL_PINS_MAX + 1 };
	struct obol_error_message error = { .reply = OBOL_REPLY_OK };
	struct obol_writer w;

	obol_writer_init(&w);
	start.ke1 = obol_bytes(bytes, OBOL_OPAQUE_KE1_LEN);
	start.name = letters(OBOL_NAME_MAX + 1);
	obol_login_start_encode(&w, &start);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	start.name = letters(OBOL_NAME_MAX);
	start.ke1.len++;
	obol_login_start_encode(&w, &start);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	challenge.ke2 = obol_bytes(bytes, sizeof(bytes));
	obol_login_challenge_encode(&w, &challenge);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	obol_login_finish_encode(&w, obol_bytes(bytes, OBOL_OPAQUE_KE3_LEN - 1));
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	obol_login_done_encode(&w, &done);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	obol_later_encode(&w, 0);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	obol_error_encode(&w, &error);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	error.reply = OBOL_REPLY_AUTH;
	error.text = letters(OBOL_TEXT_MAX + 1);
	obol_error_encode(&w, &error);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
}
END_TEST

Suite *bounds_suite(void)
{
	Suite *suite = suite_create("bounds");
	TCase *tc = tcase_create("bounds");

	tcase_add_loop_test(tc, request_bounds, 0,
						sizeof(requests) / sizeof(*requests));
	tcase_add_loop_test(tc, answer_bounds, 0,
						sizeof(answers) / sizeof(*answers));
	tcase_add_test(tc, encoders_refuse);
	tcase_add_test(tc, answer_above_the_frame);
	tcase_add_test(tc, login_encoders_refuse);
	suite_add_tcase(suite, tc);
	return suite;
}
