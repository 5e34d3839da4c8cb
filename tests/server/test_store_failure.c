/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store that fails for a while: what clients and the operator are told. */
#include <stdlib.h>

#include "server/world.h"
#include "support/run.h"

Suite *store_failure_suite(void);

/** Hands on what it gets, unless it fails. */
struct failing_store {
	/** first: the interface */
	struct obol_store store;
	struct obol_store *inner;
	bool fails;
	/** it does what it is asked, and then fails before it can say so */
	bool is_lost;
	/** no guess can be given back */
	bool keeps_guesses;
};

static struct world w;
static struct failing_store *failing;

static void submit(struct obol_store *store, struct obol_store_op *op)
{
	struct failing_store *this = (struct failing_store *)store;

	if (!this->fails &&
		!(this->keeps_guesses && op->verb == OBOL_STORE_LOGIN_UNDO))
	{
		obol_store_submit(this->inner, op);
		return;
	}
	op->status = OBOL_ERR_STORE;
	op->is_in_doubt = this->is_lost;
	op->reply = OBOL_REPLY_TEMPORARY;
	if (op->done)
	{
		op->done(op);
	}
}

static void flush(struct obol_store *store)
{
	obol_store_flush(((struct failing_store *)store)->inner);
}

static void close_store(struct obol_store *store)
{
	obol_store_close(((struct failing_store *)store)->inner);
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
	failing = calloc(1, sizeof(*failing));
	ck_assert_ptr_nonnull(failing);
	failing->store.backend = &backend;
	failing->inner = w.options.store;
	memcpy(failing->store.id_key, failing->inner->id_key,
		   sizeof(failing->store.id_key));
	w.options.store = &failing->store;
	world_start(&w);
	(void)world_add(&w, "alice");
	world_activate(&w, "alice");
	w.logged_len = 0;
	w.logged[0] = '\0';
}

static void teardown(void)
{
	failing->fails = false;
	world_clear(&w);
}

static unsigned log_in(void)
{
	struct link l;
	unsigned reply;

	link_open(&l, &w, NULL);
	reply = link_login(&l, "alice", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET)
				? OBOL_REPLY_OK
				: link_reply(&l);
	link_close(&l);
	return reply;
}

static bool is_told(const char *text)
{
	w.logged[w.logged_len] = '\0';
	return strstr(w.logged, text) != NULL;
}

START_TEST(test_put_off)
{
	failing->fails = true;
	ck_assert_uint_eq(log_in(), OBOL_REPLY_TEMPORARY);
	ck_assert(is_told("the store failed"));
	failing->fails = false;
	ck_assert_uint_eq(log_in(), OBOL_REPLY_OK);
}
END_TEST

/* Not at the first that works: a disk that is nearly full takes one and refuses
 * the next. */
START_TEST(test_works_again)
{
	failing->fails = true;
	(void)log_in();
	(void)log_in();
	failing->fails = false;
	ck_assert_uint_eq(log_in(), OBOL_REPLY_OK);
	ck_assert(!is_told("works again"));
	driven_clock_pass(&w.clock, 4);
	failing->fails = true;
	(void)log_in();
	failing->fails = false;
	driven_clock_pass(&w.clock, 4);
	ck_assert_uint_eq(log_in(), OBOL_REPLY_OK);
	ck_assert(!is_told("works again"));
	driven_clock_pass(&w.clock, 1);
	ck_assert_uint_eq(log_in(), OBOL_REPLY_OK);
	ck_assert(is_told("works again; requests that were put off meanwhile: 3"));
	/* once */
	w.logged_len = 0;
	ck_assert_uint_eq(log_in(), OBOL_REPLY_OK);
	ck_assert(!is_told("works again"));
}
END_TEST

/* A store that was lost in the middle may have done it: then there is no
 * answer, for 451 says that nothing was changed. */
