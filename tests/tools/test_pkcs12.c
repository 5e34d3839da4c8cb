/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <stdlib.h>
#include <time.h>

#include "support/test_ca.h"
#include "tools/pkcs12.h"

Suite *pkcs12_suite(void);

#define PASSWORD "file password"

static struct test_identity root, middle, own, stranger;

static void setup(void)
{
	struct test_cert cert = { .cn = "root", .ca = true };

	test_identity_init(&root, &cert, NULL);
	cert.cn = "middle";
	test_identity_init(&middle, &cert, &root);
	cert.cn = "alice";
	cert.ca = false;
	test_identity_init(&own, &cert, &middle);
	test_identity_init(&stranger, &cert, &root);
}

static void teardown(void)
{
	test_identity_clear(&root);
	test_identity_clear(&middle);
	test_identity_clear(&own);
	test_identity_clear(&stranger);
}

struct p12_parts {
	const char *password;
	EVP_PKEY *key;
	X509 *certificate;
	X509 *others[10];
	/** for the key, and for the certificates */
	int key_cipher;
	int certificate_cipher;
	bool no_mac;
	/** NULL for the default one */
	OSSL_LIB_CTX *library;
};

static struct p12_parts good_parts(void)
{
	struct p12_parts parts = {
		.password = PASSWORD,
		.key = own.key,
		.certificate = own.certificate,
		.others = { middle.certificate, root.certificate },
		.key_cipher = NID_aes_256_cbc,
		.certificate_cipher = NID_aes_256_cbc,
	};

	return parts;
}

static void add_certificates(const struct p12_parts *parts,
							 STACK_OF(PKCS7) * *safes)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	size_t i;

	if (parts->certificate)
	{
		ck_assert_ptr_nonnull(PKCS12_add_cert(&bags, parts->certificate));
	}
	for (i = 0; parts->others[i]; i++)
	{
		ck_assert_ptr_nonnull(PKCS12_add_cert(&bags, parts->others[i]));
	}
	ck_assert(PKCS12_add_safe_ex(safes, bags, parts->certificate_cipher, 1,
								 parts->password, parts->library, NULL));
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

static void add_key(const struct p12_parts *parts, STACK_OF(PKCS7) * *safes)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

	if (parts->key)
	{
		ck_assert_ptr_nonnull(
			PKCS12_add_key_ex(&bags, parts->key, 0, 1, parts->key_cipher,
							  parts->password, parts->library, NULL));
		ck_assert(PKCS12_add_safe(safes, bags, -1, 0, NULL));
		sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	}
}

/* As PKCS12_create() does it, but without its own look at the key. */
static struct obol_secret *make(const struct p12_parts *parts)
{
	STACK_OF(PKCS7) *safes = NULL;
	unsigned char *der = NULL;
	struct obol_secret *secret;
	PKCS12 *p12;
	int len;

	add_certificates(parts, &safes);
	add_key(parts, &safes);
	p12 = PKCS12_add_safes_ex(safes, 0, parts->library, NULL);
	ck_assert_ptr_nonnull(p12);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	if (!parts->no_mac)
	{
		ck_assert(
			PKCS12_set_mac(p12, parts->password, -1, NULL, 0, 1, EVP_sha256()));
	}
	len = i2d_PKCS12(p12, &der);
	ck_assert_int_gt(len, 0);
	secret = obol_secret_dup(der, (size_t)len);
	OPENSSL_free(der);
	PKCS12_free(p12);
	return secret;
}

/* With the zero behind it that prompt_line() gives. */
static struct obol_secret *password_of(const char *text)
{
	struct obol_secret *password = obol_secret_dup(text, strlen(text) + 1);

	obol_secret_cut(password, strlen(text));
	return password;
}

static enum pkcs12_fault read_as(struct obol_bytes der, const char *password,
								 struct obol_bundle **bundle)
{
	struct obol_secret *secret = password_of(password);
	enum pkcs12_fault fault = pkcs12_read(der, secret, true, bundle);

	ck_assert_ptr_nonnull(pkcs12_fault_text(fault));
	ck_assert((fault == PKCS12_GOOD) == (*bundle != NULL));
	obol_secret_free(secret);
	return fault;
}

static enum pkcs12_fault fault_of(const struct p12_parts *parts,
								  const char *password)
{
	struct obol_secret *der = make(parts);
	struct obol_bundle *bundle = NULL;
	enum pkcs12_fault fault = read_as(obol_secret_view(der), password, &bundle);

	obol_bundle_free(bundle);
	obol_secret_free(der);
	return fault;
}

