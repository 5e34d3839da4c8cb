/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device file: who can read it, and what is read. */
#include <obol/client.h>

#include "base/bytes.h"
#include "support/run.h"
#include "support/tempdir.h"

#include <sys/stat.h>
#include <unistd.h>

static struct tempdir dir;
static struct obol_device device;
static struct obol_error error;

static void setup(void)
{
	tempdir_init(&dir);
	memcpy(device.id, "\x00\x01\x09\x0a\x0f\x10\x99\xa0\xf9\xff\x7f\x80 id.",
		   16);
	device.secret = obol_secret_dup("\xde\xad\xbe\xef Secret \x00\x09\xa9", 16);
}

static void teardown(void)
{
	obol_device_clear(&device);
	tempdir_clear(&dir);
}

static const char *path(void)
{
	return tempdir_file(&dir, "device");
}

START_TEST(comes_back)
{
	struct obol_device back;
	struct stat st;

	ck_assert_int_eq(obol_device_save(path(), &device, &error), OBOL_OK);
	ck_assert_int_eq(stat(path(), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_msg(obol_device_load(path(), &back, &error) == OBOL_OK, "%s",
				  error.text);
	ck_assert_mem_eq(back.id, device.id, sizeof(back.id));
	ck_assert(obol_bytes_eq(obol_secret_view(back.secret),
							obol_secret_view(device.secret)));
	obol_device_clear(&back);
	/* over itself, and with no wish for the error */
	ck_assert_int_eq(obol_device_save(path(), &device, NULL), OBOL_OK);
	ck_assert_int_eq(obol_device_load(path(), &back, NULL), OBOL_OK);
	obol_device_clear(&back);
}
END_TEST

static const mode_t modes[] = { 0640, 0604, 0620, 0666, 0601 };

START_TEST(others_can_read_it)
{
	struct obol_device back = { { 0 }, NULL };

	ck_assert_int_eq(obol_device_save(path(), &device, &error), OBOL_OK);
	ck_assert_int_eq(chmod(path(), modes[_i]), 0);
	ck_assert_int_eq(obol_device_load(path(), &back, &error), OBOL_ERR_DENIED);
	ck_assert_int_eq(error.cause, OBOL_CAUSE_FILE);
	ck_assert_int_eq(error.status, OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(error.text, dir.path));
	ck_assert_ptr_null(back.secret);
}
END_TEST

START_TEST(cut_or_changed)
{
	struct obol_device back = { { 0 }, NULL };
	char content[512];
	size_t len;
	size_t i;

	ck_assert_int_eq(obol_device_save(path(), &device, &error), OBOL_OK);
	len = tempdir_read(&dir, "device", content, sizeof(content));
	for (i = 0; i < len; i++)
	{
		char c = content[i];

		tempdir_write(&dir, "device", content, i, 0600);
		ck_assert_msg(obol_device_load(path(), &back, &error) ==
						  OBOL_ERR_FORMAT,
					  "cut at %zu", i);
		content[i] = 'G';
		tempdir_write(&dir, "device", content, len, 0600);
		ck_assert_msg(obol_device_load(path(), &back, &error) ==
						  OBOL_ERR_FORMAT,
					  "changed at %zu", i);
		/* nothing of what it holds comes back */
		ck_assert_ptr_null(strstr(error.text, "deadbeef"));
		content[i] = c;
	}
	content[len] = 'x';
	tempdir_write(&dir, "device", content, len + 1, 0600);
	ck_assert_int_eq(obol_device_load(path(), &back, &error), OBOL_ERR_FORMAT);
	ck_assert_ptr_null(back.secret);
}
END_TEST

START_TEST(not_there)
{
	struct obol_device back = { { 0 }, NULL };

	ck_assert_int_eq(obol_device_load(path(), &back, &error),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(error.cause, OBOL_CAUSE_FILE);
	ck_assert_int_eq(
		obol_device_save(tempdir_file(&dir, "no/such"), &device, &error),
		OBOL_ERR_IO);
	ck_assert_int_eq(error.cause, OBOL_CAUSE_FILE);
	ck_assert_int_eq(obol_device_load(dir.path, &back, &error),
					 OBOL_ERR_FORMAT);
}
END_TEST

/* Every digit in both places, and every other character. */
START_TEST(every_digit)
{
	struct obol_device back = { { 0 }, NULL };
	char content[512];
	char *digit;
	int c;

	ck_assert_int_eq(obol_device_save(path(), &device, &error), OBOL_OK);
	memset(content, 0, sizeof(content));
	(void)tempdir_read(&dir, "device", content, sizeof(content));
	digit = strstr(content, "secret ") + 7 + _i;
	for (c = 1; c < 256; c++)
	{
		bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

		*digit = (char)c;
		tempdir_write(&dir, "device", content, strlen(content), 0600);
		ck_assert_msg((obol_device_load(path(), &back, &error) == OBOL_OK) ==
						  is_digit,
					  "character %d", c);
		if (is_digit)
		{
			int value = c <= '9' ? c - '0' : c - 'a' + 10;
			int byte = obol_secret_ptr(back.secret)[0];

			ck_assert_int_eq(_i ? byte & 15 : byte >> 4, value);
		}
		obol_device_clear(&back);
	}
}
END_TEST

Suite *device_file_suite(void);
Suite *device_file_suite(void)
{
	Suite *suite = suite_create("device_file");
	TCase *tcase = tcase_create("device_file");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, comes_back);
	tcase_add_loop_test(tcase, others_can_read_it, 0,
						sizeof(modes) / sizeof(modes[0]));
	tcase_add_test(tcase, cut_or_changed);
	tcase_add_test(tcase, not_there);
	tcase_add_loop_test(tcase, every_digit, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
