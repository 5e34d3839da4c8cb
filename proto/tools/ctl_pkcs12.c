/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key and certificate of an old PKI, read from a PKCS#12 file. */
#include "tools/ctl_pkcs12.h"

#include <obol/bundle.h>

#include "base/file.h"
#include "seal/sealed_credential.h"
#include "tools/askpass.h"

#include "tools/pkcs12.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define FILE_MAX ((size_t)1 << 20)
#define VPN "vpn"

/** CA certificates of a file beside the PKCS#12, in DER. */
struct cas {
	size_t n;
	struct obol_bytes certificates[OBOL_BUNDLE_CERTIFICATES_MAX];
	unsigned char *der[OBOL_BUNDLE_CERTIFICATES_MAX];
};

static void clear_cas(struct cas *cas)
{
	size_t i;

	for (i = 0; i < cas->n; i++)
	{
		OPENSSL_free(cas->der[i]);
	}
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

static struct obol_bundle *open_file(const char *path,
									 const struct obol_secret *file,
									 const struct obol_secret *password)
{
	/* a zero behind it, as OpenSSL wants it */
	struct obol_secret *text = obol_secret_new(obol_secret_len(password) + 1);
	struct obol_bundle *bundle = NULL;
	enum pkcs12_fault fault = PKCS12_NO_MEMORY;

	if (text)
	{
		if (obol_secret_len(password) > 0)
		{
			memcpy(obol_secret_ptr(text), obol_secret_view(password).ptr,
				   obol_secret_len(password));
		}
		obol_secret_cut(text, obol_secret_len(password));
		fault = pkcs12_read(obol_secret_view(file), text, true, &bundle);
	}
	obol_secret_free(text);
	if (fault != PKCS12_GOOD)
	{
		(void)obol_ctl_fail("%s: %s", path, pkcs12_fault_text(fault));
	}
	return bundle;
}

static struct obol_bundle *read_file(const char *path, uint32_t fd)
{
	struct obol_secret *file = NULL, *password = NULL;
	struct obol_bundle *bundle = NULL;
	char why[OBOL_WHY_MAX];

	if (obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &file, why,
					   sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return NULL;
	}
	if (get_password(path, fd, &password))
	{
		bundle = open_file(path, file, password);
	}
	obol_secret_free(password);
	obol_secret_free(file);
	return bundle;
}

/** True while there is room and another certificate. */
static bool read_ca(BIO *bio, struct cas *cas)
{
	X509 *x = cas->n < OBOL_BUNDLE_CERTIFICATES_MAX
				  ? PEM_read_bio_X509(bio, NULL, NULL, NULL)
				  : NULL;
	int len = x ? i2d_X509(x, &cas->der[cas->n]) : 0;

	X509_free(x);
	if (len <= 0)
	{
		return false;
	}
	cas->certificates[cas->n] = obol_bytes(cas->der[cas->n], (size_t)len);
	cas->n++;
	return true;
}

static bool read_cas(const char *path, struct cas *cas)
{
	struct obol_secret *file = NULL;
	char why[OBOL_WHY_MAX];
	BIO *bio;

	if (obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &file, why,
					   sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	bio =
		BIO_new_mem_buf(obol_secret_view(file).ptr, (int)obol_secret_len(file));
	while (bio && read_ca(bio, cas))
	{
	}
	BIO_free(bio);
	obol_secret_free(file);
	ERR_clear_error();
	if (cas->n == 0)
	{
		(void)obol_ctl_fail("%s: there is no certificate in it", path);
	}
	return cas->n > 0;
}

/** The bundle with more CA certificates than the PKCS#12 had. */
static bool add_cas(struct obol_bundle **bundle, const char *ca_path)
{
	struct obol_bundle_parts parts = {
		.ttl_s = obol_bundle_ttl_s(*bundle),
		.key_was_shared = obol_bundle_key_was_shared(*bundle),
		.key = obol_bundle_key(*bundle),
	};
	struct obol_bundle *whole = NULL;
	struct cas cas = { .n = 0 };
	bool done = false;
	size_t i;

	while (parts.n_chain < obol_bundle_n_chain(*bundle))
	{
		parts.chain[parts.n_chain] = obol_bundle_chain(*bundle, parts.n_chain);
		parts.n_chain++;
	}
	while (parts.n_cas < obol_bundle_n_cas(*bundle))
	{
		parts.cas[parts.n_cas] = obol_bundle_ca(*bundle, parts.n_cas);
		parts.n_cas++;
	}
	if (!read_cas(ca_path, &cas))
	{
		goto out;
	}
	for (i = 0; i < cas.n && parts.n_cas < OBOL_BUNDLE_CERTIFICATES_MAX; i++)
	{
		parts.cas[parts.n_cas++] = cas.certificates[i];
	}
	if (i < cas.n || obol_bundle_new(&parts, &whole) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s: there are more, or longer, certificates than "
							"a bundle takes",
							ca_path);
		goto out;
	}
	obol_bundle_free(*bundle);
	*bundle = whole;
	done = true;
out:
	clear_cas(&cas);
	return done;
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
static bool make_body(struct obol_ctl *ctl, const struct obol_bundle *bundle,
					  const char *path, struct obol_secret **body)
{
	enum obol_bundle_fault fault =
		obol_bundle_check(bundle, obol_now(ctl->clock));

	if (fault != OBOL_BUNDLE_GOOD)
	{
		(void)obol_ctl_fail("%s: %s", path, fault_text(fault));
		return false;
	}
	if (obol_bundle_encode(bundle, body) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s: out of memory", path);
		return false;
	}
	return true;
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
	struct obol_bundle *bundle = NULL;
	struct obol_secret *body = NULL;
	enum obol_status status;
	bool done = false;

	obol_writer_init(&old->sealed);
	bundle = read_file(path, password_fd);
	if (!bundle || (ca_path && !add_cas(&bundle, ca_path)) ||
		!make_body(ctl, bundle, path, &body))
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
	obol_bundle_free(bundle);
	return done;
}

void obol_ctl_pkcs12_clear(struct obol_ctl_pkcs12 *old)
{
	obol_writer_clear(&old->sealed);
	memset(old, 0, sizeof(*old));
}
