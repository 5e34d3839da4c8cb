/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes under the keys, of both sides: offer, bytes, receipt. */
#include "transfer/machine.h"

#include <openssl/evp.h>

#include "base/ct.h"
#include "base/reader.h"
#include "pake/kdf.h"

/*
 * Both
 */

enum obol_status transfer_hash_start(struct obol_transfer *t)
{
	enum obol_status status;
	struct obol_writer w;

	obol_writer_init(&w);
	obol_transfer_write_offer(&w, t->items, t->n_items);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		t->digest = EVP_MD_CTX_new();
		status = t->digest ? OBOL_OK : OBOL_ERR_NOMEM;
	}
	if (status == OBOL_OK)
	{
		status = EVP_DigestInit_ex2(t->digest, EVP_sha256(), NULL) == 1
					 ? transfer_hash_add(t, obol_writer_view(&w))
					 : OBOL_ERR_CRYPTO;
	}
	obol_writer_clear(&w);
	return status;
}

enum obol_status transfer_hash_add(struct obol_transfer *t,
								   struct obol_bytes bytes)
{
	return EVP_DigestUpdate(t->digest, bytes.ptr, bytes.len) == 1
			   ? OBOL_OK
			   : OBOL_ERR_CRYPTO;
}

enum obol_status transfer_hash_end(struct obol_transfer *t,
								   uint8_t hash[OBOL_TRANSFER_HASH_LEN],
								   uint8_t receipt[OBOL_TRANSFER_HASH_LEN])
{
	struct obol_bytes view = obol_bytes(hash, OBOL_TRANSFER_HASH_LEN);
	/* a copy, because both the end and the receipt want it */
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	enum obol_status status = OBOL_ERR_CRYPTO;

	if (copy && EVP_MD_CTX_copy_ex(copy, t->digest) == 1 &&
		EVP_DigestFinal_ex(copy, hash, NULL) == 1)
	{
		status = obol_hmac_sha256(t->keys.receipt, &view, 1, receipt);
	}
	EVP_MD_CTX_free(copy);
	return status;
}

bool transfer_next_item(struct obol_transfer *t)
{
	while (t->item < t->n_items && t->left == 0)
	{
		t->item++;
		t->left = t->item < t->n_items ? t->items[t->item].size : 0;
	}
	return t->item < t->n_items;
}

static void first_item(struct obol_transfer *t)
{
	t->item = 0;
	t->left = t->items[0].size;
	(void)transfer_next_item(t);
}

/*
 * The sender
 */

/* All was given: the hash of all goes behind it. */
static enum obol_status put_finished(struct obol_transfer *t)
{
	uint8_t hash[OBOL_TRANSFER_HASH_LEN], receipt[OBOL_TRANSFER_HASH_LEN];
	enum obol_status status = transfer_hash_end(t, hash, receipt);

	obol_wipe(receipt, sizeof(receipt));
	if (status == OBOL_OK)
	{
		t->state = TRANSFER_WAIT_RECEIPT;
		status = transfer_put_record(t, OBOL_TRANSFER_FINISHED,
									 obol_bytes(hash, sizeof(hash)));
	}
	return status;
}

enum obol_status transfer_offer(struct obol_transfer *t)
{
	enum obol_status status;
	struct obol_writer w;

	obol_writer_init(&w);
	obol_transfer_write_offer(&w, t->items, t->n_items);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		struct obol_bytes content = obol_writer_view(&w);

		status =
			transfer_put_record(t, OBOL_TRANSFER_OFFERED,
								obol_bytes(content.ptr + 1, content.len - 1));
	}
	obol_writer_clear(&w);
	if (status == OBOL_OK)
	{
		status = transfer_hash_start(t);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	t->state = TRANSFER_GIVING;
	first_item(t);
	return t->item < t->n_items ? OBOL_OK : put_finished(t);
}

size_t obol_transfer_wanted(const struct obol_transfer *t, size_t *item)
{
	if (t->state != TRANSFER_GIVING || obol_outbox_view(&t->output).len)
	{
		return 0;
	}
	*item = t->item;
	return t->left < OBOL_TRANSFER_CHUNK_MAX ? (size_t)t->left
											 : OBOL_TRANSFER_CHUNK_MAX;
}

enum obol_status obol_transfer_give(struct obol_transfer *t,
									struct obol_bytes bytes)
{
	enum obol_status status;
	size_t item;

