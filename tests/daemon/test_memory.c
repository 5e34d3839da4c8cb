/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which process of a running obold has which key in its memory, read as root
 * through /proc. What must be found in one is the proof that the search finds.
 */
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include "daemon/running.h"
#include "issue/tls_self.h"
#include "support/run.h"

#define KEY_LEN 32
#define CHUNK ((size_t)1 << 20)
/** In the key file, see server/keys.h. */
#define SEED_AT (8 + 1 + 4 + 8 + 8)

static struct running r;
static uint8_t chunk[KEY_LEN + CHUNK];

static void teardown(void)
{
	running_clear(&r);
}

/* A key as it is written, and as a number lies in memory. */
struct needle {
	uint8_t bytes[KEY_LEN];
	uint8_t reversed[KEY_LEN];
};

static struct needle needle_of(const uint8_t bytes[KEY_LEN])
{
	struct needle needle;
	size_t i;

	memcpy(needle.bytes, bytes, KEY_LEN);
	for (i = 0; i < KEY_LEN; i++)
	{
		needle.reversed[i] = bytes[KEY_LEN - 1 - i];
	}
	return needle;
}

static struct needle key_file_needle(size_t at)
{
	uint8_t file[256];
	size_t len = tempdir_read(&r.world.dir, "keys", (char *)file, sizeof(file));

	ck_assert_uint_ge(len, at + KEY_LEN);
	return needle_of(file + at);
}

static struct needle pem_needle(const char *name)
{
	FILE *f = fopen(tempdir_file(&r.world.dir, name), "r");
	EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	uint8_t bytes[KEY_LEN];
	BIGNUM *number = NULL;

	ck_assert_ptr_nonnull(key);
	ck_assert_int_eq(
		EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number), 1);
	ck_assert_int_eq(BN_bn2binpad(number, bytes, KEY_LEN), KEY_LEN);
	BN_clear_free(number);
	EVP_PKEY_free(key);
	(void)fclose(f);
	return needle_of(bytes);
}

static bool has(const uint8_t *bytes, size_t len, const struct needle *needle)
{
	return memmem(bytes, len, needle->bytes, KEY_LEN) ||
		   memmem(bytes, len, needle->reversed, KEY_LEN);
}

/* One mapping, in chunks that overlap by a key. */
static bool is_in_mapping(int fd, uint64_t from, uint64_t to,
						  const struct needle *needle, uint64_t *n_read)
{
	size_t held = 0;

	while (from < to)
	{
		size_t want = to - from < CHUNK ? (size_t)(to - from) : CHUNK;
		ssize_t n = pread(fd, chunk + held, want, (off_t)from);

		if (n <= 0)
		{
			return false; /* [vvar] and the like cannot be read */
		}
		*n_read += (uint64_t)n;
		if (has(chunk, held + (size_t)n, needle))
		{
			return true;
		}
		from += (uint64_t)n;
		held = held + (size_t)n < KEY_LEN ? held + (size_t)n : KEY_LEN;
		memmove(chunk, chunk + (size_t)n, held);
	}
	return false;
}

static bool is_in_process(pid_t pid, const struct needle *needle)
{
	unsigned long long from, to;
	char path[64], line[512], access[8];
	uint64_t n_read = 0;
	bool found = false;
	FILE *maps;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "r");
	ck_assert_ptr_nonnull(maps);
	while (!found && fgets(line, sizeof(line), maps))
	{
		if (sscanf(line, "%llx-%llx %7s", &from, &to, access) == 3 &&
			access[0] == 'r' && to - from < (uint64_t)1 << 32)
		{
			found = is_in_mapping(fd, from, to, needle, &n_read);
		}
	}
	/* the whole of a process, not an empty list */
	ck_assert(found || n_read > 1 << 20);
	(void)fclose(maps);
	(void)close(fd);
	return found;
}

static unsigned n_in(const char *name, const struct needle *needle)
{
	pid_t pids[8];
	size_t n = running_processes(&r, name, pids, 8), i;
	unsigned found = 0;

	ck_assert_uint_ge(n, 1);
	for (i = 0; i < n; i++)
	{
		found += is_in_process(pids[i], needle);
	}
	return found;
}

/* Whatever keys do in memory, they do after a login and a certificate. */
static void use_it(void)
{
	struct obol_secret *password = obol_secret_dup(PASSWORD, strlen(PASSWORD));
	struct obol_device device;
	struct obol_client *c = running_client(&r);

	ck_assert_int_eq(log_in_by_code(c), OBOL_OK);
	ck_assert_int_eq(obol_client_activate(c, password, "laptop", &device),
					 OBOL_OK);
	ck_assert_int_eq(obol_client_issue(c, "vpn", NULL), OBOL_OK);
	obol_client_free(c);
	c = running_client(&r);
	ck_assert_int_eq(obol_client_login_device(c, &device), OBOL_OK);
	obol_client_free(c);
	obol_secret_free(device.secret);
	obol_secret_free(password);
}

