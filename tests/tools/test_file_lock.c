/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locks of files: one holder, and nothing left of it. */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/tempdir.h"
#include "tools/file_lock.h"

Suite *file_lock_suite(void);

/** Processes, and how often each of them holds the lock. */
#define N_HOLDERS 4
#define N_TIMES 200

static struct tempdir dir;

static void setup(void)
{
	tempdir_init(&dir);
}

static void teardown(void)
{
	tempdir_clear(&dir);
}

START_TEST(one_holder)
{
	struct file_lock one, two, other;

	file_lock_init(&one);
	file_lock_init(&two);
	file_lock_init(&other);
	ck_assert_int_eq(file_lock_take(&one, tempdir_file(&dir, "a")), OBOL_OK);
	ck_assert_int_eq(access(tempdir_file(&dir, "a.lock"), F_OK), 0);
	ck_assert_int_eq(file_lock_take(&two, tempdir_file(&dir, "a")),
					 OBOL_ERR_EXISTS);
	/* who does not hold it takes it from nobody */
	file_lock_release(&two);
	ck_assert_int_eq(file_lock_take(&two, tempdir_file(&dir, "a")),
					 OBOL_ERR_EXISTS);
	ck_assert_int_eq(file_lock_take(&other, tempdir_file(&dir, "b")), OBOL_OK);
	file_lock_release(&other);
	file_lock_release(&one);
	ck_assert_int_ne(access(tempdir_file(&dir, "a.lock"), F_OK), 0);
	ck_assert_int_eq(file_lock_take(&two, tempdir_file(&dir, "a")), OBOL_OK);
	file_lock_release(&two);
}
END_TEST

START_TEST(left_behind)
{
	struct file_lock lock;
	pid_t child = fork();
	int status;

	file_lock_init(&lock);
	if (child == 0)
	{
		_exit(file_lock_take(&lock, tempdir_file(&dir, "a")) != OBOL_OK);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(access(tempdir_file(&dir, "a.lock"), F_OK), 0);
	ck_assert_int_eq(file_lock_take(&lock, tempdir_file(&dir, "a")), OBOL_OK);
	file_lock_release(&lock);
}
END_TEST

START_TEST(no_place)
{
	struct file_lock lock;

	file_lock_init(&lock);
	ck_assert_int_eq(file_lock_take(&lock, tempdir_file(&dir, "none/a")),
					 OBOL_ERR_IO);
	ck_assert_int_eq(errno, ENOENT);
	/* a link would have something else locked, and removed */
	ck_assert_int_eq(symlink("b", tempdir_file(&dir, "a.lock")), 0);
	ck_assert_int_eq(file_lock_take(&lock, tempdir_file(&dir, "a")),
					 OBOL_ERR_IO);
	ck_assert_int_eq(lock.fd, -1);
}
END_TEST

/* Makes a file while it holds the lock; that it is there already would be
 * somebody else's. */
static void hold_often(const char *path, const char *mine)
{
	struct file_lock lock;
	FILE *file;
	int i;

	file_lock_init(&lock);
	for (i = 0; i < N_TIMES; i++)
	{
		enum obol_status status = file_lock_take(&lock, path);

		if (status == OBOL_ERR_EXISTS)
		{
			(void)poll(NULL, 0, 1);
			continue;
		}
		file = status == OBOL_OK ? fopen(mine, "wx") : NULL;
		if (!file || fclose(file) != 0 || unlink(mine) != 0)
		{
			_exit(1);
		}
		file_lock_release(&lock);
	}
	_exit(0);
}

START_TEST(many)
{
	char path[256], mine[256];
	int i, status;

	(void)snprintf(path, sizeof(path), "%s", tempdir_file(&dir, "a"));
	(void)snprintf(mine, sizeof(mine), "%s", tempdir_file(&dir, "mine"));
	for (i = 0; i < N_HOLDERS; i++)
	{
		if (fork() == 0)
		{
			hold_often(path, mine);
		}
	}
	for (i = 0; i < N_HOLDERS; i++)
	{
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
}
END_TEST

Suite *file_lock_suite(void)
{
	Suite *suite = suite_create("file_lock");
	TCase *tc = tcase_create("file_lock");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_holder);
	tcase_add_test(tc, left_behind);
	tcase_add_test(tc, no_place);
	tcase_add_test(tc, many);
	suite_add_tcase(suite, tc);
	return suite;
}
