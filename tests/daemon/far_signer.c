/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol-signer, the program, and the way to it. */
#include "daemon/far_signer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "daemon/running.h"
#include "daemon/signer_link.h"
#include "daemon/signer_proxy.h"
#include "issue/pem.h"
#include "issue/tls_self.h"
#include "support/pkcs10.h"

#define PEERS 2

struct far_signer far;

static pid_t proxy;
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
	ck_assert_int_eq(obol_tls_self_create("signer.example.org", 365 * DAY,
										  tempdir_file(&far.dir, certificate),
										  tempdir_file(&far.dir, key),
										  obol_clock_system(), why,
										  sizeof(why)),
					 OBOL_OK);
}

const char *far_pin(const char *name, char text[OBOL_SIGNER_PIN_TEXT])
{
	uint8_t pin[OBOL_SIGNER_PIN_LEN];
	char certificate[64];
	X509 *x = NULL;
	size_t n = 0;

	(void)snprintf(certificate, sizeof(certificate), "%s.crt", name);
	ck_assert_int_eq(
		obol_pem_read_certificates(tempdir_file(&far.dir, certificate), 1, &x,
								   &n, why, sizeof(why)),
		OBOL_OK);
	ck_assert_int_eq(obol_signer_pin_of(x, pin), OBOL_OK);
	X509_free(x);
	obol_signer_pin_print(pin, text);
	return text;
}

/* Of obol-signer; more goes into section signer. */
void far_configure(const char *client, const char *more)
{
	char text[4096], pin[OBOL_SIGNER_PIN_TEXT];
	int n = snprintf(
		text, sizeof(text),
		"server_name = \"vpn.example.org\"\ndomain = \"example.org\"\n"
		"listen = { \"127.0.0.1:%u\" }\nuser = \"nobody\"\n"
		"tls {\n\tcertificate = \"%s/there.crt\"\n\tkey = \"%s/there.key\"\n}\n"
		"ca {\n\tcertificate = \"%s/ca.crt\"\n\tkey = \"%s/ca.key\"\n}\n"
		"signer {\n\tuser = \"nobody\"\n\tclients = { \"%s\" }\n%s}\n",
		far.port, far.dir.path, far.dir.path, far.dir.path, far.dir.path,
		far_pin(client, pin), more);

	ck_assert(n > 0 && (size_t)n < sizeof(text));
	tempdir_write(&far.dir, "signer.conf", text, (size_t)n, 0644);
}

static struct obol_config *configure_obold(const char *server)
{
	char text[4096], pin[OBOL_SIGNER_PIN_TEXT];
	struct obol_config *config = NULL;
	int n = snprintf(
		text, sizeof(text),
		"server_name = \"vpn.example.org\"\ndomain = \"example.org\"\n"
		"ca {\n\tcertificate = \"%s/ca-here.crt\"\n\tkey = \"/none\"\n}\n"
		"signer {\n\tserver = \"%s:%u\"\n\tpin = \"%s\"\n"
		"\tcertificate = \"%s/here.crt\"\n\tkey = \"%s/here.key\"\n}\n",
		far.dir.path, far.host, far.port, far_pin(server, pin), far.dir.path,
		far.dir.path);

	ck_assert(n > 0 && (size_t)n < sizeof(text));
	tempdir_write(&far.dir, "obold.conf", text, (size_t)n, 0644);
	ck_assert_msg(obol_config_load(tempdir_file(&far.dir, "obold.conf"),
								   &config, why, sizeof(why)) == OBOL_OK,
				  "%s", why);
	return config;
}

static void copy_ca(void)
{
	char text[8192];
	size_t n = tempdir_read(&far.dir, "ca.crt", text, sizeof(text));

	tempdir_write(&far.dir, "ca-here.crt", text, n, 0644);
}

void far_setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	tempdir_init(&far.dir);
	far.port = 0;
	far.host = "127.0.0.1";
	ck_assert_int_eq(obol_ca_create("Test CA", 1000 * DAY,
									tempdir_file(&far.dir, "ca.crt"),
									tempdir_file(&far.dir, "ca.key"),
									obol_clock_system(), why, sizeof(why)),
					 OBOL_OK);
	copy_ca();
	make_tls("there");
	make_tls("here");
	make_tls("stranger");
	tempdir_write(&far.dir, "log", "", 0, 0600);
}

/*
 * Processes
 */