/* Killed, and there again: forked when the parent had all that it ever has. */
static void replace(const char *name)
{
	pid_t before = 0, now = 0;
	uint64_t end = test_ms() + 60000;

	ck_assert_uint_ge(running_processes(&r, name, &before, 1), 1);
	ck_assert_int_eq(kill(before, SIGKILL), 0);
	while (running_processes(&r, name, &now, 1) < 1 || now == before)
	{
		ck_assert_msg(test_ms() < end, "%s", running_log(&r));
		test_sleep(20);
	}
}

/* Every process that there can be. */
static void start_all(void)
{
	char extra[1024];

	running_init(&r, "");
	(void)snprintf(extra, sizeof(extra),
				   "relay {\n\tlisten = { \"[::1]:0\" }\n}\n"
				   "metrics {\n\tlisten = \"127.0.0.1:0\"\n}\n"
				   "control {\n\tsocket = \"%s\"\n\tgroup = \"%s\"\n}\n",
				   tempdir_file(&r.world.dir, "control"),
				   getgrgid(getegid())->gr_name);
	running_configure(&r, extra);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
}

START_TEST(test_who_has_which_key)
{
	struct needle seed, private_key, tls, ca;

	if (geteuid() != 0)
	{
		(void)fputs("not root: memory of others cannot be read\n", stderr);
		return;
	}
	start_all();
	use_it();
	replace("obold-relay");
	seed = key_file_needle(SEED_AT);
	private_key = key_file_needle(SEED_AT + KEY_LEN);
	tls = pem_needle("tls.key");
	ca = pem_needle("ca.key");
	/* planted, so to say: who needs a key has it, and it is found; the control
	 * process has a keeper too */
	ck_assert_uint_eq(n_in("obold-keeper", &seed), 3);
	ck_assert_uint_eq(n_in("obold-keeper", &private_key), 3);
	ck_assert_uint_eq(n_in("obold-worker", &tls), 2);
	ck_assert(is_in_process(r.pid, &tls));
	ck_assert_uint_eq(n_in("obold-signer", &ca), 1);
	/* and who does not need it has it not */
	ck_assert_uint_eq(n_in("obold-worker", &seed), 0);
	ck_assert_uint_eq(n_in("obold-worker", &private_key), 0);
	ck_assert(!is_in_process(r.pid, &seed));
	ck_assert(!is_in_process(r.pid, &private_key));
	ck_assert_uint_eq(n_in("obold-signer", &seed), 0);
	ck_assert_uint_eq(n_in("obold-keeper", &tls), 0);
	ck_assert_uint_eq(n_in("obold-signer", &tls), 0);
	ck_assert_uint_eq(n_in("obold-publisher", &tls), 0);
	ck_assert_uint_eq(n_in("obold-relay", &tls), 0);
	ck_assert_uint_eq(n_in("obold-monitor", &tls), 0);
	ck_assert_uint_eq(n_in("obold-control", &tls), 0);
	ck_assert_uint_eq(n_in("obold-worker", &ca), 0);
	ck_assert_uint_eq(n_in("obold-keeper", &ca), 0);
	ck_assert_uint_eq(n_in("obold-publisher", &ca), 0);
	ck_assert_uint_eq(n_in("obold-publisher", &seed), 0);
	ck_assert_uint_eq(n_in("obold-control", &ca), 0);
	ck_assert_uint_eq(n_in("obold-control", &seed), 0);
	ck_assert(!is_in_process(r.pid, &ca));
}
END_TEST

/* Another TLS key, because somebody may have the one before. */
static void change_tls_key(void)
{
	char why[256];

	ck_assert_int_eq(unlink(tempdir_file(&r.world.dir, "tls.crt")), 0);
	ck_assert_int_eq(unlink(tempdir_file(&r.world.dir, "tls.key")), 0);
	ck_assert_int_eq(obol_tls_self_create("vpn.example.org", 365 * DAY,
										  tempdir_file(&r.world.dir, "tls.crt"),
										  tempdir_file(&r.world.dir, "tls.key"),
										  obol_clock_system(), why,
										  sizeof(why)),
					 OBOL_OK);
}

START_TEST(test_key_of_before)
{
	uint64_t end = test_ms() + 60000;
	struct needle before, now;
	pid_t pids[8];

	if (geteuid() != 0)
	{
		(void)fputs("not root: memory of others cannot be read\n", stderr);
		return;
	}
	running_init(&r, "");
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	before = pem_needle("tls.key");
	change_tls_key();
	now = pem_needle("tls.key");
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "reloaded"));
	while (running_workers(&r, pids, 8) != 2)
	{
		ck_assert_msg(test_ms() < end, "%s", running_log(&r));
		test_sleep(20);
	}
	ck_assert_uint_eq(n_in("obold-worker", &now), 2);
	ck_assert_uint_eq(n_in("obold-worker", &before), 0);
}
END_TEST

Suite *memory_suite(void);

Suite *memory_suite(void)
{
	Suite *suite = suite_create("memory");
	TCase *tcase = tcase_create("memory");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_who_has_which_key);
	tcase_add_test(tcase, test_key_of_before);
	suite_add_tcase(suite, tcase);
	return suite;
}
