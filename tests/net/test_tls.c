/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS: whose certificate is taken, the exporter, nothing resumed. */
#include "rig.h"
#include "support/run.h"
#include "support/tempdir.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct cert_row {
	const char *san;
	/** server_name of the client, NULL: the address */
	const char *name;
	/** 0 signed by the CA, 1 by another one, 2 by an intermediate that is not
	 * sent, 3 by itself and given as the CA */
	int by;
	/** days from now, 0 for the usual ones */
	int from;
	int until;
	enum obol_net_failure failure;
	const char *word;
};

static const struct cert_row certs[] = {
	{ "IP:127.0.0.1", NULL, 0, 0, 0, OBOL_NET_OK, "" },
	{ "DNS:vpn.example.org", "vpn.example.org", 0, 0, 0, OBOL_NET_OK, "" },
	{ "DNS:*.example.org", "vpn.example.org", 0, 0, 0, OBOL_NET_OK, "" },
	{ "DNS:vpn.example.org", "vpn.example.org", 3, 0, 0, OBOL_NET_OK, "" },
	{ "DNS:vpn.example.org", NULL, 0, 0, 0, OBOL_NET_TLS_CA, "IP address" },
	{ "IP:127.0.0.1", "vpn.example.org", 0, 0, 0, OBOL_NET_TLS_CA, "hostname" },
	{ "DNS:other.example.org", "vpn.example.org", 0, 0, 0, OBOL_NET_TLS_CA,
	  "hostname" },
	{ "DNS:vpn*.example.org", "vpn1.example.org", 0, 0, 0, OBOL_NET_TLS_CA,
	  "hostname" },
	{ "DNS:*.org", "vpn.example.org", 0, 0, 0, OBOL_NET_TLS_CA, "hostname" },
	/* RFC 9525, 4.1: the subject's common name does not count */
	{ NULL, "vpn.example.org", 0, 0, 0, OBOL_NET_TLS_CA, "hostname" },
	{ "IP:127.0.0.1", NULL, 1, 0, 0, OBOL_NET_TLS_CA, "issuer" },
	{ "IP:127.0.0.1", NULL, 2, 0, 0, OBOL_NET_TLS_CA, "issuer" },
	{ "IP:127.0.0.1", NULL, 0, -20, -10, OBOL_NET_TLS_CA, "expired" },
	{ "IP:127.0.0.1", NULL, 0, 10, 20, OBOL_NET_TLS_CA, "clock" },
};

static void make_identity(const struct cert_row *row,
						  const struct test_identity *cas,
						  struct test_identity *identity)
{
	int64_t now = (int64_t)time(NULL);
	struct test_cert cert = { .cn = "vpn.example.org",
							  .san = row->san,
							  .not_before =
								  row->from ? now + row->from * 86400 : 0,
							  .not_after =
								  row->until ? now + row->until * 86400 : 0 };

	test_identity_init(identity, &cert, row->by == 3 ? NULL : &cas[row->by]);
}

START_TEST(checks_certificates)
{
	const struct cert_row *row = &certs[_i];
	struct test_cert ca = { .cn = "CA", .ca = true };
	struct test_cert sub = { .cn = "Sub-CA", .ca = true };
	struct test_identity cas[3];
	struct test_identity identity;
	struct tls_peer_config config = { .kind = PEER_OBOL,
									  .identity = &identity };
	struct tls_peer peer;
	struct rig rig;
	int i;

	test_identity_init(&cas[0], &ca, NULL);
	test_identity_init(&cas[1], &ca, NULL);
	test_identity_init(&cas[2], &sub, &cas[0]);
	make_identity(row, cas, &identity);
	tls_peer_init(&peer, &config);
	rig_init(&rig, tls_peer_text(&peer));
	rig_trust(&rig, row->by == 3 ? identity.certificate : cas[0].certificate);
	rig.config.server_name = row->name;
	ck_assert_msg(rig_connect(&rig) == row->failure, "row %d: %d %s", _i,
				  rig.failure, rig.why);
	ck_assert_msg(strstr(rig.why, row->word) != NULL, "row %d: %s", _i,
				  rig.why);
	rig_clear(&rig);
	tls_peer_clear(&peer);
	test_identity_clear(&identity);
	for (i = 0; i < 3; i++)
	{
		test_identity_clear(&cas[i]);
	}
	ck_assert_int_eq(atomic_load(&peer.n_received), 0);
}
END_TEST

/* With an intermediate as the CA nothing above it is needed. */
START_TEST(takes_an_intermediate)
{
	struct test_cert ca = { .cn = "CA", .ca = true };
	struct test_cert cert = { .san = "IP:127.0.0.1" };
	struct test_identity root;
	struct test_identity sub;
	struct test_identity identity;
	struct tls_peer_config config = { .kind = PEER_OBOL,
									  .identity = &identity };
	struct tls_peer peer;
	struct rig rig;

	test_identity_init(&root, &ca, NULL);
	ca.cn = "Sub-CA";
	test_identity_init(&sub, &ca, &root);
	test_identity_init(&identity, &cert, &sub);
	tls_peer_init(&peer, &config);
	rig_init(&rig, tls_peer_text(&peer));
	rig_trust(&rig, sub.certificate);
	ck_assert_msg(rig_connect(&rig) == OBOL_NET_OK, "%s", rig.why);
	rig_clear(&rig);
	tls_peer_clear(&peer);
	test_identity_clear(&identity);
	test_identity_clear(&sub);
	test_identity_clear(&root);
}
END_TEST

