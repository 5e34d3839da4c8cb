/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tools/options.h"

Suite *options_suite(void);

#define ARGS_MAX 6

struct values {
	bool flag;
	const char *text;
	struct obol_option_list list;
	uint32_t number;
};

static const struct {
	const char *args[ARGS_MAX];
	bool flag;
	const char *text;
	uint32_t number;
	int n_args;
} good[] = {
	{ { NULL }, false, NULL, 7, 0 },
	{ { "--flag" }, true, NULL, 7, 0 },
	{ { "-f", "word" }, true, NULL, 7, 1 },
	{ { "a", "--text", "v", "b" }, false, "v", 7, 2 },
	{ { "--text=v=w" }, false, "v=w", 7, 0 },
	{ { "-tv" }, false, "v", 7, 0 },
	{ { "-l", "a", "--list=b", "-lc" }, false, NULL, 7, 0 },
	{ { "-t", "--flag" }, false, "--flag", 7, 0 },
	{ { "--number", "1" }, false, NULL, 1, 0 },
	{ { "--number=600" }, false, NULL, 600, 0 },
	{ { "--", "--flag", "-t" }, false, NULL, 7, 2 },
	{ { "-" }, false, NULL, 7, 1 },
};

static const struct {
	const char *args[ARGS_MAX];
	/** part of the sentence */
	const char *why;
} bad[] = {
	{ { "a", "b", "c" }, "an argument too many" },
	{ { "--fla" }, "no option --fla" },
	{ { "--flagg" }, "no option --flagg" },
	{ { "-x" }, "no option -x" },
	{ { "-ft" }, "no value goes with --flag" },
	{ { "--flag=yes" }, "no value goes with" },
	{ { "--text" }, "a value is missing" },
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
	{ { "--number", "" }, "is empty" },
	{ { "--number", "99999999999999999999" }, "from 1 to 600" },
};

/* The values point into argv, which lives as long as the caller. */
static int to_argv(const char *const args[ARGS_MAX], char *argv[ARGS_MAX + 2])
{
	int argc = 1;

	argv[0] = NULL;
	while (argc <= ARGS_MAX && args[argc - 1])
	{
		argv[argc] = strdup(args[argc - 1]);
		argc++;
	}
	argv[argc] = NULL;
	return argc;
}

/* Reading rearranges argv, so what is to be freed is kept aside. */
static enum obol_options_result read_args(const char *const args[ARGS_MAX],
										  struct values *values, int *n_args,
										  char why[128],
										  char *kept[ARGS_MAX + 2], int *argc)
{
	struct obol_option options[] = {
		{ "flag", 'f', OBOL_OPTION_FLAG, NULL, "", &values->flag, 0, 0 },
		{ "text", 't', OBOL_OPTION_TEXT, "T", "", &values->text, 0, 0 },
		{ "list", 'l', OBOL_OPTION_LIST, "L", "", &values->list, 0, 0 },
		{ "number", 0, OBOL_OPTION_NUMBER, "N", "", &values->number, 1, 600 },
	};
	struct obol_usage usage = { .command = "command",
								.arguments = "[WORD [WORD]]",
								.about = "",
								.options = options,
								.n_options = 4,
								.max_arguments = 2 };
	char *argv[ARGS_MAX + 2], **rest = NULL;
	enum obol_options_result result;

	memset(values, 0, sizeof(*values));
	values->number = 7;
	*argc = to_argv(args, kept);
	memcpy(argv, kept, sizeof(argv));
	result = obol_options_read(&usage, *argc, argv, &rest, n_args, why, 128);
	if (result == OBOL_OPTIONS_OK)
	{
		ck_assert_ptr_null(rest[*n_args]);
	}
	return result;
}

static void free_args(char **kept, int argc)
{
	while (--argc > 0)
	{
		free(kept[argc]);
	}
}

START_TEST(good_row)
{
	struct values values;
	char *kept[ARGS_MAX + 2], why[128] = "";
	int argc, n_args = 0;

	ck_assert_msg(read_args(good[_i].args, &values, &n_args, why, kept,
							&argc) == OBOL_OPTIONS_OK,
				  "row %d: %s", _i, why);
	ck_assert(values.flag == good[_i].flag);
	ck_assert_pstr_eq(values.text, good[_i].text);
	ck_assert_uint_eq(values.number, good[_i].number);
	ck_assert_int_eq(n_args, good[_i].n_args);
	free_args(kept, argc);
}
END_TEST

