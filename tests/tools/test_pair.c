/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key and its certificate: one of both kinds goes with the other, whenever
 * the process that replaces them is killed. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "issue/pem.h"
#include "support/tempdir.h"
#include "support/test_ca.h"
#include "tools/ctl_pair.h"

Suite *pair_suite(void);

/** Names that one write changes: the next key, the certificate, the key. */
#define N_STEPS 3

static struct tempdir dir;
static struct obol_ctl_pair pair;
/** The process is killed instead of this many-th change; 0: never. */
static int n_left;

/* In the place of libc's: each new name of a file is one step. */
int rename(const char *from, const char *to)
{
	if (n_left > 0 && --n_left == 0)
	{
		(void)raise(SIGKILL);
	}
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

static void setup(void)
{
	tempdir_init(&dir);
	ck_assert_int_eq(mkdir(tempdir_file(&dir, "private"), 0700), 0);
	ck_assert_int_eq(mkdir(tempdir_file(&dir, "x509"), 0755), 0);
	(void)snprintf(pair.key, sizeof(pair.key), "%s",
				   tempdir_file(&dir, "private/gw.pem"));
	(void)snprintf(pair.certificate, sizeof(pair.certificate), "%s",
				   tempdir_file(&dir, "x509/gw.pem"));
	n_left = 0;
}

static void empty(const char *name)
{
	DIR *list = opendir(tempdir_file(&dir, name));
	struct dirent *entry;

	while ((entry = readdir(list)))
	{
		(void)unlinkat(dirfd(list), entry->d_name, 0);
	}
	(void)closedir(list);
	ck_assert_int_eq(rmdir(tempdir_file(&dir, name)), 0);
}

static void teardown(void)
{
	empty("private");
	empty("x509");
	tempdir_clear(&dir);
}

/* A new key and its certificate. */
static enum obol_status write_new(bool replace, char *why, size_t size)
{
	static const struct test_cert plain;
	struct obol_secret *key = NULL, *certificate = NULL;
	struct test_identity identity;
	enum obol_status status;

	test_identity_init(&identity, &plain, NULL);
	ck_assert_int_eq(obol_pem_key(identity.key, &key), OBOL_OK);
	ck_assert_int_eq(obol_pem_certificate(identity.certificate, &certificate),
					 OBOL_OK);
	status = obol_ctl_pair_write(&pair, key, certificate, replace, why, size);
	obol_secret_free(key);
	obol_secret_free(certificate);
	test_identity_clear(&identity);
	return status;
}

/* In a process that is killed instead of its n-th step. */
static void write_killed(int n)
{
	char why[256];
	int status;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0)
	{
		n_left = n;
		(void)write_new(true, why, sizeof(why));
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static bool is_key_of(const char *path, X509 *x)
{
	EVP_PKEY *key = NULL;
	char why[256];
	bool is = false;

	if (obol_pem_read_key(path, &key, why, sizeof(why)) == OBOL_OK)
	{
		is = X509_check_private_key(x, key) == 1;
	}
	EVP_PKEY_free(key);
	return is;
}

/* As swanctl reads: every file among the keys. How many there are, and whether
 * one of them is the certificate's. */
static bool certificate_has_key(size_t *n_keys)
{
	DIR *list = opendir(tempdir_file(&dir, "private"));
	struct dirent *entry;
	char path[512], why[256];
	bool has = false;
	X509 *x;
	size_t n;

	ck_assert_int_eq(obol_pem_read_certificates(pair.certificate, 1, &x, &n,
												why, sizeof(why)),
					 OBOL_OK);
	*n_keys = 0;
	while ((entry = readdir(list)))
	{
		(void)snprintf(path, sizeof(path), "%s/%s",
					   tempdir_file(&dir, "private"), entry->d_name);
		if (entry->d_name[0] != '.')
		{
			++*n_keys;
			has = has || is_key_of(path, x);
		}
	}
	(void)closedir(list);
	X509_free(x);
	return has;
}

static void check_pair(void)
{
	char why[256];
	size_t n;
	X509 *x;

	ck_assert(certificate_has_key(&n));
	ck_assert_int_eq(obol_pem_read_certificates(pair.certificate, 1, &x, &n,
												why, sizeof(why)),
					 OBOL_OK);
	ck_assert(is_key_of(pair.key, x));
	X509_free(x);
	ck_assert_int_ne(access(tempdir_file(&dir, "private/gw.pem.next"), F_OK),
					 0);
}

START_TEST(written)
{
	struct stat st;
	char why[256];
	size_t n;

	ck_assert_int_eq(write_new(false, why, sizeof(why)), OBOL_OK);
	check_pair();
	ck_assert(certificate_has_key(&n));
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(stat(pair.key, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	/* and not over one that is there */
	ck_assert_int_eq(write_new(false, why, sizeof(why)), OBOL_ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(why, "x509/gw.pem"));
	ck_assert(certificate_has_key(&n));
	ck_assert_int_eq(write_new(true, why, sizeof(why)), OBOL_OK);
	check_pair();
}
END_TEST

/* What cannot be written leaves the pair that is there. */
START_TEST(not_written)
{
	char why[256];
	size_t n;

	ck_assert_int_eq(write_new(false, why, sizeof(why)), OBOL_OK);
	ck_assert_int_eq(mkdir(tempdir_file(&dir, "private/gw.pem.next"), 0700), 0);
	ck_assert_int_eq(write_new(true, why, sizeof(why)), OBOL_ERR_IO);
	ck_assert_int_eq(rmdir(tempdir_file(&dir, "private/gw.pem.next")), 0);
	check_pair();
	ck_assert(certificate_has_key(&n));
	ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(killed)
{
	char why[256];
	size_t n;

	ck_assert_int_eq(write_new(false, why, sizeof(why)), OBOL_OK);
	write_killed(_i);
	ck_assert(certificate_has_key(&n));
	ck_assert_int_eq(write_new(true, why, sizeof(why)), OBOL_OK);
	check_pair();
}
END_TEST

/* Killed before the new key has its place, and then at each step again. */
START_TEST(killed_twice)
{
	char why[256];
	size_t n;

	ck_assert_int_eq(write_new(false, why, sizeof(why)), OBOL_OK);
	write_killed(N_STEPS);
	ck_assert(certificate_has_key(&n));
	ck_assert_uint_eq(n, 2);
	write_killed(_i);
	ck_assert(certificate_has_key(&n));
	ck_assert_int_eq(write_new(true, why, sizeof(why)), OBOL_OK);
	check_pair();
}
END_TEST

Suite *pair_suite(void)
{
	Suite *suite = suite_create("pair");
	TCase *tc = tcase_create("pair");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, written);
	tcase_add_test(tc, not_written);
	tcase_add_loop_test(tc, killed, 1, N_STEPS + 1);
	tcase_add_loop_test(tc, killed_twice, 1, N_STEPS + 2);
	suite_add_tcase(suite, tc);
	return suite;
}