/* A web server has some other certificate; that is not what is told. */
START_TEST(web_server_is_no_wrong_certificate)
{
	struct test_cert ca = { .cn = "CA", .ca = true };
	struct test_identity other;
	struct tls_peer_config config = { .kind = PEER_NO_ALPN };
	struct tls_peer peer;
	struct rig rig;

	test_identity_init(&other, &ca, NULL);
	tls_peer_init(&peer, &config);
	rig_init(&rig, tls_peer_text(&peer));
	rig_trust(&rig, other.certificate);
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_PORTAL);
	rig_clear(&rig);
	tls_peer_clear(&peer);
	test_identity_clear(&other);
}
END_TEST

static void send_exporter(struct tls_peer *peer, SSL *ssl)
{
	unsigned char exporter[OBOL_EXPORTER_LEN];
	char buf[16];

	ck_assert_int_eq(SSL_export_keying_material(ssl, exporter, sizeof(exporter),
												"EXPORTER-Channel-Binding", 24,
												NULL, 0, 1),
					 1);
	(void)SSL_write(ssl, exporter, sizeof(exporter));
	while (tls_peer_read(peer, ssl, buf, sizeof(buf)))
	{
	}
}

START_TEST(exporters_agree)
{
	struct tls_peer_config config = { .kind = PEER_OBOL,
									  .serve = send_exporter };
	uint8_t theirs[2][OBOL_EXPORTER_LEN];
	uint8_t ours[OBOL_EXPORTER_LEN];
	struct tls_peer peer;
	struct rig rig;
	size_t got;
	int i;

	tls_peer_init(&peer, &config);
	rig_init(&rig, tls_peer_text(&peer));
	for (i = 0; i < 2; i++)
	{
		ck_assert_int_eq(rig_connect(&rig), OBOL_NET_OK);
		ck_assert_int_eq(
			obol_tls_exporter(obol_stream_tls(rig.connection.stream), ours),
			OBOL_OK);
		ck_assert_int_eq(obol_stream_recv(rig.connection.stream, &rig.wait,
										  theirs[i], sizeof(theirs[i]), &got),
						 OBOL_NET_OK);
		ck_assert_uint_eq(got, sizeof(ours));
		ck_assert_mem_eq(theirs[i], ours, sizeof(ours));
	}
	/* another connection, another binding */
	ck_assert_mem_ne(theirs[0], theirs[1], sizeof(ours));
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

static void send_byte(struct tls_peer *peer, SSL *ssl)
{
	char buf[16];

	/* tickets leave before it */
	(void)SSL_write(ssl, "x", 1);
	while (tls_peer_read(peer, ssl, buf, sizeof(buf)))
	{
	}
}

/* Tickets are given, and not used. */
START_TEST(resumes_nothing)
{
	struct tls_peer_config config = { .kind = PEER_TICKETS,
									  .serve = send_byte };
	struct tls_peer peer;
	struct rig rig;
	uint8_t byte;
	size_t got;
	int i;

	tls_peer_init(&peer, &config);
	rig_init(&rig, tls_peer_text(&peer));
	for (i = 0; i < 3; i++)
	{
		ck_assert_int_eq(rig_connect(&rig), OBOL_NET_OK);
		ck_assert_int_eq(
			obol_stream_recv(rig.connection.stream, &rig.wait, &byte, 1, &got),
			OBOL_NET_OK);
	}
	rig_clear(&rig);
	tls_peer_clear(&peer);
	ck_assert_int_eq(atomic_load(&peer.n_handshakes), 3);
	ck_assert_int_eq(atomic_load(&peer.n_resumed), 0);
}
END_TEST

struct file_row {
	const char *content;
	enum obol_status status;
	const char *word;
};

static const struct file_row files[] = {
	{ NULL, OBOL_ERR_IO, "No such file" },
	{ "", OBOL_ERR_FORMAT, "no certificate" },
	{ "nothing of this kind\n", OBOL_ERR_FORMAT, "no certificate" },
	{ "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
	  OBOL_ERR_FORMAT, "certificate" },
	{ "-----BEGIN CERTIFICATE-----\n", OBOL_ERR_FORMAT, "certificate" },
};

START_TEST(reads_ca_files)
{
	const struct file_row *row = &files[_i];
	struct obol_tls_context *context = NULL;
	struct tempdir dir;
	char why[256] = "";

	tempdir_init(&dir);
	if (row->content)
	{
		tempdir_write(&dir, "ca.pem", row->content, strlen(row->content), 0644);
	}
	ck_assert_int_eq(obol_tls_context_new(obol_clock_system(),
										  tempdir_file(&dir, "ca.pem"),
										  &context, why, sizeof(why)),
					 row->status);
	ck_assert_ptr_null(context);
	ck_assert_msg(strstr(why, row->word) && strstr(why, "ca.pem"), "%s", why);
	tempdir_clear(&dir);
}
END_TEST

Suite *tls_suite(void);
Suite *tls_suite(void)
{
	Suite *suite = suite_create("tls");
	TCase *tcase = tcase_create("tls");

	tcase_set_timeout(tcase, 20);
	tcase_add_loop_test(tcase, checks_certificates, 0,
						sizeof(certs) / sizeof(certs[0]));
	tcase_add_test(tcase, takes_an_intermediate);
	tcase_add_test(tcase, web_server_is_no_wrong_certificate);
	tcase_add_test(tcase, exporters_agree);
	tcase_add_test(tcase, resumes_nothing);
	tcase_add_loop_test(tcase, reads_ca_files, 0,
						sizeof(files) / sizeof(files[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