START_TEST(test_in_doubt)
{
	struct obol_request put = { .type = OBOL_PUT };
	struct link l;

	link_open(&l, &w, NULL);
	ck_assert(
		link_login(&l, "alice", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	put.put.name = obol_bytes_str("vpn");
	put.put.format = OBOL_FORMAT_OPAQUE;
	put.put.generation = 2;
	put.put.sealed = obol_bytes_str("sealed");
	failing->fails = true;
	failing->is_lost = true;
	ck_assert_ptr_null(link_ask(&l, &put));
	ck_assert_uint_eq(link_reply(&l), 0);
	ck_assert(obol_server_connection_is_done(l.conn));
	failing->fails = false;
	link_close(&l);
	/* known to have failed: there is an answer, and the connection goes on */
	link_open(&l, &w, NULL);
	ck_assert(
		link_login(&l, "alice", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	failing->fails = true;
	failing->is_lost = false;
	ck_assert_uint_eq(link_refused(&l, &put), OBOL_REPLY_TEMPORARY);
	failing->fails = false;
	ck_assert(!obol_server_connection_is_done(l.conn));
	ck_assert_ptr_nonnull(link_ask(&l, &put));
	link_close(&l);
}
END_TEST

/* The keys of a keeper that is gone, or whose ceiling is reached. */
static enum obol_status keys_say;

static enum obol_status do_not_evaluate(struct obol_opaque_keys *keys,
										uint32_t key_number,
										struct obol_bytes identifier,
										struct obol_bytes blinded,
										uint8_t evaluated[OBOL_OPAQUE_NOE])
{
	(void)keys;
	(void)key_number;
	(void)identifier;
	(void)blinded;
	(void)evaluated;
	return keys_say;
}

static const enum obol_status silent_keys[] = { OBOL_ERR_DENIED, OBOL_ERR_IO };

/* With keys that do not answer, from now on. */
static struct obol_opaque_keys *lose_keys(struct obol_opaque_keys *without,
										  enum obol_status say)
{
	struct obol_opaque_keys *keys = w.options.keys;

	keys_say = say;
	*without = *keys;
	without->oprf_evaluate = do_not_evaluate;
	world_stop(&w);
	w.options.keys = without;
	world_start(&w);
	return keys;
}

static void find_keys(struct obol_opaque_keys *keys)
{
	world_stop(&w);
	w.options.keys = keys;
	world_start(&w);
}

/* With the password; what became of it. */
static enum obol_session_failure try_password(bool *is_over)
{
	enum obol_session_failure failure;
	struct link l;

	link_open(&l, &w, NULL);
	ck_assert(!link_start(&l, "alice", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	failure = obol_client_session_failure(l.client);
	*is_over = obol_server_connection_is_done(l.conn);
	link_close(&l);
	return failure;
}

/* Neither Later nor 451 is true then, as the guess is spent. */
START_TEST(test_guess_that_stays_spent)
{
	struct obol_opaque_keys without, *keys;
	bool is_over;
	unsigned i;

	keys = lose_keys(&without, silent_keys[_i]);
	failing->keeps_guesses = true;
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		ck_assert_int_eq(try_password(&is_over), OBOL_FAILURE_NONE);
		ck_assert(is_over);
	}
	ck_assert(is_told("given up"));
	failing->keeps_guesses = false;
	find_keys(keys);
	ck_assert_int_eq(try_password(&is_over), OBOL_FAILURE_LATER);
	/* the device has guesses of its own */
	ck_assert_uint_eq(log_in(), OBOL_REPLY_OK);
}
END_TEST

/* What failed nowhere is not told. */
START_TEST(test_works)
{
	driven_clock_pass(&w.clock, 3600);
	ck_assert_uint_eq(log_in(), OBOL_REPLY_OK);
	ck_assert(!is_told("the store"));
}
END_TEST

/* What cannot be counted is refused before KE2, and so is no guess. */
START_TEST(test_no_guess_for_nothing)
{
	unsigned i;

	failing->fails = true;
	for (i = 0; i < 20; i++)
	{
		ck_assert_uint_eq(log_in(), OBOL_REPLY_TEMPORARY);
	}
	failing->fails = false;
	ck_assert_uint_eq(log_in(), OBOL_REPLY_OK);
}
END_TEST

Suite *store_failure_suite(void)
{
	Suite *suite = suite_create("store_failure");
	TCase *tc = tcase_create("store_failure");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_put_off);
	tcase_add_test(tc, test_in_doubt);
	tcase_add_test(tc, test_works_again);
	tcase_add_test(tc, test_works);
	tcase_add_test(tc, test_no_guess_for_nothing);
	tcase_add_loop_test(tc, test_guess_that_stays_spent, 0,
						sizeof(silent_keys) / sizeof(silent_keys[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
