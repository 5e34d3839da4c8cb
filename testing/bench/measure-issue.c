/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Measures what obold computes for a certificate, beside what it computes for a
 * login and beside one ECDSA signature: each round does each of them, so that
 * whatever else the machine does slows all alike.
 *
 * usage: measure-issue ROUNDS TIMES ACCOUNT HOST:PORT DEVICE-FILE STATE-FILE
 *                      PID...
 *
 * ACCOUNT is in device mode, and PID... are all of obold's processes. A line
 *for each round, after one that is not counted: TIMES of each, the mean of one
 *in nanoseconds of CPU time.
 *
 *	login=N		obold: TLS, a login with the device's secret, an empty request
 *	issue=N		obold: the same with Issue for a P-256 key as the request
 *	sign=N		one ECDSA signature with P-256 and SHA-256, by OpenSSL */
#include <obol/client.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 1000
#define TIMES_MAX 1000
#define NS_OF_S 1000000000
/** about as long as what a certificate's signature is over */
#define SIGNED_LEN 500

struct bench {
	unsigned times;
	const char *account;
	const char *server;
	const char *device_file;
	const char *state_file;
	char **pids;
};

static void die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

static void die(const char *fmt, ...)
{
	va_list args;

	(void)fputs("measure-issue: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
	exit(1);
}

static void check(const struct obol_error *error, enum obol_status status)
{
	if (status != OBOL_OK)
	{
		die("%s: %s", obol_cause_name(error->cause), error->text);
	}
}

/* What the scheduler has counted for them; obold's processes have one thread
 * each. */
static uint64_t cpu_of(char **pids)
{
	uint64_t sum = 0, ns;
	char path[64];
	FILE *file;

	for (; *pids; pids++)
	{
		(void)snprintf(path, sizeof(path), "/proc/%s/schedstat", *pids);
		file = fopen(path, "re");
		if (!file || fscanf(file, "%" SCNu64, &ns) != 1)
		{
			die("%s cannot be read: is obold running?", path);
		}
		(void)fclose(file);
		sum += ns;
	}
	return sum;
}

/* A client of its own each time, which knows from its state file what to ask
 * for behind KE3. */
static void log_in(const struct bench *bench, bool issues)
{
	/* as if there was one, good for ever: then only a login takes place */
	struct obol_held held = { .mode = OBOL_CLIENT_MODE_DEVICE,
							  .not_after = UINT64_MAX };
	struct obol_client_options options;
	struct obol_obtained got;
	struct obol_client *client;
	struct obol_device device;
	struct obol_error error;

	check(&error, obol_device_load(bench->device_file, &device, &error));
	obol_client_options_init(&options);
	options.servers = bench->server;
	options.account = bench->account;
	options.state_file = bench->state_file;
	options.unattended = true;
	check(&error, obol_client_new(&options, &client, &error));
	check(obol_client_error(client), obol_client_login_device(client, &device));
	check(obol_client_error(client),
		  obol_client_obtain(client, OBOL_CLIENT_VPN, issues ? NULL : &held,
							 &got));
	if ((got.bundle != NULL) != issues || got.mode != OBOL_CLIENT_MODE_DEVICE)
	{
		die("the account is not in device mode");
	}
	obol_bundle_free(got.bundle);
	obol_client_free(client);
	obol_device_clear(&device);
}

static uint64_t measure_obold(const struct bench *bench, bool issues)
{
	uint64_t before = cpu_of(bench->pids);
	unsigned i;

	for (i = 0; i < bench->times; i++)
	{
		log_in(bench, issues);
	}
	return (cpu_of(bench->pids) - before) / bench->times;
}

static uint64_t own_cpu(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NS_OF_S + (uint64_t)now.tv_nsec;
}

static void sign(EVP_PKEY *key)
{
	static const unsigned char message[SIGNED_LEN] = { 0x30 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[128];
	size_t len = sizeof(signature);

	if (!ctx || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
		EVP_DigestSign(ctx, signature, &len, message, sizeof(message)) != 1)
	{
		die("OpenSSL does not sign");
	}
	EVP_MD_CTX_free(ctx);
}

static uint64_t measure_signature(const struct bench *bench)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	uint64_t before, took;
	unsigned i;

	if (!key)
	{
		die("OpenSSL makes no key");
	}
	before = own_cpu();
	for (i = 0; i < bench->times; i++)
	{
		sign(key);
	}
	took = own_cpu() - before;
	EVP_PKEY_free(key);
	return took / bench->times;
}

static void do_round(const struct bench *bench, bool counts)
{
	uint64_t login = measure_obold(bench, false);
	uint64_t issue = measure_obold(bench, true);
	uint64_t signature = measure_signature(bench);

	if (counts)
	{
		(void)printf("login=%" PRIu64 " issue=%" PRIu64 " sign=%" PRIu64 "\n",
					 login, issue, signature);
		(void)fflush(stdout);
	}
}

static unsigned number(const char *text, unsigned max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || value < 1 || value > max)
	{
		die("'%s' is not a number from 1 to %u", text, max);
	}
	return (unsigned)value;
}

int main(int argc, char **argv)
{
	struct bench bench;
	unsigned rounds, i;

	if (argc < 8)
	{
		die("usage: measure-issue ROUNDS TIMES ACCOUNT HOST:PORT DEVICE-FILE "
			"STATE-FILE PID...");
	}
	rounds = number(argv[1], ROUNDS_MAX);
	bench.times = number(argv[2], TIMES_MAX);
	bench.account = argv[3];
	bench.server = argv[4];
	bench.device_file = argv[5];
	bench.state_file = argv[6];
	bench.pids = argv + 7;
	for (i = 0; i <= rounds; i++)
	{
		do_round(&bench, i > 0);
	}
	return 0;
}
