/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "support/test_ca.h"
#include "tools/certificate.h"

Suite *certificate_suite(void);

static const struct {
	struct test_cert cert;
	const char *subject;
	const char *ike_id;
} rows[] = {
	{ { .cn = "alice", .san = "email:alice@vpn.example.org" },
	  "CN=alice",
	  "alice@vpn.example.org" },
	{ { .cn = "alice", .san = "DNS:alice.example.org,email:a@b.example" },
	  "CN=alice",
	  "alice.example.org" },
	{ { .cn = "alice", .san = "IP:192.0.2.1" }, "CN=alice", "192.0.2.1" },
	{ { .cn = "alice", .san = "IP:2001:db8::1" }, "CN=alice", "2001:db8::1" },
	/* what IKE has no identity for is passed over */
	{ { .cn = "alice", .san = "URI:urn:x,email:a@b.example" },
	  "CN=alice",
	  "a@b.example" },
	{ { .cn = "alice", .san = "DNS:*.example.org" }, "CN=alice", "CN=alice" },
	{ { .cn = "Alice (first) o'Neill" },
	  "CN=Alice (first) o'Neill",
	  "CN=Alice (first) o'Neill" },
	/* what strongSwan's parser might take apart: DER */
	{ { .cn = "a, b=c" },
	  "asn1dn:#3011310f300d06035504030c06612c20623d63",
	  "asn1dn:#3011310f300d06035504030c06612c20623d63" },
	{ { .cn = "\xc3\xa9" },
	  "asn1dn:#300d310b300906035504030c02c3a9",
	  "asn1dn:#300d310b300906035504030c02c3a9" },
};

START_TEST(read_row)
{
	struct certificate certificate;
	struct test_identity identity;
	uint8_t der[TEST_DER_MAX];

	test_identity_init(&identity, &rows[_i].cert, NULL);
	ck_assert_int_eq(
		certificate_read(test_certificate_der(identity.certificate, der),
						 &certificate),
		OBOL_OK);
	ck_assert_str_eq(certificate.subject, rows[_i].subject);
	ck_assert_str_eq(certificate.issuer, rows[_i].subject);
	ck_assert_str_eq(certificate.ike_id, rows[_i].ike_id);
	ck_assert_uint_eq(strlen(certificate.serial), 32);
	ck_assert(certificate.not_after > certificate.not_before);
	test_identity_clear(&identity);
}
END_TEST

START_TEST(refused)
{
	struct certificate certificate;
	struct test_identity identity;
	const struct test_cert cert = { .cn = "alice" };
	uint8_t der[TEST_DER_MAX];
	struct obol_bytes bytes;

	test_identity_init(&identity, &cert, NULL);
	bytes = test_certificate_der(identity.certificate, der);
	bytes.len++;
	ck_assert_int_eq(certificate_read(bytes, &certificate), OBOL_ERR_FORMAT);
	bytes.len -= 2;
	ck_assert_int_eq(certificate_read(bytes, &certificate), OBOL_ERR_FORMAT);
	ck_assert_int_eq(certificate_read(obol_bytes_str("x"), &certificate),
					 OBOL_ERR_FORMAT);
	test_identity_clear(&identity);
}
END_TEST

Suite *certificate_suite(void)
{
	Suite *suite = suite_create("certificate");
	TCase *tc = tcase_create("certificate");

	tcase_add_loop_test(tc, read_row, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, refused);
	suite_add_tcase(suite, tc);
	return suite;
}
