/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CA in files and what it issues. */
#include "issue/issuer.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/driven_clock.h"
#include "support/pkcs10.h"
#include "support/run.h"
#include "support/tempdir.h"

#define NOW 1800000000
#define DAY 86400

static struct tempdir dir;
static struct driven_clock clock_;
static char why[256];

static void setup(void)
{
	tempdir_init(&dir);
	driven_clock_init(&clock_, NOW);
	ck_assert_int_eq(obol_ca_create("Test CA", 100 * DAY,
									tempdir_file(&dir, "ca.crt"),
									tempdir_file(&dir, "ca.key"), &clock_.clock,
									why, sizeof(why)),
					 OBOL_OK);
}

static void teardown(void)
{
	tempdir_clear(&dir);
}

static enum obol_status open_issuer(const char *certificate, const char *key,
									struct obol_issuer **issuer)
{
	struct obol_issuer_file_options options = {
		.certificate_path = tempdir_file(&dir, certificate),
		.key_path = tempdir_file(&dir, key),
		.rng = obol_rng_system(),
		.clock = &clock_.clock,
	};

	why[0] = '\0';
	return obol_issuer_file_new(&options, issuer, why, sizeof(why));
}

static enum obol_status issue(struct obol_issuer *issuer, const char *key_kind,
							  const struct obol_certificate_profile *profile,
							  struct obol_issued *issued)
{
	EVP_PKEY *key = pkcs10_key(key_kind);
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

static X509 *parse(const struct obol_issued *issued)
{
	const unsigned char *pos = issued->certificate;
	X509 *x = d2i_X509(NULL, &pos, (long)issued->certificate_len);

	ck_assert_ptr_nonnull(x);
	return x;
}

static const struct obol_certificate_profile alice = {
	.common_name = "alice",
	.n_sans = 1,
	.sans = { "alice@vpn.example.org" },
	.lifetime_s = 30 * DAY,
};

static void check_extensions(X509 *x, bool is_gateway)
{
	EXTENDED_KEY_USAGE *eku =
		X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);

	ck_assert_int_eq(X509_get_version(x), X509_VERSION_3);
	ck_assert(!(X509_get_extension_flags(x) & EXFLAG_CA));
	ck_assert(X509_get_extension_flags(x) & EXFLAG_BCONS);
	ck_assert_uint_eq(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE);
	ck_assert(X509_get0_subject_key_id(x) && X509_get0_authority_key_id(x));
	ck_assert_int_eq(sk_ASN1_OBJECT_num(eku), is_gateway ? 2 : 1);
	ck_assert_int_eq(OBJ_obj2nid(sk_ASN1_OBJECT_value(eku, 0)),
					 is_gateway ? NID_server_auth : NID_client_auth);
	EXTENDED_KEY_USAGE_free(eku);
}

static const char *const subject_keys[] = { "P-256", "P-384", "ED25519",
											"RSA3072" };

START_TEST(test_user_certificate)
{
	struct obol_issuer *issuer = NULL;
	struct obol_issued issued;
	X509 *x, *ca;
	const unsigned char *pos;

	ck_assert_msg(open_issuer("ca.crt", "ca.key", &issuer) == OBOL_OK, "%s",
				  why);
	ck_assert_uint_eq(issuer->n_cas, 1);
	ck_assert_uint_eq(issuer->n_chain, 0);
	ck_assert_uint_eq(issuer->not_after, NOW + 100 * DAY);
	ck_assert_int_eq(issue(issuer, subject_keys[_i], &alice, &issued), OBOL_OK);
	x = parse(&issued);
	pos = issuer->cas[0].ptr;
	ca = d2i_X509(NULL, &pos, (long)issuer->cas[0].len);
	ck_assert_int_eq(X509_verify(x, X509_get0_pubkey(ca)), 1);
	ck_assert_int_eq(X509_check_issued(ca, x), X509_V_OK);
	check_extensions(x, false);
	ck_assert_int_eq(X509_check_email(x, "alice@vpn.example.org", 0, 0), 1);
	ck_assert_int_eq(X509_check_email(x, "bob@vpn.example.org", 0, 0), 0);
	ck_assert_uint_eq(issued.not_before, NOW - 3600);
	ck_assert_uint_eq(issued.not_after, NOW + 30 * DAY);
	ck_assert_str_eq(issued.subject, "CN=alice; email:alice@vpn.example.org");
	X509_free(ca);
	X509_free(x);
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
}
END_TEST

