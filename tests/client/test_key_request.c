/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's own key and its request, as the server looks at it. */
#include "client/key_request.h"
#include "issue/request.h"
#include "support/run.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

static const uint8_t exporter[OBOL_EXPORTER_LEN] =
	"an exporter of 32 bytes, \x00\xff!";

START_TEST(server_takes_it)
{
	struct obol_secret *key = NULL;
	struct obol_writer request;
	uint8_t other[OBOL_EXPORTER_LEN];
	uint8_t *spki = NULL;
	size_t len = 0;
	const uint8_t *pos;
	EVP_PKEY *private_key;
	uint8_t *ours = NULL;
	int ours_len;

	obol_writer_init(&request);
	ck_assert_int_eq(
		obol_key_request_new(NULL, OBOL_KEY_EC_P256, exporter, &key, &request),
		OBOL_OK);
	ck_assert_int_eq(obol_issue_request_check(obol_writer_view(&request),
											  exporter, &spki, &len),
					 OBOL_REQUEST_GOOD);
	/* the key is the request's, in PKCS#8 */
	pos = obol_secret_view(key).ptr;
	private_key = d2i_AutoPrivateKey(NULL, &pos, (long)obol_secret_len(key));
	ck_assert_ptr_nonnull(private_key);
	ours_len = i2d_PUBKEY(private_key, &ours);
	ck_assert(obol_bytes_eq(obol_bytes(ours, (size_t)ours_len),
							obol_bytes(spki, len)));
	free(spki);
	spki = NULL;
	/* on another connection it is of no use */
	memcpy(other, exporter, sizeof(other));
	other[31] ^= 1;
	ck_assert_int_eq(obol_issue_request_check(obol_writer_view(&request), other,
											  &spki, &len),
					 OBOL_REQUEST_EXPORTER);
	OPENSSL_free(ours);
	EVP_PKEY_free(private_key);
	obol_secret_free(key);
	obol_writer_clear(&request);
}
END_TEST

START_TEST(says_no_name)
{
	struct obol_secret *key = NULL;
	struct obol_secret *second = NULL;
	struct obol_writer request;
	const uint8_t *pos;
	X509_REQ *parsed;
	PKCS8_PRIV_KEY_INFO *p8;

	obol_writer_init(&request);
	ck_assert_int_eq(
		obol_key_request_new(NULL, OBOL_KEY_EC_P256, exporter, &key, &request),
		OBOL_OK);
	pos = obol_writer_view(&request).ptr;
	parsed = d2i_X509_REQ(NULL, &pos, (long)obol_writer_view(&request).len);
	ck_assert_ptr_nonnull(parsed);
	ck_assert_int_eq(X509_NAME_entry_count(X509_REQ_get_subject_name(parsed)),
					 0);
	ck_assert_int_eq(X509_REQ_get_attr_count(parsed), 1);
	X509_REQ_free(parsed);
	pos = obol_secret_view(key).ptr;
	p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &pos, (long)obol_secret_len(key));
	ck_assert_ptr_nonnull(p8);
	PKCS8_PRIV_KEY_INFO_free(p8);
	/* never the same key twice */
	obol_writer_clear(&request);
	ck_assert_int_eq(obol_key_request_new(NULL, OBOL_KEY_EC_P256, exporter,
										  &second, &request),
					 OBOL_OK);
	ck_assert(!obol_bytes_eq(obol_secret_view(key), obol_secret_view(second)));
	obol_secret_free(key);
	obol_secret_free(second);
	obol_writer_clear(&request);
}
END_TEST

START_TEST(each_type)
{
	struct obol_secret *key = NULL;
	struct obol_writer request;
	uint8_t *spki = NULL;
	size_t len = 0;

	obol_writer_init(&request);
	ck_assert_int_eq(
		obol_key_request_new(NULL, (uint8_t)_i, exporter, &key, &request),
		OBOL_OK);
	ck_assert_int_eq(obol_issue_request_check(obol_writer_view(&request),
											  exporter, &spki, &len),
					 OBOL_REQUEST_GOOD);
	ck_assert_uint_eq(obol_issue_key_type(obol_bytes(spki, len)), _i);
	/* what is behind it, or cut off, is no key */
	ck_assert_uint_eq(obol_issue_key_type(obol_bytes(spki, len - 1)), 0);
	free(spki);
	obol_secret_free(key);
	obol_writer_clear(&request);
}
END_TEST

START_TEST(no_such_type)
{
	struct obol_secret *key = NULL;
	struct obol_writer request;

	obol_writer_init(&request);
	ck_assert_int_eq(obol_key_request_new(NULL, 0, exporter, &key, &request),
					 OBOL_ERR_VERSION);
	ck_assert_int_eq(obol_key_request_new(NULL, OBOL_KEY_ED25519 + 1, exporter,
										  &key, &request),
					 OBOL_ERR_VERSION);
	ck_assert_ptr_null(key);
	ck_assert_uint_eq(obol_writer_view(&request).len, 0);
	obol_writer_clear(&request);
}
END_TEST

Suite *key_request_suite(void);
Suite *key_request_suite(void)
{
	Suite *suite = suite_create("key_request");
	TCase *tcase = tcase_create("key_request");

	tcase_add_test(tcase, server_takes_it);
	tcase_add_test(tcase, says_no_name);
	tcase_add_loop_test(tcase, each_type, OBOL_KEY_EC_P256,
						OBOL_KEY_ED25519 + 1);
	tcase_add_test(tcase, no_such_type);
	suite_add_tcase(suite, tcase);
	return suite;
}
