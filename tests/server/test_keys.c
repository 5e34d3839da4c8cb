/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key file. */
#include "server/keys.h"

#include <sys/stat.h>

#include "support/run.h"
#include "support/tempdir.h"

#define NOW 1800000000
#define FILE_LEN (8 + 1 + 84 + 32)

static struct tempdir dir;
static char why[256];

static void setup(void)
{
	tempdir_init(&dir);
	ck_assert_msg(obol_server_keys_create(tempdir_file(&dir, "keys"),
										  obol_rng_system(), NOW, why,
										  sizeof(why)) == OBOL_OK,
				  "%s", why);
}

static void teardown(void)
{
	tempdir_clear(&dir);
}

static enum obol_status load(const char *name, struct obol_server_keys **keys)
{
	why[0] = '\0';
	return obol_server_keys_load(tempdir_file(&dir, name), keys, why,
								 sizeof(why));
}

static enum obol_status load_bytes(const void *bytes, size_t len)
{
	struct obol_server_keys *keys = NULL;
	enum obol_status status;

	tempdir_write(&dir, "changed", bytes, len, 0600);
	status = load("changed", &keys);
	obol_server_keys_free(keys);
	return status;
}

START_TEST(test_same_keys_each_time)
{
	struct obol_server_keys *a = NULL, *b = NULL;
	uint8_t one[OBOL_OPAQUE_NPK], two[OBOL_OPAQUE_NPK];
	uint8_t x[OBOL_OPAQUE_NOE], y[OBOL_OPAQUE_NOE];
	struct obol_bytes point = obol_bytes(one, sizeof(one));
	struct obol_opaque_keys *ops;

	ck_assert_int_eq(load("keys", &a), OBOL_OK);
	ck_assert_int_eq(load("keys", &b), OBOL_OK);
	ck_assert_uint_eq(obol_server_keys_current(a), 1);
	ops = obol_server_keys_operations(a);
	ck_assert_int_eq(ops->public_key(ops, 1, one), OBOL_OK);
	ck_assert_int_eq(ops->oprf_evaluate(ops, 1, obol_bytes_str("id"), point, x),
					 OBOL_OK);
	ops = obol_server_keys_operations(b);
	ck_assert_int_eq(ops->public_key(ops, 1, two), OBOL_OK);
	ck_assert_int_eq(ops->oprf_evaluate(ops, 1, obol_bytes_str("id"), point, y),
					 OBOL_OK);
	ck_assert_mem_eq(one, two, sizeof(one));
	ck_assert_mem_eq(x, y, sizeof(x));
	/* and others for another credential identifier */
	ck_assert_int_eq(ops->oprf_evaluate(ops, 1, obol_bytes_str("ie"), point, y),
					 OBOL_OK);
	ck_assert_mem_ne(x, y, sizeof(x));
	obol_server_keys_free(a);
	obol_server_keys_free(b);
}
END_TEST

START_TEST(test_static_dh)
{
	struct obol_server_keys *keys = NULL;
	struct obol_secret *shared = obol_secret_new(OBOL_OPAQUE_NPK);
	uint8_t point[OBOL_OPAQUE_NPK], bad[OBOL_OPAQUE_NPK] = { 0 };
	struct obol_opaque_keys *ops;

	ck_assert_int_eq(load("keys", &keys), OBOL_OK);
	ops = obol_server_keys_operations(keys);
	ck_assert_int_eq(ops->public_key(ops, 1, point), OBOL_OK);
	ck_assert_int_eq(ops->static_dh(ops, 1, obol_bytes(point, 33), shared),
					 OBOL_OK);
	ck_assert_int_eq(ops->static_dh(ops, 1, obol_bytes(bad, 33), shared),
					 OBOL_ERR_FORMAT);
	obol_secret_free(shared);
	obol_server_keys_free(keys);
}
END_TEST

