/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sealed credentials; the layout is in the header. */
#include "seal/sealed_credential.h"

#include "base/ct_check.h"
#include "base/reader.h"
#include "seal/aead.h"

#define SEALED_VERSION 1
#define SEALED_LABEL "Obol-v1 credential"
#define LENGTH_LEN 4
#define BUCKET_MIN 256
#define BUCKET_STEP (16 * 1024)

static size_t bucket_of(size_t len)
{
	size_t bucket = BUCKET_MIN;

	if (len > BUCKET_STEP)
	{
		return (len + BUCKET_STEP - 1) / BUCKET_STEP * BUCKET_STEP;
	}
	while (bucket < len)
	{
		bucket *= 2;
	}
	return bucket;
}

static void write_associated_data(struct obol_writer *w,
								  const struct obol_account_key *key,
								  const struct obol_credential_header *header)
{
	obol_write_u8(w, SEALED_VERSION);
	obol_write_bytes(w, obol_bytes(key->account_id, OBOL_ACCOUNT_ID_LEN));
	obol_write_u32(w, key->generation);
	obol_write_vec8(w, header->name);
	obol_write_u16(w, header->format);
	obol_write_u64(w, header->version);
}

static bool header_ok(const struct obol_credential_header *header)
{
	return header->name.len > 0 &&
		   header->name.len <= OBOL_CREDENTIAL_NAME_MAX && header->version > 0;
}

/* length | body | zeros up to the bucket */
static enum obol_status pad(const struct obol_secret *body,
							struct obol_secret **padded)
{
	struct obol_bytes bytes = obol_secret_view(body);
	size_t len = bucket_of(LENGTH_LEN + bytes.len);
	enum obol_status status;
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_u32(&w, (uint32_t)bytes.len);
	obol_write_bytes(&w, bytes);
	obol_write_zeros(&w, len - LENGTH_LEN - bytes.len);
	status = obol_writer_secret(&w, padded);
	obol_writer_clear(&w);
	return status;
}

static enum obol_status unpad(const struct obol_secret *padded,
							  struct obol_secret **body)
{
	struct obol_reader r = obol_reader_over(obol_secret_view(padded));
	struct obol_bytes bytes, zeros;
	struct obol_secret *copy;
	uint8_t any = 0;
	size_t len, i;

	/* public: whoever opens it learns how long it is; the padding hides that
	 * from who stores it */
	len = obol_ct_verdict(obol_read_u32(&r));
	if (len == 0 || len > OBOL_CREDENTIAL_BODY_MAX ||
		bucket_of(LENGTH_LEN + len) != obol_secret_len(padded))
	{
		return OBOL_ERR_FORMAT;
	}
	bytes = obol_read_fixed(&r, len);
	zeros = obol_read_fixed(&r, obol_reader_left(&r));
	for (i = 0; i < zeros.len; i++)
	{
		any |= zeros.ptr[i];
	}
	/* public: whether the padding is as it must be; the seal was made so */
	if (obol_read_end(&r) != OBOL_OK || obol_ct_verdict(any))
	{
		return OBOL_ERR_FORMAT;
	}
	copy = obol_secret_dup(bytes.ptr, bytes.len);
	if (!copy)
	{
		return OBOL_ERR_NOMEM;
	}
	*body = copy;
	return OBOL_OK;
}

enum obol_status
obol_credential_seal(struct obol_rng *rng, const struct obol_account_key *key,
					 const struct obol_credential_header *header,
					 const struct obol_secret *body, struct obol_writer *out)
{
	struct obol_secret *padded = NULL;
	enum obol_status status = OBOL_ERR_ARG;
	struct obol_writer ad;

	obol_writer_init(&ad);
	if (!header_ok(header) || obol_secret_len(body) == 0 ||
		obol_secret_len(body) > OBOL_CREDENTIAL_BODY_MAX)
	{
		goto out;
	}
	write_associated_data(&ad, key, header);
	status = obol_writer_status(&ad);
	if (status == OBOL_OK)
	{
		status = pad(body, &padded);
	}
	if (status != OBOL_OK)
	{
		goto out;
	}
	obol_write_u8(out, SEALED_VERSION);
	obol_write_u32(out, key->generation);
	status = obol_aead_seal(rng, key->key, SEALED_LABEL, obol_writer_view(&ad),
							padded, out);
out:
	obol_secret_free(padded);
	obol_writer_clear(&ad);
	return status;
}

enum obol_status
obol_credential_open(const struct obol_account_key *key,
					 const struct obol_credential_header *header,
					 struct obol_bytes sealed, struct obol_secret **body)
{
	struct obol_reader r = obol_reader_over(sealed);
	struct obol_secret *padded = NULL;
	enum obol_status status = OBOL_ERR_FORMAT;
	uint32_t generation;
	uint8_t version;
	struct obol_writer ad;

	obol_writer_init(&ad);
	version = obol_read_u8(&r);
	generation = obol_read_u32(&r);
	if (!obol_reader_ok(&r) || !header_ok(header))
	{
		goto out;
	}
	status = OBOL_ERR_VERSION;
	if (version != SEALED_VERSION)
	{
		goto out;
	}
	status = OBOL_ERR_AUTH;
	if (generation != key->generation)
	{
		goto out;
	}
	write_associated_data(&ad, key, header);
	status = obol_writer_status(&ad);
	if (status == OBOL_OK)
	{
		status =
			obol_aead_open(key->key, SEALED_LABEL, obol_writer_view(&ad),
						   obol_read_fixed(&r, obol_reader_left(&r)), &padded);
	}
	if (status == OBOL_OK)
	{
		status = unpad(padded, body);
	}
out:
	obol_secret_free(padded);
	obol_writer_clear(&ad);
	return status;
}