static struct obol_bundle *bundle_of(const struct p12_parts *parts)
{
	struct obol_secret *der = make(parts);
	struct obol_bundle *bundle = NULL;

	ck_assert_int_eq(read_as(obol_secret_view(der), PASSWORD, &bundle),
					 PKCS12_GOOD);
	obol_secret_free(der);
	return bundle;
}

START_TEST(to_bundle)
{
	struct p12_parts parts = good_parts();
	struct obol_bundle *bundle = bundle_of(&parts);

	ck_assert_uint_eq(obol_bundle_n_chain(bundle), 2);
	ck_assert_uint_eq(obol_bundle_n_cas(bundle), 1);
	ck_assert(obol_bundle_key_was_shared(bundle));
	ck_assert_int_eq(obol_bundle_check(bundle, (uint64_t)time(NULL)),
					 OBOL_BUNDLE_GOOD);
	obol_bundle_free(bundle);
}
END_TEST

START_TEST(wrong_password)
{
	struct p12_parts parts = good_parts();

	ck_assert_int_eq(fault_of(&parts, "file passwore"), PKCS12_WRONG_PASSWORD);
	ck_assert_int_eq(fault_of(&parts, ""), PKCS12_WRONG_PASSWORD);
	parts.no_mac = true;
	ck_assert_int_eq(fault_of(&parts, PASSWORD), PKCS12_NO_MAC);
	parts = good_parts();
	parts.password = "";
	ck_assert_int_eq(fault_of(&parts, ""), PKCS12_GOOD);
	ck_assert_int_eq(fault_of(&parts, "x"), PKCS12_WRONG_PASSWORD);
}
END_TEST

/* The private half is a stranger's, the public one that goes with it is ours.
 */
static EVP_PKEY *two_halves(void)
{
	uint8_t public[65];
	BIGNUM *private = NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;
	size_t len;

	ck_assert(EVP_PKEY_get_bn_param(stranger.key, OSSL_PKEY_PARAM_PRIV_KEY,
									&private));
	ck_assert(EVP_PKEY_get_octet_string_param(own.key, OSSL_PKEY_PARAM_PUB_KEY,
											  public, sizeof(public), &len));
	ck_assert(build && ctx);
	ck_assert(OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
											  "prime256v1", 0));
	ck_assert(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, private));
	ck_assert(OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
											   public, len));
	params = OSSL_PARAM_BLD_to_param(build);
	ck_assert_int_eq(EVP_PKEY_fromdata_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_clear_free(private);
	return key;
}

/* X509_check_private_key() is content with it */
START_TEST(two_halves_of_a_key)
{
	struct p12_parts parts = good_parts();

	parts.key = two_halves();
	ck_assert_int_eq(X509_check_private_key(own.certificate, parts.key), 1);
	ck_assert_int_eq(fault_of(&parts, PASSWORD), PKCS12_KEY_MISMATCH);
	EVP_PKEY_free(parts.key);
}
END_TEST

START_TEST(wrong_content)
{
	struct p12_parts parts = good_parts();
	size_t i;

	parts.key = NULL;
	ck_assert_int_eq(fault_of(&parts, PASSWORD), PKCS12_NO_KEY);
	parts = good_parts();
	parts.key = stranger.key;
	ck_assert_int_eq(fault_of(&parts, PASSWORD), PKCS12_KEY_MISMATCH);
	parts = good_parts();
	parts.certificate = NULL;
	ck_assert_int_eq(fault_of(&parts, PASSWORD), PKCS12_KEY_MISMATCH);
	parts = good_parts();
	for (i = 0; i < 8; i++)
	{
		parts.others[i] = middle.certificate;
	}
	ck_assert_int_eq(fault_of(&parts, PASSWORD), PKCS12_TOO_LARGE);
}
END_TEST

/* Lengths short of the whole one, and a byte more. */
START_TEST(cut_short)
{
	struct p12_parts parts = good_parts();
	struct obol_secret *der = make(&parts);
	struct obol_secret *longer = obol_secret_new(obol_secret_len(der) + 1);
	struct obol_bundle *bundle = NULL;
	size_t i;

	memcpy(obol_secret_ptr(longer), obol_secret_view(der).ptr,
		   obol_secret_len(der));
	for (i = 0; i <= obol_secret_len(longer); i += i < 64 ? 1 : 61)
	{
		ck_assert_msg(i == obol_secret_len(der) ||
						  read_as(obol_bytes(obol_secret_view(longer).ptr, i),
								  PASSWORD, &bundle) == PKCS12_MALFORMED,
					  "length %zu", i);
	}
	ck_assert_int_eq(read_as(obol_secret_view(longer), PASSWORD, &bundle),
					 PKCS12_MALFORMED);
	ck_assert_int_eq(
		read_as(obol_bytes_str("no PKCS#12 at all"), PASSWORD, &bundle),
		PKCS12_MALFORMED);
	obol_secret_free(longer);
	obol_secret_free(der);
}
END_TEST

