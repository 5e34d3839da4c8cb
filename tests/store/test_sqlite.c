/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the embedded store has: its file, schema, and a full disk. */
#include "store/fixture.h"

#include "store/schema.h"
#include "store/store_sqlite_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *store_sqlite_suite(void);

static const char *path_of(struct fixture *f)
{
	return tempdir_file(&f->dir, "obol.db");
}

static enum obol_status try_open(const char *path, bool create, char *why,
								 size_t size)
{
	struct obol_store_sqlite_options options = {
		.path = path,
		.create = create,
		.guess_rows_max = 10,
		.rng = obol_rng_system(),
	};
	struct obol_store *store = NULL;
	enum obol_status status =
		obol_store_sqlite_open(&options, &store, why, size);

	obol_store_close(store);
	return status;
}

static sqlite3 *raw(struct fixture *f)
{
	return ((struct obol_sqlite_store *)f->store)->sqlite.db;
}

static void execute(sqlite3 *db, const char *sql)
{
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s",
				  sqlite3_errmsg(db));
}

START_TEST(files)
{
	struct fixture f;
	struct stat st;
	char why[256];

	fixture_init(&f, 0);
	ck_assert_int_eq(stat(path_of(&f), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(tempdir_file(&f.dir, "obol.db-wal"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);

	ck_assert_int_eq(try_open(path_of(&f), true, why, sizeof(why)),
					 OBOL_ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(why, "is there already"));
	ck_assert_int_eq(
		try_open(tempdir_file(&f.dir, "none.db"), false, why, sizeof(why)),
		OBOL_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(why, "obolctl init"));
	ck_assert_int_eq(try_open("/nonexistent/obol.db", true, why, sizeof(why)),
					 OBOL_ERR_STORE);
	ck_assert_int_eq(chmod(path_of(&f), 0640), 0);
	ck_assert_int_eq(try_open(path_of(&f), false, why, sizeof(why)),
					 OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "chmod 600"));
	ck_assert_int_eq(chmod(path_of(&f), 0600), 0);
	ck_assert_int_eq(try_open(path_of(&f), false, why, sizeof(why)), OBOL_OK);
	fixture_clear(&f);
}
END_TEST

START_TEST(no_database)
{
	struct tempdir dir;
	char text[4096];
	char why[256];
	sqlite3 *db;

	tempdir_init(&dir);
	memset(text, 'x', sizeof(text));
	tempdir_write(&dir, "text.db", text, sizeof(text), 0600);
	ck_assert_int_eq(
		try_open(tempdir_file(&dir, "text.db"), false, why, sizeof(why)),
		OBOL_ERR_STORE);
	ck_assert_str_ne(why, "");
	/* somebody else's database is left alone */
	ck_assert_int_eq(sqlite3_open(tempdir_file(&dir, "other.db"), &db),
					 SQLITE_OK);
	execute(db, "CREATE TABLE account (x)");
	(void)sqlite3_close(db);
	ck_assert_int_eq(chmod(tempdir_file(&dir, "other.db"), 0600), 0);
	ck_assert_int_eq(
		try_open(tempdir_file(&dir, "other.db"), false, why, sizeof(why)),
		OBOL_ERR_STORE);
	ck_assert_ptr_nonnull(strstr(why, "no Obol database"));
	tempdir_clear(&dir);
}
END_TEST

START_TEST(newer_schema)
{
	struct fixture f;
	char why[256];
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	execute(raw(&f), "UPDATE meta SET value = 77 WHERE name = 'schema'");
	ck_assert_int_eq(try_open(path_of(&f), false, why, sizeof(why)),
					 OBOL_ERR_VERSION);
	ck_assert_ptr_nonnull(strstr(why, "schema 77"));
	ck_assert_ptr_nonnull(strstr(why, "newer"));
	/* it was not touched: the version that wrote it goes on */
	execute(raw(&f), "UPDATE meta SET value = 1 WHERE name = 'schema'");
	ck_assert_int_eq(account_named(&f, "alice").id, id);
	fixture_clear(&f);
}
END_TEST

START_TEST(migrations)
{
	static const struct obol_migration steps[] = {
		{ "CREATE TABLE meta (name TEXT PRIMARY KEY, value); "
		  "CREATE TABLE a (x)" },
		{ "CREATE TABLE b (x)" },
		{ "CREATE TABLE c (x); CREATE TABLE a (x)" },
	};
	unsigned version;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	ck_assert_int_eq(obol_schema_migrate(db, steps, 1, &version), OBOL_OK);
	ck_assert_uint_eq(version, 1);
	execute(db, "INSERT INTO a VALUES (5)");
	ck_assert_int_eq(obol_schema_migrate(db, steps, 2, &version), OBOL_OK);
	ck_assert_uint_eq(version, 2);
	execute(db, "INSERT INTO b VALUES (5)");
	ck_assert_int_eq(obol_schema_migrate(db, steps, 1, &version),
					 OBOL_ERR_VERSION);
	ck_assert_uint_eq(version, 2);
	/* a step that fails leaves nothing of itself */
	ck_assert_int_eq(obol_schema_migrate(db, steps, 3, &version),
					 OBOL_ERR_STORE);
	execute(db, "CREATE TABLE c (x)");
	ck_assert_int_eq(obol_schema_migrate(db, steps, 2, &version), OBOL_OK);
	(void)sqlite3_close(db);
}
END_TEST

static void limit_pages(struct fixture *f, int extra)
{
	char sql[96];

	(void)snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %d",
				   extra < 0 ? 1000000 : extra);
	execute(raw(f), sql);
}

static int page_count(struct fixture *f)
{
	sqlite3_stmt *stmt;
	int n;

	ck_assert_int_eq(
		sqlite3_prepare_v2(raw(f), "PRAGMA page_count", -1, &stmt, NULL),
		SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return n;
}

/** No room: STORE, what was there is there, and with room it goes on. */
START_TEST(full_disk)
{
	struct obol_store_get *get = calloc(1, sizeof(*get));
	struct obol_store_list list = { 0 };
	struct obol_store_login_begin begun;
	char *body = malloc(100001);
	struct fixture f;
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	memset(body, 'y', 100000);
	body[100000] = '\0';
	ck_assert_int_eq(put(&f, id, "vpn", 0, "small"), OBOL_OK);
	limit_pages(&f, page_count(&f) + 5);
	ck_assert_int_eq(put(&f, id, "vpn", 1, body), OBOL_ERR_STORE);
	list.in = as_password(id);
	RUN(&f, OBOL_STORE_LIST, &list, OBOL_OK);
	ck_assert_uint_eq(list.out.n_items, 1);
	get->in.request = as_password(id);
	get->in.get.name = obol_bytes_str("vpn");
	get->in.size_max = 4096;
	RUN(&f, OBOL_STORE_GET, get, OBOL_OK);
	ck_assert_uint_eq(get->out.items[0].version, 1);
	ck_assert(obol_bytes_eq(get->out.items[0].sealed, obol_bytes_str("small")));
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	ck_assert(begun.out.found);
	limit_pages(&f, -1);
	ck_assert_int_eq(put(&f, id, "vpn", 1, body), OBOL_OK);
	free(body);
	free(get);
	fixture_clear(&f);
}
END_TEST

/** SQLite gives up the group's transaction: all of it is told STORE. */
START_TEST(group_given_up)
{
	struct obol_store_put first = { 0 }, second = { 0 };
	struct obol_store_list list = { 0 };
	struct obol_store_op ops[3] = {
		{ .verb = OBOL_STORE_PUT, .arg.put = &first },
		{ .verb = OBOL_STORE_PUT, .arg.put = &second },
		{ .verb = OBOL_STORE_LIST, .arg.list = &list },
	};
	struct fixture f;
	int64_t id;
	int i;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	first.in.request = as_password(id);
	first.in.put.name = obol_bytes_str("a");
	first.in.put.generation = 2;
	first.in.put.sealed = obol_bytes_str("x");
	second = first;
	second.in.put.name = obol_bytes_str("b");
	list.in = as_password(id);
	obol_store_submit(f.store, &ops[0]);
	/* as an I/O error does it, behind the store's back */
	execute(raw(&f), "ROLLBACK");
	obol_store_submit(f.store, &ops[1]);
	obol_store_submit(f.store, &ops[2]);
	obol_store_flush(f.store);
	for (i = 0; i < 3; i++)
	{
		ck_assert_int_eq(ops[i].status, OBOL_ERR_STORE);
		ck_assert_int_eq(ops[i].reply, OBOL_REPLY_TEMPORARY);
	}
	RUN(&f, OBOL_STORE_LIST, &list, OBOL_OK);
	ck_assert_uint_eq(list.out.n_items, 0);
	ck_assert_int_eq(put(&f, id, "a", 0, "x"), OBOL_OK);
	fixture_clear(&f);
}
END_TEST

/** The commit itself fails: nobody is told OK, nothing is to be seen. */
START_TEST(commit_fails)
{
	struct obol_store_put arg = { 0 };
	struct obol_store_op op = { .verb = OBOL_STORE_PUT, .arg.put = &arg };
	struct obol_store_list list = { 0 };
	struct fixture f;
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	arg.in.request = as_password(id);
	arg.in.put.name = obol_bytes_str("a");
	arg.in.put.generation = 2;
	arg.in.put.sealed = obol_bytes_str("x");
	list.in = as_password(id);
	obol_store_submit(f.store, &op);
	/* a reference that is wrong at the end of the transaction */
	execute(raw(&f), "PRAGMA defer_foreign_keys = ON;"
					 "INSERT INTO stage VALUES (999, x'00', 'n', 1, 0, 1, 0, "
					 "x'00')");
	obol_store_flush(f.store);
	ck_assert_int_eq(op.status, OBOL_ERR_STORE);
	RUN(&f, OBOL_STORE_LIST, &list, OBOL_OK);
	ck_assert_uint_eq(list.out.n_items, 0);
	fixture_clear(&f);
}
END_TEST

START_TEST(damaged_row)
{
	struct obol_store_login_begin begin = { .in = { .name =
														obol_bytes_str("alice"),
													.kind = OBOL_SLOT_PASSWORD,
													.now = NOW } };
	struct fixture f;

	fixture_init(&f, 0);
	(void)add_active(&f, "alice");
	execute(raw(&f), "UPDATE slot SET record = x'0102' WHERE kind = 1");
	RUN(&f, OBOL_STORE_LOGIN_BEGIN, &begin, OBOL_ERR_STORE);
	execute(raw(&f), "UPDATE slot SET record = zeroblob(129), "
					 "wrap = zeroblob(300) WHERE kind = 1");
	RUN(&f, OBOL_STORE_LOGIN_BEGIN, &begin, OBOL_ERR_STORE);
	execute(raw(&f), "UPDATE slot SET wrap = zeroblob(200)");
	RUN(&f, OBOL_STORE_LOGIN_BEGIN, &begin, OBOL_OK);
	execute(raw(&f), "UPDATE guess SET guesses = x'01'");
	RUN(&f, OBOL_STORE_LOGIN_BEGIN, &begin, OBOL_ERR_STORE);
	fixture_clear(&f);
}
END_TEST

START_TEST(backup)
{
	struct fixture f, copy;
	struct stat st;
	int64_t id;

	fixture_init(&f, 0);
	tempdir_init(&copy.dir);
	copy.backend = f.backend;
	id = add_active(&f, "alice");
	ck_assert_int_eq(put(&f, id, "vpn", 0, "x"), OBOL_OK);
	ck_assert_int_eq(
		obol_store_sqlite_backup(f.store, tempdir_file(&copy.dir, "obol.db")),
		OBOL_OK);
	ck_assert_int_eq(stat(tempdir_file(&copy.dir, "obol.db"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(
		obol_store_sqlite_backup(f.store, tempdir_file(&copy.dir, "obol.db")),
		OBOL_ERR_EXISTS);
	ck_assert_int_eq(obol_store_sqlite_backup(f.store, "/nonexistent/obol.db"),
					 OBOL_ERR_IO);
	ck_assert_int_eq(put(&f, id, "vpn", 1, "later"), OBOL_OK);
	copy.store = fixture_open(&copy);
	ck_assert_mem_eq(copy.store->id_key, f.store->id_key, 32);
	ck_assert_int_eq(put(&copy, id, "vpn", 1, "there"), OBOL_OK);
	fixture_clear(&copy);
	fixture_clear(&f);
}
END_TEST

/** True when a file of the database has the text. */
static bool holds(struct fixture *f, const char *text)
{
	static const char *const names[] = { "obol.db", "obol.db-wal" };
	size_t size = 8 << 20;
	char *bytes = malloc(size);
	bool found = false;
	size_t i;

	for (i = 0; i < 2; i++)
	{
		size_t len = tempdir_read(&f->dir, names[i], bytes, size);

		found = found || memmem(bytes, len, text, strlen(text));
	}
	free(bytes);
	return found;
}

START_TEST(strangers_names)
{
	struct obol_store_login_failed failed = {
		.in = { .actor = actor_of(OBOL_SLOT_PASSWORD, 0), .now = NOW }
	};
	struct fixture f;

	fixture_init(&f, 0);
	(void)add_active(&f, "known-name");
	ck_assert(holds(&f, "known-name"));
	(void)begin_login(&f, "stranger-name", OBOL_SLOT_PASSWORD, 0, NOW);
	RUN(&f, OBOL_STORE_LOGIN_FAILED, &failed, OBOL_OK);
	ck_assert(!holds(&f, "stranger-name"));
	fixture_clear(&f);
}
END_TEST

Suite *store_sqlite_suite(void)
{
	Suite *suite = suite_create("store: sqlite");
	TCase *tc = tcase_create("sqlite");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, files);
	tcase_add_test(tc, no_database);
	tcase_add_test(tc, newer_schema);
	tcase_add_test(tc, migrations);
	tcase_add_test(tc, full_disk);
	tcase_add_test(tc, group_given_up);
	tcase_add_test(tc, commit_fails);
	tcase_add_test(tc, damaged_row);
	tcase_add_test(tc, backup);
	tcase_add_test(tc, strangers_names);
	suite_add_tcase(suite, tc);
	return suite;
}
