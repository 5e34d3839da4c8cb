/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue in front of a store. */
#include "store/store_queue.h"

#include <stdio.h>

#include "support/run.h"

/* A store that writes down what it is asked. */
struct fake {
	struct obol_store store;
	char trace[256];
	struct obol_store_op *waiting[8];
	size_t n_waiting;
	bool is_closed;
};

static struct fake fake;
static struct obol_store *queue;

static void note(const char *what, const char *name)
{
	size_t len = strlen(fake.trace);

	(void)snprintf(fake.trace + len, sizeof(fake.trace) - len, "%s%s ", what,
				   name);
}

static void fake_submit(struct obol_store *store, struct obol_store_op *op)
{
	(void)store;
	note("submit:", op->ctx);
	if (op->verb == OBOL_STORE_LIST)
	{
		/* as reads do it: at once */
		op->done(op);
		return;
	}
	fake.waiting[fake.n_waiting++] = op;
}

static void fake_flush(struct obol_store *store)
{
	size_t i, n = fake.n_waiting;

	(void)store;
	note("flush", "");
	fake.n_waiting = 0;
	for (i = 0; i < n; i++)
	{
		fake.waiting[i]->done(fake.waiting[i]);
	}
}

static void fake_close(struct obol_store *store)
{
	(void)store;
	fake.is_closed = true;
}

static const struct obol_store_backend fake_backend = {
	.submit = fake_submit,
	.flush = fake_flush,
	.close = fake_close,
};

static void setup(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.store.backend = &fake_backend;
	memset(fake.store.id_key, 7, sizeof(fake.store.id_key));
	ck_assert_int_eq(obol_store_queue_new(&fake.store, &queue), OBOL_OK);
}

static void teardown(void)
{
	obol_store_close(queue);
	ck_assert(fake.is_closed);
}

static void done(struct obol_store_op *op)
{
	note("done:", op->ctx);
}

static struct obol_store_op third = { .verb = OBOL_STORE_PUT,
									  .done = done,
									  .ctx = (void *)"c" };

static void done_and_more(struct obol_store_op *op)
{
	note("done:", op->ctx);
	obol_store_submit(queue, &third);
}

START_TEST(test_nothing_before_the_flush)
{
	struct obol_store_op a = { .verb = OBOL_STORE_PUT,
							   .done = done,
							   .ctx = (void *)"a" };
	struct obol_store_op b = { .verb = OBOL_STORE_LIST,
							   .done = done,
							   .ctx = (void *)"b" };

	obol_store_submit(queue, &a);
	obol_store_submit(queue, &b);
	ck_assert_str_eq(fake.trace, "");
	obol_store_flush(queue);
	ck_assert_str_eq(fake.trace, "submit:a submit:b done:b flush done:a ");
	obol_store_flush(queue);
	ck_assert_str_eq(fake.trace, "submit:a submit:b done:b flush done:a ");
}
END_TEST

START_TEST(test_callback_submits_more)
{
	struct obol_store_op a = { .verb = OBOL_STORE_PUT,
							   .done = done_and_more,
							   .ctx = (void *)"a" };

	obol_store_submit(queue, &a);
	obol_store_flush(queue);
	ck_assert_str_eq(fake.trace,
					 "submit:a flush done:a submit:c flush done:c ");
}
END_TEST

START_TEST(test_close_does_what_waits)
{
	struct obol_store_op a = { .verb = OBOL_STORE_PUT,
							   .done = done,
							   .ctx = (void *)"a" };

	obol_store_submit(queue, &a);
	obol_store_close(queue);
	ck_assert_str_eq(fake.trace, "submit:a flush done:a ");
	setup();
}
END_TEST

START_TEST(test_same_hashes)
{
	uint8_t one[32], two[32];

	ck_assert_int_eq(obol_store_fake_seed(queue, one), OBOL_OK);
	ck_assert_int_eq(obol_store_fake_seed(&fake.store, two), OBOL_OK);
	ck_assert_mem_eq(one, two, sizeof(one));
}
END_TEST

Suite *store_queue_suite(void);

Suite *store_queue_suite(void)
{
	Suite *s = suite_create("queue");
	TCase *tc = tcase_create("queue");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_nothing_before_the_flush);
	tcase_add_test(tc, test_callback_submits_more);
	tcase_add_test(tc, test_close_does_what_waits);
	tcase_add_test(tc, test_same_hashes);
	suite_add_tcase(s, tc);
	return s;
}