START_TEST(test_gateway_certificate)
{
	struct obol_certificate_profile gateway = {
		.common_name = "vpn.example.org",
		.n_sans = 3,
		.sans = { "vpn.example.org", "192.0.2.1", "2001:db8::1" },
		.lifetime_s = DAY,
		.is_gateway = true,
	};
	struct obol_issuer *issuer = NULL;
	struct obol_issued issued;
	X509 *x;

	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuer), OBOL_OK);
	ck_assert_int_eq(issue(issuer, "P-256", &gateway, &issued), OBOL_OK);
	x = parse(&issued);
	check_extensions(x, true);
	ck_assert_int_eq(X509_check_host(x, "vpn.example.org", 0, 0, NULL), 1);
	ck_assert_int_eq(X509_check_ip_asc(x, "192.0.2.1", 0), 1);
	ck_assert_int_eq(X509_check_ip_asc(x, "2001:db8::1", 0), 1);
	ck_assert_int_eq(X509_check_ip_asc(x, "2001:db8::2", 0), 0);
	X509_free(x);
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
}
END_TEST

START_TEST(test_serials_differ)
{
	struct obol_issuer *issuer = NULL;
	struct obol_issued a, b;

	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuer), OBOL_OK);
	ck_assert_int_eq(issue(issuer, "P-256", &alice, &a), OBOL_OK);
	ck_assert_int_eq(issue(issuer, "P-256", &alice, &b), OBOL_OK);
	ck_assert_uint_eq(a.serial_len, 16);
	ck_assert_uint_eq(b.serial_len, 16);
	ck_assert_int_ne(memcmp(a.serial, b.serial, 16), 0);
	ck_assert_uint_eq(a.serial[0] & 0xc0, 0x40);
	obol_issued_clear(&a);
	obol_issued_clear(&b);
	obol_issuer_free(issuer);
}
END_TEST

START_TEST(test_lifetime_is_clipped)
{
	struct obol_certificate_profile profile = alice;
	struct obol_issuer *issuer = NULL;
	struct obol_issued issued;

	profile.lifetime_s = 1000 * DAY;
	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuer), OBOL_OK);
	ck_assert_int_eq(issue(issuer, "P-256", &profile, &issued), OBOL_OK);
	ck_assert_uint_eq(issued.not_after, NOW + 100 * DAY);
	obol_issued_clear(&issued);
	/* and a CA that has ended issues nothing */
	driven_clock_pass(&clock_, 100 * DAY);
	ck_assert_int_eq(issue(issuer, "P-256", &profile, &issued),
					 OBOL_ERR_DENIED);
	obol_issuer_free(issuer);
}
END_TEST

/* clang-format off */
static const struct {
	const char *why;
	struct obol_certificate_profile profile;
} unusable[] = {
	{ "no common name", { .lifetime_s = DAY } },
	{ "control in the name", { .common_name = "a\nb", .lifetime_s = DAY } },
	{ "no lifetime", { .common_name = "a" } },
	{ "too many names", { .common_name = "a", .n_sans = 5, .lifetime_s = DAY } },
	{ "wildcard", { .common_name = "a", .n_sans = 1,
		.sans = { "*.example.org" }, .lifetime_s = DAY } },
	{ "two @", { .common_name = "a", .n_sans = 1,
		.sans = { "a@b@c" }, .lifetime_s = DAY } },
	{ "no local part", { .common_name = "a", .n_sans = 1,
		.sans = { "@example.org" }, .lifetime_s = DAY } },
	{ "space in the host", { .common_name = "a", .n_sans = 1,
		.sans = { "vpn example" }, .lifetime_s = DAY } },
	{ "not ASCII", { .common_name = "a", .n_sans = 1,
		.sans = { "j\xc3\xbcrgen@example.org" }, .lifetime_s = DAY } },
	{ "empty name", { .common_name = "a", .n_sans = 1,
		.sans = { "" }, .lifetime_s = DAY } },
};
/* clang-format on */

START_TEST(test_unusable_profiles)
{
	struct obol_issuer *issuer = NULL;
	struct obol_issued issued;

	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuer), OBOL_OK);
	ck_assert_msg(issue(issuer, "P-256", &unusable[_i].profile, &issued) ==
					  OBOL_ERR_ARG,
				  "%s", unusable[_i].why);
	obol_issuer_free(issuer);
}
END_TEST

