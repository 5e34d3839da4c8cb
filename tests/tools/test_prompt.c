/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors are pipes here, the terminal is a pseudo-terminal. */
#include <check.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tools/prompt.h"

Suite *prompt_suite(void);

/* The reading end of a pipe that holds the bytes. */
static int pipe_with(const void *bytes, size_t len)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], bytes, len), (ssize_t)len);
	(void)close(fds[1]);
	return fds[0];
}

static void expect_line(int fd, const char *expected)
{
	struct obol_secret *line = NULL;

	ck_assert_int_eq(prompt_line(fd, &line), OBOL_OK);
	ck_assert(obol_bytes_eq(obol_secret_view(line), obol_bytes_str(expected)));
	/* the zero behind it, for libraries that want strings */
	ck_assert_str_eq((const char *)obol_secret_view(line).ptr, expected);
	obol_secret_free(line);
}

START_TEST(lines)
{
	struct obol_secret *line = NULL;
	int fd = pipe_with("first\n\n last\r", 13);

	expect_line(fd, "first");
	expect_line(fd, "");
	expect_line(fd, " last\r");
	ck_assert_int_eq(prompt_line(fd, &line), OBOL_ERR_NOT_FOUND);
	(void)close(fd);
	ck_assert_int_eq(prompt_line(fd, &line), OBOL_ERR_IO);
	ck_assert_ptr_null(line);
}
END_TEST

START_TEST(longest_line)
{
	char bytes[PROMPT_MAX + 2];
	struct obol_secret *line = NULL;
	int fd;

	memset(bytes, 'x', sizeof(bytes));
	bytes[PROMPT_MAX] = '\n';
	fd = pipe_with(bytes, PROMPT_MAX + 1);
	ck_assert_int_eq(prompt_line(fd, &line), OBOL_OK);
	ck_assert_uint_eq(obol_secret_len(line), PROMPT_MAX);
	obol_secret_free(line);
	(void)close(fd);

	line = NULL;
	bytes[PROMPT_MAX] = 'x';
	bytes[PROMPT_MAX + 1] = '\n';
	fd = pipe_with(bytes, PROMPT_MAX + 2);
	ck_assert_int_eq(prompt_line(fd, &line), OBOL_ERR_FORMAT);
	ck_assert_ptr_null(line);
	(void)close(fd);
}
END_TEST

/* Read from the terminal's other end until the text has come. */
static void await_text(int master, const char *text)
{
	char seen[512] = "";
	size_t len = 0;

	while (!strstr(seen, text))
	{
		ssize_t n = read(master, seen + len, sizeof(seen) - 1 - len);

		ck_assert_msg(n > 0, "waiting for '%s', got '%s'", text, seen);
		len += (size_t)n;
		seen[len] = '\0';
	}
	ck_assert_ptr_null(strstr(seen, "s3cret"));
}

static bool echoes(int master)
{
	struct termios modes;

	ck_assert_int_eq(tcgetattr(master, &modes), 0);
	return modes.c_lflag & ECHO;
}

static void type(int master, const char *text)
{
	ck_assert_int_eq(write(master, text, strlen(text)), (ssize_t)strlen(text));
}

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* A child that asks on the terminal and exits with 0 if it got "s3cret". */
static pid_t ask_in_child(int *master)
{
	pid_t child = forkpty(master, NULL, NULL, NULL);

	ck_assert_int_ge(child, 0);
	if (child == 0)
	{
		struct obol_secret *secret = NULL;
		int tty = prompt_terminal();
		bool good;
		size_t i;

		/* Check has put its own handlers there */
		for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		{
			(void)signal(ending[i], SIG_DFL);
		}
		good =
			prompt_ask(tty, "Password: ", &secret) == OBOL_OK &&
			obol_bytes_eq(obol_secret_view(secret), obol_bytes_str("s3cret"));

		obol_secret_free(secret);
		_exit(good ? 0 : 1);
	}
	return child;
}

START_TEST(asks_without_echo)
{
	int master, status;
	pid_t child = ask_in_child(&master);

	await_text(master, "Password: ");
	ck_assert(!echoes(master));
	type(master, "s3cret\n");
	await_text(master, "\n");
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	(void)close(master);
}
END_TEST

