/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a help desk may ask for, and what it is refused. */
#include "daemon/control_serve.h"

#include <stdio.h>
#include <stdlib.h>

#include "seal/code.h"
#include "server/world.h"
#include "support/run.h"

#define UID 1001
#define CHANGES 3

static struct world w;
static struct obol_config config;
static struct obol_control_server server;
static struct obol_control_person person;
static struct obol_writer answer;
static struct obol_reader r;

static void setup(void)
{
	world_begin(&w);
	memset(&config, 0, sizeof(config));
	strcpy(config.server_name, "vpn.example.org");
	strcpy(config.domain, "example.org");
	config.ca.lifetime_s = 3600;
	config.ca.mode = OBOL_MODE_PORTABLE;
	config.ca.key_type = OBOL_KEY_EC_P256;
	config.control.changes_per_day = CHANGES;
	memset(&server, 0, sizeof(server));
	server.config = &config;
	server.store = w.options.store;
	server.keys = w.options.keys;
	server.key_number = w.options.current_key;
	server.rng = obol_rng_system();
	server.clock = &w.clock.clock;
	server.log = &w.log;
	ck_assert_int_eq(
		obol_keeper_table_new(64, obol_rng_system(), &server.table), OBOL_OK);
	obol_control_person_init(&person, UID, "dora");
	obol_writer_init(&answer);
	(void)world_add(&w, "alice");
}

static void teardown(void)
{
	obol_writer_clear(&answer);
	obol_keeper_table_free(server.table);
	world_clear(&w);
}

static struct obol_control_request about(enum obol_control_verb verb,
										 const char *name)
{
	struct obol_control_request request = { .verb = verb,
											.name = obol_bytes_str(name),
											.seconds = 3600 };
	struct obol_account account = world_account(&w, name);

	request.account_id = account.id;
	request.generation = account.generation;
	return request;
}

/* What it comes to; the answer's body is in r. */
static enum obol_status ask(const struct obol_control_request *request)
{
	struct obol_writer out;

	obol_writer_clear(&answer);
	obol_writer_init(&answer);
	obol_writer_init(&out);
	obol_control_write_request(&out, request);
	ck_assert_int_eq(obol_writer_status(&out), OBOL_OK);
	ck_assert_uint_le(out.len, OBOL_CONTROL_REQUEST_MAX);
	ck_assert_int_eq(
		obol_control_serve(&server, &person, obol_writer_view(&out), &answer),
		OBOL_OK);
	obol_writer_clear(&out);
	r = obol_reader_over(obol_writer_view(&answer));
	return obol_control_read_status(&r);
}

static enum obol_status ask_about(enum obol_control_verb verb, const char *name)
{
	struct obol_control_request request = about(verb, name);

	return ask(&request);
}

static bool logged(const char *text)
{
	return strstr(w.logged, text) != NULL;
}

/*
 * Looking up
 */

START_TEST(test_hello)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_HELLO };
	struct obol_control_hello hello;

	ck_assert_int_eq(ask(&request), OBOL_OK);
	obol_control_read_hello(&r, &hello);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	ck_assert_str_eq(hello.server_name, "vpn.example.org");
	ck_assert_str_eq(hello.domain, "example.org");
	ck_assert_uint_eq(hello.lifetime_s, 3600);
	ck_assert_uint_eq(hello.changes_per_day, CHANGES);
}
END_TEST

START_TEST(test_account)
{
	struct obol_account want = world_account(&w, "alice"), got;

	ck_assert_int_eq(ask_about(OBOL_CONTROL_ACCOUNT, "alice"), OBOL_OK);
	obol_control_read_account(&r, &got);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	ck_assert_int_eq(got.id, want.id);
	ck_assert_str_eq(got.name, "alice");
	ck_assert_str_eq(got.identity, want.identity);
	ck_assert_int_eq(got.state, want.state);
	ck_assert_uint_eq(got.created_at, want.created_at);
	ck_assert_uint_eq(got.generation, want.generation);
	ck_assert_uint_eq(got.activation_expires_at, want.activation_expires_at);
	ck_assert(got.has_activation);
	ck_assert(logged("helpdesk dora (uid 1001) looked up account 'alice'"));
}
END_TEST