START_TEST(bad_row)
{
	struct values values;
	char *kept[ARGS_MAX + 2], why[128] = "";
	int argc, n_args = 0;

	ck_assert_int_eq(
		read_args(bad[_i].args, &values, &n_args, why, kept, &argc),
		OBOL_OPTIONS_WRONG);
	ck_assert_msg(strstr(why, bad[_i].why) != NULL, "row %d: %s", _i, why);
	free_args(kept, argc);
}
END_TEST

START_TEST(list)
{
	const char *const args[ARGS_MAX] = { "-l", "a", "x", "--list=b", "-lc" };
	struct values values;
	char *kept[ARGS_MAX + 2], why[128] = "";
	int argc, n_args = 0;

	ck_assert_int_eq(read_args(args, &values, &n_args, why, kept, &argc),
					 OBOL_OPTIONS_OK);
	ck_assert_uint_eq(values.list.n, 3);
	ck_assert_str_eq(values.list.values[0], "a");
	ck_assert_str_eq(values.list.values[1], "b");
	ck_assert_str_eq(values.list.values[2], "c");
	ck_assert_int_eq(n_args, 1);
	free_args(kept, argc);
}
END_TEST

START_TEST(help)
{
	const char *const args[ARGS_MAX] = { "word", "--help", "--no-such" };
	struct values values;
	char *kept[ARGS_MAX + 2], why[128] = "";
	int argc, n_args = 0;

	ck_assert_int_eq(read_args(args, &values, &n_args, why, kept, &argc),
					 OBOL_OPTIONS_HELP);
	free_args(kept, argc);
}
END_TEST

/* A secret that was put behind an unknown option is not shown again. */
START_TEST(no_echo)
{
	const char *const args[ARGS_MAX] = { "--pasword=hunter2" };
	struct values values;
	char *kept[ARGS_MAX + 2], why[128] = "";
	int argc, n_args = 0;

	ck_assert_int_eq(read_args(args, &values, &n_args, why, kept, &argc),
					 OBOL_OPTIONS_WRONG);
	ck_assert_ptr_nonnull(strstr(why, "--pasword"));
	ck_assert_ptr_null(strstr(why, "hunter2"));
	free_args(kept, argc);
}
END_TEST

/* One argument or none, and nothing is set by what is refused. */
START_TEST(parse_one)
{
	const struct obol_usage usage = { .command = "command",
									  .arguments = "[WORD]",
									  .about = "",
									  .max_arguments = 1 };
	char command[] = "command", word[] = "word", wrong[] = "--wrong";
	char *one[] = { command, word, NULL }, *none[] = { command, NULL };
	char *odd[] = { command, word, wrong, NULL };
	char *two[] = { command, word, word, NULL };
	const char *argument = "before";

	ck_assert_int_eq(obol_options_parse_one(&usage, 3, odd, &argument),
					 OBOL_OPTIONS_WRONG);
	ck_assert_int_eq(obol_options_parse_one(&usage, 3, two, &argument),
					 OBOL_OPTIONS_WRONG);
	ck_assert_str_eq(argument, "before");
	ck_assert_int_eq(obol_options_parse_one(&usage, 2, one, &argument),
					 OBOL_OPTIONS_OK);
	ck_assert_ptr_eq(argument, word);
	ck_assert_int_eq(obol_options_parse_one(&usage, 1, none, &argument),
					 OBOL_OPTIONS_OK);
	ck_assert_ptr_null(argument);
	ck_assert_int_eq(obol_options_parse_one(&usage, 1, none, NULL),
					 OBOL_OPTIONS_OK);
}
END_TEST

Suite *options_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tc = tcase_create("options");

	tcase_add_loop_test(tc, good_row, 0, (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_loop_test(tc, bad_row, 0, (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, list);
	tcase_add_test(tc, help);
	tcase_add_test(tc, no_echo);
	tcase_add_test(tc, parse_one);
	suite_add_tcase(suite, tc);
	return suite;
}
