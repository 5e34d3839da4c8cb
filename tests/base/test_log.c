/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "base/log.h"

Suite *log_suite(void);

struct capture {
	struct obol_log log;
	char line[2048];
	int lines;
	const struct obol_log_fields *fields;
};

static void write_capture(struct obol_log *log, enum obol_log_level level,
						  const char *line)
{
	struct capture *this = log->ctx;

	(void)level;
	this->lines++;
	this->fields = log->fields;
	strncpy(this->line, line, sizeof(this->line) - 1);
}

START_TEST(levels_and_controls)
{
	struct capture c = {
		.log = { .level = OBOL_LOG_INFO, .write = write_capture, .ctx = &c }
	};

	obol_log(&c.log, OBOL_LOG_DEBUG, "store", "dropped");
	ck_assert_int_eq(c.lines, 0);
	obol_log(&c.log, OBOL_LOG_INFO, "store", "a%cb\x1b[2J", '\n');
	ck_assert_str_eq(c.line, "store: a?b?[2J");
	obol_log(NULL, OBOL_LOG_ERROR, "store", "nowhere");
}
END_TEST

/* Fields are those of their own line, and of no other one. */
START_TEST(fields)
{
	struct capture c = {
		.log = { .level = OBOL_LOG_INFO, .write = write_capture, .ctx = &c }
	};
	const struct obol_log_fields about = { .operation = "login" };

	obol_log_event(&c.log, OBOL_LOG_INFO, "server", &about, "login %d\n", 7);
	ck_assert_str_eq(c.line, "server: login 7?");
	ck_assert_ptr_eq(c.fields, &about);
	obol_log(&c.log, OBOL_LOG_INFO, "server", "another");
	ck_assert_ptr_null(c.fields);
	ck_assert_int_eq(c.lines, 2);
	obol_log_event(&c.log, OBOL_LOG_DEBUG, "server", &about, "dropped");
	obol_log_event(NULL, OBOL_LOG_ERROR, "server", &about, "nowhere");
	ck_assert_int_eq(c.lines, 2);
}
END_TEST

static const struct {
	const char *in;
	size_t len;
	size_t size;
	const char *out;
} quotes[] = {
	{ "alice", 5, 64, "alice" },
	{ "a\nb", 3, 64, "a\\x0ab" },
	{ "a\0b", 3, 64, "a\\x00b" },
	{ "it's \\", 6, 64, "it\\x27s \\x5c" },
	{ "\xc3\xa9", 2, 64, "\\xc3\\xa9" },
	{ "aaaaaaaaaaaaaaaaaaaa", 20, 12, "aaaaa..." },
	{ "", 0, 1, "" },
	{ "x", 1, 1, "" },
};

START_TEST(quote)
{
	char out[64];

	obol_log_quote(out, quotes[_i].size,
				   obol_bytes(quotes[_i].in, quotes[_i].len));
	ck_assert_str_eq(out, quotes[_i].out);
}
END_TEST

Suite *log_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_test(tc, levels_and_controls);
	tcase_add_test(tc, fields);
	tcase_add_loop_test(tc, quote, 0, sizeof(quotes) / sizeof(quotes[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