START_TEST(test_accounts_in_pages)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_ACCOUNTS };
	struct obol_account account;
	char name[16];
	unsigned i, n;

	for (i = 0; i < OBOL_CONTROL_ACCOUNTS_MAX; i++)
	{
		(void)snprintf(name, sizeof(name), "user%03u", i);
		(void)world_add(&w, name);
	}
	(void)world_add_gateway(&w, "moon");
	ck_assert_int_eq(ask(&request), OBOL_OK);
	n = obol_read_u16(&r);
	ck_assert_uint_eq(n, OBOL_CONTROL_ACCOUNTS_MAX);
	for (i = 0; i < n; i++)
	{
		obol_control_read_account(&r, &account);
	}
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	request.name = obol_bytes_str(account.name);
	ck_assert_int_eq(ask(&request), OBOL_OK);
	/* alice, the gateway moon, and these */
	ck_assert_uint_eq(obol_read_u16(&r), 2);
	obol_control_read_account(&r, &account);
	obol_control_read_account(&r, &account);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	ck_assert_str_eq(account.name, "user099");
}
END_TEST

/* The help desk sees that there is a slot, and nothing to guess against. */
START_TEST(test_slots_without_secrets)
{
	struct obol_store_slot_list *list = calloc(1, sizeof(*list));
	struct obol_slot slot;
	struct obol_bytes seen;
	size_t i;

	world_activate(&w, "alice");
	ck_assert_int_eq(ask_about(OBOL_CONTROL_SLOTS, "alice"), OBOL_OK);
	seen = obol_writer_view(&answer);
	ck_assert_uint_eq(obol_read_u16(&r), 2);
	obol_control_read_slot(&r, &slot);
	ck_assert_int_eq(slot.kind, OBOL_SLOT_PASSWORD);
	obol_control_read_slot(&r, &slot);
	ck_assert_int_eq(slot.kind, OBOL_SLOT_DEVICE);
	ck_assert_mem_eq(slot.device_id, device_one, sizeof(device_one));
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	list->in.account_id = world_account(&w, "alice").id;
	world_run(&w, OBOL_STORE_SLOT_LIST, list);
	ck_assert_uint_eq(list->out.n_slots, 2);
	for (i = 0; i < 2; i++)
	{
		ck_assert_ptr_null(
			memmem(seen.ptr, seen.len, list->out.slots[i].record, 16));
		ck_assert_ptr_null(
			memmem(seen.ptr, seen.len, list->out.slots[i].wrap + 4, 16));
	}
	free(list);
}
END_TEST

START_TEST(test_what_is_stored)
{
	struct obol_list_item item;
	struct link l;

	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	ck_assert_uint_eq(link_put(&l, "notes", 0, 2, "sealed bytes"), 1);
	link_close(&l);
	ck_assert_int_eq(ask_about(OBOL_CONTROL_CREDENTIALS, "alice"), OBOL_OK);
	ck_assert_uint_eq(obol_read_u16(&r), 1);
	obol_control_read_item(&r, &item);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	ck_assert(obol_bytes_eq(item.name, obol_bytes_str("notes")));
	ck_assert_ptr_null(
		memmem(answer.buf, answer.len, "sealed bytes", strlen("sealed bytes")));
	ck_assert_int_eq(ask_about(OBOL_CONTROL_CERTIFICATES, "alice"), OBOL_OK);
	ck_assert_uint_eq(obol_read_u16(&r), 0);
}
END_TEST

