/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Get behind KE3: one operation of the store with the login, and the same
 * answers as ever. */
#include <stdlib.h>

#include "server/world.h"
#include "support/run.h"
#include "wire/frame.h"

Suite *login_get_suite(void);

/** Hands on what it gets, and counts it. */
struct counting_store {
	/** first: the interface */
	struct obol_store store;
	struct obol_store *inner;
	unsigned n_done;
	unsigned n_get;
};

static struct world w;
static struct link l;
static struct counting_store *counting;

static void submit(struct obol_store *store, struct obol_store_op *op)
{
	struct counting_store *this = (struct counting_store *)store;

	this->n_done += op->verb == OBOL_STORE_LOGIN_DONE;
	this->n_get += op->verb == OBOL_STORE_GET;
	obol_store_submit(this->inner, op);
}

static void flush(struct obol_store *store)
{
	obol_store_flush(((struct counting_store *)store)->inner);
}

static void close_store(struct obol_store *store)
{
	obol_store_close(((struct counting_store *)store)->inner);
	free(store);
}

static const struct obol_store_backend backend = {
	.submit = submit,
	.flush = flush,
	.close = close_store,
};

static void setup(void)
{
	world_init(&w);
	counting = calloc(1, sizeof(*counting));
	ck_assert_ptr_nonnull(counting);
	counting->store.backend = &backend;
	counting->inner = w.options.store;
	memcpy(counting->store.id_key, counting->inner->id_key,
		   sizeof(counting->store.id_key));
	w.options.store = &counting->store;
	world_start(&w);
	(void)world_add(&w, "alice");
	world_activate(&w, "alice");
	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "sealed"), 1);
	link_close(&l);
}

static void teardown(void)
{
	world_clear(&w);
}

/** Up to KE2; what is asked next goes with KE3. */
static void start(const char *name, enum obol_slot_kind kind,
				  const uint8_t *device_id, const char *secret)
{
	link_open(&l, &w, NULL);
	ck_assert(link_start(&l, name, kind, device_id, secret));
	counting->n_done = 0;
	counting->n_get = 0;
}

static void start_device(void)
{
	start("alice", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET);
}

static struct obol_request get_of(const char *name)
{
	struct obol_request request = { .type = OBOL_GET };

	request.get.name = obol_bytes_str(name);
	return request;
}

static void check_answer(const struct obol_answer *answer)
{
	ck_assert_msg(answer != NULL, "Get refused: %u", link_reply(&l));
	ck_assert_uint_eq(answer->get.n_items, 1);
	ck_assert_uint_eq(answer->get.items[0].version, 1);
	ck_assert(
		obol_bytes_eq(answer->get.items[0].name, obol_bytes_str("vpn")) &&
		obol_bytes_eq(answer->get.items[0].sealed, obol_bytes_str("sealed")));
}

/** KE3 and what follows it, into the server; the store has not worked yet. */
static struct obol_bytes send_along(const struct obol_request *request)
{
	struct obol_bytes out;

	ck_assert_int_eq(obol_client_session_request(l.client, request), OBOL_OK);
	out = obol_client_session_output(l.client);
	obol_server_connection_input(l.conn, out);
	return out;
}

START_TEST(test_one_operation)
{
	struct obol_request by_name = get_of("vpn"), all = get_of("");

	start_device();
	check_answer(link_ask(&l, _i ? &all : &by_name));
	ck_assert_uint_eq(counting->n_done, 1);
	ck_assert_uint_eq(counting->n_get, 0);
	ck_assert_str_eq(newest_line(&w, "alice"),
					 _i ? "2 200 4 all" : "2 200 4 vpn version 1");
	/* the next one is on its own, and the first one's answer is not kept */
	check_answer(link_ask(&l, &by_name));
	ck_assert_uint_eq(counting->n_get, 1);
	link_close(&l);
}
END_TEST

/* Nothing leaves before the commit. */
START_TEST(test_answer_waits_for_the_commit)
{
	struct obol_request request = get_of("vpn");
	struct obol_bytes in;

	start_device();
	(void)send_along(&request);
	ck_assert(obol_server_connection_is_busy(l.conn));
	in = obol_server_connection_output(l.conn);
	ck_assert_uint_eq(in.len, 0);
	obol_store_flush(w.options.store);
	ck_assert(!obol_server_connection_is_busy(l.conn));
	in = obol_server_connection_output(l.conn);
	ck_assert_ptr_nonnull(memmem(in.ptr, in.len, "sealed", 6));
	link_close(&l);
}
END_TEST

