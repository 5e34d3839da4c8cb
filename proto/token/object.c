/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies in a token: looked for, certificates put there, removed. */
#include "token/pkcs11_private.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

/** Objects that one search is for. */
#define OBJECTS_MAX 64

enum obol_status obol_pkcs11_find(struct obol_pkcs11 *token,
								  CK_ATTRIBUTE *template, CK_ULONG n_template,
								  CK_OBJECT_HANDLE *found, CK_ULONG max,
								  CK_ULONG *n_found)
{
	CK_RV rv =
		token->module->C_FindObjectsInit(token->session, template, n_template);

	if (rv == CKR_OK)
	{
		rv = token->module->C_FindObjects(token->session, found, max, n_found);
		(void)token->module->C_FindObjectsFinal(token->session);
	}
	return rv == CKR_OK ? OBOL_OK
						: obol_pkcs11_fail_rv(token, rv, "looking for a key");
}

/*
 * Certificates
 */

/* Other programs find certificates by these (PKCS#11, 4.6.3). */
struct names {
	unsigned char *serial;
	unsigned char *issuer;
	unsigned char *subject;
	int serial_len, issuer_len, subject_len;
};

static bool take_names(struct obol_bytes certificate, struct names *names)
{
	const unsigned char *pos = certificate.ptr;
	X509 *x = d2i_X509(NULL, &pos, (long)certificate.len);

	memset(names, 0, sizeof(*names));
	if (x)
	{
		names->serial_len =
			i2d_ASN1_INTEGER(X509_get_serialNumber(x), &names->serial);
		names->issuer_len =
			i2d_X509_NAME(X509_get_issuer_name(x), &names->issuer);
		names->subject_len =
			i2d_X509_NAME(X509_get_subject_name(x), &names->subject);
	}
	X509_free(x);
	ERR_clear_error();
	return names->serial_len > 0 && names->issuer_len > 0 &&
		   names->subject_len > 0;
}

static void names_clear(struct names *names)
{
	OPENSSL_free(names->serial);
	OPENSSL_free(names->issuer);
	OPENSSL_free(names->subject);
}

static enum obol_status put(struct obol_pkcs11 *token, const uint8_t *id,
							struct obol_bytes certificate,
							const struct names *names)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_CERTIFICATE_TYPE type = CKC_X_509;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ATTRIBUTE template[] = {
		obol_pkcs11_attribute(CKA_CLASS, &class, sizeof(class)),
		obol_pkcs11_attribute(CKA_CERTIFICATE_TYPE, &type, sizeof(type)),
		obol_pkcs11_attribute(CKA_TOKEN, &yes, sizeof(yes)),
		obol_pkcs11_attribute(CKA_PRIVATE, &no, sizeof(no)),
		obol_pkcs11_attribute(CKA_LABEL, token->uri.object,
							  strlen(token->uri.object)),
		obol_pkcs11_attribute(CKA_ID, id, OBOL_PKCS11_ID_LEN),
		obol_pkcs11_attribute(CKA_SUBJECT, names->subject,
							  (size_t)names->subject_len),
		obol_pkcs11_attribute(CKA_ISSUER, names->issuer,
							  (size_t)names->issuer_len),
		obol_pkcs11_attribute(CKA_SERIAL_NUMBER, names->serial,
							  (size_t)names->serial_len),
		obol_pkcs11_attribute(CKA_VALUE, certificate.ptr, certificate.len),
	};
	CK_OBJECT_HANDLE object;
	CK_RV rv = token->module->C_CreateObject(
		token->session, template, sizeof(template) / sizeof(template[0]),
		&object);

	return rv == CKR_OK
			   ? OBOL_OK
			   : obol_pkcs11_fail_rv(token, rv, "storing the certificate");
}

enum obol_status obol_pkcs11_put(struct obol_pkcs11 *token,
								 const struct obol_pkcs11_key *key,
								 struct obol_bytes certificate, char *why,
								 size_t size)
{
	enum obol_status status;
	struct names names;

	obol_pkcs11_begin(token, why, size);
	status = take_names(certificate, &names)
				 ? put(token, key->id, certificate, &names)
				 : obol_pkcs11_fail(token, OBOL_ERR_FORMAT,
									"what it is to keep is no certificate");
	names_clear(&names);
	return obol_pkcs11_end(token, status);
}

/*
 * Removal
 */

static enum obol_status destroy(struct obol_pkcs11 *token,
								CK_OBJECT_HANDLE object)
{
	CK_RV rv = token->module->C_DestroyObject(token->session, object);

	/* two daemons may tidy up at the same time */
	return rv == CKR_OK || rv == CKR_OBJECT_HANDLE_INVALID
			   ? OBOL_OK
			   : obol_pkcs11_fail_rv(token, rv, "removing an old key");
}

static enum obol_status remove_id(struct obol_pkcs11 *token, const uint8_t *id)
{
	CK_ATTRIBUTE template =
		obol_pkcs11_attribute(CKA_ID, id, OBOL_PKCS11_ID_LEN);
	CK_OBJECT_HANDLE found[OBJECTS_MAX];
	CK_ULONG n = 0, i;
	enum obol_status status =
		obol_pkcs11_find(token, &template, 1, found, OBJECTS_MAX, &n);

	for (i = 0; status == OBOL_OK && i < n; i++)
	{
		status = destroy(token, found[i]);
	}
	return status;
}

enum obol_status obol_pkcs11_remove(struct obol_pkcs11 *token,
									const uint8_t id[OBOL_PKCS11_ID_LEN],
									char *why, size_t size)
{
	obol_pkcs11_begin(token, why, size);
	return obol_pkcs11_end(token, remove_id(token, id));
}

/* Of another origin, or one that is to be kept; so is what has no such id. */
static bool stays(struct obol_pkcs11 *token, CK_OBJECT_HANDLE object,
				  const uint8_t *kept, size_t n_kept)
{
	uint8_t id[OBOL_PKCS11_ID_LEN];
	CK_ATTRIBUTE template = { CKA_ID, id, sizeof(id) };
	size_t i;

	if (token->module->C_GetAttributeValue(token->session, object, &template,
										   1) != CKR_OK ||
		template.ulValueLen != sizeof(id) ||
		memcmp(id, OBOL_PKCS11_ID_MARK, OBOL_PKCS11_ID_MARK_LEN) != 0)
	{
		return true;
	}
	for (i = 0; i < n_kept; i++)
	{
		if (memcmp(id, kept + i * sizeof(id), sizeof(id)) == 0)
		{
			return true;
		}
	}
	return false;
}

static enum obol_status remove_others(struct obol_pkcs11 *token,
									  const uint8_t *kept, size_t n_kept)
{
	CK_ATTRIBUTE template = obol_pkcs11_attribute(CKA_LABEL, token->uri.object,
												  strlen(token->uri.object));
	CK_OBJECT_HANDLE found[OBJECTS_MAX];
	CK_ULONG n = 0, i;
	enum obol_status status =
		obol_pkcs11_find(token, &template, 1, found, OBJECTS_MAX, &n);

	for (i = 0; status == OBOL_OK && i < n; i++)
	{
		if (!stays(token, found[i], kept, n_kept))
		{
			status = destroy(token, found[i]);
		}
	}
	return status;
}

enum obol_status obol_pkcs11_remove_others(struct obol_pkcs11 *token,
										   const uint8_t *kept, size_t n_kept,
										   char *why, size_t size)
{
	obol_pkcs11_begin(token, why, size);
	return obol_pkcs11_end(token, remove_others(token, kept, n_kept));
}