const char *far_log(void)
{
	static char text[65536];
	size_t n = tempdir_read(&far.dir, "log", text, sizeof(text) - 1);

	text[n] = '\0';
	return text;
}

void far_wait_log(const char *wanted)
{
	uint64_t end = test_ms() + LIMIT_MS;

	while (!strstr(far_log(), wanted))
	{
		ck_assert_msg(test_ms() < end, "no '%s' in:\n%s", wanted, far_log());
		test_sleep(10);
	}
}

void far_become(char *const argv[])
{
	int fd = open(tempdir_file(&far.dir, "log"), O_WRONLY | O_CREAT | O_APPEND,
				  0600);

	/* it does not outlive a test that failed */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(fd, STDERR_FILENO);
	(void)execv(argv[0], argv);
	_exit(127);
}

/* Start obol-signer; it must serve. */
void far_start(void)
{
	static const char mark[] = "listening on 127.0.0.1:";
	char program[] = OBOL_SIGNER, option[] = "-c", path[256];
	char *const argv[] = { program, option, path, NULL };
	const char *said;

	(void)snprintf(path, sizeof(path), "%s",
				   tempdir_file(&far.dir, "signer.conf"));
	tempdir_write(&far.dir, "log", "", 0, 0600);
	far.signer = fork();
	if (far.signer == 0)
	{
		(void)setpgid(0, 0);
		far_become(argv);
	}
	(void)setpgid(far.signer, far.signer);
	far_wait_log(mark);
	said = strstr(far_log(), mark);
	far.port = (unsigned)atoi(said + sizeof(mark) - 1);
	far_wait_log("obol-signer " OBOL_VERSION " serves");
}

void far_signal_all(int signal)
{
	ck_assert_int_eq(kill(-far.signer, signal), 0);
}

void far_signal(int signal)
{
	ck_assert_int_eq(kill(far.signer, signal), 0);
}

int far_wait(void)
{
	int wait_status = 0;

	ck_assert_int_eq(waitpid(far.signer, &wait_status, 0), far.signer);
	far.signer = 0;
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

static bool somebody_listens(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
								.sin_port = htons((uint16_t)far.port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_open;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	is_open = connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0;
	(void)close(fd);
	return is_open;
}

void far_kill(void)
{
	uint64_t end = test_ms() + LIMIT_MS;

	if (far.signer)
	{
		(void)kill(-far.signer, SIGKILL);
		(void)far_wait();
		while (far.port && somebody_listens() && test_ms() < end)
		{
			test_sleep(5);
		}
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
			.publisher = 1,
			.peers = answers,
			.parent_fd = fd,
			.meter = far.meter,
			.clock = obol_clock_system(),
			.log = &log,
		},
		.config = config,
	};

	log.ctx = fopen(tempdir_file(&far.dir, "log"), "a");
	/* as for standard error: no look at the file in the sandbox */
	(void)setvbuf(log.ctx, buffer, _IOLBF, sizeof(buffer));
	_exit(obol_signer_proxy_run(&options));
}

void far_proxy_start(const char *server)
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
	far.meter = mmap(NULL, sizeof(*far.meter), PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(far.meter, MAP_FAILED);
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

void far_teardown(void)
{
	int wait_status = 0;

	if (proxy)
	{
		(void)close(parent_fd);
		ck_assert_int_eq(waitpid(proxy, &wait_status, 0), proxy);
		ck_assert_int_eq(wait_status, 0);
		proxy = 0;
		(void)munmap(far.meter, sizeof(*far.meter));
	}
	far_kill();
	tempdir_clear(&far.dir);
}

/*
 * Askers
 */

struct obol_issuer *far_ask(unsigned peer)
{
	struct obol_issuer *issuer = NULL;

	ck_assert_int_eq(obol_signer_link_new(asks[peer], OBOL_SIGNER_PRESENT,
										  obol_rng_system(), &issuer),
					 OBOL_OK);
	return issuer;
}

enum obol_status far_issue(struct obol_issuer *issuer, const char *san,
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

enum obol_status far_issue_alice(struct obol_issuer *issuer)
{
	return far_issue(issuer, "alice@example.org", false);
}

void far_until_issued(struct obol_issuer *issuer)
{
	uint64_t end = test_ms() + LIMIT_MS;

	while (far_issue_alice(issuer) != OBOL_OK)
	{
		ck_assert_msg(test_ms() < end, "%s", far_log());
		test_sleep(50);
	}
}

enum obol_status far_sign_list(struct obol_issuer *issuer, size_t n)
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
