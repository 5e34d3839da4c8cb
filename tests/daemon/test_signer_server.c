/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol-signer, the program, and the way to it: honest, strange, cut. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/far_signer.h"
#include "daemon/running.h"
#include "daemon/signer_channel.h"
#include "support/run.h"

/** Less than an answer is waited for. */
#define AT_ONCE_MS 1500

static char why[512];

/*
 * Honest
 */

static uint64_t counted(enum obol_metric_signer operation,
						enum obol_metric_verdict verdict)
{
	return far.meter
		->cells[obol_metric_cell(OBOL_METRIC_SIGNER, operation, verdict)];
}

START_TEST(test_signs)
{
	struct obol_issuer *worker, *publisher;
	char audit[4096], more[512];
	size_t n;

	(void)snprintf(more, sizeof(more), "\taudit = \"%s\"\n",
				   tempdir_file(&far.dir, "audit"));
	far_configure("here", more);
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	publisher = far_ask(1);
	far_until_issued(worker);
	/* more than one message takes */
	ck_assert_int_eq(far_sign_list(publisher, 2500), OBOL_OK);
	ck_assert_int_eq(far_sign_list(publisher, 0), OBOL_OK);
	n = tempdir_read(&far.dir, "audit", audit, sizeof(audit) - 1);
	audit[n] = '\0';
	ck_assert_ptr_nonnull(strstr(audit, " certificate 127.0.0.1/sha256:"));
	ck_assert_ptr_nonnull(strstr(audit, "alice@example.org"));
	ck_assert_ptr_nonnull(strstr(audit, " crl 127.0.0.1/sha256:"));
	ck_assert_ptr_nonnull(strstr(audit, " 7 2500 "));
	ck_assert_uint_eq(counted(OBOL_SIGNER_OP_CERTIFICATE, OBOL_VERDICT_OK), 1);
	ck_assert_uint_eq(counted(OBOL_SIGNER_OP_REVOCATION_LIST, OBOL_VERDICT_OK),
					  2);
	obol_issuer_free(publisher);
	obol_issuer_free(worker);
}
END_TEST

/* A worker has no list signed: the one that is in the making is the
 * publisher's. Nor does anybody get a gateway's certificate. */
START_TEST(test_refusals)
{
	struct obol_issuer *worker;

	far_configure("here", "\tnames = { \"@example.org\" }\n");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	ck_assert_int_eq(far_sign_list(worker, 0), OBOL_ERR_DENIED);
	ck_assert_int_eq(far_issue(worker, "gw.example.net", true),
					 OBOL_ERR_DENIED);
	ck_assert_int_eq(far_issue(worker, "vpn.example.org", false),
					 OBOL_ERR_DENIED);
	/* here anything is a name; there it is not */
	ck_assert_int_eq(far_issue(worker, "alice@evil.example.net", false),
					 OBOL_ERR_DENIED);
	far_wait_log("'alice@evil.example.net' is not a name for users");
	ck_assert_int_eq(far_issue_alice(worker), OBOL_OK);
	/* nor when the signer would: that is obolctl's to ask, not a worker's */
	far_kill();
	far_configure("here", "\tgateways = { \"gw.example.net\" }\n");
	far_start();
	far_until_issued(worker);
	ck_assert_int_eq(far_issue(worker, "gw.example.net", true),
					 OBOL_ERR_DENIED);
	/* whether here or there */
	ck_assert_uint_eq(counted(OBOL_SIGNER_OP_CERTIFICATE, OBOL_VERDICT_REFUSED),
					  4);
	ck_assert_uint_eq(counted(OBOL_SIGNER_OP_CERTIFICATE, OBOL_VERDICT_OK), 3);
	obol_issuer_free(worker);
}
END_TEST

START_TEST(test_audit_fails)
{
	struct obol_issuer *worker;

	far_configure("here", "\taudit = \"/dev/full\"\n");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_wait_log("is there");
	ck_assert_int_eq(far_issue_alice(worker), OBOL_ERR_IO);
	far_wait_log("cannot be noted");
	obol_issuer_free(worker);
}
END_TEST

/*
 * Not the right ones
 */

