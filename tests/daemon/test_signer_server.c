/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol-signer, the program, and the way to it: honest, strange, cut. */
#include "daemon/signer_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "daemon/running.h"
#include "daemon/signer_channel.h"
#include "daemon/signer_link.h"
#include "issue/pem.h"
#include "issue/tls_self.h"
#include "support/pkcs10.h"
#include "support/run.h"
#include "support/tempdir.h"

#define LIMIT_MS 10000
#define PEERS 2

static struct tempdir dir;
static unsigned port;
static pid_t signer, proxy;
/** the proxy's */
static struct obol_meter *meter;
static int asks[PEERS], answers[PEERS];
static int parent_fd;
static char why[512];

/*
 * Files
 */

static void make_tls(const char *name)
{
	char certificate[64], key[64];

	(void)snprintf(certificate, sizeof(certificate), "%s.crt", name);
	(void)snprintf(key, sizeof(key), "%s.key", name);
	ck_assert_int_eq(
		obol_tls_self_create(
			"signer.example.org", 365 * DAY, tempdir_file(&dir, certificate),
			tempdir_file(&dir, key), obol_clock_system(), why, sizeof(why)),
		OBOL_OK);
}

static const char *pin_of(const char *name, char text[OBOL_SIGNER_PIN_TEXT])
{
	uint8_t pin[OBOL_SIGNER_PIN_LEN];
	char certificate[64];
	X509 *x = NULL;
	size_t n = 0;

	(void)snprintf(certificate, sizeof(certificate), "%s.crt", name);
	ck_assert_int_eq(obol_pem_read_certificates(tempdir_file(&dir, certificate),
												1, &x, &n, why, sizeof(why)),
					 OBOL_OK);
	ck_assert_int_eq(obol_signer_pin_of(x, pin), OBOL_OK);
	X509_free(x);
	obol_signer_pin_print(pin, text);
	return text;
}

/* Of obol-signer; more goes into section signer. */
static void configure_signer(const char *client, const char *more)
{
	char text[4096], pin[OBOL_SIGNER_PIN_TEXT];
	int n = snprintf(
		text, sizeof(text),
		"server_name = \"vpn.example.org\"\ndomain = \"example.org\"\n"
		"listen = { \"127.0.0.1:%u\" }\nuser = \"nobody\"\n"
		"tls {\n\tcertificate = \"%s/there.crt\"\n\tkey = \"%s/there.key\"\n}\n"
		"ca {\n\tcertificate = \"%s/ca.crt\"\n\tkey = \"%s/ca.key\"\n}\n"
		"signer {\n\tuser = \"nobody\"\n\tclients = { \"%s\" }\n%s}\n",
		port, dir.path, dir.path, dir.path, dir.path, pin_of(client, pin),
		more);

	ck_assert(n > 0 && (size_t)n < sizeof(text));
	tempdir_write(&dir, "signer.conf", text, (size_t)n, 0644);
}

static struct obol_config *configure_obold(const char *server)
{
	char text[4096], pin[OBOL_SIGNER_PIN_TEXT];
	struct obol_config *config = NULL;
	int n = snprintf(
		text, sizeof(text),
		"server_name = \"vpn.example.org\"\ndomain = \"example.org\"\n"
		"ca {\n\tcertificate = \"%s/ca-here.crt\"\n\tkey = \"/none\"\n}\n"
		"signer {\n\tserver = \"127.0.0.1:%u\"\n\tpin = \"%s\"\n"
		"\tcertificate = \"%s/here.crt\"\n\tkey = \"%s/here.key\"\n}\n",
		dir.path, port, pin_of(server, pin), dir.path, dir.path);

	ck_assert(n > 0 && (size_t)n < sizeof(text));
	tempdir_write(&dir, "obold.conf", text, (size_t)n, 0644);
	ck_assert_msg(obol_config_load(tempdir_file(&dir, "obold.conf"), &config,
								   why, sizeof(why)) == OBOL_OK,
				  "%s", why);
	return config;
}

static void copy_ca(void)
{
	char text[8192];
	size_t n = tempdir_read(&dir, "ca.crt", text, sizeof(text));

	tempdir_write(&dir, "ca-here.crt", text, n, 0644);
}

static void setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	tempdir_init(&dir);
	port = 0;
	ck_assert_int_eq(obol_ca_create("Test CA", 1000 * DAY,
									tempdir_file(&dir, "ca.crt"),
									tempdir_file(&dir, "ca.key"),
									obol_clock_system(), why, sizeof(why)),
					 OBOL_OK);
	copy_ca();
	make_tls("there");
	make_tls("here");
	make_tls("stranger");
	tempdir_write(&dir, "log", "", 0, 0600);
}

