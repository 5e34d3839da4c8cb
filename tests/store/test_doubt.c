/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk that fails under the embedded store's log: what is told of a commit,
 * and what a crash makes of it. */
#include "store/fixture.h"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *store_doubt_suite(void);

/** The log's own functions, and what they say instead; OK: what they do. */
static const sqlite3_io_methods *log_methods;
static sqlite3_io_methods failing_methods;
static int write_says, sync_says;
static sqlite3_vfs failing_vfs, *real_vfs;

static int write_log(sqlite3_file *file, const void *bytes, int len,
					 sqlite3_int64 at)
{
	return write_says ? write_says : log_methods->xWrite(file, bytes, len, at);
}

static int sync_log(sqlite3_file *file, int flags)
{
	return sync_says ? sync_says : log_methods->xSync(file, flags);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
					 int flags, int *flags_out)
{
	int code = real_vfs->xOpen(real_vfs, name, file, flags, flags_out);

	(void)vfs;
	if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL))
	{
		log_methods = file->pMethods;
		failing_methods = *log_methods;
		failing_methods.xWrite = write_log;
		failing_methods.xSync = sync_log;
		file->pMethods = &failing_methods;
	}
	return code;
}

static struct fixture f;
static int64_t alice;

static void setup(void)
{
	write_says = SQLITE_OK;
	sync_says = SQLITE_OK;
	real_vfs = sqlite3_vfs_find(NULL);
	failing_vfs = *real_vfs;
	failing_vfs.zName = "failing";
	failing_vfs.xOpen = open_file;
	ck_assert_int_eq(sqlite3_vfs_register(&failing_vfs, 1), SQLITE_OK);
	fixture_init(&f, 0);
	alice = add_active(&f, "alice");
}

static void teardown(void)
{
	fixture_clear(&f);
	(void)sqlite3_vfs_unregister(&failing_vfs);
}

static unsigned n_credentials(void)
{
	struct obol_store_list list = { .in = as_password(alice) };

	RUN(&f, OBOL_STORE_LIST, &list, OBOL_OK);
	return list.out.n_items;
}

/** What the disk says, and what is told of it; IO: it may be done or not. */
static const struct {
	int write_says;
	int sync_says;
	enum obol_status told;
} cases[] = {
	{ SQLITE_OK, SQLITE_IOERR_FSYNC, OBOL_ERR_IO },
	{ SQLITE_FULL, SQLITE_OK, OBOL_ERR_STORE },
	{ SQLITE_IOERR_WRITE, SQLITE_OK, OBOL_ERR_STORE },
};

START_TEST(told)
{
	write_says = cases[_i].write_says;
	sync_says = cases[_i].sync_says;
	ck_assert_str_eq(obol_status_name(put(&f, alice, "vpn", 0, "sealed")),
					 obol_status_name(cases[_i].told));
	write_says = SQLITE_OK;
	sync_says = SQLITE_OK;
	/* nobody sees it as long as there is no crash, and all goes on */
	ck_assert_uint_eq(n_credentials(), 0);
	ck_assert_int_eq(put(&f, alice, "vpn", 0, "sealed"), OBOL_OK);
	ck_assert_uint_eq(n_credentials(), 1);
}
END_TEST

/** All operations of a commit share its fate. */
START_TEST(told_to_all)
{
	struct obol_store_login_begin begins[2];
	struct obol_store_op ops[2];
	size_t i;

	memset(begins, 0, sizeof(begins));
	memset(ops, 0, sizeof(ops));
	sync_says = SQLITE_IOERR_FSYNC;
	for (i = 0; i < 2; i++)
	{
		begins[i].in.name = obol_bytes_str(i ? "alice" : "nobody");
		begins[i].in.kind = OBOL_SLOT_PASSWORD;
		begins[i].in.guess_key[0] = (uint8_t)i;
		begins[i].in.now = NOW;
		ops[i].verb = OBOL_STORE_LOGIN_BEGIN;
		ops[i].arg.login_begin = &begins[i];
		obol_store_submit(f.store, &ops[i]);
	}
	obol_store_flush(f.store);
	for (i = 0; i < 2; i++)
	{
		ck_assert_int_eq(ops[i].status, OBOL_ERR_STORE);
		ck_assert(ops[i].is_in_doubt);
	}
}
END_TEST

/** In a process that is gone like one that was killed: a commit that fails,
 * and perhaps one that does not. */
static void fail_and_crash(bool has_next)
{
	pid_t pid;
	int status;

	/* whoever had it open would know what counts of the log */
	obol_store_close(f.store);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		bool good;

		f.store = fixture_open(&f);
		/* so that it is not about the beginning of a new log */
		good = put(&f, alice, "mail", 0, "sealed") == OBOL_OK;
		sync_says = SQLITE_IOERR_FSYNC;
		good = good && put(&f, alice, "vpn", 0, "sealed") == OBOL_ERR_IO;
		sync_says = SQLITE_OK;
		good = good &&
			   (!has_next || put(&f, alice, "mail", 1, "sealed") == OBOL_OK);
		_exit(good ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	f.store = fixture_open(&f);
}

/** This is why it is in doubt: after a crash it is there. */
START_TEST(done_after_a_crash)
{
	fail_and_crash(false);
	ck_assert_uint_eq(n_credentials(), 2);
	ck_assert_int_eq(put(&f, alice, "vpn", 1, "sealed"), OBOL_OK);
}
END_TEST

/** The next commit settles it: whoever has logged in sees what holds. */
START_TEST(settled_by_the_next)
{
	fail_and_crash(true);
	ck_assert_uint_eq(n_credentials(), 1);
	ck_assert_int_eq(put(&f, alice, "mail", 2, "sealed"), OBOL_OK);
	ck_assert_int_eq(put(&f, alice, "vpn", 0, "sealed"), OBOL_OK);
}
END_TEST

Suite *store_doubt_suite(void)
{
	Suite *suite = suite_create("store: doubt");
	TCase *tcase = tcase_create("doubt");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, told, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, told_to_all);
	tcase_add_test(tcase, done_after_a_crash);
	tcase_add_test(tcase, settled_by_the_next);
	suite_add_tcase(suite, tcase);
	return suite;
}