START_TEST(test_wrong_client)
{
	struct obol_issuer *worker;

	far_configure("stranger", "");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_wait_log("it has none of the keys that signer.clients names");
	far_wait_log("does not know this server's key");
	ck_assert_int_eq(far_issue_alice(worker), OBOL_ERR_IO);
	obol_issuer_free(worker);
}
END_TEST

START_TEST(test_wrong_signer)
{
	struct obol_issuer *worker;

	far_configure("here", "");
	far_start();
	far_proxy_start("stranger");
	worker = far_ask(0);
	far_wait_log("is another one than signer.pin says");
	ck_assert_int_eq(far_issue_alice(worker), OBOL_ERR_IO);
	obol_issuer_free(worker);
}
END_TEST

START_TEST(test_other_ca)
{
	struct obol_issuer *worker;

	ck_assert_int_eq(unlink(tempdir_file(&far.dir, "ca-here.crt")), 0);
	ck_assert_int_eq(obol_ca_create("Test CA", 1000 * DAY,
									tempdir_file(&far.dir, "ca-here.crt"),
									tempdir_file(&far.dir, "ca-here.key"),
									obol_clock_system(), why, sizeof(why)),
					 OBOL_OK);
	far_configure("here", "");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_wait_log("has another CA");
	ck_assert_int_eq(far_issue_alice(worker), OBOL_ERR_IO);
	obol_issuer_free(worker);
}
END_TEST

/*
 * Not there
 */

/* Nobody waits for a signer that is known to be away; but something else may
 * have had the machine, so that once in ten times is enough. */
static void refused_at_once(struct obol_issuer *worker)
{
	uint64_t before, took = AT_ONCE_MS;
	unsigned i;

	for (i = 0; i < 10 && took >= AT_ONCE_MS; i++)
	{
		before = test_ms();
		ck_assert_int_eq(far_issue_alice(worker), OBOL_ERR_IO);
		took = test_ms() - before;
	}
	ck_assert_uint_lt(took, AT_ONCE_MS);
}

/* Whoever asks is not kept waiting; and all goes on when it is back. */
START_TEST(test_killed)
{
	struct obol_issuer *worker;

	far_configure("here", "");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	/* with the port that it has now */
	far_configure("here", "");
	far_kill();
	far_wait_log("is away");
	refused_at_once(worker);
	/* who comes meanwhile learns the chain all the same */
	obol_issuer_free(far_ask(1));
	far_start();
	far_until_issued(worker);
	obol_issuer_free(worker);
}
END_TEST

/* The link is there and nothing comes through it. */
START_TEST(test_silent)
{
	struct obol_issuer *worker;
	uint64_t before;

	far_configure("here", "");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	far_signal_all(SIGSTOP);
	before = test_ms();
	ck_assert_int_eq(far_issue_alice(worker), OBOL_ERR_IO);
	ck_assert_uint_lt(test_ms() - before, LIMIT_MS);
	/* once, not each time */
	refused_at_once(worker);
	far_wait_log("does not answer");
	far_signal_all(SIGCONT);
	far_until_issued(worker);
	obol_issuer_free(worker);
}
END_TEST

/* Nobody asks, and it is noticed all the same. */
START_TEST(test_silent_at_rest)
{
	struct obol_issuer *worker;

	far_configure("here", "");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	far_signal_all(SIGSTOP);
	far_wait_log("does not answer");
	obol_issuer_free(worker);
}
END_TEST

/*
 * Strangers
 */

/* From 127.0.0.host. */
static int visit_from(uint8_t host)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	addr.sin_port = htons((uint16_t)far.port);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static int visit(void)
{
	return visit_from(1);
}

/* As many as it takes, who say nothing, keep nobody out. */
START_TEST(test_crowd)
{
	struct obol_issuer *worker;
	int fds[100];
	size_t i;

	far_configure("here", "");
	far_start();
	for (i = 0; i < 100; i++)
	{
		fds[i] = visit();
	}
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	/* and none of them put out who is known */
	for (i = 0; i < 100; i++)
	{
		(void)close(fds[i]);
		fds[i] = visit();
	}
	ck_assert_int_eq(far_issue_alice(worker), OBOL_OK);
	for (i = 0; i < 100; i++)
	{
		(void)close(fds[i]);
	}
	obol_issuer_free(worker);
}
END_TEST