/* The same, when KE3 comes alone. */
START_TEST(test_get_comes_later)
{
	struct obol_request request = get_of("vpn");
	struct obol_frame frame;
	struct obol_bytes out;
	size_t used;

	start_device();
	ck_assert_int_eq(obol_client_session_request(l.client, &request), OBOL_OK);
	out = obol_client_session_output(l.client);
	ck_assert_int_eq(
		obol_frame_decode(out, OBOL_FRAME_EARLY_MAX, &frame, &used), OBOL_OK);
	ck_assert_int_eq(frame.type, OBOL_LOGIN_FINISH);
	ck_assert_uint_lt(used + 1, out.len);
	/* a part of the Get is no Get */
	obol_server_connection_input(l.conn, obol_bytes(out.ptr, out.len - 1));
	obol_server_connection_input(l.conn, obol_bytes(out.ptr + out.len - 1, 1));
	obol_client_session_sent(l.client, out.len);
	link_run(&l);
	check_answer(obol_client_session_answer(l.client));
	ck_assert_uint_eq(counting->n_done, 1);
	ck_assert_uint_eq(counting->n_get, 1);
	link_close(&l);
}
END_TEST

/* What comes while the store works moves the bytes that the Get was in. */
START_TEST(test_more_comes_meanwhile)
{
	struct obol_request request = get_of("vpn");
	struct obol_writer more;
	struct obol_bytes in;
	struct obol_frame frame;
	size_t used, n;

	start_device();
	obol_writer_init(&more);
	for (n = 0; n < 500; n++)
	{
		struct obol_request list = { .type = OBOL_LIST };

		obol_request_encode(&more, &list);
	}
	(void)send_along(&request);
	obol_server_connection_input(l.conn, obol_writer_view(&more));
	obol_writer_clear(&more);
	obol_store_flush(w.options.store);
	in = obol_server_connection_output(l.conn);
	ck_assert_int_eq(obol_frame_decode(in, OBOL_FRAME_MAX, &frame, &used),
					 OBOL_OK);
	ck_assert_int_eq(frame.type, OBOL_LOGIN_DONE);
	in = obol_bytes(in.ptr + used, in.len - used);
	ck_assert_int_eq(obol_frame_decode(in, OBOL_FRAME_MAX, &frame, &used),
					 OBOL_OK);
	ck_assert_int_eq(frame.type, OBOL_GET_ANSWER);
	ck_assert_ptr_nonnull(memmem(frame.body.ptr, frame.body.len, "sealed", 6));
	ck_assert_uint_eq(counting->n_get, 0);
	link_close(&l);
}
END_TEST

START_TEST(test_name_is_not_there)
{
	struct obol_request request = get_of("none");
	unsigned first, second;

	start_device();
	first = link_refused(&l, &request);
	ck_assert_uint_eq(first, OBOL_REPLY_NOT_FOUND);
	ck_assert_uint_eq(counting->n_done, 1);
	link_close(&l);
	/* as it is told at any other time, and the login stood */
	link_by_device(&l, &w, "alice");
	second = link_refused(&l, &request);
	ck_assert_uint_eq(first, second);
	ck_assert_ptr_nonnull(link_ask_type(&l, OBOL_INFO));
	link_close(&l);
	ck_assert_str_eq(newest_line(&w, "alice"), "1 200 4 ");
}
END_TEST

/* A valid KE3 of an account that may not log in. */
START_TEST(test_disabled)
{
	struct obol_request request = get_of("vpn");
	struct obol_bytes in;

	start_device();
	world_set_state(&w, "alice", OBOL_ACCOUNT_DISABLED);
	(void)send_along(&request);
	obol_store_flush(w.options.store);
	in = obol_server_connection_output(l.conn);
	ck_assert_uint_gt(in.len, 0);
	ck_assert_ptr_null(memmem(in.ptr, in.len, "sealed", 6));
	ck_assert_ptr_nonnull(memmem(in.ptr, in.len, "disabled", 8));
	ck_assert(obol_server_connection_is_done(l.conn));
	ck_assert_uint_eq(counting->n_get, 0);
	link_close(&l);
	ck_assert_str_eq(newest_line(&w, "alice"),
					 "1 538 4 this account is disabled; ask its operator");
}
END_TEST

/* A wrong KE3 gets its 535 and nothing else, whatever is behind it, and the
 * store is not asked. */