	if (bytes.len == 0 || bytes.len > obol_transfer_wanted(t, &item))
	{
		return OBOL_ERR_ARG;
	}
	status = transfer_hash_add(t, bytes);
	if (status == OBOL_OK)
	{
		status = transfer_put_record(t, OBOL_TRANSFER_BYTES, bytes);
	}
	if (status == OBOL_OK)
	{
		t->left -= bytes.len;
		status = transfer_next_item(t) ? OBOL_OK : put_finished(t);
	}
	if (status != OBOL_OK)
	{
		transfer_fail(t, OBOL_TRANSFER_INTERNAL);
	}
	return status;
}

enum obol_status transfer_on_receipt(struct obol_transfer *t,
									 struct obol_bytes body)
{
	uint8_t hash[OBOL_TRANSFER_HASH_LEN], receipt[OBOL_TRANSFER_HASH_LEN];
	enum obol_status status;

	if (body.len != sizeof(receipt))
	{
		return OBOL_ERR_FORMAT;
	}
	status = transfer_hash_end(t, hash, receipt);
	if (status != OBOL_OK)
	{
		return status;
	}
	transfer_finish(t, obol_ct_eq(body.ptr, receipt, sizeof(receipt))
						   ? OBOL_TRANSFER_DONE
						   : OBOL_TRANSFER_UNCONFIRMED);
	return OBOL_OK;
}

/*
 * The receiver
 */

enum obol_status transfer_on_offer(struct obol_transfer *t,
								   struct obol_bytes body)
{
	enum obol_status status =
		obol_transfer_read_offer(body, t->items, &t->n_items);

	if (status == OBOL_OK)
	{
		status = transfer_hash_start(t);
	}
	if (status == OBOL_OK)
	{
		first_item(t);
		t->state = TRANSFER_ASKING;
		t->event = OBOL_TRANSFER_OFFER;
	}
	return status;
}

enum obol_status obol_transfer_accept(struct obol_transfer *t)
{
	if (t->state != TRANSFER_ASKING)
	{
		return OBOL_ERR_ARG;
	}
	t->state = TRANSFER_TAKING;
	return OBOL_OK;
}

enum obol_status transfer_on_bytes(struct obol_transfer *t,
								   struct obol_bytes body)
{
	enum obol_status status;

	/* the item before is complete: what comes now is the next one's */
	if (!transfer_next_item(t) || body.len == 0 || body.len > t->left)
	{
		return OBOL_ERR_FORMAT;
	}
	status = transfer_hash_add(t, body);
	if (status == OBOL_OK)
	{
		t->left -= body.len;
		t->data = body;
		t->event = OBOL_TRANSFER_DATA;
	}
	return status;
}

enum obol_status transfer_on_finished(struct obol_transfer *t,
									  struct obol_bytes body)
{
	uint8_t hash[OBOL_TRANSFER_HASH_LEN], receipt[OBOL_TRANSFER_HASH_LEN];
	enum obol_status status;

	if (transfer_next_item(t) || body.len != sizeof(hash))
	{
		return OBOL_ERR_FORMAT;
	}
	status = transfer_hash_end(t, hash, receipt);
	obol_wipe(receipt, sizeof(receipt));
	if (status != OBOL_OK)
	{
		return status;
	}
	if (!obol_ct_eq(body.ptr, hash, sizeof(hash)))
	{
		return OBOL_ERR_AUTH;
	}
	t->state = TRANSFER_STORING;
	t->event = OBOL_TRANSFER_COMPLETE;
	return OBOL_OK;
}

struct obol_bytes obol_transfer_data(const struct obol_transfer *t,
									 size_t *item)
{
	*item = t->item;
	return t->data;
}

enum obol_status obol_transfer_confirm(struct obol_transfer *t)
{
	uint8_t hash[OBOL_TRANSFER_HASH_LEN], receipt[OBOL_TRANSFER_HASH_LEN];
	enum obol_status status;

	if (t->state != TRANSFER_STORING)
	{
		return OBOL_ERR_ARG;
	}
	status = transfer_hash_end(t, hash, receipt);
	if (status == OBOL_OK)
	{
		status = transfer_put_record(t, OBOL_TRANSFER_RECEIPT,
									 obol_bytes(receipt, sizeof(receipt)));
	}
	transfer_finish(t, status == OBOL_OK ? OBOL_TRANSFER_DONE
										 : OBOL_TRANSFER_INTERNAL);
	return status;
}
