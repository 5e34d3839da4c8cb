/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key, chain and dates of a bundle. */
#include "seal/bundle_check.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/* Longest signature taken: RSA with 16384 bits. */
#define SIGNATURE_MAX 2048
#define LAST_SECOND_OF_9999 UINT64_C(253402300799)

struct parsed {
	EVP_PKEY *key;
	X509 *own;
	/** the rest of the chain, and CAs that are not self-signed */
	STACK_OF(X509) * untrusted;
	/** the self-signed CAs */
	STACK_OF(X509) * anchors;
};

/* DER with nothing behind it; NULL otherwise. */
static X509 *parse_certificate(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;
	X509 *certificate = d2i_X509(NULL, &pos, (long)der.len);

	if (certificate && pos != der.ptr + der.len)
	{
		X509_free(certificate);
		certificate = NULL;
	}
	return certificate;
}

static EVP_PKEY *parse_key(const struct obol_secret *pkcs8)
{
	struct obol_bytes der = obol_secret_view(pkcs8);
	const unsigned char *pos = der.ptr;
	PKCS8_PRIV_KEY_INFO *info =
		d2i_PKCS8_PRIV_KEY_INFO(NULL, &pos, (long)der.len);
	EVP_PKEY *key = NULL;

	if (info && pos == der.ptr + der.len)
	{
		key = EVP_PKCS82PKEY(info);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

/* Takes the certificate in any case. */
static bool push(STACK_OF(X509) * certificates, X509 *certificate)
{
	if (!certificate || !sk_X509_push(certificates, certificate))
	{
		X509_free(certificate);
		return false;
	}
	return true;
}

static bool is_anchor(X509 *certificate)
{
	return certificate && X509_check_ca(certificate) == 1 &&
		   X509_self_signed(certificate, 1) == 1;
}

static EVP_PKEY *parse_public(struct obol_bytes spki)
{
	const unsigned char *pos = spki.ptr;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &pos, (long)spki.len);

	if (key && pos != spki.ptr + spki.len)
	{
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

static bool parse(const struct obol_bundle_certificates *in, struct parsed *out)
{
	size_t i;

	out->untrusted = sk_X509_new_null();
	out->anchors = sk_X509_new_null();
	out->own = parse_certificate(in->chain[0]);
	if (!out->untrusted || !out->anchors || !out->key || !out->own)
	{
		return false;
	}
	for (i = 1; i < in->n_chain; i++)
	{
		if (!push(out->untrusted, parse_certificate(in->chain[i])))
		{
			return false;
		}
	}
	for (i = 0; i < in->n_cas; i++)
	{
		X509 *ca = parse_certificate(in->cas[i]);

		if (!push(is_anchor(ca) ? out->anchors : out->untrusted, ca))
		{
			return false;
		}
	}
	return true;
}

static void parsed_clear(struct parsed *parsed)
{
	EVP_PKEY_free(parsed->key);
	X509_free(parsed->own);
	sk_X509_pop_free(parsed->untrusted, X509_free);
	sk_X509_pop_free(parsed->anchors, X509_free);
}

/* Comparing public keys is not enough: the one that stands in the PKCS#8 need
 * not belong to the private key beside it. So sign and verify. */
static bool key_fits(EVP_PKEY *key, X509 *certificate)
{
	static const unsigned char text[] = "Obol-v1 does this key fit";
	EVP_PKEY *public_key = X509_get0_pubkey(certificate);
	unsigned char signature[SIGNATURE_MAX];
	size_t len = sizeof(signature);
	EVP_MD_CTX *sign = EVP_MD_CTX_new();
	EVP_MD_CTX *verify = EVP_MD_CTX_new();
	bool fits = false;
	char digest[32];

	if (!sign || !verify || !public_key || !EVP_PKEY_eq(key, public_key))
	{
		goto out;
	}
	/* "UNDEF" is said by algorithms that take no digest */
	if (EVP_PKEY_get_default_digest_name(key, digest, sizeof(digest)) < 1 ||
		!strcmp(digest, "UNDEF"))
	{
		digest[0] = '\0';
	}
	fits = EVP_DigestSignInit_ex(sign, NULL, digest[0] ? digest : NULL, NULL,
								 NULL, key, NULL) == 1 &&
		   EVP_DigestSign(sign, signature, &len, text, sizeof(text)) == 1 &&
		   EVP_DigestVerifyInit_ex(verify, NULL, digest[0] ? digest : NULL,
								   NULL, NULL, public_key, NULL) == 1 &&
		   EVP_DigestVerify(verify, signature, len, text, sizeof(text)) == 1;
out:
	EVP_MD_CTX_free(sign);
	EVP_MD_CTX_free(verify);
	return fits;
}

/* X509_V_OK, or the first error; the time is left out when when is 0. */
static int verify_chain(const struct parsed *parsed, time_t when)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int error = X509_V_ERR_UNSPECIFIED;
	X509_VERIFY_PARAM *param;
	int i;

	if (!store || !ctx)
	{
		goto out;
	}
	for (i = 0; i < sk_X509_num(parsed->anchors); i++)
	{
		if (!X509_STORE_add_cert(store, sk_X509_value(parsed->anchors, i)))
		{
			goto out;
		}
	}
	if (!X509_STORE_CTX_init(ctx, store, parsed->own, parsed->untrusted))
	{
		goto out;
	}
	param = X509_STORE_CTX_get0_param(ctx);
	if (when)
	{
		X509_VERIFY_PARAM_set_time(param, when);
	}
	else
	{
		(void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
	}
	error =
		X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
	if (error == X509_V_OK && X509_STORE_CTX_get_error(ctx) != X509_V_OK)
	{
		error = X509_STORE_CTX_get_error(ctx);
	}
out:
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return error;
}

/* OpenSSL knows no year of five digits. */
static time_t to_time(uint64_t seconds)
{
	uint64_t last = sizeof(time_t) == 4 ? INT32_MAX : LAST_SECOND_OF_9999;

	return (time_t)(seconds < last ? seconds : last);
}

/* A chain that is good but for its dates is told apart from a bad one. */
static enum obol_bundle_fault check_chain(const struct parsed *parsed,
										  uint64_t now)
{
	int error = verify_chain(parsed, to_time(now ? now : 1));

	if (error == X509_V_OK)
	{
		return OBOL_BUNDLE_GOOD;
	}
	if (verify_chain(parsed, 0) != X509_V_OK)
	{
		return OBOL_BUNDLE_CHAIN;
	}
	switch (error)
	{
		case X509_V_ERR_CERT_NOT_YET_VALID:
			return OBOL_BUNDLE_NOT_YET_VALID;
		case X509_V_ERR_CERT_HAS_EXPIRED:
			return OBOL_BUNDLE_EXPIRED;
		default:
			return OBOL_BUNDLE_CHAIN;
	}
}

enum obol_bundle_fault
obol_bundle_check_parts(const struct obol_secret *key,
						const struct obol_bundle_certificates *certificates,
						uint64_t now)
{
	struct parsed parsed = { NULL, NULL, NULL, NULL };
	enum obol_bundle_fault fault;

	/* what OpenSSL notes on the way is nobody else's */
	(void)ERR_set_mark();
	parsed.key = parse_key(key);
	if (!parse(certificates, &parsed))
	{
		fault = OBOL_BUNDLE_MALFORMED;
	}
	else if (!key_fits(parsed.key, parsed.own))
	{
		fault = OBOL_BUNDLE_KEY_MISMATCH;
	}
	else
	{
		fault = check_chain(&parsed, now);
	}
	parsed_clear(&parsed);
	(void)ERR_pop_to_mark();
	return fault;
}

enum obol_bundle_fault
obol_bundle_check_public(struct obol_bytes spki,
						 const struct obol_bundle_certificates *certificates,
						 uint64_t now)
{
	struct parsed parsed = { NULL, NULL, NULL, NULL };
	enum obol_bundle_fault fault;

	(void)ERR_set_mark();
	parsed.key = parse_public(spki);
	if (!parse(certificates, &parsed))
	{
		fault = OBOL_BUNDLE_MALFORMED;
	}
	else if (EVP_PKEY_eq(parsed.key, X509_get0_pubkey(parsed.own)) != 1)
	{
		fault = OBOL_BUNDLE_KEY_MISMATCH;
	}
	else
	{
		fault = check_chain(&parsed, now);
	}
	parsed_clear(&parsed);
	(void)ERR_pop_to_mark();
	return fault;
}

static uint64_t to_seconds(const ASN1_TIME *time)
{
	struct tm tm;
	time_t seconds;

	if (!time || !ASN1_TIME_to_tm(time, &tm))
	{
		return 0;
	}
	seconds = timegm(&tm);
	return seconds > 0 ? (uint64_t)seconds : 0;
}

void obol_certificate_dates(struct obol_bytes certificate, uint64_t *not_before,
							uint64_t *not_after)
{
	X509 *x509;

	(void)ERR_set_mark();
	x509 = parse_certificate(certificate);
	*not_before = x509 ? to_seconds(X509_get0_notBefore(x509)) : 0;
	*not_after = x509 ? to_seconds(X509_get0_notAfter(x509)) : 0;
	X509_free(x509);
	(void)ERR_pop_to_mark();
}

size_t obol_certificate_serial(struct obol_bytes certificate,
							   uint8_t serial[OBOL_BUNDLE_SERIAL_MAX])
{
	const unsigned char *pos = certificate.ptr;
	X509 *x = d2i_X509(NULL, &pos, (long)certificate.len);
	const ASN1_INTEGER *number = x ? X509_get0_serialNumber(x) : NULL;
	size_t len = 0;

	if (number && ASN1_STRING_length(number) <= OBOL_BUNDLE_SERIAL_MAX)
	{
		len = (size_t)ASN1_STRING_length(number);
		memcpy(serial, ASN1_STRING_get0_data(number), len);
	}
	X509_free(x);
	ERR_clear_error();
	return len;
}
