/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signing the anchors set. */
#include "issue/anchors_sign.h"

#include <limits.h>

#include <openssl/cms.h>
#include <openssl/err.h>

/* Issuer and serial number name the signer; nothing is attached. */
#define SIGN_FLAGS (CMS_BINARY | CMS_PARTIAL | CMS_NOCERTS | CMS_NOSMIMECAP)

static enum obol_status add_signers(CMS_ContentInfo *cms,
									const struct obol_anchors_signer *signers,
									size_t n_signers)
{
	size_t i;

	if (n_signers == 0 || n_signers > OBOL_ANCHORS_SIGNERS_MAX)
	{
		return OBOL_ERR_ARG;
	}
	for (i = 0; i < n_signers; i++)
	{
		if (X509_check_private_key(signers[i].certificate, signers[i].key) != 1)
		{
			return OBOL_ERR_ARG;
		}
		if (!CMS_add1_signer(cms, signers[i].certificate, signers[i].key,
							 EVP_sha256(), SIGN_FLAGS))
		{
			return OBOL_ERR_CRYPTO;
		}
	}
	return OBOL_OK;
}

static enum obol_status append(CMS_ContentInfo *cms, struct obol_writer *out)
{
	unsigned char *der = NULL;
	int len = i2d_CMS_ContentInfo(cms, &der);
	enum obol_status status = OBOL_ERR_CRYPTO;

	if (len > 0 && len <= OBOL_ANCHORS_MAX)
	{
		obol_write_bytes(out, obol_bytes(der, (size_t)len));
		status = obol_writer_status(out);
	}
	OPENSSL_free(der);
	return status;
}

enum obol_status obol_anchors_sign(const struct obol_anchors_body *body,
								   const struct obol_anchors_signer *signers,
								   size_t n_signers, struct obol_writer *out)
{
	CMS_ContentInfo *cms = NULL;
	struct obol_writer content;
	struct obol_bytes view;
	enum obol_status status;
	BIO *bio = NULL;

	obol_writer_init(&content);
	obol_anchors_body_encode(&content, body);
	status = obol_writer_status(&content);
	if (status != OBOL_OK)
	{
		goto out;
	}
	view = obol_writer_view(&content);
	cms = CMS_sign(NULL, NULL, NULL, NULL, SIGN_FLAGS);
	bio = view.len <= INT_MAX ? BIO_new_mem_buf(view.ptr, (int)view.len) : NULL;
	status = OBOL_ERR_NOMEM;
	if (!cms || !bio)
	{
		goto out;
	}
	status = add_signers(cms, signers, n_signers);
	if (status == OBOL_OK)
	{
		status = CMS_final(cms, bio, NULL, CMS_BINARY) == 1 ? append(cms, out)
															: OBOL_ERR_CRYPTO;
	}
out:
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
	obol_writer_clear(&content);
	ERR_clear_error();
	return status;
}