/*
 * Processes
 */

static const char *log_text(void)
{
	static char text[65536];
	size_t n = tempdir_read(&dir, "log", text, sizeof(text) - 1);

	text[n] = '\0';
	return text;
}

static void wait_log(const char *wanted)
{
	uint64_t end = test_ms() + LIMIT_MS;

	while (!strstr(log_text(), wanted))
	{
		ck_assert_msg(test_ms() < end, "no '%s' in:\n%s", wanted, log_text());
		test_sleep(10);
	}
}

static void become(char *const argv[])
{
	int fd =
		open(tempdir_file(&dir, "log"), O_WRONLY | O_CREAT | O_APPEND, 0600);

	(void)dup2(fd, STDERR_FILENO);
	(void)execv(argv[0], argv);
	_exit(127);
}

/* Start obol-signer; it must serve. */
static void signer_start(void)
{
	static const char mark[] = "listening on 127.0.0.1:";
	char program[] = OBOL_SIGNER, option[] = "-c", path[256];
	char *const argv[] = { program, option, path, NULL };
	const char *said;

	(void)snprintf(path, sizeof(path), "%s", tempdir_file(&dir, "signer.conf"));
	tempdir_write(&dir, "log", "", 0, 0600);
	signer = fork();
	if (signer == 0)
	{
		become(argv);
	}
	wait_log(mark);
	said = strstr(log_text(), mark);
	port = (unsigned)atoi(said + sizeof(mark) - 1);
}

