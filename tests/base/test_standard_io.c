/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that were started without some of their descriptors. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/standard_io.h"

Suite *standard_io_suite(void);

/* What a child without these descriptors finds, as its exit code. */
static int in_child(int (*child)(void), unsigned closed)
{
	int code = 0, fd;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		for (fd = 0; fd < 3; fd++)
		{
			if (closed & 1U << fd)
			{
				(void)close(fd);
			}
		}
		_exit(child());
	}
	ck_assert_int_eq(waitpid(pid, &code, 0), pid);
	ck_assert(WIFEXITED(code));
	return WEXITSTATUS(code);
}

/* Nothing that is opened afterwards gets their numbers. */
static int opens_above(void)
{
	int fd;

	if (!obol_standard_io_open())
	{
		return 1;
	}
	fd = open("/dev/null", O_RDWR);
	return fd > STDERR_FILENO ? 0 : 2;
}

START_TEST(numbers)
{
	ck_assert_int_eq(in_child(opens_above, (unsigned)_i), 0);
}
END_TEST

static int all_fail(void)
{
	char byte = 0;

	if (!obol_standard_io_open())
	{
		return 1;
	}
	if (read(STDIN_FILENO, &byte, 1) != -1)
	{
		return 2;
	}
	return write(STDOUT_FILENO, &byte, 1) == -1 &&
				   write(STDERR_FILENO, &byte, 1) == -1
			   ? 0
			   : 3;
}

/* What goes there is not lost in silence. */
START_TEST(use_fails)
{
	ck_assert_int_eq(in_child(all_fail, 7), 0);
}
END_TEST

/* Those that are there stay as they are. */
static int keep(void)
{
	int fds[2];
	char byte = 0;

	if (pipe(fds) || dup2(fds[0], 0) != 0 || dup2(fds[1], 1) != 1 ||
		!obol_standard_io_open())
	{
		return 1;
	}
	return write(STDOUT_FILENO, "x", 1) == 1 &&
				   read(STDIN_FILENO, &byte, 1) == 1 && byte == 'x'
			   ? 0
			   : 2;
}

START_TEST(others_stay)
{
	ck_assert_int_eq(in_child(keep, 4), 0);
}
END_TEST

static int print_to(const char *path, size_t n)
{
	size_t i;

	if (!freopen(path, "w", stdout))
	{
		return 2;
	}
	for (i = 0; i < n; i++)
	{
		(void)putchar('x');
	}
	return obol_standard_output_is_whole() ? 0 : 1;
}

static int print_well(void)
{
	return print_to("/dev/null", 100000);
}

static int print_little_to_full(void)
{
	return print_to("/dev/full", 1);
}

static int print_much_to_full(void)
{
	return print_to("/dev/full", 100000);
}

START_TEST(output)
{
	ck_assert_int_eq(in_child(print_well, 0), 0);
	ck_assert_int_eq(in_child(print_little_to_full, 0), 1);
	ck_assert_int_eq(in_child(print_much_to_full, 0), 1);
}
END_TEST

Suite *standard_io_suite(void)
{
	Suite *suite = suite_create("standard_io");
	TCase *tc = tcase_create("standard_io");

	tcase_add_loop_test(tc, numbers, 0, 8);
	tcase_add_test(tc, use_fails);
	tcase_add_test(tc, others_stay);
	tcase_add_test(tc, output);
	suite_add_tcase(suite, tc);
	return suite;
}
