/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key and certificate of an old PKI, read from a PKCS#12 file. */
#include "tools/ctl_pkcs12.h"

#include <obol/bundle.h>

#include "base/file.h"
#include "seal/sealed_credential.h"
#include "tools/askpass.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509v3.h>

#define FILE_MAX ((size_t)1 << 20)
#define VPN "vpn"

/** What the file holds, and the DER that the bundle's parts point to. */
struct contents {
	/** of its own, with the algorithms that OpenSSL keeps apart as legacy:
	 * old files are encrypted with them */
	OSSL_LIB_CTX *libctx;
	OSSL_PROVIDER *legacy;
	OSSL_PROVIDER *standard;
	EVP_PKEY *key;
	X509 *certificate;
	/** all others: intermediates and CA certificates */
	STACK_OF(X509) * others;
	struct obol_secret *key_der;
	size_t n_der;
	unsigned char *der[2 * OBOL_BUNDLE_CERTIFICATES_MAX];
	struct obol_bundle_parts parts;
};

static void clear_contents(struct contents *contents)
{
	size_t i;

	for (i = 0; i < contents->n_der; i++)
	{
		OPENSSL_free(contents->der[i]);
	}
	obol_secret_free(contents->key_der);
	sk_X509_pop_free(contents->others, X509_free);
	X509_free(contents->certificate);
	EVP_PKEY_free(contents->key);
	if (contents->legacy)
	{
		(void)OSSL_PROVIDER_unload(contents->legacy);
	}
	if (contents->standard)
	{
		(void)OSSL_PROVIDER_unload(contents->standard);
	}
	OSSL_LIB_CTX_free(contents->libctx);
	ERR_clear_error();
}

static PKCS12 *decode(OSSL_LIB_CTX *libctx, struct obol_bytes bytes)
{
	const unsigned char *der = bytes.ptr;
	PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, libctx, NULL);

	if (p12 && !d2i_PKCS12(&p12, &der, (long)bytes.len))
	{
		return NULL;
	}
	return p12;
}

static bool get_password(const char *path, uint32_t fd,
						 struct obol_secret **password)
{
	char prompt[512];
	enum obol_status status;

	(void)snprintf(prompt, sizeof(prompt), "Password of %.400s: ", path);
	status = fd == OBOL_CTL_NO_FD ? obol_askpass(prompt, password)
								  : obol_askpass_fd((int)fd, password);
	if (status == OBOL_ERR_FORMAT)
	{
		*password = obol_secret_new(0);
		status = *password ? OBOL_OK : OBOL_ERR_NOMEM;
	}
	if (status == OBOL_ERR_NOT_FOUND)
	{
		(void)obol_ctl_fail("there is no terminal to ask for the password of "
							"%s; give --password-fd",
							path);
	}
	else if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("the password of %s was not read", path);
	}
	return status == OBOL_OK;
}

static bool parse(PKCS12 *p12, const struct obol_secret *password,
				  const char *path, struct contents *contents)
{
	struct obol_secret *text = obol_secret_new(obol_secret_len(password) + 1);
	bool done = false;

	if (!text)
	{
		return false;
	}
	if (obol_secret_len(password) > 0)
	{
		memcpy(obol_secret_ptr(text), obol_secret_view(password).ptr,
			   obol_secret_len(password));
	}
	if (!PKCS12_verify_mac(p12, (const char *)obol_secret_ptr(text), -1))
	{
		(void)obol_ctl_fail("%s: the password is wrong", path);
	}
	else if (!PKCS12_parse(p12, (const char *)obol_secret_ptr(text),
						   &contents->key, &contents->certificate,
						   &contents->others))
	{
		(void)obol_ctl_fail("%s: it cannot be opened, its parts are not in a "
							"form that is known",
							path);
	}
	else if (!contents->key)
	{
		(void)obol_ctl_fail("%s: there is no private key in it", path);
	}
	else if (!contents->certificate)
	{
		(void)obol_ctl_fail("%s: there is no certificate for its key in it",
							path);
	}
	else
	{
		done = true;
	}
	obol_secret_free(text);
	ERR_clear_error();
	return done;
}

static bool read_file(const char *path, uint32_t fd, struct contents *contents)
{
	struct obol_secret *file = NULL, *password = NULL;
	char why[OBOL_WHY_MAX];
	PKCS12 *p12 = NULL;
	bool done = false;

	if (obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &file, why,
					   sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	contents->libctx = OSSL_LIB_CTX_new();
	if (contents->libctx)
	{
		/* not everywhere installed; new files do without */
		contents->legacy = OSSL_PROVIDER_load(contents->libctx, "legacy");
		contents->standard = OSSL_PROVIDER_load(contents->libctx, "default");
		p12 = decode(contents->libctx, obol_secret_view(file));
	}
	if (!p12)
	{
		(void)obol_ctl_fail("%s: it is no PKCS#12 file", path);
	}
	else
	{
		done = get_password(path, fd, &password) &&
			   parse(p12, password, path, contents);
	}
	PKCS12_free(p12);
	obol_secret_free(password);
	obol_secret_free(file);
	return done;
}

/** The key as PKCS#8. */
static bool take_key(struct contents *contents)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(contents->key);
	unsigned char *der = NULL;
	int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;

	if (len > 0)
	{
		contents->key_der = obol_secret_dup(der, (size_t)len);
		OPENSSL_clear_free(der, (size_t)len);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	contents->parts.key = contents->key_der;
	return contents->key_der != NULL;
}

/** A certificate as DER, to the chain or, signed by itself, to the CAs. */
static bool take_certificate(struct contents *contents, X509 *x, bool is_first)
{
	bool is_ca = !is_first && (X509_get_extension_flags(x) & EXFLAG_SS) != 0;
	size_t *n = is_ca ? &contents->parts.n_cas : &contents->parts.n_chain;
	struct obol_bytes *list =
		is_ca ? contents->parts.cas : contents->parts.chain;
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);

	if (len <= 0)
	{
		return false;
	}
	if (*n == OBOL_BUNDLE_CERTIFICATES_MAX)
	{
		OPENSSL_free(der);
		return false;
	}
	contents->der[contents->n_der++] = der;
	list[(*n)++] = obol_bytes(der, (size_t)len);
	return true;
}