static int signer_wait(void)
{
	int wait_status = 0;

	ck_assert_int_eq(waitpid(signer, &wait_status, 0), signer);
	signer = 0;
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

static void signer_kill(void)
{
	if (signer)
	{
		(void)kill(signer, SIGKILL);
		(void)signer_wait();
	}
}

static void write_line(struct obol_log *log, enum obol_log_level level,
					   const char *line)
{
	FILE *f = log->ctx;

	(void)level;
	(void)fprintf(f, "%s\n", line);
	(void)fflush(f);
}

static void become_proxy(const struct obol_config *config, int fd)
{
	static char buffer[4096];
	struct obol_log log = { .level = OBOL_LOG_INFO, .write = write_line };
	struct obol_signer_proxy_options options = {
		.signer = {
			.certificate_path = config->ca.certificate,
			.rules = obol_signer_rules_of(config),
			.n_peers = PEERS,
			.peers = answers,
			.parent_fd = fd,
			.meter = meter,
			.clock = obol_clock_system(),
			.log = &log,
		},
		.config = config,
	};

	log.ctx = fopen(tempdir_file(&dir, "log"), "a");
	/* as for standard error: no look at the file in the sandbox */
	(void)setvbuf(log.ctx, buffer, _IOLBF, sizeof(buffer));
	_exit(obol_signer_proxy_run(&options));
}

static void proxy_start(const char *server)
{
	struct obol_config *config = configure_obold(server);
	int ends[2];
	char byte;
	size_t i;

	for (i = 0; i < PEERS; i++)
	{
		ck_assert_int_eq(
			socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
		asks[i] = ends[0];
		answers[i] = ends[1];
	}
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
					 0);
	meter = mmap(NULL, sizeof(*meter), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(meter, MAP_FAILED);
	proxy = fork();
	if (proxy == 0)
	{
		(void)close(ends[0]);
		become_proxy(config, ends[1]);
	}
	(void)close(ends[1]);
	parent_fd = ends[0];
	obol_config_free(config);
	/* whether or not the signer is there */
	ck_assert_int_eq(read(parent_fd, &byte, 1), 1);
	ck_assert_int_eq(byte, OBOL_SIGNER_SERVES);
}

static void teardown(void)
{
	int wait_status = 0;

	if (proxy)
	{
		(void)close(parent_fd);
		ck_assert_int_eq(waitpid(proxy, &wait_status, 0), proxy);
		ck_assert_int_eq(wait_status, 0);
		proxy = 0;
		(void)munmap(meter, sizeof(*meter));
	}
	signer_kill();
	tempdir_clear(&dir);
}

/*
 * Askers
 */

static struct obol_issuer *ask(unsigned peer)
{
	struct obol_issuer *issuer = NULL;

	ck_assert_int_eq(obol_signer_link_new(asks[peer], OBOL_SIGNER_PRESENT,
										  obol_rng_system(), &issuer),
					 OBOL_OK);
	return issuer;
}

static enum obol_status issue(struct obol_issuer *issuer, const char *san,
							  bool is_gateway)
{
	struct obol_certificate_profile profile = { .common_name = "alice",
												.n_sans = 1,
												.sans = { san },
												.lifetime_s = 30 * DAY,
												.is_gateway = is_gateway };
	EVP_PKEY *key = pkcs10_key("P-256");
	struct obol_issued issued = { .certificate = NULL };
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	enum obol_status status =
		issuer->issue(issuer, obol_bytes(der, (size_t)len), &profile, &issued);

	ck_assert(status != OBOL_OK || issued.certificate_len > 0);
	obol_issued_clear(&issued);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return status;
}

static enum obol_status issue_alice(struct obol_issuer *issuer)
{
	return issue(issuer, "alice@example.org", false);
}

static void until_issued(struct obol_issuer *issuer)
{
	uint64_t end = test_ms() + LIMIT_MS;

	while (issue_alice(issuer) != OBOL_OK)
	{
		ck_assert_msg(test_ms() < end, "%s", log_text());
		test_sleep(50);
	}
}

static enum obol_status sign_list(struct obol_issuer *issuer, size_t n)
{
	static struct obol_crl_entry entries[2500];
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = { .number = 7,
									.this_update = now,
									.next_update = now + DAY,
									.n_entries = n,
									.entries = entries };
	uint8_t *der = NULL;
	size_t len = 0, i;
	enum obol_status status;

	for (i = 0; i < n; i++)
	{
		entries[i].serial[0] = 1;
		memcpy(entries[i].serial + 1, &i, sizeof(i));
		entries[i].serial_len = 16;
		entries[i].revoked_at = now - 60;
	}
	status = issuer->sign_crl(issuer, &parts, &der, &len);
	if (status == OBOL_OK)
	{
		const unsigned char *pos = der;
		X509_CRL *crl = d2i_X509_CRL(NULL, &pos, (long)len);
		const unsigned char *ca_pos = issuer->cas[0].ptr;
		X509 *ca = d2i_X509(NULL, &ca_pos, (long)issuer->cas[0].len);

		ck_assert_int_eq(X509_CRL_verify(crl, X509_get0_pubkey(ca)), 1);
		X509_CRL_free(crl);
		X509_free(ca);
	}
	free(der);
	return status;
}

/*
 * Honest
 */

static uint64_t counted(enum obol_metric_signer operation,
						enum obol_metric_verdict verdict)
{
	return meter
		->cells[obol_metric_cell(OBOL_METRIC_SIGNER, operation, verdict)];
}

START_TEST(test_signs)
{
	struct obol_issuer *worker, *publisher;
	char audit[4096], more[512];
	size_t n;

	(void)snprintf(more, sizeof(more), "\taudit = \"%s\"\n",
				   tempdir_file(&dir, "audit"));
	configure_signer("here", more);
	signer_start();
	proxy_start("there");
	worker = ask(0);
	publisher = ask(1);
	until_issued(worker);
	/* more than one message takes */
	ck_assert_int_eq(sign_list(publisher, 2500), OBOL_OK);
	ck_assert_int_eq(sign_list(publisher, 0), OBOL_OK);
	n = tempdir_read(&dir, "audit", audit, sizeof(audit) - 1);
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

	configure_signer("here", "\tnames = { \"@example.org\" }\n");
	signer_start();
	proxy_start("there");
	worker = ask(0);
	until_issued(worker);
	ck_assert_int_eq(sign_list(worker, 0), OBOL_ERR_DENIED);
	ck_assert_int_eq(issue(worker, "gw.example.net", true), OBOL_ERR_DENIED);
	ck_assert_int_eq(issue(worker, "vpn.example.org", false), OBOL_ERR_DENIED);
	/* here anything is a name; there it is not */
	ck_assert_int_eq(issue(worker, "alice@evil.example.net", false),
					 OBOL_ERR_DENIED);
	wait_log("'alice@evil.example.net' is not a name for users");
	ck_assert_int_eq(issue_alice(worker), OBOL_OK);
	/* nor when the signer would: that is obolctl's to ask, not a worker's */
	signer_kill();
	configure_signer("here", "\tgateways = { \"gw.example.net\" }\n");
	signer_start();
	until_issued(worker);
	ck_assert_int_eq(issue(worker, "gw.example.net", true), OBOL_ERR_DENIED);
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

	configure_signer("here", "\taudit = \"/dev/full\"\n");
	signer_start();
	proxy_start("there");
	worker = ask(0);
	wait_log("is there");
	ck_assert_int_eq(issue_alice(worker), OBOL_ERR_IO);
	wait_log("cannot be noted");
	obol_issuer_free(worker);
}
END_TEST

/*
 * Not the right ones
 */

START_TEST(test_wrong_client)
{
	struct obol_issuer *worker;

	configure_signer("stranger", "");
	signer_start();
	proxy_start("there");
	worker = ask(0);
	wait_log("it has none of the keys that signer.clients names");
	wait_log("does not know this server's key");
	ck_assert_int_eq(issue_alice(worker), OBOL_ERR_IO);
	obol_issuer_free(worker);
}
END_TEST

START_TEST(test_wrong_signer)
{
	struct obol_issuer *worker;

	configure_signer("here", "");
	signer_start();
	proxy_start("stranger");
	worker = ask(0);
	wait_log("is another one than signer.pin says");
	ck_assert_int_eq(issue_alice(worker), OBOL_ERR_IO);
	obol_issuer_free(worker);
}
END_TEST

START_TEST(test_other_ca)
{
	struct obol_issuer *worker;

	ck_assert_int_eq(unlink(tempdir_file(&dir, "ca-here.crt")), 0);
	ck_assert_int_eq(obol_ca_create("Test CA", 1000 * DAY,
									tempdir_file(&dir, "ca-here.crt"),
									tempdir_file(&dir, "ca-here.key"),
									obol_clock_system(), why, sizeof(why)),
					 OBOL_OK);
	configure_signer("here", "");
	signer_start();
	proxy_start("there");
	worker = ask(0);
	wait_log("has another CA");
	ck_assert_int_eq(issue_alice(worker), OBOL_ERR_IO);
	obol_issuer_free(worker);
}
END_TEST

/*
 * Not there
 */

/* Whoever asks is not kept waiting; and all goes on when it is back. */
START_TEST(test_killed)
{
	struct obol_issuer *worker;
	uint64_t before;

	configure_signer("here", "");
	signer_start();
	proxy_start("there");
	worker = ask(0);
	until_issued(worker);
	configure_signer("here", "");
	signer_kill();
	wait_log("is away");
	before = test_ms();
	ck_assert_int_eq(issue_alice(worker), OBOL_ERR_IO);
	ck_assert_uint_lt(test_ms() - before, 1500);
	/* who comes meanwhile learns the chain all the same */
	obol_issuer_free(ask(1));
	signer_start();
	until_issued(worker);
	obol_issuer_free(worker);
}
END_TEST

/* The link is there and nothing comes through it. */
START_TEST(test_silent)
{
	struct obol_issuer *worker;
	uint64_t before;

	configure_signer("here", "");
	signer_start();
	proxy_start("there");
	worker = ask(0);
	until_issued(worker);
	ck_assert_int_eq(kill(signer, SIGSTOP), 0);
	before = test_ms();
	ck_assert_int_eq(issue_alice(worker), OBOL_ERR_IO);
	ck_assert_uint_lt(test_ms() - before, 5000);
	/* once, not each time */
	before = test_ms();
	ck_assert_int_eq(issue_alice(worker), OBOL_ERR_IO);
	ck_assert_uint_lt(test_ms() - before, 1500);
	wait_log("does not answer");
	ck_assert_int_eq(kill(signer, SIGCONT), 0);
	until_issued(worker);
	obol_issuer_free(worker);
}
END_TEST

/* Nobody asks, and it is noticed all the same. */
START_TEST(test_silent_at_rest)
{
	struct obol_issuer *worker;

	configure_signer("here", "");
	signer_start();
	proxy_start("there");
	worker = ask(0);
	until_issued(worker);
	ck_assert_int_eq(kill(signer, SIGSTOP), 0);
	wait_log("does not answer");
	obol_issuer_free(worker);
}
END_TEST

/*
 * Strangers
 */

static int visit(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
								.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

/* As many as it takes, who say nothing, keep nobody out. */
START_TEST(test_crowd)
{
	struct obol_issuer *worker;
	int fds[100];
	size_t i;

	configure_signer("here", "");
	signer_start();
	for (i = 0; i < 100; i++)
	{
		fds[i] = visit();
	}
	proxy_start("there");
	worker = ask(0);
	until_issued(worker);
	/* and none of them put out who is known */
	for (i = 0; i < 100; i++)
	{
		(void)close(fds[i]);
		fds[i] = visit();
	}
	ck_assert_int_eq(issue_alice(worker), OBOL_OK);
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
	uint8_t pins[1][OBOL_SIGNER_PIN_LEN];
	char text[OBOL_SIGNER_PIN_TEXT];
	struct obol_signer_tls_options options = {
		.n_pins = 1,
		.pins = (const uint8_t(*)[OBOL_SIGNER_PIN_LEN])pins,
	};
	struct obol_signer_channel channel;
	SSL_CTX *ctx = NULL;
	int fd;

	configure_signer("here", "");
	signer_start();
	options.certificate_path = tempdir_file(&dir, "here.crt");
	options.key_path = tempdir_file(&dir, "here.key");
	ck_assert(obol_signer_pin_parse(pin_of("there", text), pins[0]));
	ck_assert_int_eq(obol_signer_tls_new(&options, &ctx, why, sizeof(why)),
					 OBOL_OK);
	fd = visit();
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(obol_signer_channel_open(&channel, ctx, fd), OBOL_OK);
	ck_assert_int_eq(until_up(&channel), OBOL_OK);
	ck_assert_int_eq(SSL_write(channel.ssl, bad[_i].bytes, (int)bad[_i].len),
					 (int)bad[_i].len);
	ck_assert_int_eq(until_message(&channel), OBOL_ERR_IO);
	obol_signer_channel_close(&channel);
	SSL_CTX_free(ctx);
	proxy_start("there");
	until_issued(ask(0));
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

	configure_signer("here", "");
	signer_start();
	/* no certificate, no protocol */
	ck_assert(client_is_refused(ctx));
	ck_assert_int_eq(
		SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)OBOL_SIGNER_ALPN,
								sizeof(OBOL_SIGNER_ALPN) - 1),
		0);
	ck_assert(client_is_refused(ctx));
	/* a certificate that nobody named */
	ck_assert_int_eq(
		SSL_CTX_use_certificate_file(ctx, tempdir_file(&dir, "stranger.crt"),
									 SSL_FILETYPE_PEM),
		1);
	ck_assert_int_eq(
		SSL_CTX_use_PrivateKey_file(ctx, tempdir_file(&dir, "stranger.key"),
									SSL_FILETYPE_PEM),
		1);
	ck_assert(client_is_refused(ctx));
	/* TLS 1.2 */
	ck_assert_int_eq(SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION), 1);
	ck_assert(client_is_refused(ctx));
	SSL_CTX_free(ctx);
	ck_assert_int_eq(kill(signer, 0), 0);
}
END_TEST

