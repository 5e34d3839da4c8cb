/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The account key wrapped for a slot; the layout is in account_key.h. */
#include "base/ct.h"
#include "base/ct_check.h"
#include "base/reader.h"
#include "seal/account_key.h"
#include "seal/aead.h"

#define WRAP_VERSION 1
#define WRAP_LABEL "Obol-v1 slot wrap"
#define HEADER_LEN (1 + 2 + 1 + OBOL_ACCOUNT_ID_LEN + 4)

/* { account id | generation | account key } */
static enum obol_status content_of(const struct obol_account_key *key,
								   struct obol_secret **content)
{
	enum obol_status status;
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_bytes(&w, obol_bytes(key->account_id, OBOL_ACCOUNT_ID_LEN));
	obol_write_u32(&w, key->generation);
	obol_write_bytes(&w, obol_secret_view(key->key));
	status = obol_writer_secret(&w, content);
	obol_writer_clear(&w);
	return status;
}

enum obol_status obol_slot_wrap(struct obol_rng *rng,
								const struct obol_secret *export_key,
								enum obol_slot_kind kind,
								const struct obol_account_key *key,
								struct obol_writer *wrap)
{
	struct obol_secret *content = NULL;
	enum obol_status status = OBOL_ERR_ARG;
	struct obol_writer header;

	obol_writer_init(&header);
	if (obol_secret_len(export_key) != OBOL_OPAQUE_NH ||
		obol_secret_len(key->key) != OBOL_ACCOUNT_KEY_LEN ||
		key->generation == 0)
	{
		goto out;
	}
	obol_write_u8(&header, WRAP_VERSION);
	obol_write_u16(&header, OBOL_SUITE_1);
	obol_write_u8(&header, (uint8_t)kind);
	obol_write_bytes(&header, obol_bytes(key->account_id, OBOL_ACCOUNT_ID_LEN));
	obol_write_u32(&header, key->generation);
	status = obol_writer_status(&header);
	if (status == OBOL_OK)
	{
		status = content_of(key, &content);
	}
	if (status != OBOL_OK)
	{
		goto out;
	}
	obol_write_bytes(wrap, obol_writer_view(&header));
	status = obol_aead_seal(rng, export_key, WRAP_LABEL,
							obol_writer_view(&header), content, wrap);
out:
	obol_secret_free(content);
	obol_writer_clear(&header);
	return status;
}

/* What stands before the seal, as far as it can be checked without a key. */
static enum obol_status read_header(struct obol_bytes wrap,
									enum obol_slot_kind kind)
{
	struct obol_reader r = obol_reader_over(wrap);
	uint8_t version, read_kind;
	uint16_t suite;

	version = obol_read_u8(&r);
	suite = obol_read_u16(&r);
	read_kind = obol_read_u8(&r);
	(void)obol_read_fixed(&r, OBOL_ACCOUNT_ID_LEN + 4);
	if (!obol_reader_ok(&r))
	{
		return OBOL_ERR_FORMAT;
	}
	if (version != WRAP_VERSION || suite != OBOL_SUITE_1)
	{
		return OBOL_ERR_VERSION;
	}
	return read_kind == (uint8_t)kind ? OBOL_OK : OBOL_ERR_AUTH;
}

/* The account id and generation are believed from inside the seal alone;
 * those outside, which the seal covers as well, must be the same. */
static enum obol_status read_content(const struct obol_secret *content,
									 struct obol_bytes header,
									 struct obol_account_key *key)
{
	struct obol_reader r = obol_reader_over(obol_secret_view(content));
	struct obol_account_key read = { .generation = 0 };
	struct obol_bytes outside =
		obol_bytes(header.ptr + 4, OBOL_ACCOUNT_ID_LEN + 4);
	struct obol_bytes account_key;
	enum obol_status status;

	obol_read_copy(&r, read.account_id, sizeof(read.account_id));
	read.generation = obol_read_u32(&r);
	account_key = obol_read_fixed(&r, OBOL_ACCOUNT_KEY_LEN);
	status = obol_read_end(&r);
	if (status != OBOL_OK)
	{
		return status;
	}
	/* public: both stand in clear before the seal too, and have just been
	 * authenticated there as well */
	obol_ct_public(read.account_id, sizeof(read.account_id));
	obol_ct_public(&read.generation, sizeof(read.generation));
	if (read.generation == 0 ||
		!obol_ct_eq(obol_secret_view(content).ptr, outside.ptr, outside.len))
	{
		return OBOL_ERR_AUTH;
	}
	read.key = obol_secret_dup(account_key.ptr, account_key.len);
	if (!read.key)
	{
		return OBOL_ERR_NOMEM;
	}
	*key = read;
	return OBOL_OK;
}

enum obol_status obol_slot_unwrap(const struct obol_secret *export_key,
								  enum obol_slot_kind kind,
								  struct obol_bytes wrap,
								  struct obol_account_key *key)
{
	struct obol_secret *content = NULL;
	struct obol_bytes header;
	enum obol_status status;

	status = read_header(wrap, kind);
	if (status != OBOL_OK)
	{
		goto out;
	}
	header = obol_bytes(wrap.ptr, HEADER_LEN);
	status = obol_aead_open(
		export_key, WRAP_LABEL, header,
		obol_bytes(wrap.ptr + HEADER_LEN, wrap.len - HEADER_LEN), &content);
	if (status == OBOL_OK)
	{
		status = read_content(content, header, key);
	}
out:
	obol_secret_free(content);
	return status;
}