START_TEST(test_unknown_number)
{
	struct obol_server_keys *keys = NULL;
	struct obol_secret *shared = obol_secret_new(OBOL_OPAQUE_NPK);
	uint8_t point[OBOL_OPAQUE_NPK], out[OBOL_OPAQUE_NOE];
	struct obol_opaque_keys *ops;

	ck_assert_int_eq(load("keys", &keys), OBOL_OK);
	ops = obol_server_keys_operations(keys);
	ck_assert_int_eq(ops->public_key(ops, 1, point), OBOL_OK);
	ck_assert_int_eq(ops->public_key(ops, 2, out), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(ops->oprf_evaluate(ops, 0, obol_bytes_str("id"),
										obol_bytes(point, 33), out),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(ops->static_dh(ops, 2, obol_bytes(point, 33), shared),
					 OBOL_ERR_NOT_FOUND);
	obol_secret_free(shared);
	obol_server_keys_free(keys);
}
END_TEST

START_TEST(test_create_keeps_what_is_there)
{
	uint8_t before[FILE_LEN], after[FILE_LEN];
	struct stat st;

	ck_assert_uint_eq(tempdir_read(&dir, "keys", before, FILE_LEN), FILE_LEN);
	ck_assert_int_eq(obol_server_keys_create(tempdir_file(&dir, "keys"),
											 obol_rng_system(), NOW, why,
											 sizeof(why)),
					 OBOL_ERR_EXISTS);
	ck_assert_uint_eq(tempdir_read(&dir, "keys", after, FILE_LEN), FILE_LEN);
	ck_assert_mem_eq(before, after, FILE_LEN);
	ck_assert_int_eq(stat(tempdir_file(&dir, "keys"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(st.st_size, FILE_LEN);
}
END_TEST

START_TEST(test_no_directory)
{
	ck_assert_int_eq(obol_server_keys_create(tempdir_file(&dir, "no/keys"),
											 obol_rng_system(), NOW, why,
											 sizeof(why)),
					 OBOL_ERR_IO);
	ck_assert_ptr_nonnull(strstr(why, "no/keys"));
}
END_TEST

START_TEST(test_permissions)
{
	static const unsigned modes[] = { 0640, 0604, 0620, 0601, 0777 };
	struct obol_server_keys *keys = NULL;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
	{
		ck_assert_int_eq(chmod(tempdir_file(&dir, "keys"), modes[i]), 0);
		ck_assert_int_eq(load("keys", &keys), OBOL_ERR_DENIED);
		ck_assert_ptr_nonnull(strstr(why, "chmod 600"));
	}
	ck_assert_int_eq(chmod(tempdir_file(&dir, "keys"), 0400), 0);
	ck_assert_int_eq(load("keys", &keys), OBOL_OK);
	obol_server_keys_free(keys);
}
END_TEST

START_TEST(test_missing)
{
	struct obol_server_keys *keys = NULL;

	ck_assert_int_eq(load("none", &keys), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(load(".", &keys), OBOL_ERR_FORMAT);
	ck_assert_ptr_null(keys);
}
END_TEST

START_TEST(test_cut_short)
{
	uint8_t file[FILE_LEN];
	size_t len;

	(void)tempdir_read(&dir, "keys", file, FILE_LEN);
	for (len = 0; len < FILE_LEN; len++)
	{
		ck_assert_msg(load_bytes(file, len) == OBOL_ERR_FORMAT, "%zu", len);
	}
	ck_assert_ptr_nonnull(strstr(why, "backup"));
	ck_assert_int_eq(load_bytes(file, FILE_LEN), OBOL_OK);
}
END_TEST

START_TEST(test_changed_byte)
{
	uint8_t file[FILE_LEN + 1];
	size_t i;

	(void)tempdir_read(&dir, "keys", file, FILE_LEN);
	for (i = 0; i < FILE_LEN; i++)
	{
		file[i] ^= 0x40;
		ck_assert_msg(load_bytes(file, FILE_LEN) == OBOL_ERR_FORMAT, "%zu", i);
		file[i] ^= 0x40;
	}
	file[FILE_LEN] = 0;
	ck_assert_int_eq(load_bytes(file, FILE_LEN + 1), OBOL_ERR_FORMAT);
}
END_TEST

/*
 * Several keys
 */

static enum obol_status add(uint64_t ends_at, uint32_t *number)
{
	return obol_server_keys_add(tempdir_file(&dir, "keys"), obol_rng_system(),
								NOW + 1, ends_at, number, why, sizeof(why));
}

static enum obol_status remove_key(uint32_t number)
{
	return obol_server_keys_remove(tempdir_file(&dir, "keys"), number, why,
								   sizeof(why));
}

START_TEST(test_second_key)
{
	uint8_t one[OBOL_OPAQUE_NPK], other[OBOL_OPAQUE_NPK];
	struct obol_server_keys *keys = NULL;
	struct obol_opaque_keys *ops;
	struct stat st;
	uint32_t number = 0;

	ck_assert_int_eq(load("keys", &keys), OBOL_OK);
	ops = obol_server_keys_operations(keys);
	ck_assert_int_eq(ops->public_key(ops, 1, one), OBOL_OK);
	obol_server_keys_free(keys);
	ck_assert_int_eq(add(NOW + 100, &number), OBOL_OK);
	ck_assert_uint_eq(number, 2);
	ck_assert_int_eq(stat(tempdir_file(&dir, "keys"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(load("keys", &keys), OBOL_OK);
	ck_assert_uint_eq(obol_server_keys_current(keys), 2);
	ck_assert_uint_eq(obol_server_keys_count(keys), 2);
	ck_assert_uint_eq(obol_server_keys_info(keys, 0).ends_at, NOW + 100);
	ck_assert_uint_eq(obol_server_keys_info(keys, 1).ends_at, 0);
	ck_assert_uint_eq(obol_server_keys_info(keys, 1).created_at, NOW + 1);
	ck_assert(!obol_server_keys_has_ended(keys, 1, NOW + 99));
	ck_assert(obol_server_keys_has_ended(keys, 1, NOW + 100));
	ck_assert(!obol_server_keys_has_ended(keys, 2, UINT64_MAX));
	ck_assert(!obol_server_keys_has_ended(keys, 3, NOW));
	/* the first is what it was, the second another one */
	ops = obol_server_keys_operations(keys);
	ck_assert_int_eq(ops->public_key(ops, 1, other), OBOL_OK);
	ck_assert_mem_eq(one, other, sizeof(one));
	ck_assert_int_eq(ops->public_key(ops, 2, other), OBOL_OK);
	ck_assert_mem_ne(one, other, sizeof(one));
	obol_server_keys_free(keys);
}
END_TEST

START_TEST(test_remove)
{
	struct obol_server_keys *keys = NULL;
	uint32_t number = 0;

	ck_assert_int_eq(remove_key(1), OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "current"));
	ck_assert_int_eq(add(0, &number), OBOL_OK);
	ck_assert_int_eq(remove_key(3), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(remove_key(2), OBOL_ERR_DENIED);
	ck_assert_int_eq(remove_key(1), OBOL_OK);
	ck_assert_int_eq(load("keys", &keys), OBOL_OK);
	ck_assert_uint_eq(obol_server_keys_count(keys), 1);
	ck_assert_uint_eq(obol_server_keys_current(keys), 2);
	obol_server_keys_free(keys);
	/* no number comes twice */
	ck_assert_int_eq(add(0, &number), OBOL_OK);
	ck_assert_uint_eq(number, 3);
}
END_TEST

START_TEST(test_full_file)
{
	uint32_t number = 0;
	unsigned i;

	for (i = 2; i <= OBOL_SERVER_KEYS_MAX; i++)
	{
		ck_assert_int_eq(add(0, &number), OBOL_OK);
		ck_assert_uint_eq(number, i);
	}
	ck_assert_int_eq(add(0, &number), OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "full"));
	ck_assert_int_eq(remove_key(7), OBOL_OK);
	ck_assert_int_eq(add(0, &number), OBOL_OK);
}
END_TEST

START_TEST(test_changes_of_a_bad_file)
{
	uint32_t number = 0;

	tempdir_write(&dir, "keys", "x", 1, 0600);
	ck_assert_int_eq(add(0, &number), OBOL_ERR_FORMAT);
	ck_assert_int_eq(remove_key(1), OBOL_ERR_FORMAT);
}
END_TEST

Suite *keys_suite(void);

Suite *keys_suite(void)
{
	Suite *s = suite_create("keys");
	TCase *tc = tcase_create("keys");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_same_keys_each_time);
	tcase_add_test(tc, test_static_dh);
	tcase_add_test(tc, test_unknown_number);
	tcase_add_test(tc, test_create_keeps_what_is_there);
	tcase_add_test(tc, test_no_directory);
	tcase_add_test(tc, test_permissions);
	tcase_add_test(tc, test_missing);
	tcase_add_test(tc, test_cut_short);
	tcase_add_test(tc, test_changed_byte);
	tcase_add_test(tc, test_second_key);
	tcase_add_test(tc, test_remove);
	tcase_add_test(tc, test_full_file);
	tcase_add_test(tc, test_changes_of_a_bad_file);
	suite_add_tcase(s, tc);
	return s;
}
