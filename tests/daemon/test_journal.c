/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries for systemd's journal: their bytes, and that they get there. */
#include "daemon/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log_id.h"
#include "support/run.h"
#include "support/tempdir.h"

Suite *journal_suite(void);

static char out[OBOL_JOURNAL_ENTRY_MAX];
static struct tempdir dir;
static const struct obol_log_fields login = {
	.id = OBOL_LOG_ID_LOGIN,
	.operation = "login",
	.result = "ok",
	.source = "192.0.2.7",
	.account = "alice",
};

static const char *entry(enum obol_log_level level, const char *line,
						 const struct obol_log_fields *fields)
{
	static char text[OBOL_JOURNAL_ENTRY_MAX + 1];
	size_t len = obol_journal_entry(level, line, fields, out);

	memcpy(text, out, len);
	text[len] = '\0';
	return text;
}

START_TEST(test_entry)
{
	ck_assert_str_eq(entry(OBOL_LOG_INFO, "server: login of alice", &login),
					 "PRIORITY=6\nSYSLOG_IDENTIFIER=obold\n"
					 "OBOL_ROOM=server\n"
					 "MESSAGE_ID=" OBOL_LOG_ID_LOGIN "\n"
					 "OBOL_OPERATION=login\nOBOL_RESULT=ok\n"
					 "OBOL_SOURCE=192.0.2.7\nOBOL_ACCOUNT=alice\n"
					 "MESSAGE=server: login of alice\n");
}
END_TEST

START_TEST(test_without_fields)
{
	static const struct obol_log_fields none;

	ck_assert_str_eq(entry(OBOL_LOG_ERROR, "store: full", NULL),
					 "PRIORITY=3\nSYSLOG_IDENTIFIER=obold\nOBOL_ROOM=store\n"
					 "MESSAGE=store: full\n");
	ck_assert_str_eq(entry(OBOL_LOG_WARN, "no room", &none),
					 "PRIORITY=4\nSYSLOG_IDENTIFIER=obold\nMESSAGE=no room\n");
	ck_assert_str_eq(entry(OBOL_LOG_DEBUG, "", NULL),
					 "PRIORITY=7\nSYSLOG_IDENTIFIER=obold\nMESSAGE=\n");
}
END_TEST

/* No value makes another field, whatever a stranger has sent. */
START_TEST(test_no_injection)
{
	const struct obol_log_fields fields = {
		.source = "a\nPRIORITY=0",
		.account = "b\nOBOL_RESULT=ok\n\x7f",
	};

	ck_assert_str_eq(entry(OBOL_LOG_INFO, "x: y\nMESSAGE_ID=1", &fields),
					 "PRIORITY=6\nSYSLOG_IDENTIFIER=obold\nOBOL_ROOM=x\n"
					 "OBOL_SOURCE=a?PRIORITY=0\n"
					 "OBOL_ACCOUNT=b?OBOL_RESULT=ok??\n"
					 "MESSAGE=x: y?MESSAGE_ID=1\n");
}
END_TEST

/* What does not fit is no entry, and nothing is cut. */
START_TEST(test_too_long)
{
	static char line[OBOL_JOURNAL_ENTRY_MAX + 1];
	static const char head[] = "PRIORITY=6\nSYSLOG_IDENTIFIER=obold\nMESSAGE=";
	size_t room = OBOL_JOURNAL_ENTRY_MAX - (sizeof(head) - 1) - 1;

	memset(line, 'x', sizeof(line) - 1);
	ck_assert_uint_eq(obol_journal_entry(OBOL_LOG_INFO, line, NULL, out), 0);
	line[room + 1] = '\0';
	ck_assert_uint_eq(obol_journal_entry(OBOL_LOG_INFO, line, NULL, out), 0);
	line[room] = '\0';
	ck_assert_uint_eq(obol_journal_entry(OBOL_LOG_INFO, line, NULL, out),
					  OBOL_JOURNAL_ENTRY_MAX);
}
END_TEST

/** A socket such as the journal's. */
static int open_journal(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_uint_lt(strlen(path), sizeof(addr.sun_path));
	memcpy(addr.sun_path, path, strlen(path) + 1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

/* In a process that keeps nothing else, as a worker does. */
START_TEST(test_arrives)
{
	char path[256], got[OBOL_JOURNAL_ENTRY_MAX];
	int journal, wait_status = 0;
	ssize_t n;
	pid_t pid;

	tempdir_init(&dir);
	(void)snprintf(path, sizeof(path), "%s", tempdir_file(&dir, "socket"));
	journal = open_journal(path);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		bool is_good = obol_journal_open(path);

		(void)close_range(STDERR_FILENO + 1, ~0U, 0);
		is_good = is_good &&
				  obol_journal_write(OBOL_LOG_INFO, "server: login", &login);
		_exit(is_good ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	ck_assert_int_eq(wait_status, 0);
	n = recv(journal, got, sizeof(got), MSG_DONTWAIT);
	ck_assert_int_gt(n, 0);
	ck_assert_uint_eq(
		(size_t)n,
		obol_journal_entry(OBOL_LOG_INFO, "server: login", &login, out));
	ck_assert_mem_eq(got, out, (size_t)n);
	(void)close(journal);
	tempdir_clear(&dir);
}
END_TEST

START_TEST(test_no_journal)
{
	char path[256];
	int wait_status = 0;
	pid_t pid;

	tempdir_init(&dir);
	(void)snprintf(path, sizeof(path), "%s", tempdir_file(&dir, "nothing"));
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		(void)close(STDOUT_FILENO);
		_exit(obol_journal_open(path) ||
			  obol_journal_write(OBOL_LOG_INFO, "x", NULL));
	}
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	ck_assert_int_eq(wait_status, 0);
	tempdir_clear(&dir);
}
END_TEST

/* obold(8) lists every kind of entry. */
START_TEST(test_page)
{
	static const char *const ids[] = {
		OBOL_LOG_ID_SERVER, OBOL_LOG_ID_RELOAD,  OBOL_LOG_ID_PROCESS,
		OBOL_LOG_ID_LOGIN,  OBOL_LOG_ID_ACCOUNT, OBOL_LOG_ID_CERTIFICATE,
		OBOL_LOG_ID_CRL,    OBOL_LOG_ID_STORE,
	};
	static char text[65536];
	FILE *file = fopen(SRCDIR "/proto/daemon/obold.8", "r");
	size_t i, j;

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_gt(fread(text, 1, sizeof(text) - 1, file), 0);
	(void)fclose(file);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
	{
		ck_assert_uint_eq(strlen(ids[i]), 32);
		ck_assert_uint_eq(strspn(ids[i], "0123456789abcdef"), 32);
		ck_assert_msg(strstr(text, ids[i]) != NULL, "not described: %s",
					  ids[i]);
		for (j = 0; j < i; j++)
		{
			ck_assert_str_ne(ids[i], ids[j]);
		}
	}
}
END_TEST

Suite *journal_suite(void)
{
	Suite *s = suite_create("journal");
	TCase *tc = tcase_create("journal");

	tcase_add_test(tc, test_entry);
	tcase_add_test(tc, test_without_fields);
	tcase_add_test(tc, test_no_injection);
	tcase_add_test(tc, test_too_long);
	tcase_add_test(tc, test_arrives);
	tcase_add_test(tc, test_no_journal);
	tcase_add_test(tc, test_page);
	suite_add_tcase(s, tc);
	return s;
}