/* A CA of any make: its certificate and key as files. */
static void make_ca(const char *certificate, const char *key_name,
					const char *common_name, const char *constraints,
					const char *names, X509 *by, EVP_PKEY *by_key, X509 **out,
					EVP_PKEY **out_key)
{
	EVP_PKEY *key = pkcs10_key("P-256");
	X509 *x = X509_new();
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	FILE *f;

	ck_assert(X509_set_version(x, X509_VERSION_3) && X509_set_pubkey(x, key));
	ck_assert(ASN1_INTEGER_set(X509_get_serialNumber(x), 77));
	ck_assert(ASN1_TIME_set(X509_getm_notBefore(x), NOW - DAY) &&
			  ASN1_TIME_set(X509_getm_notAfter(x), NOW + 50 * DAY));
	ck_assert(X509_NAME_add_entry_by_NID(
		X509_get_subject_name(x), NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)common_name, -1, -1, 0));
	ck_assert(X509_set_issuer_name(x, X509_get_subject_name(by ? by : x)));
	X509V3_set_ctx(&ctx, by ? by : x, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints, constraints);
	ck_assert(ext && X509_add_ext(x, ext, -1));
	X509_EXTENSION_free(ext);
	if (names)
	{
		ext = X509V3_EXT_conf_nid(NULL, &ctx, NID_name_constraints, names);
		ck_assert(ext && X509_add_ext(x, ext, -1));
		X509_EXTENSION_free(ext);
	}
	ck_assert(X509_sign(x, by_key ? by_key : key, EVP_sha256()));
	f = fopen(tempdir_file(&dir, certificate), "w");
	ck_assert(f && PEM_write_X509(f, x) && fclose(f) == 0);
	tempdir_write(&dir, key_name, "", 0, 0600);
	f = fopen(tempdir_file(&dir, key_name), "w");
	ck_assert(f &&
			  PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL));
	ck_assert_int_eq(fclose(f), 0);
	*out = x;
	*out_key = key;
}

static void append(const char *to, const char *from)
{
	char text[8192];
	size_t len = tempdir_read(&dir, from, text, sizeof(text));
	FILE *f = fopen(tempdir_file(&dir, to), "a");

	ck_assert(f && fwrite(text, 1, len, f) == len && fclose(f) == 0);
}

START_TEST(test_name_constraints)
{
	struct obol_certificate_profile profile = alice;
	struct obol_issuer *issuer = NULL;
	struct obol_issued issued;
	EVP_PKEY *key;
	X509 *x;

	make_ca("nc.crt", "nc.key", "Narrow CA", "critical,CA:TRUE",
			"critical,permitted;email:vpn.example.org", NULL, NULL, &x, &key);
	/* keyUsage is absent: any use (RFC 5280, 4.2.1.3) */
	ck_assert_msg(open_issuer("nc.crt", "nc.key", &issuer) == OBOL_OK, "%s",
				  why);
	ck_assert_int_eq(issue(issuer, "P-256", &profile, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	profile.sans[0] = "alice@elsewhere.example";
	ck_assert_int_eq(issue(issuer, "P-256", &profile, &issued),
					 OBOL_ERR_DENIED);
	obol_issuer_free(issuer);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_intermediate)
{
	EVP_PKEY *root_key, *key;
	X509 *root, *x;
	struct obol_issuer *issuer = NULL;
	struct obol_issued issued;

	make_ca("root.crt", "root.key", "Root", "critical,CA:TRUE,pathlen:1", NULL,
			NULL, NULL, &root, &root_key);
	make_ca("sub.crt", "sub.key", "Sub", "critical,CA:TRUE,pathlen:0", NULL,
			root, root_key, &x, &key);
	/* without its root */
	ck_assert_int_eq(open_issuer("sub.crt", "sub.key", &issuer), OBOL_ERR_ARG);
	ck_assert_ptr_nonnull(strstr(why, "root"));
	append("sub.crt", "root.crt");
	ck_assert_msg(open_issuer("sub.crt", "sub.key", &issuer) == OBOL_OK, "%s",
				  why);
	ck_assert_uint_eq(issuer->n_chain, 1);
	ck_assert_uint_eq(issuer->n_cas, 1);
	ck_assert_int_eq(issue(issuer, "P-256", &alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
	X509_free(root);
	X509_free(x);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_path_length)
{
	EVP_PKEY *root_key, *key;
	X509 *root, *x;
	struct obol_issuer *issuer = NULL;

	make_ca("root.crt", "root.key", "Root", "critical,CA:TRUE,pathlen:0", NULL,
			NULL, NULL, &root, &root_key);
	make_ca("sub.crt", "sub.key", "Sub", "critical,CA:TRUE", NULL, root,
			root_key, &x, &key);
	append("sub.crt", "root.crt");
	ck_assert_int_eq(open_issuer("sub.crt", "sub.key", &issuer), OBOL_ERR_ARG);
	X509_free(root);
	X509_free(x);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_not_a_ca)
{
	struct obol_issuer *issuer = NULL;
	EVP_PKEY *key;
	X509 *x;

	make_ca("leaf.crt", "leaf.key", "Leaf", "critical,CA:FALSE", NULL, NULL,
			NULL, &x, &key);
	ck_assert_int_eq(open_issuer("leaf.crt", "leaf.key", &issuer),
					 OBOL_ERR_ARG);
	ck_assert_ptr_nonnull(strstr(why, "no CA"));
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_bad_files)
{
	struct obol_issuer *issuer = NULL;
	char text[8192];
	size_t len;

	/* another CA's key */
	ck_assert_int_eq(obol_ca_create("Other", DAY,
									tempdir_file(&dir, "other.crt"),
									tempdir_file(&dir, "other.key"),
									&clock_.clock, why, sizeof(why)),
					 OBOL_OK);
	ck_assert_int_eq(open_issuer("ca.crt", "other.key", &issuer), OBOL_ERR_ARG);
	/* files that are not there, no PEM, cut short */
	ck_assert_int_eq(open_issuer("no.crt", "ca.key", &issuer),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(open_issuer("ca.crt", "no.key", &issuer),
					 OBOL_ERR_NOT_FOUND);
	tempdir_write(&dir, "text", "hello\n", 6, 0600);
	ck_assert_int_eq(open_issuer("text", "ca.key", &issuer), OBOL_ERR_FORMAT);
	ck_assert_int_eq(open_issuer("ca.crt", "text", &issuer), OBOL_ERR_FORMAT);
	len = tempdir_read(&dir, "ca.crt", text, sizeof(text));
	tempdir_write(&dir, "cut", text, len / 2, 0600);
	ck_assert_int_eq(open_issuer("cut", "ca.key", &issuer), OBOL_ERR_FORMAT);
	/* a key that others can read */
	len = tempdir_read(&dir, "ca.key", text, sizeof(text));
	tempdir_write(&dir, "ca.key", text, len, 0644);
	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuer), OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "chmod"));
	tempdir_write(&dir, "ca.key", text, len, 0640);
	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuer), OBOL_ERR_DENIED);
}
END_TEST

