/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PKCS#10 requests: as they come, and with what is signed taken from the input
 * and signed by its key. */
#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "fuzz/support.h"
#include "issue/request.h"

static const uint8_t exporter[OBOL_EXPORTER_LEN] = { 0xe5, 1 };

/* An Ed25519 key signs the same way every time. */
static EVP_PKEY *fixed_key(void)
{
	static const uint8_t bytes[32] = { 0x10, 0x32 };
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes,
												 sizeof(bytes));

	FUZZ_CHECK(key);
	return key;
}

static enum obol_request_fault check(struct obol_bytes der)
{
	uint8_t *public_key = NULL;
	size_t len = 0;
	enum obol_request_fault fault =
		obol_issue_request_check(der, exporter, &public_key, &len);
	const unsigned char *pos = public_key;
	EVP_PKEY *key;

	FUZZ_CHECK(obol_request_fault_text(fault)[0]);
	FUZZ_CHECK((fault == OBOL_REQUEST_GOOD) == (public_key != NULL));
	if (public_key)
	{
		key = d2i_PUBKEY(NULL, &pos, (long)len);
		FUZZ_CHECK(key && pos == public_key + len);
		EVP_PKEY_free(key);
	}
	free(public_key);
	return fault;
}

/* with the fixed key in it, and its signature */
static void check_signed(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;
	X509_REQ *req = d2i_X509_REQ(NULL, &pos, (long)der.len);
	EVP_PKEY *key = fixed_key();
	unsigned char *out = NULL;
	enum obol_request_fault fault;
	int len;

	if (req && X509_REQ_set_pubkey(req, key) && X509_REQ_sign(req, key, NULL))
	{
		len = i2d_X509_REQ(req, &out);
		if (len > 0 && len <= OBOL_PKCS10_MAX)
		{
			fault = check(obol_bytes(out, (size_t)len));
			FUZZ_CHECK(fault == OBOL_REQUEST_GOOD ||
					   fault == OBOL_REQUEST_EXPORTER ||
					   fault == OBOL_REQUEST_MALFORMED);
		}
		OPENSSL_free(out);
	}
	EVP_PKEY_free(key);
	X509_REQ_free(req);
	ERR_clear_error();
}

static void run(struct obol_bytes in)
{
	(void)check(in);
	check_signed(in);
}

static void seed_request(struct fuzz_seeds *seeds, const char *name,
						 EVP_PKEY *key, const char *challenge)
{
	X509_REQ *req = X509_REQ_new();
	unsigned char *der = NULL;
	int len;

	FUZZ_CHECK(req && X509_REQ_set_pubkey(req, key));
	FUZZ_CHECK(X509_REQ_add1_attr_by_NID(req, NID_pkcs9_challengePassword,
										 MBSTRING_UTF8,
										 (const unsigned char *)challenge, -1));
	FUZZ_CHECK(X509_REQ_sign(
		req, key, EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256()));
	len = i2d_X509_REQ(req, &der);
	FUZZ_CHECK(len > 0);
	fuzz_seed(seeds, name, obol_bytes(der, (size_t)len));
	OPENSSL_free(der);
	X509_REQ_free(req);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const char digits[] = "0123456789abcdef";
	char challenge[2 * OBOL_EXPORTER_LEN + 1] = "";
	EVP_PKEY *ed25519 = fixed_key(), *ec = EVP_EC_gen("P-256");
	EVP_PKEY *weak = EVP_EC_gen("secp224r1");
	size_t i;

	FUZZ_CHECK(ec && weak);
	for (i = 0; i < OBOL_EXPORTER_LEN; i++)
	{
		challenge[2 * i] = digits[exporter[i] >> 4];
		challenge[2 * i + 1] = digits[exporter[i] & 15];
	}
	seed_request(seeds, "ed25519", ed25519, challenge);
	seed_request(seeds, "p256", ec, challenge);
	seed_request(seeds, "weak", weak, challenge);
	seed_request(seeds, "exporter", ed25519, "no");
	EVP_PKEY_free(ed25519);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(weak);
}

static struct fuzz_target target = {
	.name = "pkcs10",
	.what = "a good request has a public key; one that is signed rightly is "
			"refused for its exporter alone",
	.run = run,
	.seed = seed,
	.max_len = 2048,
};

FUZZ_TARGET(target)
