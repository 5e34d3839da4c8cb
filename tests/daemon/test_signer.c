/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signer, with askers honest and taken over. */
#include "daemon/signer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "daemon/signer_link.h"
#include "daemon/signer_wire.h"
#include "support/pkcs10.h"
#include "support/run.h"
#include "support/tempdir.h"

#define DAY 86400
/** A worker, another one, the publisher. */
#define PEERS 3
#define PUBLISHER 2

static struct tempdir dir;
static struct obol_log quiet;
static struct obol_keeper_table *table;
static struct obol_signer_options options;
static int asks[PEERS], answers[PEERS];
static int parent_fd;
static pid_t pid;
static bool is_audited;

static void drop_line(struct obol_log *log, enum obol_log_level level,
					  const char *line)
{
	(void)log;
	(void)level;
	(void)line;
}

static void setup(void)
{
	char why[256];
	unsigned i;

	tempdir_init(&dir);
	quiet.write = drop_line;
	ck_assert_int_eq(obol_ca_create("Test CA", 1000 * DAY,
									tempdir_file(&dir, "ca.crt"),
									tempdir_file(&dir, "ca.key"),
									obol_clock_system(), why, sizeof(why)),
					 OBOL_OK);
	ck_assert_int_eq(obol_keeper_table_new(64, obol_rng_system(), &table),
					 OBOL_OK);
	for (i = 0; i < PEERS; i++)
	{
		int ends[2];

		ck_assert_int_eq(
			socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
		asks[i] = ends[0];
		answers[i] = ends[1];
	}
	memset(&options, 0, sizeof(options));
	options.rules.server_name = "vpn.example.org";
	options.rules.domain = "example.org";
	options.rules.lifetime_max_s = 400 * DAY;
	options.per_second = 1000;
}

/* True when it serves. */
static bool signer_start(void)
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
		int keep[PEERS + 1] = { ends[1], answers[0], answers[1], answers[2] };

		/* the next call's text takes this one's place */
		options.certificate_path = strdup(tempdir_file(&dir, "ca.crt"));
		options.key_path = tempdir_file(&dir, "ca.key");
		options.n_peers = PEERS;
		options.peers = answers;
		options.publisher = PUBLISHER;
		options.parent_fd = ends[1];
		options.table = table;
		options.clock = obol_clock_system();
		options.log = &quiet;
		options.audit_path =
			is_audited ? strdup(tempdir_file(&dir, "audit")) : "";
		obol_privileges_keep_only(keep, PEERS + 1);
		_exit(obol_signer_run(&options));
	}
	obol_keeper_table_share(table, false);
	(void)close(ends[1]);
	parent_fd = ends[0];
	return read(parent_fd, &byte, 1) == 1;
}

static int signer_wait(void)
{
	int wait_status = 0;

	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	pid = 0;
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

/* As when the parent is gone. */
static int signer_end(void)
{
	(void)close(parent_fd);
	return signer_wait();
}

static void signer_kill(void)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(signer_end(), -1);
}

static void teardown(void)
{
	unsigned i;

	if (pid)
	{
		(void)signer_end();
	}
	for (i = 0; i < PEERS; i++)
	{
		(void)close(asks[i]);
		(void)close(answers[i]);
	}
	obol_keeper_table_free(table);
	tempdir_clear(&dir);
}

static struct obol_issuer *link_new(unsigned peer)
{
	struct obol_issuer *issuer = NULL;

	ck_assert_int_eq(obol_signer_link_new(asks[peer], OBOL_SIGNER_PRESENT,
										  obol_rng_system(), &issuer),
					 OBOL_OK);
	return issuer;
}

static const struct obol_certificate_profile alice = {
	.common_name = "alice",
	.n_sans = 1,
	.sans = { "alice@example.org" },
	.lifetime_s = 30 * DAY,
	.crl_uri = "http://crl.example.org/crl",
};

