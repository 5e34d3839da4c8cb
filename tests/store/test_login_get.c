/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Get that is done together with the login that it came behind. */
#include "store/fixture.h"

#include <stdio.h>
#include <stdlib.h>

Suite *store_login_get_suite(void);

static struct fixture f;
static int64_t alice;
static struct obol_store_get *get;
static struct obol_store_login_done done;

/** Alice with two credentials, and a Get of the one that is named, or of all.
 */
static void begin(int i, const char *name)
{
	struct obol_store_login_begin begun;

	fixture_init(&f, i);
	alice = add_active(&f, "alice");
	ck_assert_int_eq(put(&f, alice, "one", 0, "sealed one"), OBOL_OK);
	ck_assert_int_eq(put(&f, alice, "two", 0, "sealed two"), OBOL_OK);
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	done = done_with(&begun, NOW);
	get = calloc(1, sizeof(*get));
	ck_assert_ptr_nonnull(get);
	get->in.request = as_password(alice);
	/* the login has to find it out */
	get->in.request.generation = 0;
	get->in.get.name = obol_bytes_str(name);
	get->in.size_max = 100000;
	done.in.get = get;
}

static void end(void)
{
	free(get);
	fixture_clear(&f);
}

/** The account's newest lines, newest first: "operation reply;" each. */
static const char *newest_lines(uint16_t n)
{
	static struct obol_store_history history;
	static char text[200];
	size_t len = 0, i;

	history.in.account_id = alice;
	history.in.limit = n;
	RUN(&f, OBOL_STORE_HISTORY, &history, OBOL_OK);
	text[0] = '\0';
	for (i = 0; i < history.out.answer.n_items; i++)
	{
		const struct obol_history_item *item = &history.out.answer.items[i];

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u %u;",
								item->operation, item->reply);
	}
	return text;
}

static void set_state(enum obol_account_state state)
{
	struct obol_store_account_set_state arg = {
		.in = { .account_id = alice, .state = state, .now = NOW }
	};

	RUN(&f, OBOL_STORE_ACCOUNT_SET_STATE, &arg, OBOL_OK);
}

START_TEST(one)
{
	begin(_i, "two");
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert(done.out.has_get);
	ck_assert_uint_eq(get->in.request.generation, 2);
	ck_assert(!get->out.more && !get->out.unchanged);
	ck_assert_uint_eq(get->out.n_items, 1);
	ck_assert_uint_eq(get->out.items[0].version, 1);
	ck_assert(
		obol_bytes_eq(get->out.items[0].name, obol_bytes_str("two")) &&
		obol_bytes_eq(get->out.items[0].sealed, obol_bytes_str("sealed two")));
	/* the same two rows as of two operations, in their order */
	ck_assert_str_eq(newest_lines(2), "2 200;1 200;");
	ck_assert_str_eq(newest_line(&f, alice), "2 200 1 two version 1");
	end();
}
END_TEST

START_TEST(all)
{
	begin(_i, "");
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert(done.out.has_get);
	ck_assert_uint_eq(get->out.n_items, 2);
	ck_assert(
		obol_bytes_eq(get->out.items[1].sealed, obol_bytes_str("sealed two")));
	ck_assert_str_eq(newest_line(&f, alice), "2 200 1 all");
	end();
}
END_TEST

/* What is held already is not sent, and leaves no row. */
START_TEST(unchanged)
{
	begin(_i, "two");
	get->in.get.held_version = 1;
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert(done.out.has_get);
	ck_assert(get->out.unchanged);
	ck_assert_str_eq(newest_lines(1), "1 200;");
	end();
}
END_TEST

START_TEST(without)
{
	begin(_i, "");
	done.in.get = NULL;
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert(!done.out.has_get);
	ck_assert_str_eq(newest_lines(1), "1 200;");
	end();
}
END_TEST

/* The login stands, and a GET of its own is told what it always was. */
START_TEST(name_is_not_there)
{
	begin(_i, "three");
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert(!done.out.has_get);
	ck_assert_uint_eq(done.out.generation, 2);
	ck_assert_str_eq(newest_lines(1), "1 200;");
	ck_assert_uint_eq(account_named(&f, "alice").last_login_at, NOW);
	RUN(&f, OBOL_STORE_GET, get, OBOL_ERR_NOT_FOUND);
	end();
}
END_TEST

/* A login that leads nowhere reads nothing. */
START_TEST(refused)
{
	begin(_i, "two");
	set_state(OBOL_ACCOUNT_DISABLED);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_ERR_DENIED);
	ck_assert(!done.out.has_get);
	ck_assert_uint_eq(get->out.n_items, 0);
	ck_assert_str_eq(newest_lines(1), "1 538;");
	/* the same one once it is enabled */
	set_state(OBOL_ACCOUNT_ACTIVE);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert(done.out.has_get);
	end();
}
END_TEST

/* The slot is another one than KE2 was made from. */
START_TEST(slot_replaced)
{
	struct obol_store_slot_put replace;

	begin(_i, "two");
	replace.in.request = as_password(alice);
	replace.in.slot = make_slot(OBOL_SLOT_PASSWORD, 0, 2, 9);
	RUN(&f, OBOL_STORE_SLOT_PUT, &replace, OBOL_OK);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_ERR_DENIED);
	ck_assert(!done.out.has_get);
	ck_assert_uint_eq(get->out.n_items, 0);
	end();
}
END_TEST

/* Gateways may ask for nothing of the kind. */
START_TEST(gateway)
{
	struct obol_store_account_add add = {
		.in = { .account = { .name = "gate",
							 .state = OBOL_ACCOUNT_ACTIVE,
							 .kind = OBOL_ACCOUNT_GATEWAY,
							 .generation = 1 },
				.activation = make_slot(OBOL_SLOT_ACTIVATION, 0, 1, 1),
				.now = NOW }
	};
	struct obol_store_login_begin begun;

	begin(_i, "");
	RUN(&f, OBOL_STORE_ACCOUNT_ADD, &add, OBOL_OK);
	begun = begin_login(&f, "gate", OBOL_SLOT_ACTIVATION, 0, NOW);
	done = done_with(&begun, NOW);
	get->in.request.account_id = add.out.account_id;
	get->in.request.actor = done.in.actor;
	done.in.get = get;
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert(!done.out.has_get);
	ck_assert_str_eq(newest_line(&f, add.out.account_id), "1 200 2 ");
	end();
}
END_TEST

Suite *store_login_get_suite(void)
{
	Suite *suite = suite_create("store_login_get");
	TCase *tc = tcase_create("login_get");

	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, one, 0, N_BACKENDS);
	tcase_add_loop_test(tc, all, 0, N_BACKENDS);
	tcase_add_loop_test(tc, unchanged, 0, N_BACKENDS);
	tcase_add_loop_test(tc, without, 0, N_BACKENDS);
	tcase_add_loop_test(tc, name_is_not_there, 0, N_BACKENDS);
	tcase_add_loop_test(tc, refused, 0, N_BACKENDS);
	tcase_add_loop_test(tc, slot_replaced, 0, N_BACKENDS);
	tcase_add_loop_test(tc, gateway, 0, N_BACKENDS);
	return suite;
}