START_TEST(test_wrong_ke3)
{
	struct obol_request request = get_of("vpn");
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN] = { 1 };
	struct obol_error_message error;
	struct obol_writer out;
	struct obol_frame frame;
	struct obol_bytes in;
	size_t used;

	start_device();
	obol_writer_init(&out);
	obol_login_finish_encode(&out, obol_bytes(ke3, sizeof(ke3)));
	obol_request_encode(&out, &request);
	obol_server_connection_input(l.conn, obol_writer_view(&out));
	obol_writer_clear(&out);
	ck_assert(!obol_server_connection_is_busy(l.conn));
	in = obol_server_connection_output(l.conn);
	ck_assert_int_eq(obol_frame_decode(in, OBOL_FRAME_EARLY_MAX, &frame, &used),
					 OBOL_OK);
	ck_assert_uint_eq(used, in.len);
	ck_assert_int_eq(frame.type, OBOL_ERROR);
	ck_assert_int_eq(obol_error_decode(frame.body, &error), OBOL_OK);
	ck_assert_uint_eq(error.reply, OBOL_REPLY_AUTH);
	ck_assert_uint_eq(counting->n_done + counting->n_get, 0);
	link_close(&l);
	ck_assert_str_eq(newest_line(&w, "alice"), "1 535 4 ");
}
END_TEST

/* Behind a good KE3 a Get that is malformed ends the session, as ever. */
START_TEST(test_malformed)
{
	static const uint8_t bad[] = { 0xff, 0xff, 0xff };
	struct obol_request request = { .type = OBOL_INFO };
	struct obol_frame frame;
	struct obol_writer out;
	struct obol_bytes in;
	size_t used, mark;

	start_device();
	ck_assert_int_eq(obol_client_session_request(l.client, &request), OBOL_OK);
	in = obol_client_session_output(l.client);
	ck_assert_int_eq(obol_frame_decode(in, OBOL_FRAME_EARLY_MAX, &frame, &used),
					 OBOL_OK);
	obol_writer_init(&out);
	obol_write_bytes(&out, obol_bytes(in.ptr, used));
	mark = obol_frame_open(&out, OBOL_GET);
	obol_write_bytes(&out, obol_bytes(bad, sizeof(bad)));
	obol_frame_close(&out, mark);
	obol_server_connection_input(l.conn, obol_writer_view(&out));
	obol_writer_clear(&out);
	obol_store_flush(w.options.store);
	ck_assert_uint_eq(counting->n_done, 1);
	ck_assert_uint_eq(counting->n_get, 0);
	in = obol_server_connection_output(l.conn);
	ck_assert_ptr_nonnull(memmem(in.ptr, in.len, "malformed", 9));
	ck_assert(obol_server_connection_is_done(l.conn));
	link_close(&l);
	ck_assert_str_eq(newest_line(&w, "alice"), "1 200 4 ");
}
END_TEST

/* Who leaves meanwhile has logged in all the same. */
START_TEST(test_leaves_meanwhile)
{
	struct obol_request request = get_of("vpn");

	start_device();
	(void)send_along(&request);
	ck_assert(obol_server_connection_is_busy(l.conn));
	link_close(&l);
	ck_assert_uint_eq(obol_server_n_connections(w.server), 0);
	ck_assert_ptr_nonnull(
		strstr(w.logged, "login of account 'alice' by device"));
}
END_TEST

/* Whom it is refused to is told so: a gateway's device. */
START_TEST(test_gateway)
{
	struct obol_request request = get_of("");

	(void)world_add_gateway(&w, "gate");
	world_activate(&w, "gate");
	start("gate", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET);
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	ck_assert_uint_eq(counting->n_done, 1);
	ck_assert_uint_eq(counting->n_get, 0);
	link_close(&l);
	ck_assert_str_eq(newest_line(&w, "gate"), "1 200 4 ");
}
END_TEST

Suite *login_get_suite(void)
{
	Suite *suite = suite_create("login_get");
	TCase *tc = tcase_create("login_get");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_one_operation, 0, 2);
	tcase_add_test(tc, test_answer_waits_for_the_commit);
	tcase_add_test(tc, test_get_comes_later);
	tcase_add_test(tc, test_more_comes_meanwhile);
	tcase_add_test(tc, test_name_is_not_there);
	tcase_add_test(tc, test_disabled);
	tcase_add_test(tc, test_wrong_ke3);
	tcase_add_test(tc, test_malformed);
	tcase_add_test(tc, test_leaves_meanwhile);
	tcase_add_test(tc, test_gateway);
	suite_add_tcase(suite, tc);
	return suite;
}