static enum obol_status until_up(struct obol_signer_channel *channel)
{
	uint64_t end = test_ms() + LIMIT_MS;
	enum obol_status status;

	do
	{
		status = obol_signer_channel_step(channel);
		test_sleep(5);
	} while (status == OBOL_ERR_TIMEOUT && test_ms() < end);
	return status;
}

static enum obol_status until_message(struct obol_signer_channel *channel)
{
	uint64_t end = test_ms() + LIMIT_MS;
	struct obol_bytes message;
	enum obol_status status;

	do
	{
		status = obol_signer_channel_receive(channel, &message);
		test_sleep(5);
	} while (status == OBOL_ERR_TIMEOUT && test_ms() < end);
	return status;
}

/* One whose key is known, as obold's is. */
static SSL_CTX *known_client(void)
{
	/* the context goes on using them */
	static uint8_t pins[1][OBOL_SIGNER_PIN_LEN];
	static struct obol_signer_tls_options options = {
		.n_pins = 1,
		.pins = (const uint8_t(*)[OBOL_SIGNER_PIN_LEN])pins,
	};
	char certificate[256], key[256], text[OBOL_SIGNER_PIN_TEXT];
	SSL_CTX *ctx = NULL;

	(void)snprintf(certificate, sizeof(certificate), "%s",
				   tempdir_file(&far.dir, "here.crt"));
	(void)snprintf(key, sizeof(key), "%s", tempdir_file(&far.dir, "here.key"));
	options.certificate_path = certificate;
	options.key_path = key;
	ck_assert(obol_signer_pin_parse(far_pin("there", text), pins[0]));
	ck_assert_int_eq(obol_signer_tls_new(&options, &ctx, why, sizeof(why)),
					 OBOL_OK);
	return ctx;
}

static void wait_closed(int fd)
{
	static const struct timeval limit = { LIMIT_MS / 1000, 0 };
	char byte;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
}

/* A crowd of one network pushes out its own, not who was there before it. */
START_TEST(test_crowd_of_one_network)
{
	struct obol_signer_channel channel;
	int fds[100], fd;
	SSL_CTX *ctx;
	size_t i;

	far_configure("here", "");
	far_start();
	ctx = known_client();
	fd = visit();
	for (i = 0; i < 100; i++)
	{
		fds[i] = visit_from(2);
	}
	wait_closed(fds[0]);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(obol_signer_channel_open(&channel, ctx, fd), OBOL_OK);
	ck_assert_int_eq(until_up(&channel), OBOL_OK);
	far_wait_log("is there");
	obol_signer_channel_close(&channel);
	for (i = 0; i < 100; i++)
	{
		(void)close(fds[i]);
	}
	SSL_CTX_free(ctx);
}
END_TEST

/* One who is known and sends what is none: he alone loses his connection. */
START_TEST(test_bad_frames)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "\0\0\0\0", 4 },
		{ "\xff\xff\xff\xff", 4 },
		{ "\0\0\0\x01\x01", 5 },
		{ "\0\0\0\x08\x01nonce12", 12 },
	};
	struct obol_signer_channel channel;
	struct obol_issuer *worker;
	SSL_CTX *ctx;
	int fd;

	far_configure("here", "");
	far_start();
	ctx = known_client();
	fd = visit();
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(obol_signer_channel_open(&channel, ctx, fd), OBOL_OK);
	ck_assert_int_eq(until_up(&channel), OBOL_OK);
	ck_assert_int_eq(SSL_write(channel.ssl, bad[_i].bytes, (int)bad[_i].len),
					 (int)bad[_i].len);
	ck_assert_int_eq(until_message(&channel), OBOL_ERR_IO);
	obol_signer_channel_close(&channel);
	SSL_CTX_free(ctx);
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	obol_issuer_free(worker);
}
END_TEST

