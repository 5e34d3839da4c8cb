/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signer_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "support/pkcs10.h"
#include "support/run.h"

struct signer_fixture signer_fixture;

static struct obol_log quiet;
static struct obol_keeper_table *table;
static int answers[SIGNER_PEERS];
static int parent_fd;
static pid_t pid;

static void drop_line(struct obol_log *log, enum obol_log_level level,
					  const char *line)
{
	(void)log;
	(void)level;
	(void)line;
}

void signer_setup(void)
{
	char why[256];
	unsigned i;

	tempdir_init(&signer_fixture.dir);
	quiet.write = drop_line;
	ck_assert_int_eq(obol_ca_create("Test CA", 1000 * SIGNER_DAY,
									tempdir_file(&signer_fixture.dir, "ca.crt"),
									tempdir_file(&signer_fixture.dir, "ca.key"),
									obol_clock_system(), why, sizeof(why)),
					 OBOL_OK);
	ck_assert_int_eq(obol_keeper_table_new(64, obol_rng_system(), &table),
					 OBOL_OK);
	for (i = 0; i < SIGNER_PEERS; i++)
	{
		int ends[2];

		ck_assert_int_eq(
			socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
		signer_fixture.asks[i] = ends[0];
		answers[i] = ends[1];
	}
	memset(&signer_fixture.options, 0, sizeof(signer_fixture.options));
	signer_fixture.options.rules.server_name = "vpn.example.org";
	signer_fixture.options.rules.domain = "example.org";
	signer_fixture.options.rules.lifetime_max_s = 400 * SIGNER_DAY;
	signer_fixture.options.per_second = 1000;
}

bool signer_start(void)
{
	int ends[2];
	char byte;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
					 0);
	obol_keeper_table_share(table, true);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		int keep[SIGNER_PEERS + 1] = { ends[1], answers[0], answers[1],
									   answers[2] };

		/* the next call's text takes this one's place */
		signer_fixture.options.certificate_path =
			strdup(tempdir_file(&signer_fixture.dir, "ca.crt"));
		signer_fixture.options.key_path =
			tempdir_file(&signer_fixture.dir, "ca.key");
		signer_fixture.options.n_peers = SIGNER_PEERS;
		signer_fixture.options.peers = answers;
		signer_fixture.options.publisher = SIGNER_PUBLISHER;
		signer_fixture.options.parent_fd = ends[1];
		signer_fixture.options.table = table;
		signer_fixture.options.clock = obol_clock_system();
		signer_fixture.options.log = &quiet;
		signer_fixture.options.audit_path =
			signer_fixture.is_audited
				? strdup(tempdir_file(&signer_fixture.dir, "audit"))
				: "";
		obol_privileges_keep_only(keep, SIGNER_PEERS + 1);
		_exit(obol_signer_run(&signer_fixture.options));
	}
	obol_keeper_table_share(table, false);
	(void)close(ends[1]);
	parent_fd = ends[0];
	return read(parent_fd, &byte, 1) == 1;
}

int signer_end(void)
{
	int wait_status = 0;

	(void)close(parent_fd);
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	pid = 0;
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

void signer_kill(void)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(signer_end(), -1);
}

void signer_teardown(void)
{
	unsigned i;

	if (pid)
	{
		(void)signer_end();
	}
	for (i = 0; i < SIGNER_PEERS; i++)
	{
		(void)close(signer_fixture.asks[i]);
		(void)close(answers[i]);
	}
	obol_keeper_table_free(table);
	tempdir_clear(&signer_fixture.dir);
}

struct obol_issuer *signer_link(unsigned peer)
{
	struct obol_issuer *issuer = NULL;

	ck_assert_int_eq(obol_signer_link_new(signer_fixture.asks[peer],
										  OBOL_SIGNER_PRESENT,
										  obol_rng_system(), &issuer),
					 OBOL_OK);
	return issuer;
}

const struct obol_certificate_profile signer_alice = {
	.common_name = "alice",
	.n_sans = 1,
	.sans = { "alice@example.org" },
	.lifetime_s = 30 * SIGNER_DAY,
	.crl_uri = "http://crl.example.org/crl",
};

enum obol_status signer_issue(struct obol_issuer *issuer,
							  const struct obol_certificate_profile *profile,
							  struct obol_issued *issued)
{
	EVP_PKEY *key = pkcs10_key("P-256");
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	enum obol_status status;

	ck_assert_int_gt(len, 0);
	memset(issued, 0, sizeof(*issued));
	status =
		issuer->issue(issuer, obol_bytes(der, (size_t)len), profile, issued);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return status;
}
