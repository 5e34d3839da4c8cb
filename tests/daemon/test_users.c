/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keepers and signer as users of their own. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/running.h"
#include "support/run.h"

/** nobody, nogroup */
#define WORKERS 65534

static struct running r;

static void teardown(void)
{
	if (*r.world.dir.path)
	{
		running_clear(&r);
	}
}

static uid_t uid_of(pid_t pid)
{
	char path[64], line[256];
	unsigned uid = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) && sscanf(line, "Uid: %u", &uid) != 1)
	{
	}
	(void)fclose(f);
	return uid;
}

static pid_t one(const char *name)
{
	pid_t pid = 0;

	ck_assert_uint_eq(running_processes(&r, name, &pid, 1), 1);
	return pid;
}

/* What the workers' user may do: nothing to files with keys, nor to processes
 * that hold them; but to its own, so that the test shows something. */
static int try_as_worker(pid_t worker, pid_t keeper, pid_t signer)
{
	static const char *const names[] = { "keys", "ca.key", "tls.key" };
	size_t i;

	if (setgroups(0, NULL) != 0 || setgid(WORKERS) != 0 || setuid(WORKERS) != 0)
	{
		return 1;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		if (open(tempdir_file(&r.world.dir, names[i]), O_RDONLY) >= 0 ||
			errno != EACCES)
		{
			return 2;
		}
	}
	if (kill(keeper, 0) == 0 || errno != EPERM || kill(signer, 0) == 0 ||
		errno != EPERM)
	{
		return 3;
	}
	return kill(worker, 0) == 0 &&
				   open(tempdir_file(&r.world.dir, "obol.db"), O_RDWR) >= 0
			   ? 0
			   : 4;
}

START_TEST(test_out_of_reach)
{
	pid_t worker, keeper, signer, pid;
	int wait_status = -1;

	if (geteuid() != 0)
	{
		(void)fputs("not root: no other users\n", stderr);
		return;
	}
	running_init(&r, "keeper {\n\tuser = \"daemon\"\n}\n"
					 "signer {\n\tuser = \"bin\"\n}\n");
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	worker = one("obold-worker");
	keeper = one("obold-keeper");
	signer = one("obold-signer");
	ck_assert_uint_eq(uid_of(worker), WORKERS);
	ck_assert_uint_eq(uid_of(keeper), getpwnam("daemon")->pw_uid);
	ck_assert_uint_eq(uid_of(signer), getpwnam("bin")->pw_uid);
	pid = fork();
	if (pid == 0)
	{
		_exit(try_as_worker(worker, keeper, signer));
	}
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	ck_assert_int_eq(wait_status, 0);
}
END_TEST

/* Nobody named: the users that are there for it, else the workers'. */
START_TEST(test_nobody_named)
{
	const struct passwd *pw;
	uid_t keepers = WORKERS, signers = WORKERS;

	if (geteuid() != 0)
	{
		return;
	}
	running_init(&r, "");
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	pw = getpwnam("obol-keeper");
	if (pw)
	{
		keepers = pw->pw_uid;
	}
	pw = getpwnam("obol-signer");
	if (pw)
	{
		signers = pw->pw_uid;
	}
	ck_assert_uint_eq(uid_of(one("obold-keeper")), keepers);
	ck_assert_uint_eq(uid_of(one("obold-signer")), signers);
}
END_TEST

START_TEST(test_no_such_user)
{
	if (geteuid() != 0)
	{
		return;
	}
	running_init(&r, "signer {\n\tuser = \"nobody-at-all\"\n}\n");
	ck_assert(!running_start(&r));
	ck_assert_ptr_nonnull(strstr(running_log(&r), "nobody-at-all"));
	ck_assert_int_eq(running_wait(&r), EXIT_FAILURE);
}
END_TEST

Suite *users_suite(void);

Suite *users_suite(void)
{
	Suite *suite = suite_create("users");
	TCase *tcase = tcase_create("users");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_out_of_reach);
	tcase_add_test(tcase, test_nobody_named);
	tcase_add_test(tcase, test_no_such_user);
	suite_add_tcase(suite, tcase);
	return suite;
}
