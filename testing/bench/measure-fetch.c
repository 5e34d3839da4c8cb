/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Measures logins and what they consist of, side by side: each round does each
 * of them once, so that whatever else the machine does slows all alike.
 *
 * usage: measure-fetch ROUNDS ACCOUNT HOST PORT DEVICE-FILE PASSWORD-FILE
 *                      COMMAND [ARGUMENT...]
 *
 * A line for each round, after one that is not counted, in microseconds:
 *
 *	ksf=N		scrypt with the default parameters, by libobol's own function
 *	command=N	COMMAND from its start to its end; PASSWORD-FILE is its
 *				descriptor 3, its output is dropped
 *	tls=N		TCP connection and TLS 1.3 handshake with HOST, nothing else
 *	device=N	login with the device's secret and fetch of the credential, by
 *				libobol with a client of its own, as the plugin does it
 *
 * and for each the processor time of this side, NAME_cpu=N, which other work on
 * the machine lengthens less. */
#include "testing/lib/tls-peer.h"

#include <obol/client.h>
#include "pake/ksf.h"

#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 1000
#define PASSWORD_FD 3
#define KSF_IN_LEN 32
#define KSF_OUT_LEN 32

extern char **environ;

struct bench {
	const char *account;
	const char *host;
	const char *port;
	const char *device_file;
	const char *password_file;
	char **command;
};

static uint64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t used_us(int who)
{
	struct rusage usage;

	(void)getrusage(who, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
		   (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/** Processor time of this process and of those that it waited for. */
static uint64_t cpu_us(void)
{
	return used_us(RUSAGE_SELF) + used_us(RUSAGE_CHILDREN);
}

static void stretch(const struct bench *bench)
{
	struct obol_secret *in = obol_secret_new(KSF_IN_LEN);
	struct obol_secret *out = obol_secret_new(KSF_OUT_LEN);
	struct obol_ksf ksf;

	(void)bench;
	if (!in || !out || obol_ksf_init(&ksf, &obol_ksf_default) != OBOL_OK ||
		ksf.stretch(&ksf, in, out) != OBOL_OK)
	{
		tls_peer_die("the key stretching function fails");
	}
	obol_secret_free(in);
	obol_secret_free(out);
}

static void run_command(const struct bench *bench)
{
	posix_spawn_file_actions_t files;
	int status = -1;
	pid_t pid;

	if (posix_spawn_file_actions_init(&files) != 0 ||
		posix_spawn_file_actions_addopen(
			&files, PASSWORD_FD, bench->password_file, O_RDONLY, 0) != 0 ||
		posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null",
										 O_WRONLY, 0) != 0 ||
		posix_spawnp(&pid, bench->command[0], &files, NULL, bench->command,
					 environ) != 0)
	{
		tls_peer_die("%s can not be run", bench->command[0]);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		WEXITSTATUS(status) != 0)
	{
		tls_peer_die("%s failed", bench->command[0]);
	}
	posix_spawn_file_actions_destroy(&files);
}

static void shake_hands(const struct bench *bench)
{
	SSL_CTX *client = tls_peer_client();

	tls_peer_close(tls_peer_connect(client, bench->host, bench->port));
	SSL_CTX_free(client);
}

static void check(const struct obol_error *error, enum obol_status status)
{
	if (status != OBOL_OK)
	{
		tls_peer_die("%s: %s", obol_cause_name(error->cause), error->text);
	}
}

static void fetch(const struct bench *bench)
{
	struct obol_client_options options;
	struct obol_client *client;
	struct obol_bundle *bundle;
	struct obol_device device;
	struct obol_error error;
	uint64_t version;

	check(&error, obol_device_load(bench->device_file, &device, &error));
	obol_client_options_init(&options);
	options.servers = bench->host;
	options.account = bench->account;
	options.unattended = true;
	check(&error, obol_client_new(&options, &client, &error));
	check(obol_client_error(client), obol_client_login_device(client, &device));
	check(obol_client_error(client),
		  obol_client_fetch(client, OBOL_CLIENT_VPN, 0, &bundle, &version));
	obol_bundle_free(bundle);
	obol_client_free(client);
	obol_device_clear(&device);
}

static const struct {
	const char *name;
	void (*run)(const struct bench *bench);
} parts[] = {
	{ "ksf", stretch },
	{ "command", run_command },
	{ "tls", shake_hands },
	{ "device", fetch },
};

#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static void do_round(const struct bench *bench, bool counts)
{
	uint64_t took_us[N_PARTS], took_cpu_us[N_PARTS], start, start_cpu;
	size_t i;

	for (i = 0; i < N_PARTS; i++)
	{
		start_cpu = cpu_us();
		start = now_us();
		parts[i].run(bench);
		took_us[i] = now_us() - start;
		took_cpu_us[i] = cpu_us() - start_cpu;
	}
	for (i = 0; counts && i < N_PARTS; i++)
	{
		printf("%s=%" PRIu64 " %s_cpu=%" PRIu64 "%c", parts[i].name, took_us[i],
			   parts[i].name, took_cpu_us[i], i + 1 < N_PARTS ? ' ' : '\n');
	}
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	struct bench bench;
	char *end = NULL;
	unsigned long n, i;

	if (argc < 8 || !(n = strtoul(argv[1], &end, 10)) || *end || n > ROUNDS_MAX)
	{
		tls_peer_die("usage: measure-fetch ROUNDS ACCOUNT HOST PORT "
					 "DEVICE-FILE PASSWORD-FILE COMMAND [ARGUMENT...]");
	}
	bench.account = argv[2];
	bench.host = argv[3];
	bench.port = argv[4];
	bench.device_file = argv[5];
	bench.password_file = argv[6];
	bench.command = argv + 7;
	do_round(&bench, false);
	for (i = 0; i < n; i++)
	{
		do_round(&bench, true);
	}
	return 0;
}
