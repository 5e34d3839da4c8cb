/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files, read and written. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/tempdir.h"

Suite *file_suite(void);

#define OLD "what was there"
#define NEW "what is new"

static struct tempdir dir;
static char why[512];

static void setup(void)
{
	tempdir_init(&dir);
	why[0] = '\0';
}

static void teardown(void)
{
	tempdir_clear(&dir);
}

static enum obol_status replace(const char *name)
{
	return obol_file_replace(tempdir_file(&dir, name), obol_bytes_str(NEW),
							 0640, why, sizeof(why));
}

static void expect_content(const char *name, const char *wanted)
{
	char bytes[64];
	size_t n = tempdir_read(&dir, name, bytes, sizeof(bytes));

	ck_assert_uint_eq(n, strlen(wanted));
	ck_assert_mem_eq(bytes, wanted, n);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(tempdir_file(&dir, name), &st), 0);
	return st.st_mode;
}

START_TEST(creates)
{
	mode_t before = umask(077);

	ck_assert_int_eq(obol_file_create(tempdir_file(&dir, "new"),
									  obol_bytes_str(NEW), 0644, why,
									  sizeof(why)),
					 OBOL_OK);
	(void)umask(before);
	expect_content("new", NEW);
	ck_assert_uint_eq(mode_of("new") & 07777, 0644);
	ck_assert_int_eq(obol_file_create(tempdir_file(&dir, "new"),
									  obol_bytes_str(OLD), 0600, why,
									  sizeof(why)),
					 OBOL_ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(why, "new"));
	expect_content("new", NEW);
	ck_assert_int_eq(obol_file_create(tempdir_file(&dir, "none/new"),
									  obol_bytes_str(OLD), 0600, why,
									  sizeof(why)),
					 OBOL_ERR_IO);
}
END_TEST

START_TEST(replaces)
{
	ck_assert_int_eq(replace("file"), OBOL_OK);
	expect_content("file", NEW);
	tempdir_write(&dir, "file", OLD, strlen(OLD), 0600);
	ck_assert_int_eq(replace("file"), OBOL_OK);
	expect_content("file", NEW);
	ck_assert_uint_eq(mode_of("file") & 07777, 0640);
}
END_TEST

/* The link goes, and what it leads to stays as it was. */
START_TEST(replaces_links)
{
	tempdir_write(&dir, "target", OLD, strlen(OLD), 0600);
	ck_assert_int_eq(symlink("target", tempdir_file(&dir, "link")), 0);
	ck_assert_int_eq(replace("link"), OBOL_OK);
	expect_content("link", NEW);
	ck_assert(S_ISREG(mode_of("link")));
	expect_content("target", OLD);
}
END_TEST

/* A device, for one; a FIFO is what everybody can make. */
START_TEST(replaces_nothing_else)
{
	ck_assert_int_eq(mkfifo(tempdir_file(&dir, "fifo"), 0600), 0);
	ck_assert_int_eq(replace("fifo"), OBOL_ERR_IO);
	ck_assert_ptr_nonnull(strstr(why, "no regular file"));
	ck_assert(S_ISFIFO(mode_of("fifo")));
	ck_assert_int_eq(mkdir(tempdir_file(&dir, "folder"), 0700), 0);
	ck_assert_int_eq(replace("folder"), OBOL_ERR_IO);
	ck_assert(S_ISDIR(mode_of("folder")));
	ck_assert_int_eq(rmdir(tempdir_file(&dir, "folder")), 0);
}
END_TEST

static enum obol_status read_it(const char *name, enum obol_file_access access)
{
	struct obol_secret *content = NULL;
	enum obol_status status =
		obol_file_read(tempdir_file(&dir, name), access, sizeof(OLD) - 1,
					   &content, why, sizeof(why));

	if (status == OBOL_OK)
	{
		ck_assert(
			obol_bytes_eq(obol_secret_view(content), obol_bytes_str(OLD)));
	}
	obol_secret_free(content);
	return status;
}

START_TEST(reads)
{
	ck_assert_int_eq(read_it("none", OBOL_FILE_PUBLIC), OBOL_ERR_NOT_FOUND);
	tempdir_write(&dir, "file", OLD, strlen(OLD), 0644);
	ck_assert_int_eq(read_it("file", OBOL_FILE_PUBLIC), OBOL_OK);
	ck_assert_int_eq(read_it("file", OBOL_FILE_PRIVATE), OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "chmod 600"));
	ck_assert_int_eq(chmod(tempdir_file(&dir, "file"), 0600), 0);
	ck_assert_int_eq(read_it("file", OBOL_FILE_PRIVATE), OBOL_OK);
	tempdir_write(&dir, "large", OLD "!", strlen(OLD) + 1, 0600);
	ck_assert_int_eq(read_it("large", OBOL_FILE_PUBLIC), OBOL_ERR_FORMAT);
	/* without waiting for somebody to write into it */
	ck_assert_int_eq(mkfifo(tempdir_file(&dir, "fifo"), 0600), 0);
	ck_assert_int_eq(read_it("fifo", OBOL_FILE_PUBLIC), OBOL_ERR_FORMAT);
	ck_assert_int_eq(read_it("file/none", OBOL_FILE_PUBLIC),
					 OBOL_ERR_NOT_FOUND);
}
END_TEST

Suite *file_suite(void)
{
	Suite *suite = suite_create("file");
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, creates);
	tcase_add_test(tc, replaces);
	tcase_add_test(tc, replaces_links);
	tcase_add_test(tc, replaces_nothing_else);
	tcase_add_test(tc, reads);
	suite_add_tcase(suite, tc);
	return suite;
}