static bool take_ca_file(struct contents *contents, const char *path)
{
	struct obol_secret *file = NULL;
	char why[OBOL_WHY_MAX];
	bool done = true;
	X509 *x = NULL;
	BIO *bio;

	if (obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &file, why,
					   sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	bio =
		BIO_new_mem_buf(obol_secret_view(file).ptr, (int)obol_secret_len(file));
	while (bio && done && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
	{
		done = take_certificate(contents, x, false);
		X509_free(x);
	}
	BIO_free(bio);
	obol_secret_free(file);
	ERR_clear_error();
	return done;
}

/** The parts of a bundle. */
static bool take_parts(struct contents *contents, const char *path,
					   const char *ca_path)
{
	bool done = take_key(contents) &&
				take_certificate(contents, contents->certificate, true);
	int i;

	contents->parts.key_was_shared = true;
	for (i = 0; done && i < sk_X509_num(contents->others); i++)
	{
		done = take_certificate(contents, sk_X509_value(contents->others, i),
								false);
	}
	if (!done)
	{
		(void)obol_ctl_fail("%s: key or certificates are more than a bundle "
							"takes",
							path);
		return false;
	}
	return !ca_path || take_ca_file(contents, ca_path);
}

static const char *fault_text(enum obol_bundle_fault fault)
{
	switch (fault)
	{
		case OBOL_BUNDLE_GOOD:
			return "nothing is wrong with it";
		case OBOL_BUNDLE_MALFORMED:
			return "key or certificate is malformed";
		case OBOL_BUNDLE_KEY_MISMATCH:
			return "the private key is not the certificate's";
		case OBOL_BUNDLE_CHAIN:
			return "no CA certificate in it ends the certificate's chain; "
				   "give it with --pkcs12-ca";
		case OBOL_BUNDLE_NOT_YET_VALID:
			return "the certificate is not valid yet";
		case OBOL_BUNDLE_EXPIRED:
			return "the certificate has expired";
	}
	return "it cannot be used";
}

/** A checked bundle's bytes. */
static bool make_body(struct obol_ctl *ctl, const struct contents *contents,
					  const char *path, struct obol_secret **body)
{
	struct obol_bundle *bundle = NULL;
	enum obol_bundle_fault fault;
	enum obol_status status;

	status = obol_bundle_new(&contents->parts, &bundle);
	if (status == OBOL_ERR_ARG)
	{
		(void)obol_ctl_fail("%s: %s", path,
							contents->parts.n_cas == 0
								? fault_text(OBOL_BUNDLE_CHAIN)
								: "a part of it is too long");
		return false;
	}
	if (status == OBOL_OK)
	{
		fault = obol_bundle_check(bundle, obol_now(ctl->clock));
		if (fault != OBOL_BUNDLE_GOOD)
		{
			(void)obol_ctl_fail("%s: %s", path, fault_text(fault));
			obol_bundle_free(bundle);
			return false;
		}
		status = obol_bundle_encode(bundle, body);
	}
	obol_bundle_free(bundle);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s: no bundle could be made of it (%s)", path,
							obol_status_name(status));
	}
	return status == OBOL_OK;
}

bool obol_ctl_pkcs12_seal(struct obol_ctl *ctl, const char *path,
						  const char *ca_path, uint32_t password_fd,
						  const struct obol_account_key *key,
						  uint64_t base_version, struct obol_ctl_pkcs12 *old)
{
	struct obol_credential_header header = {
		.name = obol_bytes_str(VPN),
		.format = OBOL_FORMAT_BUNDLE,
		.version = base_version + 1,
	};
	struct contents contents = { .key = NULL };
	struct obol_secret *body = NULL;
	enum obol_status status;
	bool done = false;

	obol_writer_init(&old->sealed);
	if (!read_file(path, password_fd, &contents) ||
		!take_parts(&contents, path, ca_path) ||
		!make_body(ctl, &contents, path, &body))
	{
		goto out;
	}
	status = obol_credential_seal(ctl->rng, key, &header, body, &old->sealed);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s: it cannot be sealed (%s)", path,
							obol_status_name(status));
		goto out;
	}
	old->put.name = header.name;
	old->put.format = header.format;
	old->put.base_version = base_version;
	old->put.generation = key->generation;
	old->put.sealed = obol_writer_view(&old->sealed);
	done = true;
out:
	obol_secret_free(body);
	clear_contents(&contents);
	return done;
}

void obol_ctl_pkcs12_clear(struct obol_ctl_pkcs12 *old)
{
	obol_writer_clear(&old->sealed);
	memset(old, 0, sizeof(*old));
}
