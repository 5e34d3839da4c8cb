/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit trail: order, pages, bounds. */
#include "store/fixture.h"
#include "store/store_open.h"

#include <stdio.h>
#include <stdlib.h>

Suite *store_history_suite(void);

static void add_row(struct fixture *f, int64_t id, const char *detail)
{
	struct obol_store_audit arg = { .in = { .account_id = id,
											.actor =
												actor_of(OBOL_SLOT_DEVICE, 7),
											.operation = OBOL_OP_LOGIN,
											.reply = OBOL_REPLY_OK,
											.detail = obol_bytes_str(detail),
											.now = NOW } };

	RUN(f, OBOL_STORE_AUDIT, &arg, OBOL_OK);
}

START_TEST(pages)
{
	struct obol_store_history *history = calloc(1, sizeof(*history));
	struct fixture f;
	int64_t alice, bob;
	char text[16];
	int i = 10, k;

	fixture_init(&f, _i);
	alice = add_active(&f, "alice");
	bob = add_active(&f, "bob");
	for (k = 0; k < 10; k++)
	{
		(void)snprintf(text, sizeof(text), "row %d", k);
		add_row(&f, alice, text);
		add_row(&f, bob, "bob's");
	}
	history->in.account_id = alice;
	history->in.limit = 3;
	do
	{
		const struct obol_history_answer *answer = &history->out.answer;

		RUN(&f, OBOL_STORE_HISTORY, history, OBOL_OK);
		for (k = 0; k < answer->n_items && i > 0; k++)
		{
			(void)snprintf(text, sizeof(text), "row %d", --i);
			ck_assert(
				obol_bytes_eq(answer->items[k].detail, obol_bytes_str(text)));
			ck_assert(obol_bytes_eq(answer->items[k].label,
									obol_bytes_str("laptop 7")));
			ck_assert(obol_bytes_eq(answer->items[k].source,
									obol_bytes_str("192.0.2.1")));
			ck_assert_uint_eq(answer->items[k].at, NOW);
			ck_assert_str_eq(history->out.names[k], "alice");
		}
		history->in.before = answer->items[answer->n_items - 1].id;
	} while (i > 0);
	/* all accounts' rows, newest first */
	history->in.account_id = 0;
	history->in.before = 0;
	RUN(&f, OBOL_STORE_HISTORY, history, OBOL_OK);
	ck_assert_str_eq(history->out.names[0], "bob");
	ck_assert_str_eq(history->out.names[1], "alice");
	ck_assert_uint_gt(history->out.answer.items[0].id,
					  history->out.answer.items[1].id);
	free(history);
	fixture_clear(&f);
}
END_TEST

START_TEST(cut)
{
	struct obol_store_history *history = calloc(1, sizeof(*history));
	char detail[OBOL_TEXT_MAX + 50];
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	memset(detail, 'x', sizeof(detail) - 1);
	detail[sizeof(detail) - 1] = '\0';
	add_row(&f, id, detail);
	history->in.account_id = id;
	history->in.limit = 1;
	RUN(&f, OBOL_STORE_HISTORY, history, OBOL_OK);
	ck_assert_uint_eq(history->out.answer.items[0].detail.len, OBOL_TEXT_MAX);
	free(history);
	fixture_clear(&f);
}
END_TEST

/** Rows of an account, submitted as many at once as there are operations. */
static void add_rows(struct obol_store *store, int64_t account_id, unsigned n)
{
	struct obol_store_audit arg = { .in = { .account_id = account_id,
											.operation = OBOL_OP_GET,
											.reply = OBOL_REPLY_OK,
											.now = NOW } };
	struct obol_store_op *ops = calloc(n, sizeof(*ops));
	unsigned i;

	for (i = 0; i < n; i++)
	{
		ops[i].verb = OBOL_STORE_AUDIT;
		ops[i].arg.audit = &arg;
		obol_store_submit(store, &ops[i]);
	}
	obol_store_flush(store);
	for (i = 0; i < n; i++)
	{
		ck_assert_int_eq(ops[i].status, OBOL_OK);
	}
	free(ops);
}

static size_t count_rows(struct fixture *f, int64_t account_id)
{
	struct obol_store_history *history = calloc(1, sizeof(*history));
	size_t n = 0, k;

	history->in.account_id = account_id;
	history->in.limit = OBOL_HISTORY_MAX;
	do
	{
		RUN(f, OBOL_STORE_HISTORY, history, OBOL_OK);
		k = history->out.answer.n_items;
		n += k;
		history->in.before = k ? history->out.answer.items[k - 1].id : 0;
	} while (k == OBOL_HISTORY_MAX);
	free(history);
	return n;
}

/** One account's many rows push out its own oldest, nobody else's. */
START_TEST(bounded)
{
	struct fixture f;
	int64_t alice, bob;
	int i;

	fixture_init(&f, _i);
	bob = add_active(&f, "bob");
	alice = add_active(&f, "alice");
	for (i = 0; i < 10; i++)
	{
		add_rows(f.store, alice, 500);
	}
	ck_assert_uint_ge(count_rows(&f, alice), OBOL_STORE_HISTORY_ROWS);
	ck_assert_uint_lt(count_rows(&f, alice), OBOL_STORE_HISTORY_ROWS + 64);
	ck_assert_uint_eq(count_rows(&f, bob), 2);
	fixture_clear(&f);
}
END_TEST

/** As many as the operator says, also for what there is already, and for an
 * account that gets no new rows nothing changes. */
START_TEST(bounded_as_told)
{
	struct obol_store *store;
	struct fixture f;
	int64_t alice, bob;

	fixture_init(&f, _i);
	bob = add_active(&f, "bob");
	alice = add_active(&f, "alice");
	add_rows(f.store, alice, 400);
	add_rows(f.store, bob, 400);
	ck_assert_uint_eq(count_rows(&f, alice), 402);
	store = fixture_open_keeping(&f, 100);
	add_rows(store, alice, 64);
	ck_assert_uint_ge(count_rows(&f, alice), 100);
	ck_assert_uint_lt(count_rows(&f, alice), 164);
	ck_assert_uint_eq(count_rows(&f, bob), 402);
	obol_store_close(store);
	/* more than by default */
	store = fixture_open_keeping(&f, 3000);
	add_rows(store, bob, 2400);
	ck_assert_uint_eq(count_rows(&f, bob), 2802);
	obol_store_close(store);
	fixture_clear(&f);
}
END_TEST

Suite *store_history_suite(void)
{
	Suite *suite = suite_create("store: history");
	TCase *tc = tcase_create("history");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, pages, 0, N_BACKENDS);
	tcase_add_loop_test(tc, cut, 0, N_BACKENDS);
	tcase_add_loop_test(tc, bounded, 0, N_BACKENDS);
	tcase_add_loop_test(tc, bounded_as_told, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
