/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PKCS#12 to bundle. */
#include "tools/pkcs12.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Old files are encrypted with what OpenSSL 3 has put into its legacy
 * provider, so that one is loaded into a context of its own, where there is
 * one. */
struct library {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *standard;
	OSSL_PROVIDER *legacy;
};

static bool library_init(struct library *library)
{
	library->ctx = OSSL_LIB_CTX_new();
	library->standard =
		library->ctx ? OSSL_PROVIDER_load(library->ctx, "default") : NULL;
	library->legacy =
		library->ctx ? OSSL_PROVIDER_load(library->ctx, "legacy") : NULL;
	return library->standard != NULL;
}

static void library_clear(struct library *library)
{
	if (library->legacy)
	{
		(void)OSSL_PROVIDER_unload(library->legacy);
	}
	if (library->standard)
	{
		(void)OSSL_PROVIDER_unload(library->standard);
	}
	OSSL_LIB_CTX_free(library->ctx);
}

const char *pkcs12_fault_text(enum pkcs12_fault fault)
{
	switch (fault)
	{
		case PKCS12_GOOD:
			return "good";
		case PKCS12_MALFORMED:
			return "this is no PKCS#12 file, or it is cut short";
		case PKCS12_WRONG_PASSWORD:
			return "the file's password is wrong; it is the one that the file "
				   "was exported with, not the account's";
		case PKCS12_NO_MAC:
			return "the file has no MAC, so that nobody can tell whether it "
				   "was changed; export it anew with a password";
		case PKCS12_UNSUPPORTED:
			return "the file is encrypted in a way that this OpenSSL does not "
				   "know; install its legacy provider or export the file anew";
		case PKCS12_NO_KEY:
			return "there is no private key in the file; export it together "
				   "with its key";
		case PKCS12_KEY_MISMATCH:
			return "none of the file's certificates belongs to its private "
				   "key; export both from the same place";
		case PKCS12_TOO_LARGE:
			return "the file has more, or larger, certificates than a bundle "
				   "holds; export it without those that are not needed";
		case PKCS12_NO_MEMORY:
			break;
	}
	return "out of memory";
}

static PKCS12 *parse(const struct library *library, struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;
	PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, library->ctx, NULL);

	if (p12 &&
		(!d2i_PKCS12(&p12, &pos, (long)der.len) || pos != der.ptr + der.len))
	{
		PKCS12_free(p12);
		p12 = NULL;
	}
	return p12;
}

static bool is_unsupported(unsigned long error)
{
	return ERR_GET_REASON(error) == ERR_R_UNSUPPORTED ||
		   (ERR_GET_LIB(error) == ERR_LIB_EVP &&
			ERR_GET_REASON(error) == EVP_R_UNSUPPORTED_ALGORITHM);
}

/* The MAC tells a wrong password from all else. */
static enum pkcs12_fault open_bags(PKCS12 *p12, const char *password,
								   EVP_PKEY **key, X509 **own,
								   STACK_OF(X509) * *others)
{
	if (!PKCS12_mac_present(p12))
	{
		return PKCS12_NO_MAC;
	}
	if (!PKCS12_verify_mac(p12, password, -1) &&
		(*password || !PKCS12_verify_mac(p12, NULL, 0)))
	{
		return PKCS12_WRONG_PASSWORD;
	}
	ERR_clear_error();
	if (PKCS12_parse(p12, password, key, own, others))
	{
		return PKCS12_GOOD;
	}
	return is_unsupported(ERR_peek_error()) ||
				   is_unsupported(ERR_peek_last_error())
			   ? PKCS12_UNSUPPORTED
			   : PKCS12_MALFORMED;
}

/* DER of what the bundle takes; the memory lives in the certificate list. */
struct encoded {
	unsigned char *der[2 * OBOL_BUNDLE_CERTIFICATES_MAX];
	size_t n;
};

static bool encode(X509 *x509, struct encoded *encoded,
				   struct obol_bytes *certificates, size_t *n)
{
	unsigned char *der = NULL;
	int len;

	if (*n == OBOL_BUNDLE_CERTIFICATES_MAX)
	{
		return false;
	}
	len = i2d_X509(x509, &der);
	if (len <= 0)
	{
		return false;
	}
	encoded->der[encoded->n++] = der;
	certificates[*n].ptr = der;
	certificates[*n].len = (size_t)len;
	*n += 1;
	return len <= OBOL_BUNDLE_CERTIFICATE_MAX;
}