static enum obol_status issue(struct obol_issuer *issuer,
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

static X509 *parse(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;
	X509 *x = d2i_X509(NULL, &pos, (long)der.len);

	ck_assert_ptr_nonnull(x);
	return x;
}

/*
 * Honest askers
 */

START_TEST(test_certificate)
{
	struct obol_issuer *issuer;
	struct obol_issued issued;
	X509 *ca, *x;

	ck_assert(signer_start());
	issuer = link_new(0);
	ck_assert_uint_eq(issuer->n_cas, 1);
	ck_assert_uint_eq(issuer->n_chain, 0);
	ck_assert_uint_gt(issuer->not_after, obol_now(obol_clock_system()));
	ck_assert_int_eq(issue(issuer, &alice, &issued), OBOL_OK);
	ck_assert_str_eq(issued.subject, "CN=alice; email:alice@example.org");
	ca = parse(issuer->cas[0]);
	x = parse(obol_bytes(issued.certificate, issued.certificate_len));
	ck_assert_int_eq(X509_verify(x, X509_get0_pubkey(ca)), 1);
	X509_free(x);
	X509_free(ca);
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
	ck_assert_int_eq(signer_end(), 0);
}
END_TEST

START_TEST(test_subject_with_attributes)
{
	static const struct obol_certificate_attribute attributes[] = {
		{ "O", "Example" }, { "CN", "alice" }
	};
	struct obol_certificate_profile profile = alice;
	struct obol_issuer *issuer;
	struct obol_issued issued;

	profile.n_attributes = 2;
	profile.attributes = attributes;
	profile.n_sans = 2;
	profile.sans[1] = "alice.users.example.org";
	profile.crl_uri = NULL;
	ck_assert(signer_start());
	issuer = link_new(1);
	ck_assert_int_eq(issue(issuer, &profile, &issued), OBOL_OK);
	ck_assert_ptr_nonnull(strstr(issued.subject, "O=Example"));
	ck_assert_ptr_nonnull(strstr(issued.subject, "alice.users.example.org"));
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
}
END_TEST

/* More entries than one request takes, and more bytes than one answer. */
START_TEST(test_revocation_list)
{
	static struct obol_crl_entry entries[3500];
	size_t n = _i ? sizeof(entries) / sizeof(entries[0]) : 0, i, len = 0;
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = {
		.number = 7,
		.this_update = now,
		.next_update = now + DAY,
		.n_entries = n,
		.entries = entries,
	};
	struct obol_issuer *issuer;
	uint8_t *der = NULL;
	const unsigned char *pos;
	X509_CRL *crl;
	X509 *ca;

	for (i = 0; i < n; i++)
	{
		entries[i].serial[0] = 1;
		memcpy(entries[i].serial + 1, &i, sizeof(i));
		entries[i].serial_len = 16;
		entries[i].revoked_at = now - 60;
	}
	ck_assert(signer_start());
	issuer = link_new(PUBLISHER);
	ck_assert_int_eq(issuer->sign_crl(issuer, &parts, &der, &len), OBOL_OK);
	pos = der;
	crl = d2i_X509_CRL(NULL, &pos, (long)len);
	ck_assert_ptr_nonnull(crl);
	ck_assert_ptr_eq(pos, der + len);
	ca = parse(issuer->cas[0]);
	ck_assert_int_eq(X509_CRL_verify(crl, X509_get0_pubkey(ca)), 1);
	ck_assert_int_eq(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)) < 0
						 ? 0
						 : sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)),
					 (int)n);
	X509_CRL_free(crl);
	X509_free(ca);
	free(der);
	obol_issuer_free(issuer);
}
END_TEST

