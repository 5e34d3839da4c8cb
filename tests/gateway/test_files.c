/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obol-gateway keeps in its directory, good and bad. */
#include "gateway/files.h"

#include "support/run.h"
#include "support/tempdir.h"

Suite *files_suite(void);

static struct tempdir dir;
static struct obol_gateway_files files;

static void setup(void)
{
	tempdir_init(&dir);
	ck_assert(obol_gateway_files_in(dir.path, &files));
}

static void teardown(void)
{
	tempdir_clear(&dir);
}

static void write_file(const char *name, const char *text)
{
	tempdir_write(&dir, name, text, strlen(text), 0600);
}

START_TEST(account)
{
	char name[32], why[256];

	ck_assert_int_eq(
		obol_gateway_read_account(files.account, name, 32, why, 256),
		OBOL_ERR_NOT_FOUND);
	write_file("account", "moon@vpn.example.org\nmore\n");
	ck_assert_int_eq(
		obol_gateway_read_account(files.account, name, 32, why, 256), OBOL_OK);
	ck_assert_str_eq(name, "moon@vpn.example.org");
	write_file("account", "moon@vpn");
	ck_assert_int_eq(
		obol_gateway_read_account(files.account, name, 32, why, 256), OBOL_OK);
	ck_assert_str_eq(name, "moon@vpn");
	ck_assert_int_eq(
		obol_gateway_read_account(files.account, name, 8, why, 256),
		OBOL_ERR_FORMAT);
	write_file("account", "\n");
	ck_assert_int_eq(
		obol_gateway_read_account(files.account, name, 32, why, 256),
		OBOL_ERR_FORMAT);
	tempdir_write(&dir, "account", "a\0b\n", 4, 0600);
	ck_assert_int_eq(
		obol_gateway_read_account(files.account, name, 32, why, 256),
		OBOL_ERR_FORMAT);
}
END_TEST

START_TEST(progress)
{
	static const struct {
		const char *text;
		uint64_t number;
	} rows[] = {
		{ "", 0 },       { "0\n", 0 },
		{ "17\n", 17 },  { "17", 17 },
		{ "-1\n", 0 },   { "1x\n", 0 },
		{ " 5\n", 0 },   { "18446744073709551610\n", 0 },
		{ "\n17\n", 0 }, { "99999999999999999999999\n", 0 },
	};
	char why[256];
	size_t i;

	ck_assert_uint_eq(obol_gateway_read_progress(files.progress), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		write_file("progress", rows[i].text);
		ck_assert_msg(obol_gateway_read_progress(files.progress) ==
						  rows[i].number,
					  "%s", rows[i].text);
	}
	ck_assert_int_eq(
		obol_gateway_write_progress(files.progress, 123456, why, 256), OBOL_OK);
	ck_assert_uint_eq(obol_gateway_read_progress(files.progress), 123456);
}
END_TEST

START_TEST(long_directory)
{
	char name[OBOL_GATEWAY_PATH_MAX];

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert(!obol_gateway_files_in(name, &files));
}
END_TEST

Suite *files_suite(void)
{
	Suite *suite = suite_create("files");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, account);
	tcase_add_test(tc, progress);
	tcase_add_test(tc, long_directory);
	suite_add_tcase(suite, tc);
	return suite;
}
