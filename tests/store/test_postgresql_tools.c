/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL as tools use it: with one connection, waiting. */
#include "store/fixture.h"

#include "store/store_open.h"
#include "support/postgresql.h"

#include <stdio.h>
#include <stdlib.h>

Suite *store_postgresql_tools_suite(void);

/** Of backends[]. */
#define POSTGRESQL 1

static const char *database_of(const struct fixture *f)
{
	return strrchr(f->dir.path, '/') + 1;
}

/** As obolctl opens it; more is appended to the connection string. */
static struct obol_store *open_one(const char *database, const char *more,
								   bool create)
{
	char target[512], why[512];
	struct obol_store_options options = {
		.database = target,
		.create = create,
		.guess_rows_max = 10,
		.rng = obol_rng_system(),
	};
	struct obol_store *store = NULL;

	(void)snprintf(target, sizeof(target), "%s%s",
				   postgresql_target(database, "obol"), more);
	ck_assert_msg(obol_store_open(&options, &store, why, sizeof(why)) ==
					  OBOL_OK,
				  "%s", why);
	return store;
}

/** What the server took along to its commit and has not answered is told apart
 * from what is not done. */
START_TEST(ended_at_commit)
{
	struct obol_store_put arg;
	struct obol_store *store;
	struct fixture f;
	int64_t id;

	fixture_init(&f, POSTGRESQL);
	id = add_active(&f, "alice");
	store = open_one(database_of(&f), "", false);
	(void)postgresql_run(database_of(&f),
						 "CREATE FUNCTION go() RETURNS trigger LANGUAGE "
						 "plpgsql AS $$BEGIN PERFORM "
						 "pg_terminate_backend(pg_backend_pid()); "
						 "RETURN NULL; END$$");
	(void)postgresql_run(database_of(&f),
						 "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON "
						 "credential DEFERRABLE INITIALLY DEFERRED FOR EACH "
						 "ROW EXECUTE FUNCTION go()");
	memset(&arg, 0, sizeof(arg));
	arg.in.request = as_password(id);
	arg.in.put.name = obol_bytes_str("vpn");
	arg.in.put.generation = 2;
	arg.in.put.sealed = obol_bytes_str("sealed");
	ck_assert_int_eq(obol_store_run(store, OBOL_STORE_PUT, &arg), OBOL_ERR_IO);
	/* and what is not done is called that */
	(void)postgresql_run(database_of(&f), "DROP TRIGGER late ON credential");
	(void)postgresql_run(database_of(&f),
						 "ALTER TABLE credential ADD CHECK (name <> 'vpn')");
	ck_assert_int_eq(obol_store_run(store, OBOL_STORE_PUT, &arg),
					 OBOL_ERR_STORE);
	obol_store_close(store);
	fixture_clear(&f);
}
END_TEST

/** Statements of a migration may take longer than those of a login may: a large
 * table is copied or gets an index. */
START_TEST(slow_migration)
{
	static const char database[] = "slow_migration";
	static const char options[] = " options='-c statement_timeout=300'";

	postgresql_make_database(database);
	(void)postgresql_run(database,
						 "CREATE FUNCTION public.wait() RETURNS event_trigger "
						 "LANGUAGE plpgsql AS $$BEGIN "
						 "PERFORM pg_sleep(0.4); END$$");
	(void)postgresql_run(database,
						 "CREATE EVENT TRIGGER slow ON ddl_command_start WHEN "
						 "TAG IN ('CREATE INDEX') "
						 "EXECUTE FUNCTION public.wait()");
	obol_store_close(open_one(database, options, true));
	/* what was lifted was lifted for that transaction alone */
	obol_store_close(open_one(database, options, false));
}
END_TEST

#define N_ADDS 60

/** Many operations that are waited for together may take longer, all of them,
 * than one may: as long as they get on, none is given up. */
START_TEST(a_long_batch)
{
	struct obol_store_account_add *adds = calloc(N_ADDS, sizeof(*adds));
	struct obol_store_op ops[N_ADDS];
	struct obol_store *store;
	struct fixture f;
	int i;

	fixture_init(&f, POSTGRESQL);
	store = open_one(database_of(&f), "", false);
	(void)postgresql_run(database_of(&f),
						 "CREATE FUNCTION slow() RETURNS trigger LANGUAGE "
						 "plpgsql AS $$BEGIN PERFORM pg_sleep(0.1); "
						 "RETURN NULL; END$$");
	(void)postgresql_run(database_of(&f),
						 "CREATE TRIGGER slow AFTER INSERT ON account "
						 "FOR EACH ROW EXECUTE FUNCTION slow()");
	for (i = 0; i < N_ADDS; i++)
	{
		struct obol_account *account = &adds[i].in.account;

		account->state = OBOL_ACCOUNT_ACTIVE;
		account->generation = 1;
		(void)snprintf(account->name, sizeof(account->name), "user%d", i);
		adds[i].in.activation = make_slot(OBOL_SLOT_ACTIVATION, 0, 1, 1);
		adds[i].in.now = NOW;
		ops[i] = (struct obol_store_op){ .verb = OBOL_STORE_ACCOUNT_ADD,
										 .arg.account_add = &adds[i] };
		obol_store_submit(store, &ops[i]);
	}
	obol_store_flush(store);
	for (i = 0; i < N_ADDS; i++)
	{
		ck_assert_str_eq(obol_status_name(ops[i].status), "ok");
	}
	free(adds);
	obol_store_close(store);
	fixture_clear(&f);
}
END_TEST

Suite *store_postgresql_tools_suite(void)
{
	Suite *suite = suite_create("store: postgresql, tools");
	TCase *tc = tcase_create("tools");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, ended_at_commit);
	tcase_add_test(tc, slow_migration);
	tcase_add_test(tc, a_long_batch);
	suite_add_tcase(suite, tc);
	return suite;
}