/*
 * Starts that fail
 */

static int run_signer(const char *option)
{
	char program[] = OBOL_SIGNER, c[] = "-c", path[256], more[32];
	char *const argv[] = { program, c, path, *option ? more : NULL, NULL };

	(void)snprintf(path, sizeof(path), "%s", tempdir_file(&dir, "signer.conf"));
	(void)snprintf(more, sizeof(more), "%s", option);
	signer = fork();
	if (signer == 0)
	{
		become(argv);
	}
	return signer_wait();
}

START_TEST(test_starts)
{
	static const char nobody[] = "server_name = \"vpn.example.org\"\n";

	configure_signer("here", "");
	ck_assert_int_eq(run_signer("--check-config"), 0);
	configure_signer("here", "\tserver = \"127.0.0.1:1\"\n\tpin = \"sha256:"
							 "00000000000000000000000000000000"
							 "00000000000000000000000000000000\"\n");
	ck_assert_int_eq(run_signer(""), EXIT_FAILURE);
	wait_log("without signer.server");
	tempdir_write(&dir, "signer.conf", nobody, sizeof(nobody) - 1, 0644);
	ck_assert_int_eq(run_signer("--check-config"), EXIT_FAILURE);
	wait_log("signer.clients names nobody");
	configure_signer("here", "");
	ck_assert_int_eq(unlink(tempdir_file(&dir, "ca.key")), 0);
	ck_assert_int_eq(run_signer("--check-config"), EXIT_FAILURE);
	wait_log("ca.key");
	ck_assert_int_eq(run_signer("--frobnicate"), EXIT_FAILURE);
	ck_assert_int_eq(run_signer("--help"), 0);
}
END_TEST

Suite *signer_server_suite(void);

Suite *signer_server_suite(void)
{
	Suite *suite = suite_create("signer: server");
	TCase *tcase = tcase_create("server");

	tcase_add_checked_fixture(tcase, setup, teardown);
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
	tcase_add_loop_test(tcase, test_bad_frames, 0, 4);
	tcase_add_test(tcase, test_bare_clients);
	tcase_add_test(tcase, test_starts);
	suite_add_tcase(suite, tcase);
	return suite;
}
