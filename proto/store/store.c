/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dispatch to the back end, and keyed hashes of names. */
#include "store/store_figures.h"

#include "pake/kdf.h"

#include <assert.h>
#include <stdio.h>

/* Labels of the keyed hashes; a zero byte ends each. */
#define LABEL_CREDENTIAL "Obol-v1 credential identifier"
#define LABEL_GUESS "Obol-v1 guess row"
#define LABEL_GONE "Obol-v1 slot that is gone"
#define LABEL_FAKE "Obol-v1 fake seed"
#define LABEL_MASK "Obol-v1 masked name"

/** label | 0 | kind (1) | length of name (2) | name | device id (16) */
#define HASH_INPUT_MAX (64 + 1 + 2 + OBOL_NAME_MAX + OBOL_DEVICE_ID_LEN)

const unsigned obol_store_within_days[OBOL_STORE_WITHIN_N] = { 1, 7, 30 };

static const uint8_t no_device[OBOL_DEVICE_ID_LEN];

void obol_store_submit(struct obol_store *store, struct obol_store_op *op)
{
	op->began_us = obol_meter_us(store->meter);
	op->is_in_doubt = false;
	store->backend->submit(store, op);
}

static enum obol_metric_verdict verdict_of(enum obol_status status)
{
	switch (status)
	{
		case OBOL_OK:
			return OBOL_VERDICT_OK;
		case OBOL_ERR_AUTH:
		case OBOL_ERR_DENIED:
		case OBOL_ERR_EXISTS:
		case OBOL_ERR_NOT_FOUND:
			return OBOL_VERDICT_REFUSED;
		default:
			return OBOL_VERDICT_ERROR;
	}
}

void obol_store_measure(const struct obol_store *store,
						const struct obol_store_op *op)
{
	obol_meter_add(store->meter, OBOL_METRIC_STORE_OPERATIONS,
				   verdict_of(op->status), 0, 1);
	/* there is more to note of a name that is known: whoever reads metrics
	 * could tell by the time */
	if (op->verb != OBOL_STORE_LOGIN_FAILED)
	{
		obol_meter_since(store->meter, OBOL_METRIC_STORE_DURATION, 0, 0,
						 op->began_us);
	}
}

void obol_store_flush(struct obol_store *store)
{
	store->backend->flush(store);
}

void obol_store_push(struct obol_store *store)
{
	if (store->backend->push)
	{
		store->backend->push(store);
		return;
	}
	obol_store_flush(store);
}

int obol_store_descriptor(const struct obol_store *store)
{
	return store->backend->descriptor ? store->backend->descriptor(store) : -1;
}

void obol_store_ready(struct obol_store *store)
{
	if (store->backend->ready)
	{
		store->backend->ready(store);
	}
}

enum obol_status obol_store_run(struct obol_store *store,
								enum obol_store_verb verb, void *arg)
{
	struct obol_store_op op = { .verb = verb, .arg.any = arg };

	op.status = OBOL_ERR_STORE;
	obol_store_submit(store, &op);
	obol_store_flush(store);
	return op.is_in_doubt ? OBOL_ERR_IO : op.status;
}

void obol_store_close(struct obol_store *store)
{
	if (store)
	{
		store->backend->close(store);
	}
}

static enum obol_status keyed_hash(const struct obol_store *store,
								   const char *label, uint8_t kind,
								   struct obol_bytes name,
								   const uint8_t *device_id, uint8_t out[32])
{
	uint8_t input[HASH_INPUT_MAX];
	size_t len = strlen(label) + 1;

	assert(name.len <= OBOL_NAME_MAX);
	memcpy(input, label, len);
	input[len++] = kind;
	input[len++] = (uint8_t)(name.len >> 8);
	input[len++] = (uint8_t)name.len;
	if (name.len > 0)
	{
		memcpy(input + len, name.ptr, name.len);
		len += name.len;
	}
	memcpy(input + len, device_id ? device_id : no_device, OBOL_DEVICE_ID_LEN);
	len += OBOL_DEVICE_ID_LEN;
	return obol_keyed_hash(obol_bytes(store->id_key, sizeof(store->id_key)),
						   obol_bytes(input, len), out);
}

enum obol_status
obol_store_credential_identifier(const struct obol_store *store, uint8_t kind,
								 struct obol_bytes name,
								 const uint8_t *device_id, uint8_t out[32])
{
	return keyed_hash(store, LABEL_CREDENTIAL, kind, name, device_id, out);
}

enum obol_status obol_store_guess_key(const struct obol_store *store,
									  uint8_t kind, struct obol_bytes name,
									  const uint8_t *device_id,
									  uint8_t out[OBOL_GUESS_KEY_LEN])
{
	bool is_device = kind == OBOL_SLOT_DEVICE;
	uint8_t hash[32];
	enum obol_status status =
		keyed_hash(store, LABEL_GUESS, is_device ? kind : 0, name,
				   is_device ? device_id : no_device, hash);

	if (status == OBOL_OK)
	{
		memcpy(out, hash, OBOL_GUESS_KEY_LEN);
	}
	return status;
}

enum obol_status obol_store_gone_key(const struct obol_store *store,
									 uint8_t kind, struct obol_bytes name,
									 const uint8_t *device_id,
									 uint8_t out[OBOL_GONE_KEY_LEN])
{
	uint8_t hash[32];
	enum obol_status status =
		keyed_hash(store, LABEL_GONE, kind, name, device_id, hash);

	if (status == OBOL_OK)
	{
		memcpy(out, hash, OBOL_GONE_KEY_LEN);
	}
	return status;
}

enum obol_status obol_store_fake_seed(const struct obol_store *store,
									  uint8_t out[32])
{
	return keyed_hash(store, LABEL_FAKE, 0, obol_bytes(NULL, 0), no_device,
					  out);
}

enum obol_status obol_store_masked_name(const struct obol_store *store,
										struct obol_bytes name, char out[17])
{
	uint8_t hash[32];
	size_t i;
	enum obol_status status =
		keyed_hash(store, LABEL_MASK, 0, name, no_device, hash);

	for (i = 0; status == OBOL_OK && i < 8; i++)
	{
		(void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
	}
	return status;
}
