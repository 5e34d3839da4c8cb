/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bundle's key and certificates as objects of strongSwan's. */

#include "obol_loaded.h"

#include <credentials/certificates/x509.h>
#include <utils/debug.h>

#include <stdio.h>
#include <string.h>

/** Longest list of identities that is logged, in bytes */
#define IDENTITIES_MAX 1024

/**
 * Decode a certificate
 */
static certificate_t *decode_cert(struct obol_bytes der)
{
	return lib->creds->create(lib->creds, CRED_CERTIFICATE, CERT_X509,
						BUILD_BLOB_ASN1_DER,
						chunk_create((u_char*)der.ptr, der.len), BUILD_END);
}

/**
 * Check for a CA certificate that signs itself: only such a one is a root.
 */
static bool is_anchor(certificate_t *cert)
{
	x509_flag_t flags = ((x509_t*)cert)->get_flags((x509_t*)cert);

	return (flags & X509_CA) && cert->issued_by(cert, cert, NULL);
}

/**
 * Decode the private key
 */
static bool load_key(obol_loaded_t *this, const struct obol_bundle *bundle)
{
	struct obol_bytes der = obol_secret_view(obol_bundle_key(bundle));

	this->key = lib->creds->create(lib->creds, CRED_PRIVATE_KEY, KEY_ANY,
						BUILD_BLOB_ASN1_DER,
						chunk_create((u_char*)der.ptr, der.len), BUILD_END);
	if (!this->key)
	{
		DBG1(DBG_CFG, "obol: the private key can not be decoded, is one of "
			 "the plugins openssl and pkcs8 loaded?");
	}
	return this->key != NULL;
}

/**
 * Decode the certificates: the client's own, its chain, the CA's
 */
static bool load_certs(obol_loaded_t *this, const struct obol_bundle *bundle)
{
	certificate_t *cert;
	size_t i, n_chain = obol_bundle_n_chain(bundle);
	size_t n_cas = obol_bundle_n_cas(bundle);

	for (i = 0; i < n_chain + n_cas; i++)
	{
		cert = decode_cert(i < n_chain ? obol_bundle_chain(bundle, i)
									   : obol_bundle_ca(bundle, i - n_chain));
		if (!cert)
		{
			DBG1(DBG_CFG, "obol: a certificate can not be decoded, is one of "
				 "the plugins openssl and x509 loaded?");
			return FALSE;
		}
		if (i == 0)
		{
			this->cert = cert;
		}
		else if (i >= n_chain && is_anchor(cert))
		{
			this->anchors->insert_last(this->anchors, cert);
		}
		else
		{
			this->intermediates->insert_last(this->intermediates, cert);
		}
	}
	return this->cert != NULL;
}

/*
 * see header file
 */
obol_loaded_t *obol_loaded_create(const struct obol_bundle *bundle,
								  private_key_t *key)
{
	obol_loaded_t *this;

	INIT(this,
		.key = key,
		.in_token = key != NULL,
		.anchors = linked_list_create(),
		.intermediates = linked_list_create(),
	);
	if ((!key && !load_key(this, bundle)) || !load_certs(this, bundle))
	{
		obol_loaded_destroy(this);
		return NULL;
	}
	return this;
}

/*
 * see header file
 */
linked_list_t *obol_loaded_anchors(const struct obol_anchors *anchors)
{
	linked_list_t *list = linked_list_create();
	certificate_t *cert;
	size_t i;

	for (i = 0; i < obol_anchors_n_cas(anchors); i++)
	{
		cert = decode_cert(obol_anchors_ca(anchors, i));
		if (cert && is_anchor(cert))
		{
			list->insert_last(list, cert);
			continue;
		}
		DBG1(DBG_CFG, "obol: a CA certificate can not be decoded, is one of "
			 "the plugins openssl and x509 loaded?");
		DESTROY_IF(cert);
	}
	return list;
}

/*
 * see header file
 */
char *obol_loaded_identities(obol_loaded_t *this)
{
	x509_t *x509 = (x509_t*)this->cert;
	enumerator_t *enumerator;
	identification_t *id;
	char list[IDENTITIES_MAX];
	size_t len = 0, used;

	enumerator = x509->create_subjectAltName_enumerator(x509);
	while (enumerator->enumerate(enumerator, &id))
	{
		used = snprintf(list + len, sizeof(list) - len, "%Y, ", id);
		if (used >= sizeof(list) - len)
		{	/* it does not fit, so leave it out */
			break;
		}
		len += used;
	}
	enumerator->destroy(enumerator);
	snprintf(list + len, sizeof(list) - len, "\"%Y\"",
			 this->cert->get_subject(this->cert));
	return strdup(list);
}

/*
 * see header file
 */
void obol_loaded_destroy(obol_loaded_t *this)
{
	if (this)
	{
		DESTROY_IF(this->key);
		DESTROY_IF(this->cert);
		this->anchors->destroy_offset(this->anchors,
									  offsetof(certificate_t, destroy));
		this->intermediates->destroy_offset(this->intermediates,
									  offsetof(certificate_t, destroy));
		free(this);
	}
}
