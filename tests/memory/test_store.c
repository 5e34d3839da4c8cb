/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store, and the server's keys: without memory. */
#include <stdio.h>

#include "memory/fail_each.h"
#include "server/world.h"
#include "store/store_login.h"
#include "store/store_sqlite.h"

Suite *memory_store_suite(void);

static struct world w;

static void setup(void)
{
	struct link l;

	world_begin(&w);
	(void)world_add(&w, "alice");
	world_activate(&w, "alice");
	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "sealed"), 1);
	link_close(&l);
	world_stop(&w);
}

static void teardown(void)
{
	world_clear(&w);
}

static enum obol_status login_of_alice(const struct obol_store *store,
									   struct obol_store_login_begin *begin)
{
	*begin = (struct obol_store_login_begin){
		.in = { .name = obol_bytes_str("alice"),
				.kind = OBOL_SLOT_DEVICE,
				.now = WORLD_NOW },
	};

	memcpy(begin->in.device_id, device_one, sizeof(begin->in.device_id));
	return obol_store_guess_key(store, begin->in.kind, begin->in.name,
								begin->in.device_id, begin->in.guess_key);
}

/** The credential comes along with the login, or the login comes alone. */
static bool log_in(struct obol_store *store)
{
	static struct obol_store_get get;
	struct obol_store_login_begin begin;
	struct obol_store_login_done done = {
		.in = { .actor = { .kind = OBOL_SLOT_DEVICE, .source = "192.0.2.1" },
				.now = WORLD_NOW },
	};

	if (login_of_alice(store, &begin) != OBOL_OK ||
		obol_store_run(store, OBOL_STORE_LOGIN_BEGIN, &begin) != OBOL_OK)
	{
		return false;
	}
	MUST(begin.out.found && !begin.out.later_s);
	done.in.account_id = begin.out.account_id;
	memcpy(done.in.actor.device_id, device_one, OBOL_DEVICE_ID_LEN);
	memcpy(done.in.guess_key, begin.in.guess_key, sizeof(done.in.guess_key));
	done.in.reservation = begin.out.reservation;
	done.in.slot_serial = begin.out.slot.serial;
	done.in.slot_generation = begin.out.slot.generation;
	get.in.request.account_id = begin.out.account_id;
	get.in.request.actor = done.in.actor;
	get.in.request.now = WORLD_NOW;
	get.in.get.name = obol_bytes_str("vpn");
	get.in.size_max = 1000;
	done.in.get = &get;
	if (obol_store_run(store, OBOL_STORE_LOGIN_DONE, &done) != OBOL_OK)
	{
		return false;
	}
	MUST(done.out.generation == 2);
	MUST(!done.out.has_get ||
		 (get.out.n_items == 1 &&
		  obol_bytes_eq(get.out.items[0].sealed, obol_bytes_str("sealed"))));
	return done.out.has_get;
}

static bool open_and_log_in(void *ctx)
{
	struct obol_store_sqlite_options options = {
		.path = tempdir_file(&w.dir, "obol.db"),
		.guess_rows_max = 10000,
		.rng = obol_rng_system(),
		.log = &w.log,
	};
	struct obol_store *store = NULL;
	char why[512] = "";
	bool good;

	(void)ctx;
	good =
		obol_store_sqlite_open(&options, &store, why, sizeof(why)) == OBOL_OK &&
		log_in(store);
	MUST(good || !store || !*why);
	obol_store_close(store);
	return good;
}

/* whose guess was not given back, as memory was out by then, pays with it */
static void forget_guesses(void *ctx)
{
	struct obol_store_login_begin begin;
	struct obol_store_account_unlock arg = {
		.in = { .account_id = world_account(&w, "alice").id,
				.n_keys = 1,
				.guess_keys =
					(const uint8_t(*)[OBOL_GUESS_KEY_LEN]) & begin.in.guess_key,
				.actor = { .source = "root" },
				.now = WORLD_NOW },
	};

	(void)ctx;
	w.logged_len = 0;
	ck_assert_int_eq(login_of_alice(w.options.store, &begin), OBOL_OK);
	world_run(&w, OBOL_STORE_ACCOUNT_UNLOCK, &arg);
}

static bool make(void *ctx)
{
	struct obol_store_sqlite_options options = {
		.path = tempdir_file(&w.dir, "new.db"),
		.create = true,
		.guess_rows_max = 10000,
		.rng = obol_rng_system(),
		.log = &w.log,
	};
	struct obol_store *store = NULL;
	char why[512] = "";
	enum obol_status status =
		obol_store_sqlite_open(&options, &store, why, sizeof(why));

	(void)ctx;
	/* what was begun does not stand in the way of the next try */
	MUST(status != OBOL_ERR_EXISTS);
	obol_store_close(store);
	return status == OBOL_OK;
}

static void forget_database(void *ctx)
{
	static const char *const names[] = { "new.db", "new.db-wal", "new.db-shm" };
	size_t i;

	(void)ctx;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		(void)remove(tempdir_file(&w.dir, names[i]));
	}
}

static bool load_keys(void *ctx)
{
	struct obol_server_keys *keys = NULL;
	char why[512] = "";
	bool good = obol_server_keys_load(tempdir_file(&w.dir, "keys"), &keys, why,
									  sizeof(why)) == OBOL_OK;

	(void)ctx;
	MUST(good || *why);
	obol_server_keys_free(keys);
	return good;
}

START_TEST(login)
{
	struct story story = {
		.prepare = forget_guesses,
		.run = open_and_log_in,
		.n_least = 1,
		.may_do_without = true,
	};

	fail_each_owner(&story);
	/* and the database is as it was */
	ck_assert(log_in(w.options.store));
}
END_TEST

START_TEST(create)
{
	struct story story = {
		.run = make,
		.tidy = forget_database,
		.n_least = 1,
		.may_do_without = true,
	};

	fail_each(&story, FAILING_OWN);
	fail_each(&story, FAILING_SQLITE);
}
END_TEST

START_TEST(keys)
{
	struct story story = {
		.run = load_keys,
		.n_least = 3,
		.may_do_without = true,
	};

	fail_each(&story, FAILING_OWN);
	fail_each(&story, FAILING_OPENSSL);
}
END_TEST

Suite *memory_store_suite(void)
{
	Suite *suite = suite_create("memory: store");
	TCase *tcase = tcase_create("out of memory");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, login);
	tcase_add_test(tcase, create);
	tcase_add_test(tcase, keys);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