/* What PKIs wrote for decades, made in a library context of its own; the
 * program itself has no legacy provider. */
START_TEST(old_encryption)
{
	OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *standard = OSSL_PROVIDER_load(library, "default");
	OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(library, "legacy");
	struct p12_parts parts = good_parts();

	ck_assert_ptr_nonnull(legacy);
	ck_assert_int_eq(OSSL_PROVIDER_available(NULL, "legacy"), 0);
	parts.library = library;
	parts.key_cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
	parts.certificate_cipher = NID_pbe_WithSHA1And40BitRC2_CBC;
	ck_assert_int_eq(fault_of(&parts, PASSWORD), PKCS12_GOOD);
	ck_assert_int_eq(fault_of(&parts, "x"), PKCS12_WRONG_PASSWORD);
	(void)OSSL_PROVIDER_unload(legacy);
	(void)OSSL_PROVIDER_unload(standard);
	OSSL_LIB_CTX_free(library);
}
END_TEST

START_TEST(there_and_back)
{
	struct p12_parts parts = good_parts();
	struct obol_bundle *bundle = bundle_of(&parts), *again = NULL;
	struct obol_secret *password = password_of("ABCD-EFGH"), *der = NULL;
	struct obol_secret *before = NULL, *after = NULL;

	ck_assert_int_eq(pkcs12_write(bundle, password, "vpn", &der), OBOL_OK);
	ck_assert_int_eq(read_as(obol_secret_view(der), "ABCD-EFGX", &again),
					 PKCS12_WRONG_PASSWORD);
	ck_assert_int_eq(read_as(obol_secret_view(der), "ABCD-EFGH", &again),
					 PKCS12_GOOD);
	ck_assert_int_eq(obol_bundle_encode(bundle, &before), OBOL_OK);
	ck_assert_int_eq(obol_bundle_encode(again, &after), OBOL_OK);
	ck_assert(obol_bytes_eq(obol_secret_view(before), obol_secret_view(after)));
	obol_secret_free(before);
	obol_secret_free(after);
	obol_secret_free(der);
	obol_secret_free(password);
	obol_bundle_free(again);
	obol_bundle_free(bundle);
}
END_TEST

/* Key and certificates as any tool reads them; returns how many. */
static int read_pem(struct obol_bytes text, char *password)
{
	BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, password);
	X509 *certificate;
	int n = 0;

	if (key)
	{
		ck_assert_int_eq(EVP_PKEY_eq(key, own.key), 1);
		while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		{
			ck_assert_int_eq(n == 0, X509_check_private_key(certificate, key));
			X509_free(certificate);
			n++;
		}
	}
	EVP_PKEY_free(key);
	BIO_free(bio);
	return n;
}

START_TEST(pem)
{
	struct p12_parts parts = good_parts();
	struct obol_bundle *bundle = bundle_of(&parts);
	struct obol_secret *password = password_of("ABCD-EFGH"), *text = NULL;
	char right[] = "ABCD-EFGH", wrong[] = "ABCD-EFGX";

	ck_assert_int_eq(pem_write(bundle, password, &text), OBOL_OK);
	ck_assert_int_eq(read_pem(obol_secret_view(text), wrong), 0);
	ck_assert_int_eq(read_pem(obol_secret_view(text), right), 3);
	ck_assert_ptr_null(memmem(obol_secret_view(text).ptr, obol_secret_len(text),
							  "BEGIN PRIVATE", strlen("BEGIN PRIVATE")));
	obol_secret_free(text);
	obol_secret_free(password);
	obol_bundle_free(bundle);
}
END_TEST

Suite *pkcs12_suite(void)
{
	Suite *suite = suite_create("pkcs12");
	TCase *tc = tcase_create("pkcs12");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, to_bundle);
	tcase_add_test(tc, wrong_password);
	tcase_add_test(tc, wrong_content);
	tcase_add_test(tc, two_halves_of_a_key);
	tcase_add_test(tc, cut_short);
	tcase_add_test(tc, old_encryption);
	tcase_add_test(tc, there_and_back);
	tcase_add_test(tc, pem);
	suite_add_tcase(suite, tc);
	return suite;
}