static void encoded_clear(struct encoded *encoded)
{
	size_t i;

	for (i = 0; i < encoded->n; i++)
	{
		OPENSSL_free(encoded->der[i]);
	}
}

static bool is_root(X509 *x509)
{
	return X509_check_ca(x509) == 1 && X509_self_signed(x509, 1) == 1;
}

/* The key as PKCS#8; NULL when memory runs out. */
static struct obol_secret *encode_key(EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	struct obol_secret *pkcs8 = NULL;
	unsigned char *der = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;

	if (len > 0)
	{
		pkcs8 = obol_secret_dup(der, (size_t)len);
		OPENSSL_clear_free(der, (size_t)len);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	return pkcs8;
}

static bool encode_others(STACK_OF(X509) * others, struct encoded *encoded,
						  struct obol_bundle_parts *parts)
{
	int i;

	for (i = 0; i < sk_X509_num(others); i++)
	{
		X509 *x509 = sk_X509_value(others, i);
		bool done = is_root(x509)
						? encode(x509, encoded, parts->cas, &parts->n_cas)
						: encode(x509, encoded, parts->chain, &parts->n_chain);

		if (!done)
		{
			return false;
		}
	}
	return true;
}

/* A private key brings its public half along, which OpenSSL compares with the
 * certificate's and does not compute anew: so a signature has to tell. The
 * dates come later, and are for others to judge. */
static enum pkcs12_fault check_pair(struct obol_bundle **bundle)
{
	if (obol_bundle_check(*bundle, 0) != OBOL_BUNDLE_KEY_MISMATCH)
	{
		return PKCS12_GOOD;
	}
	obol_bundle_free(*bundle);
	*bundle = NULL;
	return PKCS12_KEY_MISMATCH;
}

enum pkcs12_fault pkcs12_bundle_of(EVP_PKEY *key, X509 *own,
								   STACK_OF(X509) * others, bool key_was_shared,
								   struct obol_bundle **bundle)
{
	struct obol_bundle_parts parts = { .key_was_shared = key_was_shared };
	struct obol_secret *pkcs8 = encode_key(key);
	enum obol_status status = OBOL_ERR_NOMEM;
	struct encoded encoded = { .n = 0 };

	if (pkcs8)
	{
		parts.key = pkcs8;
		status = encode(own, &encoded, parts.chain, &parts.n_chain) &&
						 encode_others(others, &encoded, &parts)
					 ? obol_bundle_new(&parts, bundle)
					 : OBOL_ERR_ARG;
	}
	obol_secret_free(pkcs8);
	encoded_clear(&encoded);
	switch (status)
	{
		case OBOL_OK:
			return check_pair(bundle);
		case OBOL_ERR_NOMEM:
			return PKCS12_NO_MEMORY;
		default:
			return PKCS12_TOO_LARGE;
	}
}

enum pkcs12_fault pkcs12_read(struct obol_bytes der,
							  const struct obol_secret *password,
							  bool key_was_shared, struct obol_bundle **bundle)
{
	const char *text = (const char *)obol_secret_view(password).ptr;
	struct library library = { NULL, NULL, NULL };
	enum pkcs12_fault fault = PKCS12_NO_MEMORY;
	STACK_OF(X509) *others = NULL;
	EVP_PKEY *key = NULL;
	X509 *own = NULL;
	PKCS12 *p12 = NULL;

	if (!library_init(&library))
	{
		goto out;
	}
	p12 = parse(&library, der);
	fault = p12 ? open_bags(p12, text ? text : "", &key, &own, &others)
				: PKCS12_MALFORMED;
	if (fault != PKCS12_GOOD)
	{
		goto out;
	}
	if (!key)
	{
		fault = PKCS12_NO_KEY;
	}
	else if (!own || X509_check_private_key(own, key) != 1)
	{
		fault = PKCS12_KEY_MISMATCH;
	}
	else
	{
		fault = pkcs12_bundle_of(key, own, others, key_was_shared, bundle);
	}
out:
	EVP_PKEY_free(key);
	X509_free(own);
	sk_X509_pop_free(others, X509_free);
	PKCS12_free(p12);
	library_clear(&library);
	ERR_clear_error();
	return fault;
}