START_TEST(test_encrypted_key)
{
	struct obol_issuer *issuer = NULL;
	EVP_PKEY *key = pkcs10_key("P-256");
	char pass[] = "secret";
	FILE *f;

	tempdir_write(&dir, "enc.key", "", 0, 0600);
	f = fopen(tempdir_file(&dir, "enc.key"), "w");
	ck_assert(f && PEM_write_PKCS8PrivateKey(f, key, EVP_aes_128_cbc(), pass, 6,
											 NULL, NULL));
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(open_issuer("ca.crt", "enc.key", &issuer),
					 OBOL_ERR_FORMAT);
	ck_assert_ptr_nonnull(strstr(why, "encrypted"));
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_expired_ca)
{
	struct obol_issuer *issuer = NULL;

	driven_clock_pass(&clock_, 100 * DAY);
	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuer), OBOL_ERR_ARG);
	ck_assert_ptr_nonnull(strstr(why, "expired"));
}
END_TEST

START_TEST(test_ca_create_keeps_what_is_there)
{
	char before[4096], after[4096];
	size_t len = tempdir_read(&dir, "ca.key", before, sizeof(before));

	ck_assert_int_eq(obol_ca_create("New", DAY, tempdir_file(&dir, "new.crt"),
									tempdir_file(&dir, "ca.key"), &clock_.clock,
									why, sizeof(why)),
					 OBOL_ERR_EXISTS);
	ck_assert_uint_eq(tempdir_read(&dir, "ca.key", after, sizeof(after)), len);
	ck_assert_int_eq(memcmp(before, after, len), 0);
	/* and leaves no key behind when the certificate is there */
	ck_assert_int_eq(obol_ca_create("New", DAY, tempdir_file(&dir, "ca.crt"),
									tempdir_file(&dir, "new.key"),
									&clock_.clock, why, sizeof(why)),
					 OBOL_ERR_EXISTS);
	ck_assert_ptr_null(fopen(tempdir_file(&dir, "new.key"), "r"));
}
END_TEST

Suite *issuer_suite(void);

Suite *issuer_suite(void)
{
	Suite *s = suite_create("issuer");
	TCase *tc = tcase_create("issue");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_user_certificate, 0,
						sizeof(subject_keys) / sizeof(subject_keys[0]));
	tcase_add_test(tc, test_gateway_certificate);
	tcase_add_test(tc, test_serials_differ);
	tcase_add_test(tc, test_lifetime_is_clipped);
	tcase_add_loop_test(tc, test_unusable_profiles, 0,
						sizeof(unusable) / sizeof(unusable[0]));
	tcase_add_test(tc, test_name_constraints);
	tcase_add_test(tc, test_intermediate);
	tcase_add_test(tc, test_path_length);
	suite_add_tcase(s, tc);
	tc = tcase_create("load");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_not_a_ca);
	tcase_add_test(tc, test_bad_files);
	tcase_add_test(tc, test_encrypted_key);
	tcase_add_test(tc, test_expired_ca);
	tcase_add_test(tc, test_ca_create_keeps_what_is_there);
	suite_add_tcase(s, tc);
	return s;
}
