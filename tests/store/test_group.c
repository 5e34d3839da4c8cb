/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations that share a commit: callbacks, failures, views. */
#include "store/fixture.h"

#include <stdlib.h>

Suite *store_group_suite(void);

struct put_op {
	struct obol_store_op op;
	struct obol_store_put arg;
	int n_called;
	enum obol_status status;
};

static void note_call(struct obol_store_op *op)
{
	struct put_op *this = op->ctx;

	this->n_called++;
	this->status = op->status;
}

static void submit_put(struct fixture *f, struct put_op *this, int64_t id,
					   const char *name, uint64_t base_version)
{
	memset(this, 0, sizeof(*this));
	this->op.verb = OBOL_STORE_PUT;
	this->op.done = note_call;
	this->op.ctx = this;
	this->op.arg.put = &this->arg;
	this->arg.in.request = as_password(id);
	this->arg.in.put.name = obol_bytes_str(name);
	this->arg.in.put.generation = 2;
	this->arg.in.put.base_version = base_version;
	this->arg.in.put.sealed = obol_bytes_str("sealed");
	obol_store_submit(f->store, &this->op);
}

START_TEST(one_fails)
{
	struct put_op ops[3];
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	submit_put(&f, &ops[0], id, "a", 0);
	submit_put(&f, &ops[1], id, "b", 7);
	submit_put(&f, &ops[2], id, "a", 1);
	obol_store_flush(f.store);
	ck_assert_int_eq(ops[0].n_called, 1);
	ck_assert_int_eq(ops[0].status, OBOL_OK);
	ck_assert_int_eq(ops[1].n_called, 1);
	ck_assert_int_eq(ops[1].status, OBOL_ERR_EXISTS);
	ck_assert_int_eq(ops[1].op.reply, OBOL_REPLY_STALE);
	ck_assert_int_eq(ops[2].status, OBOL_OK);
	ck_assert_uint_eq(ops[2].arg.out.version, 2);
	obol_store_flush(f.store);
	ck_assert_int_eq(ops[2].n_called, 1);
	fixture_clear(&f);
}
END_TEST

/** What an operation wrote before it failed is gone, not only its last step. */
START_TEST(nothing_left)
{
	struct obol_slot slots[2] = { make_slot(OBOL_SLOT_PASSWORD, 0, 3, 9),
								  make_slot(OBOL_SLOT_PASSWORD, 0, 3, 9) };
	struct obol_store_rekey rekey = {
		.in = { .generation = 3, .n_slots = 2, .slots = slots }
	};
	struct obol_store_op op = { .verb = OBOL_STORE_REKEY, .arg.rekey = &rekey };
	struct put_op before, after;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	rekey.in.request = as_password(id);
	submit_put(&f, &before, id, "a", 0);
	/* fails at the second slot, when the old ones are deleted already;
	 * nothing is staged for "a" either, so take it away first */
	obol_store_flush(f.store);
	{
		struct obol_store_delete del = {
			.in = { .request = as_password(id),
					.delete_ = { obol_bytes_str("a"), 1 } }
		};

		RUN(&f, OBOL_STORE_DELETE, &del, OBOL_OK);
	}
	obol_store_submit(f.store, &op);
	submit_put(&f, &after, id, "b", 0);
	obol_store_flush(f.store);
	ck_assert_int_eq(op.status, OBOL_ERR_ARG);
	ck_assert_int_eq(after.status, OBOL_OK);
	ck_assert_uint_eq(account_named(&f, "alice").generation, 2);
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.slot.record[0],
		2);
	fixture_clear(&f);
}
END_TEST

struct view_op {
	struct obol_store_op op;
	struct obol_store_get arg;
	bool called;
};

static void check_view(struct obol_store_op *op)
{
	struct view_op *this = op->ctx;

	ck_assert_int_eq(op->status, OBOL_OK);
	ck_assert_uint_eq(this->arg.out.n_items, 1);
	ck_assert(obol_bytes_eq(this->arg.out.items[0].name, obol_bytes_str("a")));
	ck_assert(
		obol_bytes_eq(this->arg.out.items[0].sealed, obol_bytes_str("sealed")));
	this->called = true;
}

