/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging in at PostgreSQL: what a server's refusal is told by, and passwords
 * of any length. */
#include "store/fixture.h"

#include "store/store_open.h"
#include "support/postgresql.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *store_postgresql_login_suite(void);

/** Of backends[]. */
#define POSTGRESQL 1
#define ANSWERS_MAX 3
/** Longer than an old libpq took them, and than a short buffer. */
#define LONG_PASSWORD 1000

static struct obol_store *open_store(const char *target,
									 enum obol_status expected, char *why,
									 size_t size)
{
	struct obol_store_options options = {
		.database = target,
		.guess_rows_max = 10,
		.rng = obol_rng_system(),
	};
	struct obol_store *store = NULL;
	enum obol_status status = obol_store_open(&options, &store, why, size);

	ck_assert_msg(status == expected, "%s: %s", obol_status_name(status), why);
	return store;
}

/*
 * A server that refuses
 */

/** What it says, and how often it is asked: once for each. */
static const struct refusal {
	const char *states[ANSWERS_MAX];
	const char *text;
} refusals[] = {
	/* in a language that nobody looks for words of */
	{ { "28P01" }, "Passwort-Authentifizierung fehlgeschlagen" },
	{ { "28000" }, "kein pg_hba-Eintrag: 99999:  12345: " },
	{ { "3D000" }, "Datenbank existiert nicht" },
	{ { "42501" }, "keine Berechtigung" },
	/* not yet, whatever words it uses: it is asked again */
	{ { "57P03", "53300", "28P01" }, "database does not exist" },
};

static size_t put_field(char *at, char kind, const char *text)
{
	at[0] = kind;
	memcpy(at + 1, text, strlen(text) + 1);
	return strlen(text) + 2;
}

static void refuse(int fd, const char *state, const char *text)
{
	char bytes[512] = { 'E' };
	size_t len = 5;

	/* the start-up message, before the answer to it */
	(void)!read(fd, bytes + 1, sizeof(bytes) - 1);
	len += put_field(bytes + len, 'S', "SCHWERWIEGEND");
	len += put_field(bytes + len, 'V', "FATAL");
	len += put_field(bytes + len, 'C', state);
	len += put_field(bytes + len, 'M', text);
	bytes[len++] = '\0';
	bytes[1] = bytes[2] = 0;
	bytes[3] = (char)((len - 1) >> 8);
	bytes[4] = (char)(len - 1);
	(void)!write(fd, bytes, len);
	(void)shutdown(fd, SHUT_WR);
	(void)!read(fd, bytes, sizeof(bytes));
	(void)close(fd);
}

/** A process that answers so often, and ends. */
static pid_t start_refusing(const char *path, const struct refusal *refusal)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;
	size_t i;

	(void)strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(listen(listener, 4), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (i = 0; i < ANSWERS_MAX && refusal->states[i]; i++)
		{
			refuse(accept(listener, NULL, NULL), refusal->states[i],
				   refusal->text);
		}
		_exit(0);
	}
	(void)close(listener);
	return pid;
}

START_TEST(refused_by_state)
{
	const struct refusal *refusal = &refusals[_i];
	char target[256], why[512];
	struct tempdir dir;
	int status;
	pid_t pid;

	tempdir_init(&dir);
	pid = start_refusing(tempdir_file(&dir, ".s.PGSQL.5432"), refusal);
	(void)snprintf(target, sizeof(target), "host=%s dbname=obol user=obol",
				   dir.path);
	ck_assert_ptr_null(open_store(target, OBOL_ERR_DENIED, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, refusal->text));
	/* it was asked as often as it had an answer, and not again */
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	tempdir_clear(&dir);
}
END_TEST

/* Nobody answers at all: that is no refusal. */
START_TEST(nobody_there)
{
	char target[256], why[512];
	struct tempdir dir;

	tempdir_init(&dir);
	(void)snprintf(target, sizeof(target), "host=%s dbname=obol user=obol",
				   dir.path);
	ck_assert_ptr_null(
		open_store(target, OBOL_ERR_NOT_FOUND, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "cannot be reached"));
	tempdir_clear(&dir);
}
END_TEST

/*
 * Passwords
 */

/** A user of the database with this password, and a file that has it. */
static void make_user(struct fixture *f, const char *database,
					  const char *password)
{
	char text[LONG_PASSWORD + 128];

	(void)snprintf(text, sizeof(text),
				   "CREATE ROLE long LOGIN PASSWORD '%s' IN ROLE obol",
				   password);
	(void)postgresql_run(database, text);
	(void)snprintf(text, sizeof(text), "*:*:*:long:%s\n", password);
	tempdir_write(&f->dir, "pass", text, strlen(text), 0600);
}

/* obold gives up the right to read the file once it has the password, and its
 * later connections need all of it. */
START_TEST(long_password)
{
	char password[LONG_PASSWORD + 1], target[512], why[512];
	const char *database;
	struct fixture f;
	int64_t id;

	fixture_init(&f, POSTGRESQL);
	id = add_active(&f, "alice");
	database = strrchr(f.dir.path, '/') + 1;
	memset(password, 'x', LONG_PASSWORD);
	password[LONG_PASSWORD] = '\0';
	make_user(&f, database, password);
	(void)snprintf(target, sizeof(target), "%s passfile=%s",
				   postgresql_target(database, "long"),
				   tempdir_file(&f.dir, "pass"));
	obol_store_close(f.store);
	f.store = open_store(target, OBOL_OK, why, sizeof(why));
	ck_assert_int_eq(unlink(tempdir_file(&f.dir, "pass")), 0);
	(void)postgresql_run(database,
						 "SELECT count(pg_terminate_backend(pid)) FROM "
						 "pg_stat_activity WHERE usename = 'long'");
	ck_assert_int_eq(put(&f, id, "vpn", 0, "x"), OBOL_OK);
	/* a shorter one is another one */
	password[LONG_PASSWORD - 1] = '\0';
	(void)snprintf(why, sizeof(why), "*:*:*:long:%.256s\n", password);
	tempdir_write(&f.dir, "pass", why, strlen(why), 0600);
	ck_assert_ptr_null(open_store(target, OBOL_ERR_DENIED, why, sizeof(why)));
	ck_assert_ptr_null(strstr(why, "xxxx"));
	obol_store_close(f.store);
	f.store = NULL;
	(void)postgresql_run(database, "DROP ROLE long");
	fixture_clear(&f);
}
END_TEST

Suite *store_postgresql_login_suite(void)
{
	Suite *suite = suite_create("store: PostgreSQL, logging in");
	TCase *tc = tcase_create("login");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, refused_by_state, 0,
						(int)(sizeof(refusals) / sizeof(refusals[0])));
	tcase_add_test(tc, nobody_there);
	tcase_add_test(tc, long_password);
	suite_add_tcase(suite, tc);
	return suite;
}