/* The terminal is as it was before the signal does its work. */
START_TEST(ended_by_signal)
{
	int master, status;
	pid_t child = ask_in_child(&master);

	await_text(master, "Password: ");
	ck_assert(!echoes(master));
	ck_assert_int_eq(kill(child, ending[_i]), 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == ending[_i]);
	ck_assert(echoes(master));
	(void)close(master);
}
END_TEST

START_TEST(interrupted_by_key)
{
	int master, status;
	pid_t child = ask_in_child(&master);

	await_text(master, "Password: ");
	type(master, "s3c\x03");
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	ck_assert(echoes(master));
	(void)close(master);
}
END_TEST

START_TEST(end_of_input)
{
	int master, status;
	pid_t child = ask_in_child(&master);

	await_text(master, "Password: ");
	type(master, "\x04");
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	ck_assert(echoes(master));
	(void)close(master);
}
END_TEST

START_TEST(no_terminal)
{
	struct obol_secret *secret = NULL;
	int fd = pipe_with("s3cret\n", 7);

	/* a pipe is none, and nothing is read from it */
	ck_assert_int_eq(prompt_ask(fd, "Password: ", &secret), OBOL_ERR_IO);
	expect_line(fd, "s3cret");
	(void)close(fd);
}
END_TEST

static const struct {
	const char *typed;
	bool by_default;
	bool answer;
} answers[] = {
	{ "y\n", false, true },
	{ "YES\n", false, true },
	{ "n\n", true, false },
	{ "No\n", true, false },
	{ "\n", true, true },
	{ "\n", false, false },
	{ "maybe\nperhaps not\nyes\n", false, true },
	{ "1\n2\n3\ny\n", true, false },
	{ "\x04", true, false },
};

START_TEST(confirm)
{
	int master, slave;

	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	type(master, answers[_i].typed);
	ck_assert(prompt_confirm(slave, "Replace?", answers[_i].by_default) ==
			  answers[_i].answer);
	(void)close(slave);
	(void)close(master);
}
END_TEST

/* A child that asks for yes or no, with SIGINT blocked or not. It exits with 0
 * for a no with the signal pending, 1 for another no, 2 for a yes. */
static pid_t confirm_in_child(int *master, bool is_blocked)
{
	pid_t child = forkpty(master, NULL, NULL, NULL);

	ck_assert_int_ge(child, 0);
	if (child == 0)
	{
		int tty = prompt_terminal();
		sigset_t set;

		(void)signal(SIGINT, SIG_DFL);
		(void)sigemptyset(&set);
		(void)sigaddset(&set, SIGINT);
		(void)sigprocmask(is_blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
		if (prompt_confirm(tty, "Take it?", true))
		{
			_exit(2);
		}
		(void)sigpending(&set);
		_exit(sigismember(&set, SIGINT) == 1 ? 0 : 1);
	}
	return child;
}

/* Blocked, it ends the question and is there for whoever blocked it; else it
 * does what it does. */
START_TEST(confirm_interrupted)
{
	int master, status;
	pid_t child = confirm_in_child(&master, _i);

	await_text(master, "[Y/n] ");
	type(master, "ye\x03");
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (_i)
	{
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	else
	{
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	}
	(void)close(master);
}
END_TEST

/* Signals that are blocked and do not come change nothing. */
START_TEST(confirm_uninterrupted)
{
	int master, status;
	pid_t child = confirm_in_child(&master, true);

	await_text(master, "[Y/n] ");
	type(master, _i ? "yes\n" : "no\n");
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == (_i ? 2 : 1));
	(void)close(master);
}
END_TEST

Suite *prompt_suite(void)
{
	Suite *suite = suite_create("prompt");
	TCase *tc = tcase_create("prompt");

	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, lines);
	tcase_add_test(tc, longest_line);
	tcase_add_test(tc, asks_without_echo);
	tcase_add_loop_test(tc, ended_by_signal, 0,
						(int)(sizeof(ending) / sizeof(ending[0])));
	tcase_add_test(tc, interrupted_by_key);
	tcase_add_test(tc, end_of_input);
	tcase_add_test(tc, no_terminal);
	tcase_add_loop_test(tc, confirm, 0,
						(int)(sizeof(answers) / sizeof(answers[0])));
	tcase_add_loop_test(tc, confirm_interrupted, 0, 2);
	tcase_add_loop_test(tc, confirm_uninterrupted, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