START_TEST(test_history)
{
	struct obol_control_request request = about(OBOL_CONTROL_HISTORY, "alice");
	struct obol_history_item event;
	uint64_t newest;
	unsigned n;

	world_activate(&w, "alice");
	request.generation = 2;
	ck_assert_int_eq(ask(&request), OBOL_OK);
	n = obol_read_u16(&r);
	ck_assert_uint_gt(n, 2);
	obol_control_read_event(&r, &event);
	ck_assert_uint_eq(event.operation, OBOL_OP_REKEY);
	newest = event.id;
	/* the page before that one */
	request.since = newest;
	ck_assert_int_eq(ask(&request), OBOL_OK);
	ck_assert_uint_eq(obol_read_u16(&r), n - 1);
	obol_control_read_event(&r, &event);
	ck_assert_uint_lt(event.id, newest);
	/* the longest page fits an answer */
	ck_assert_uint_le(3 + OBOL_HISTORY_MAX *
							  (20 + 1 + OBOL_LABEL_MAX + 1 + OBOL_SOURCE_MAX +
							   2 + OBOL_TEXT_MAX),
					  OBOL_CONTROL_ANSWER_MAX);
}
END_TEST

START_TEST(test_unknown_name_is_masked)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_ACCOUNT,
											.name = obol_bytes_str("mallory") };

	ck_assert_int_eq(ask(&request), OBOL_ERR_NOT_FOUND);
	ck_assert(logged("helpdesk dora (uid 1001) asked for an unknown account"));
	ck_assert(!logged("mallory"));
}
END_TEST

/*
 * Changes
 */