/* The CA before signs revocation lists and nothing else. */
START_TEST(test_ca_before)
{
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = { .number = 1,
									.this_update = now,
									.next_update = now + DAY };
	struct obol_issuer *issuer, *publisher, *old = NULL;
	struct obol_issued issued;
	uint8_t *der = NULL;
	const unsigned char *pos;
	char why[256];
	X509_CRL *crl;
	size_t len = 0;
	X509 *ca;

	ck_assert(signer_start());
	ck_assert_int_eq(obol_signer_link_new(asks[0], OBOL_SIGNER_BEFORE,
										  obol_rng_system(), &old),
					 OBOL_ERR_ARG);
	signer_kill();
	ck_assert_int_eq(obol_ca_create("CA before", 100 * DAY,
									tempdir_file(&dir, "ca-old.crt"),
									tempdir_file(&dir, "ca-old.key"),
									obol_clock_system(), why, sizeof(why)),
					 OBOL_OK);
	ck_assert(signer_start());
	issuer = link_new(0);
	ck_assert_int_eq(obol_signer_link_new(asks[0], OBOL_SIGNER_BEFORE,
										  obol_rng_system(), &old),
					 OBOL_OK);
	ck_assert_int_eq(issue(old, &alice, &issued), OBOL_ERR_DENIED);
	ck_assert_int_eq(issue(issuer, &alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(old);
	ck_assert_int_eq(obol_signer_link_new(asks[PUBLISHER], OBOL_SIGNER_BEFORE,
										  obol_rng_system(), &publisher),
					 OBOL_OK);
	ck_assert_int_eq(publisher->sign_crl(publisher, &parts, &der, &len),
					 OBOL_OK);
	pos = der;
	crl = d2i_X509_CRL(NULL, &pos, (long)len);
	ca = parse(publisher->cas[0]);
	ck_assert_int_eq(X509_CRL_verify(crl, X509_get0_pubkey(ca)), 1);
	X509_free(ca);
	X509_CRL_free(crl);
	free(der);
	obol_issuer_free(publisher);
	obol_issuer_free(issuer);
	/* one that cannot be used is told, and nothing else suffers */
	signer_kill();
	ck_assert_int_eq(unlink(tempdir_file(&dir, "ca-old.key")), 0);
	ck_assert(signer_start());
	issuer = link_new(0);
	old = NULL;
	ck_assert_int_eq(obol_signer_link_new(asks[0], OBOL_SIGNER_BEFORE,
										  obol_rng_system(), &old),
					 OBOL_ERR_ARG);
	obol_issuer_free(issuer);
}
END_TEST

/* A new signer goes on where the ways are; a stale answer is nobody's. */
START_TEST(test_killed_signer)
{
	struct obol_issuer *issuer, *other;
	struct obol_issued issued;

	ck_assert(signer_start());
	issuer = link_new(0);
	/* an answer that a dead worker never read */
	ck_assert_int_eq(send(asks[0], "\x01nonce...", 9, 0), 9);
	signer_kill();
	ck_assert(signer_start());
	ck_assert_int_eq(issue(issuer, &alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	other = link_new(1);
	ck_assert_int_eq(issue(other, &alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(other);
	obol_issuer_free(issuer);
}
END_TEST

START_TEST(test_no_signer)
{
	struct obol_issuer *issuer = NULL;

	ck_assert_int_eq(obol_signer_link_new(asks[0], OBOL_SIGNER_PRESENT,
										  obol_rng_system(), &issuer),
					 OBOL_ERR_IO);
	ck_assert_int_eq(unlink(tempdir_file(&dir, "ca.key")), 0);
	ck_assert(!signer_start());
	ck_assert_int_eq(signer_wait(), EXIT_FAILURE);
	(void)close(parent_fd);
}
END_TEST

/*
 * Askers that were taken over
 */

static void be_gateway(struct obol_certificate_profile *p)
{
	p->is_gateway = true;
}

static void live_long(struct obol_certificate_profile *p)
{
	p->lifetime_s = 400 * DAY + 1;
}

static void be_server(struct obol_certificate_profile *p)
{
	p->sans[0] = "VPN.example.org";
}

static void be_domain(struct obol_certificate_profile *p)
{
	p->sans[1] = "example.org";
	p->n_sans = 2;
}

static void be_server_by_name(struct obol_certificate_profile *p)
{
	(void)snprintf(p->common_name, sizeof(p->common_name), "vpn.example.org");
}

static void be_server_by_attribute(struct obol_certificate_profile *p)
{
	static const struct obol_certificate_attribute attribute = {
		"CN", "vpn.example.org"
	};

	p->n_attributes = 1;
	p->attributes = &attribute;
}

static void be_elsewhere(struct obol_certificate_profile *p)
{
	p->sans[0] = "alice@evil-example.org";
}

static void be_end_itself(struct obol_certificate_profile *p)
{
	p->sans[0] = "@example.org";
}

/* clang-format off */
static const struct {
	const char *what;
	void (*change)(struct obol_certificate_profile *p);
	/** what names must end in; NULL: anything */
	const char *ends_in;
} refused[] = {
	{ "gateway", be_gateway, NULL },
	{ "lifetime", live_long, NULL },
	{ "server's name", be_server, NULL },
	{ "domain", be_domain, NULL },
	{ "server's common name", be_server_by_name, NULL },
	{ "server's name as an attribute", be_server_by_attribute, NULL },
	{ "another domain", be_elsewhere, "@example.org" },
	{ "no name before the end", be_end_itself, "@example.org" },
};
/* clang-format on */

START_TEST(test_refused)
{
	struct obol_certificate_profile profile = alice;
	struct obol_issuer *issuer;
	struct obol_issued issued;

	if (refused[_i].ends_in)
	{
		options.rules.n_names = 1;
		options.rules.names[0] = refused[_i].ends_in;
	}
	ck_assert(signer_start());
	issuer = link_new(0);
	refused[_i].change(&profile);
	ck_assert_msg(issue(issuer, &profile, &issued) == OBOL_ERR_DENIED, "%s",
				  refused[_i].what);
	/* and goes on */
	ck_assert_int_eq(issue(issuer, &alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
}
END_TEST

/* As a worker asks for a list, or who has taken it over: one step or the other,
 * whatever was done before. */
static enum obol_status ask_plainly(unsigned peer, uint8_t operation,
									struct obol_bytes body)
{
	uint8_t out[256] = { operation, 'n', 'o', 'n', 'c', 'e', '.', '.', '.' };
	uint8_t in[256];
	struct obol_reader r;
	ssize_t n;

	out[1 + OBOL_SIGNER_NONCE_LEN] = OBOL_SIGNER_PRESENT;
	ck_assert_uint_le(body.len, sizeof(out) - 10);
	if (body.len)
	{
		memcpy(out + 10, body.ptr, body.len);
	}
	ck_assert_int_eq(send(asks[peer], out, 10 + body.len, 0),
					 (ssize_t)(10 + body.len));
	n = recv(asks[peer], in, sizeof(in), 0);
	ck_assert_int_gt(n, OBOL_SIGNER_NONCE_LEN);
	r = obol_reader_over(obol_bytes(in, (size_t)n));
	(void)obol_read_fixed(&r, OBOL_SIGNER_NONCE_LEN);
	return obol_signer_read_status(&r);
}

/* A worker gets no list signed, nor sees the publisher's; the publisher gets no
 * certificate. Each of them goes on with what is his. */
START_TEST(test_roles)
{
	static const uint8_t list_of_none[8 + 8 + 8 + 4] = { 1 };
	static const uint8_t from_the_first[4] = { 0 };
	const struct obol_bytes none = { NULL, 0 };
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = { .number = now,
									.this_update = now,
									.next_update = now + DAY };
	struct obol_issuer *worker, *publisher;
	struct obol_issued issued;
	uint8_t *der = NULL;
	size_t len = 0;

	ck_assert(signer_start());
	worker = link_new(_i ? 1 : 0);
	publisher = link_new(PUBLISHER);
	ck_assert_int_eq(worker->sign_crl(worker, &parts, &der, &len),
					 OBOL_ERR_DENIED);
	/* one that is in the making is nobody else's either */
	ck_assert_int_eq(
		ask_plainly(PUBLISHER, OBOL_SIGNER_CRL_BEGIN,
					obol_bytes(list_of_none, sizeof(list_of_none))),
		OBOL_OK);
	ck_assert_int_eq(
		ask_plainly(0, OBOL_SIGNER_CRL_BEGIN,
					obol_bytes(list_of_none, sizeof(list_of_none))),
		OBOL_ERR_DENIED);
	ck_assert_int_eq(ask_plainly(0, OBOL_SIGNER_CRL_ADD, none),
					 OBOL_ERR_DENIED);
	ck_assert_int_eq(ask_plainly(0, OBOL_SIGNER_CRL_SIGN, none),
					 OBOL_ERR_DENIED);
	ck_assert_int_eq(
		ask_plainly(0, OBOL_SIGNER_CRL_READ,
					obol_bytes(from_the_first, sizeof(from_the_first))),
		OBOL_ERR_DENIED);
	ck_assert_int_eq(issue(publisher, &alice, &issued), OBOL_ERR_DENIED);
	/* what each of them is there for */
	ck_assert_int_eq(publisher->sign_crl(publisher, &parts, &der, &len),
					 OBOL_OK);
	free(der);
	ck_assert_int_eq(issue(worker, &alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(publisher);
	obol_issuer_free(worker);
}
END_TEST

/* Lists have a rate of their own: who has taken the publisher over uses up
 * nobody's certificates. */
START_TEST(test_rate_of_lists)
{
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = { .number = now,
									.this_update = now,
									.next_update = now + DAY };
	struct obol_issuer *worker, *publisher;
	enum obol_status status = OBOL_OK;
	struct obol_issued issued;
	uint8_t *der = NULL;
	size_t len = 0;
	unsigned n = 0;

	ck_assert(signer_start());
	worker = link_new(0);
	publisher = link_new(PUBLISHER);
	while (n < 100 * OBOL_CEILING_BURST_S)
	{
		status = publisher->sign_crl(publisher, &parts, &der, &len);
		if (status != OBOL_OK)
		{
			break;
		}
		free(der);
		n++;
	}
	ck_assert_int_eq(status, OBOL_ERR_TIMEOUT);
	ck_assert_uint_ge(n, OBOL_CEILING_BURST_S);
	ck_assert_int_eq(issue(worker, &alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(publisher);
	obol_issuer_free(worker);
}
END_TEST

/* The rate is one for all who ask, and outlives the signer. */
START_TEST(test_rate)
{
	struct obol_issuer *one, *two;
	struct obol_issued issued;
	unsigned n = 0;

	options.per_second = 1;
	ck_assert(signer_start());
	one = link_new(0);
	two = link_new(1);
	while (n < 1000 && issue(n % 2 ? one : two, &alice, &issued) == OBOL_OK)
	{
		obol_issued_clear(&issued);
		n++;
	}
	ck_assert_uint_ge(n, OBOL_CEILING_BURST_S);
	ck_assert_uint_le(n, OBOL_CEILING_BURST_S + 10);
	signer_kill();
	ck_assert(signer_start());
	for (n = 0; n < 10 && issue(one, &alice, &issued) == OBOL_OK; n++)
	{
		obol_issued_clear(&issued);
	}
	ck_assert_uint_lt(n, 5);
	obol_issuer_free(one);
	obol_issuer_free(two);
}
END_TEST

/* What is no request is answered with a refusal, or not at all. */
START_TEST(test_bad_requests)
{
	static uint8_t bytes[OBOL_SIGNER_MESSAGE_MAX];
	struct obol_issuer *issuer;
	struct obol_issued issued;
	uint8_t operation, in[256];
	size_t len;

	ck_assert(signer_start());
	issuer = link_new(0);
	for (operation = 0; operation < 9; operation++)
	{
		for (len = 1; len < 80; len++)
		{
			memset(bytes, 0xff, len + 9);
			bytes[0] = operation;
			/* of the CA that is there, or of none */
			bytes[9] = len % 2 ? 0xff : OBOL_SIGNER_PRESENT;
			ck_assert_int_eq(send(asks[1], bytes, len + 9, 0),
							 (ssize_t)len + 9);
			ck_assert_int_gt(recv(asks[1], in, sizeof(in), 0), 8);
			if (operation != OBOL_SIGNER_CHAIN || len % 2)
			{
				ck_assert_uint_ne(in[8], 0);
			}
		}
	}
	for (len = 1; len < 9; len++)
	{
		ck_assert_int_eq(send(asks[1], bytes, len, 0), (ssize_t)len);
	}
	memset(bytes, 0, sizeof(bytes));
	bytes[0] = OBOL_SIGNER_ISSUE;
	ck_assert_int_eq(send(asks[1], bytes, sizeof(bytes), 0), sizeof(bytes));
	ck_assert_int_eq(issue(issuer, &alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
}
END_TEST

Suite *signer_suite(void);

Suite *signer_suite(void)
{
	Suite *suite = suite_create("signer");
	TCase *tcase = tcase_create("signer");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_certificate);
	tcase_add_test(tcase, test_subject_with_attributes);
	tcase_add_loop_test(tcase, test_revocation_list, 0, 2);
	tcase_add_test(tcase, test_ca_before);
	tcase_add_test(tcase, test_killed_signer);
	tcase_add_test(tcase, test_no_signer);
	tcase_add_loop_test(tcase, test_refused, 0,
						sizeof(refused) / sizeof(refused[0]));
	tcase_add_loop_test(tcase, test_roles, 0, 2);
	tcase_add_test(tcase, test_rate);
	tcase_add_test(tcase, test_rate_of_lists);
	tcase_add_test(tcase, test_bad_requests);
	suite_add_tcase(suite, tcase);
	return suite;
}
