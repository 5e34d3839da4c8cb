/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cmdline.h"

Suite *cmdline_suite(void);

#define ARGS_MAX 6

struct values {
	bool flag;
	const char *text;
	long number;
};

static const struct option_row first_rows[] = {
	{ "flag", 'f', OPTION_FLAG, offsetof(struct values, flag), NULL, "", 0, 0 },
	{ "text", 't', OPTION_TEXT, offsetof(struct values, text), "T", "", 0, 0 },
};
static const struct option_row second_rows[] = {
	{ "number", 0, OPTION_NUMBER, offsetof(struct values, number), "N", "", 1,
	  600 },
};
static const struct option_table tables[] = {
	{ first_rows, 2 },
	{ second_rows, 1 },
};

static const struct {
	const char *args[ARGS_MAX];
	bool flag;
	const char *text;
	long number;
	size_t n_words;
} good[] = {
	{ { NULL }, false, NULL, -1, 0 },
	{ { "--flag" }, true, NULL, -1, 0 },
	{ { "-f", "word" }, true, NULL, -1, 1 },
	{ { "a", "--text", "v", "b" }, false, "v", -1, 2 },
	{ { "--text=v=w" }, false, "v=w", -1, 0 },
	{ { "-t", "--flag" }, false, "--flag", -1, 0 },
	{ { "--number", "1" }, false, NULL, 1, 0 },
	{ { "--number=600" }, false, NULL, 600, 0 },
	{ { "--", "--flag", "-t" }, false, NULL, -1, 2 },
	{ { "-" }, false, NULL, -1, 1 },
};

static const struct {
	const char *args[ARGS_MAX];
	/** part of the sentence */
	const char *why;
} bad[] = {
	{ { "a", "b", "c" }, "too many" },
	{ { "--fla" }, "no option --fla" },
	{ { "--flagg" }, "no option --flagg" },
	{ { "-x" }, "no option -x" },
	{ { "-ft" }, "no option -ft" },
	{ { "--flag=yes" }, "takes no value" },
	{ { "--text" }, "wants a value" },
	{ { "--text=" }, "is empty" },
	{ { "-f", "--flag" }, "given twice" },
	{ { "-t", "a", "-t", "b" }, "given twice" },
	{ { "--number", "0" }, "from 1 to 600" },
	{ { "--number", "601" }, "from 1 to 600" },
	{ { "--number", "-5" }, "from 1 to 600" },
	{ { "--number", "+5" }, "from 1 to 600" },
	{ { "--number", " 5" }, "from 1 to 600" },
	{ { "--number", "5s" }, "from 1 to 600" },
	{ { "--number", "0x5" }, "from 1 to 600" },
	{ { "--number", "" }, "from 1 to 600" },
	{ { "--number", "99999999999999999999" }, "from 1 to 600" },
};

/* The values point into argv, which lives as long as the caller. */
static int to_argv(const char *const args[ARGS_MAX], char *argv[ARGS_MAX + 1])
{
	int argc = 1;

	argv[0] = NULL;
	while (argc <= ARGS_MAX && args[argc - 1])
	{
		argv[argc] = strdup(args[argc - 1]);
		argc++;
	}
	return argc;
}

static void free_argv(char **argv, int argc)
{
	while (--argc > 0)
	{
		free(argv[argc]);
	}
}

START_TEST(good_row)
{
	struct values values = { .number = -1 };
	const char *found[2];
	struct option_words words = { found, 2, 0 };
	char *argv[ARGS_MAX + 1], why[128] = "";
	int argc = to_argv(good[_i].args, argv);

	ck_assert_msg(cmdline_parse(tables, 2, argc, argv, &values, &words, why,
								sizeof(why)) == OBOL_OK,
				  "row %d: %s", _i, why);
	ck_assert(values.flag == good[_i].flag);
	ck_assert_pstr_eq(values.text, good[_i].text);
	ck_assert_int_eq(values.number, good[_i].number);
	ck_assert_uint_eq(words.n, good[_i].n_words);
	free_argv(argv, argc);
}
END_TEST

START_TEST(bad_row)
{
	struct values values = { .number = -1 };
	const char *found[2];
	struct option_words words = { found, 2, 0 };
	char *argv[ARGS_MAX + 1], why[128] = "";
	int argc = to_argv(bad[_i].args, argv);

	ck_assert_int_eq(
		cmdline_parse(tables, 2, argc, argv, &values, &words, why, sizeof(why)),
		OBOL_ERR_ARG);
	ck_assert_msg(strstr(why, bad[_i].why) != NULL, "row %d: %s", _i, why);
	free_argv(argv, argc);
}
END_TEST

/* A secret that was put behind an unknown option is not shown again. */
START_TEST(no_echo)
{
	const char *const args[ARGS_MAX] = { "--pasword=hunter2" };
	struct values values = { .number = -1 };
	struct option_words words = { NULL, 0, 0 };
	char *argv[ARGS_MAX + 1], why[128] = "";
	int argc = to_argv(args, argv);

	ck_assert_int_eq(
		cmdline_parse(tables, 2, argc, argv, &values, &words, why, sizeof(why)),
		OBOL_ERR_ARG);
	ck_assert_ptr_nonnull(strstr(why, "--pasword"));
	ck_assert_ptr_null(strstr(why, "hunter2"));
	free_argv(argv, argc);
}
END_TEST

Suite *cmdline_suite(void)
{
	Suite *suite = suite_create("cmdline");
	TCase *tc = tcase_create("cmdline");

	tcase_add_loop_test(tc, good_row, 0, (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_loop_test(tc, bad_row, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, no_echo);
	suite_add_tcase(suite, tc);
	return suite;
}