static bool client_is_refused(SSL_CTX *ctx)
{
	SSL *ssl = SSL_new(ctx);
	int fd = visit();
	char byte;
	bool refused;

	ck_assert(SSL_set_fd(ssl, fd));
	/* a client may think that all is well until it reads */
	refused = SSL_connect(ssl) != 1 || SSL_read(ssl, &byte, 1) <= 0;
	SSL_free(ssl);
	(void)close(fd);
	return refused;
}

START_TEST(test_bare_clients)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	far_configure("here", "");
	far_start();
	/* no certificate, no protocol */
	ck_assert(client_is_refused(ctx));
	ck_assert_int_eq(
		SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)OBOL_SIGNER_ALPN,
								sizeof(OBOL_SIGNER_ALPN) - 1),
		0);
	ck_assert(client_is_refused(ctx));
	/* a certificate that nobody named */
	ck_assert_int_eq(
		SSL_CTX_use_certificate_file(
			ctx, tempdir_file(&far.dir, "stranger.crt"), SSL_FILETYPE_PEM),
		1);
	ck_assert_int_eq(
		SSL_CTX_use_PrivateKey_file(ctx, tempdir_file(&far.dir, "stranger.key"),
									SSL_FILETYPE_PEM),
		1);
	ck_assert(client_is_refused(ctx));
	/* TLS 1.2 */
	ck_assert_int_eq(SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION), 1);
	ck_assert(client_is_refused(ctx));
	SSL_CTX_free(ctx);
	far_signal(0);
}
END_TEST

/*
 * Starts that fail
 */

static int run_signer(const char *option)
{
	char program[] = OBOL_SIGNER, c[] = "-c", path[256], more[32];
	char *const argv[] = { program, c, path, *option ? more : NULL, NULL };

	(void)snprintf(path, sizeof(path), "%s",
				   tempdir_file(&far.dir, "signer.conf"));
	(void)snprintf(more, sizeof(more), "%s", option);
	far.signer = fork();
	if (far.signer == 0)
	{
		far_become(argv);
	}
	return far_wait();
}

START_TEST(test_starts)
{
	static const char nobody[] = "server_name = \"vpn.example.org\"\n";

	far_configure("here", "");
	ck_assert_int_eq(run_signer("--check-config"), 0);
	far_configure("here", "\tserver = \"127.0.0.1:1\"\n\tpin = \"sha256:"
						  "00000000000000000000000000000000"
						  "00000000000000000000000000000000\"\n");
	ck_assert_int_eq(run_signer(""), EXIT_FAILURE);
	far_wait_log("without signer.server");
	tempdir_write(&far.dir, "signer.conf", nobody, sizeof(nobody) - 1, 0644);
	ck_assert_int_eq(run_signer("--check-config"), EXIT_FAILURE);
	far_wait_log("signer.clients names nobody");
	far_configure("here", "");
	ck_assert_int_eq(unlink(tempdir_file(&far.dir, "ca.key")), 0);
	ck_assert_int_eq(run_signer("--check-config"), EXIT_FAILURE);
	far_wait_log("ca.key");
	ck_assert_int_eq(run_signer("--frobnicate"), EXIT_FAILURE);
	ck_assert_int_eq(run_signer("--help"), 0);
}
END_TEST

Suite *signer_server_suite(void);

Suite *signer_server_suite(void)
{
	Suite *suite = suite_create("signer: server");
	TCase *tcase = tcase_create("server");

	tcase_add_checked_fixture(tcase, far_setup, far_teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_signs);
	tcase_add_test(tcase, test_refusals);
	tcase_add_test(tcase, test_audit_fails);
	tcase_add_test(tcase, test_wrong_client);
	tcase_add_test(tcase, test_wrong_signer);
	tcase_add_test(tcase, test_other_ca);
	tcase_add_test(tcase, test_killed);
	tcase_add_test(tcase, test_silent);
	tcase_add_test(tcase, test_silent_at_rest);
	tcase_add_test(tcase, test_crowd);
	tcase_add_test(tcase, test_crowd_of_one_network);
	tcase_add_loop_test(tcase, test_bad_frames, 0, 4);
	tcase_add_test(tcase, test_bare_clients);
	tcase_add_test(tcase, test_starts);
	suite_add_tcase(suite, tcase);
	return suite;
}