/** A result holds until its callback, whatever comes after it in the group. */
START_TEST(views_hold)
{
	struct view_op *view = calloc(1, sizeof(*view));
	struct put_op first, others[20];
	struct fixture f;
	int64_t id;
	int i;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	submit_put(&f, &first, id, "a", 0);
	view->op.verb = OBOL_STORE_GET;
	view->op.done = check_view;
	view->op.ctx = view;
	view->op.arg.get = &view->arg;
	view->arg.in.request = as_password(id);
	view->arg.in.size_max = 4096;
	obol_store_submit(f.store, &view->op);
	for (i = 0; i < 20; i++)
	{
		submit_put(&f, &others[i], id, "a", (uint64_t)i + 1);
	}
	obol_store_flush(f.store);
	ck_assert(view->called);
	ck_assert_uint_eq(others[19].arg.out.version, 21);
	free(view);
	fixture_clear(&f);
}
END_TEST

struct chain {
	struct fixture *f;
	int64_t id;
	struct put_op ops[5];
	int n;
};

static void submit_next(struct obol_store_op *op)
{
	struct chain *chain = op->ctx;

	ck_assert_int_eq(op->status, OBOL_OK);
	if (++chain->n < 5)
	{
		struct put_op *next = &chain->ops[chain->n];

		memset(next, 0, sizeof(*next));
		next->op.verb = OBOL_STORE_PUT;
		next->op.done = submit_next;
		next->op.ctx = chain;
		next->op.arg.put = &next->arg;
		next->arg.in.request = as_password(chain->id);
		next->arg.in.put.name = obol_bytes_str("a");
		next->arg.in.put.generation = 2;
		next->arg.in.put.base_version = (uint64_t)chain->n - 1;
		obol_store_submit(chain->f->store, &next->op);
	}
}

/** What callbacks submit is done within the same flush. */
START_TEST(callbacks_submit)
{
	struct chain *chain = calloc(1, sizeof(*chain));
	struct obol_store_account_find find = { .in.name =
												obol_bytes_str("alice") };
	struct obol_store_op op = { .verb = OBOL_STORE_ACCOUNT_FIND,
								.done = submit_next,
								.ctx = chain,
								.arg.account_find = &find };
	struct obol_store *other;
	struct fixture f;

	fixture_init(&f, _i);
	chain->f = &f;
	chain->id = add_active(&f, "alice");
	obol_store_submit(f.store, &op);
	obol_store_flush(f.store);
	ck_assert_int_eq(chain->n, 5);
	/* another connection sees it */
	other = fixture_open(&f);
	obol_store_close(f.store);
	f.store = other;
	ck_assert_int_eq(put(&f, chain->id, "a", 4, "x"), OBOL_OK);
	free(chain);
	fixture_clear(&f);
}
END_TEST

/** Closing makes durable what was submitted. */
START_TEST(closed)
{
	struct put_op op;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	submit_put(&f, &op, id, "a", 0);
	obol_store_close(f.store);
	ck_assert_int_eq(op.n_called, 1);
	ck_assert_int_eq(op.status, OBOL_OK);
	f.store = fixture_open(&f);
	ck_assert_int_eq(put(&f, id, "a", 1, "x"), OBOL_OK);
	fixture_clear(&f);
}
END_TEST

Suite *store_group_suite(void)
{
	Suite *suite = suite_create("store: group");
	TCase *tc = tcase_create("group");

	tcase_add_loop_test(tc, one_fails, 0, N_BACKENDS);
	tcase_add_loop_test(tc, nothing_left, 0, N_BACKENDS);
	tcase_add_loop_test(tc, views_hold, 0, N_BACKENDS);
	tcase_add_loop_test(tc, callbacks_submit, 0, N_BACKENDS);
	tcase_add_loop_test(tc, closed, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