START_TEST(test_reset)
{
	struct obol_control_code code;
	struct obol_secret *secret = NULL;
	char text[64];
	struct link l;

	world_activate(&w, "alice");
	ck_assert_int_eq(ask_about(OBOL_CONTROL_RESET, "alice"), OBOL_OK);
	ck_assert_int_eq(obol_control_read_code(&r, &code), OBOL_OK);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	ck_assert_uint_eq(code.expires_at, WORLD_NOW + 3600);
	ck_assert_int_eq(obol_code_parse(obol_secret_view(code.text),
									 OBOL_ACTIVATION_BITS, &secret),
					 OBOL_OK);
	/* whose trail it is in */
	(void)snprintf(text, sizeof(text), "%u 200 0 ", OBOL_OP_ACCOUNT_RESET);
	ck_assert_str_eq(newest_line(&w, "alice"), text);
	ck_assert(logged("helpdesk dora (uid 1001) reset account 'alice'"));
	/* the code is bytes, not a string */
	(void)snprintf(text, sizeof(text), "%.*s", (int)obol_secret_len(code.text),
				   (const char *)obol_secret_view(code.text).ptr);
	ck_assert(!logged(text));
	/* the password is gone, as with an operator's reset */
	link_open(&l, &w, NULL);
	ck_assert(!link_login(&l, "alice", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	link_close(&l);
	obol_secret_free(secret);
	obol_secret_free(code.text);
}
END_TEST

static const char *source_of_newest(const char *name)
{
	static char source[OBOL_SOURCE_MAX + 1];
	struct obol_store_history *arg = calloc(1, sizeof(*arg));

	arg->in.account_id = world_account(&w, name).id;
	arg->in.limit = 1;
	world_run(&w, OBOL_STORE_HISTORY, arg);
	(void)snprintf(source, sizeof(source), "%.*s",
				   (int)arg->out.answer.items[0].source.len,
				   (const char *)arg->out.answer.items[0].source.ptr);
	free(arg);
	return source;
}

START_TEST(test_unlock)
{
	struct link l;
	unsigned i;

	world_activate(&w, "alice");
	for (i = 0; i < 10; i++)
	{
		link_open(&l, &w, NULL);
		ck_assert(!link_login(&l, "alice", OBOL_SLOT_PASSWORD, NULL, "wrong"));
		link_close(&l);
	}
	link_open(&l, &w, NULL);
	ck_assert(!link_login(&l, "alice", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	link_close(&l);
	ck_assert_int_eq(ask_about(OBOL_CONTROL_UNLOCK, "alice"), OBOL_OK);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	ck_assert_str_eq(source_of_newest("alice"), "helpdesk dora (uid 1001)");
	link_open(&l, &w, NULL);
	ck_assert(link_login(&l, "alice", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	link_close(&l);
}
END_TEST

START_TEST(test_revoke)
{
	struct obol_control_request request;
	struct obol_store_revoked revoked;
	struct link l;

	world_activate(&w, "alice");
	request = about(OBOL_CONTROL_REVOKE, "alice");
	memcpy(request.device_id, device_two, sizeof(device_two));
	ck_assert_int_eq(ask(&request), OBOL_ERR_NOT_FOUND);
	memcpy(request.device_id, device_one, sizeof(device_one));
	ck_assert_int_eq(ask(&request), OBOL_OK);
	obol_control_read_revoked(&r, &revoked);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	link_open(&l, &w, NULL);
	ck_assert(
		!link_login(&l, "alice", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	link_close(&l);
}
END_TEST

/* A stolen help desk cannot have the whole company's codes at once. */
START_TEST(test_changes_are_counted)
{
	struct obol_control_person other;
	unsigned i;

	for (i = 0; i < CHANGES; i++)
	{
		ck_assert_int_eq(ask_about(OBOL_CONTROL_RESET, "alice"), OBOL_OK);
	}
	ck_assert_int_eq(ask_about(OBOL_CONTROL_RESET, "alice"), OBOL_ERR_DENIED);
	ck_assert_int_eq(ask_about(OBOL_CONTROL_UNLOCK, "alice"), OBOL_ERR_DENIED);
	ck_assert_int_eq(ask_about(OBOL_CONTROL_REVOKE, "alice"), OBOL_ERR_DENIED);
	ck_assert_uint_eq(world_account(&w, "alice").generation, 1 + CHANGES);
	ck_assert(logged("has made too many changes"));
	/* looking up goes on; somebody else's changes too; and his own in time */
	ck_assert_int_eq(ask_about(OBOL_CONTROL_ACCOUNT, "alice"), OBOL_OK);
	other = person;
	obol_control_person_init(&person, UID + 1, NULL);
	ck_assert_int_eq(ask_about(OBOL_CONTROL_UNLOCK, "alice"), OBOL_OK);
	ck_assert_str_eq(source_of_newest("alice"), "helpdesk (uid 1002)");
	person = other;
	driven_clock_pass(&w.clock, DAY / CHANGES);
	ck_assert_int_eq(ask_about(OBOL_CONTROL_RESET, "alice"), OBOL_OK);
	ck_assert_int_eq(ask_about(OBOL_CONTROL_RESET, "alice"), OBOL_ERR_DENIED);
}
END_TEST

static void is_a_gateway(struct obol_control_request *request)
{
	(void)world_add_gateway(&w, "moon");
	request->name = obol_bytes_str("moon");
	request->account_id = world_account(&w, "moon").id;
}

static void is_another(struct obol_control_request *request)
{
	request->account_id++;
}

static void is_unknown(struct obol_control_request *request)
{
	request->name = obol_bytes_str("mallory");
}

static void was_changed(struct obol_control_request *request)
{
	request->generation++;
}

static void is_too_long(struct obol_control_request *request)
{
	request->seconds = OBOL_CONTROL_CODE_MAX_S + 1;
}

static void has_no_time(struct obol_control_request *request)
{
	request->seconds = 0;
}

static const struct {
	void (*break_it)(struct obol_control_request *request);
	enum obol_status status;
} refusals[] = {
	{ is_a_gateway, OBOL_ERR_ARG },     { is_another, OBOL_ERR_NOT_FOUND },
	{ is_unknown, OBOL_ERR_NOT_FOUND }, { was_changed, OBOL_ERR_EXISTS },
	{ is_too_long, OBOL_ERR_ARG },      { has_no_time, OBOL_ERR_ARG },
};

START_TEST(test_refused_resets)
{
	struct obol_control_request request = about(OBOL_CONTROL_RESET, "alice");

	refusals[_i].break_it(&request);
	ck_assert_int_eq(ask(&request), refusals[_i].status);
	ck_assert_uint_eq(answer.len, 1);
	ck_assert_uint_eq(world_account(&w, "alice").generation, 1);
}
END_TEST

/*
 * What is no request
 */

START_TEST(test_malformed)
{
	struct obol_control_request request = about(OBOL_CONTROL_RESET, "alice");
	struct obol_writer out;
	size_t len;

	obol_writer_init(&out);
	obol_control_write_request(&out, &request);
	obol_write_u8(&out, 0);
	/* cut everywhere, and one byte too long */
	for (len = 0; len <= out.len; len++)
	{
		if (len != out.len - 1)
		{
			ck_assert_int_eq(obol_control_serve(&server, &person,
												obol_bytes(out.buf, len),
												&answer),
							 OBOL_ERR_FORMAT);
		}
	}
	out.len--;
	/* a zero in the name, a negative account, verbs that there are not */
	out.buf[out.len - 1] = 0;
	ck_assert_int_eq(
		obol_control_serve(&server, &person, obol_writer_view(&out), &answer),
		OBOL_ERR_FORMAT);
	out.buf[out.len - 1] = 'e';
	out.buf[1] = 0x80;
	ck_assert_int_eq(
		obol_control_serve(&server, &person, obol_writer_view(&out), &answer),
		OBOL_ERR_FORMAT);
	out.buf[1] = 0;
	out.buf[0] = 0;
	ck_assert_int_eq(
		obol_control_serve(&server, &person, obol_writer_view(&out), &answer),
		OBOL_ERR_FORMAT);
	out.buf[0] = OBOL_CONTROL_HISTORY + 1;
	ck_assert_int_eq(
		obol_control_serve(&server, &person, obol_writer_view(&out), &answer),
		OBOL_ERR_FORMAT);
	ck_assert_uint_eq(world_account(&w, "alice").generation, 1);
	obol_writer_clear(&out);
}
END_TEST

/* A name that is not the kernel's may be long: it ends, the number stays. */
START_TEST(test_long_names)
{
	obol_control_person_init(
		&person, UINT32_MAX,
		"a-name-that-is-longer-than-any-login-name-may-be");
	ck_assert_ptr_nonnull(strstr(person.actor.source, "(uid 4294967295)"));
}
END_TEST

/* What may have been done is told as that, and what has no place of its own on
 * the wire as a failure of the store. */
START_TEST(test_statuses)
{
	static const struct {
		enum obol_status said;
		enum obol_status read;
	} rows[] = {
		{ OBOL_OK, OBOL_OK },
		{ OBOL_ERR_IO, OBOL_ERR_IO },
		{ OBOL_ERR_STORE, OBOL_ERR_STORE },
		{ OBOL_ERR_CRYPTO, OBOL_ERR_STORE },
	};

	obol_control_write_status(&answer, rows[_i].said);
	r = obol_reader_over(obol_writer_view(&answer));
	ck_assert_int_eq(obol_control_read_status(&r), rows[_i].read);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
}
END_TEST

Suite *control_serve_suite(void);

Suite *control_serve_suite(void)
{
	Suite *suite = suite_create("control_serve");
	TCase *tcase = tcase_create("control_serve");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_hello);
	tcase_add_test(tcase, test_account);
	tcase_add_test(tcase, test_accounts_in_pages);
	tcase_add_test(tcase, test_slots_without_secrets);
	tcase_add_test(tcase, test_what_is_stored);
	tcase_add_test(tcase, test_history);
	tcase_add_test(tcase, test_unknown_name_is_masked);
	tcase_add_test(tcase, test_reset);
	tcase_add_test(tcase, test_unlock);
	tcase_add_test(tcase, test_revoke);
	tcase_add_test(tcase, test_changes_are_counted);
	tcase_add_loop_test(tcase, test_refused_resets, 0,
						sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tcase, test_malformed);
	tcase_add_test(tcase, test_long_names);
	tcase_add_loop_test(tcase, test_statuses, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}
