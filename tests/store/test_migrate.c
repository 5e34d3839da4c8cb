/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From SQLite to PostgreSQL: everything, once, or nothing. */
#include "store/fixture.h"

#include "store/store_migrate.h"
#include "support/postgresql.h"

Suite *store_migrate_suite(void);

/** Of backends[]. */
#define POSTGRESQL 1

static const char *database_of(const struct fixture *f)
{
	return strrchr(f->dir.path, '/') + 1;
}

struct seen_progress {
	uint64_t done;
	uint64_t total;
};

static void note_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct seen_progress *seen = ctx;

	ck_assert_uint_ge(done, seen->done);
	seen->done = done;
	seen->total = total;
}

/** One with something in many of its tables; the account that was removed has
 * the highest id. */
static int64_t fill_sqlite(struct fixture *f)
{
	struct obol_store_account_remove removal = { .in = { .now = NOW } };
	int64_t id = add_active(f, "alice");

	(void)add_account(f, "\xff bob");
	ck_assert_int_eq(put(f, id, "vpn", 0, "sealed bytes"), OBOL_OK);
	ck_assert_int_eq(put(f, id, "empty", 0, ""), OBOL_OK);
	(void)begin_login(f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	(void)begin_login(f, "stranger", OBOL_SLOT_PASSWORD, 0, NOW);
	removal.in.account_id = add_account(f, "gone");
	removal.in.actor = actor_of(0, 0);
	RUN(f, OBOL_STORE_ACCOUNT_REMOVE, &removal, OBOL_OK);
	return id;
}

static enum obol_status migrate(struct fixture *from, const struct fixture *to,
								struct obol_store_migrated *migrated, char *why,
								size_t size)
{
	struct seen_progress seen = { 0, 0 };
	struct obol_store_migrate_options options = {
		.from = tempdir_file(&from->dir, "obol.db"),
		.to = postgresql_target(database_of(to), "obol"),
		.rng = obol_rng_system(),
		.progress = note_progress,
		.ctx = &seen,
	};
	enum obol_status status = obol_store_migrate(&options, migrated, why, size);

	ck_assert(status != OBOL_OK ||
			  (seen.done == seen.total && seen.total == 2 * migrated->n_rows));
	return status;
}

START_TEST(migrated)
{
	struct obol_store_migrated result;
	struct fixture from, to;
	uint8_t id_key[32];
	char why[512];
	int64_t id;

	fixture_init(&from, 0);
	id = fill_sqlite(&from);
	memcpy(id_key, from.store->id_key, sizeof(id_key));
	tempdir_init(&to.dir);
	to.backend = &backends[POSTGRESQL];
	postgresql_make_database(database_of(&to));
	/* while it is used it is left alone, and so is the other one */
	ck_assert_int_eq(migrate(&from, &to, &result, why, sizeof(why)),
					 OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "stop obold"));
	obol_store_close(from.store);
	ck_assert_msg(migrate(&from, &to, &result, why, sizeof(why)) == OBOL_OK,
				  "%s", why);
	ck_assert_uint_eq(result.n_accounts, 2);
	ck_assert_uint_eq(strlen(result.digest), 64);
	/* it goes on there, as the same server */
	to.store = fixture_open(&to);
	ck_assert_mem_eq(to.store->id_key, id_key, sizeof(id_key));
	ck_assert_int_eq(account_named(&to, "alice").id, id);
	ck_assert_int_eq(put(&to, id, "vpn", 1, "x"), OBOL_OK);
	ck_assert_int_eq(add_account(&to, "carol"), id + 3);
	ck_assert_str_eq(postgresql_run(database_of(&to),
									"SELECT sum(value) FROM counter "
									"WHERE name = 'guess_rows'"),
					 "2");
	ck_assert_str_eq(postgresql_run(database_of(&to),
									"SELECT count(DISTINCT serial) = count(*) "
									"FROM slot"),
					 "t");
	/* what removed accounts were answered with */
	ck_assert_str_eq(
		postgresql_run(database_of(&to), "SELECT count(*) FROM gone"), "2");
	/* twice is once too often */
	ck_assert_int_eq(migrate(&from, &to, &result, why, sizeof(why)),
					 OBOL_ERR_EXISTS);
	from.store = fixture_open(&from);
	ck_assert_int_eq(put(&from, id, "vpn", 1, "x"), OBOL_OK);
	fixture_clear(&to);
	fixture_clear(&from);
}
END_TEST

/** What fails leaves nothing behind: the next try finds an empty database. */
START_TEST(migration_fails)
{
	struct obol_store_migrated result;
	struct fixture from, to;
	char why[512];

	fixture_init(&from, 0);
	(void)fill_sqlite(&from);
	obol_store_close(from.store);
	tempdir_init(&to.dir);
	postgresql_make_database(database_of(&to));
	(void)postgresql_run(
		database_of(&to),
		"CREATE FUNCTION public.no_index() RETURNS event_trigger LANGUAGE "
		"plpgsql AS $$BEGIN IF tg_tag = 'CREATE INDEX' THEN RAISE 'full'; "
		"END IF; END$$");
	(void)postgresql_run(database_of(&to),
						 "CREATE EVENT TRIGGER no_index ON ddl_command_end "
						 "EXECUTE FUNCTION public.no_index()");
	ck_assert_int_eq(migrate(&from, &to, &result, why, sizeof(why)),
					 OBOL_ERR_STORE);
	(void)postgresql_run(database_of(&to), "DROP EVENT TRIGGER no_index");
	ck_assert_msg(migrate(&from, &to, &result, why, sizeof(why)) == OBOL_OK,
				  "%s", why);
	tempdir_clear(&to.dir);
	tempdir_clear(&from.dir);
}
END_TEST

Suite *store_migrate_suite(void)
{
	Suite *suite = suite_create("store: migrate");
	TCase *tc = tcase_create("migrate");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, migrated);
	tcase_add_test(tc, migration_fails);
	suite_add_tcase(suite, tc);
	return suite;
}
