/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers for names that have no account. */
#include "server/unknown_account.h"

#include <stdlib.h>

#include "base/writer.h"
#include "pake/kdf.h"
#include "pake/opaque_login.h"
#include "store/slot_sets.h"

#define SET_LABEL "Obol-v1 unknown set"
/** In the place of a name, and not among those that are allowed. */
#define RECORD_LABEL "Obol-v1\nany unknown name"

struct obol_unknown_account {
	struct obol_secret *seed;
	/** one for all names, see the header */
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct obol_ksf_params fallback;
	uint32_t current_key;
	struct obol_store_slot_sets sets;
};

enum obol_status obol_unknown_account_new(
	struct obol_store *store, const struct obol_ksf_params *fallback,
	uint32_t current_key, struct obol_unknown_account **out)
{
	struct obol_unknown_account *unknown = calloc(1, sizeof(*unknown));
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!unknown)
	{
		return status;
	}
	unknown->fallback = *fallback;
	unknown->current_key = current_key;
	unknown->seed = obol_secret_new(32);
	if (unknown->seed)
	{
		status = obol_store_fake_seed(store, obol_secret_ptr(unknown->seed));
	}
	if (status == OBOL_OK)
	{
		status = obol_opaque_fake_record(
			unknown->seed, obol_bytes_str(RECORD_LABEL), unknown->record);
	}
	if (status != OBOL_OK)
	{
		obol_unknown_account_free(unknown);
		return status;
	}
	*out = unknown;
	return OBOL_OK;
}

void obol_unknown_account_free(struct obol_unknown_account *unknown)
{
	if (unknown)
	{
		obol_secret_free(unknown->seed);
		obol_wipe(unknown->record, sizeof(unknown->record));
		free(unknown);
	}
}

/* Newest first: so a growing share takes names in and gives none away. */
static int newest_first(const void *a, const void *b)
{
	return obol_slot_set_order(a, b);
}

void obol_unknown_account_set(struct obol_unknown_account *unknown,
							  const struct obol_store_slot_sets *sets)
{
	unknown->sets = *sets;
	qsort(unknown->sets.out.sets, unknown->sets.out.n_sets,
		  sizeof(unknown->sets.out.sets[0]), newest_first);
}

/* kind (1) | length of name (2) | name | device id (16) */
static void write_who(struct obol_writer *w, uint8_t kind,
					  struct obol_bytes name,
					  const uint8_t device_id[OBOL_DEVICE_ID_LEN])
{
	obol_write_u8(w, kind);
	obol_write_vec16(w, name);
	obol_write_bytes(w, obol_bytes(device_id, OBOL_DEVICE_ID_LEN));
}

/* A number below 2^32 that a name keeps for ever. */
static enum obol_status lot_of(const struct obol_unknown_account *unknown,
							   struct obol_bytes who, uint32_t *lot)
{
	uint8_t mac[OBOL_HMAC_LEN];
	struct obol_writer w;
	enum obol_status status;

	obol_writer_init(&w);
	obol_write_bytes(&w, obol_bytes_str(SET_LABEL));
	obol_write_bytes(&w, who);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		status = obol_keyed_hash(obol_secret_view(unknown->seed),
								 obol_writer_view(&w), mac);
	}
	if (status == OBOL_OK)
	{
		*lot = (uint32_t)mac[0] << 24 | (uint32_t)mac[1] << 16 |
			   (uint32_t)mac[2] << 8 | mac[3];
	}
	obol_writer_clear(&w);
	return status;
}

static void choose_set(const struct obol_unknown_account *unknown, uint8_t kind,
					   uint32_t lot, struct obol_unknown_answer *answer)
{
	const struct obol_store_slot_set *sets = unknown->sets.out.sets;
	uint64_t total = 0, at, sum = 0;
	size_t i;

	answer->ksf =
		kind == OBOL_SLOT_PASSWORD ? unknown->fallback : obol_ksf_identity;
	answer->key_number = unknown->current_key;
	for (i = 0; i < unknown->sets.out.n_sets; i++)
	{
		total += sets[i].kind == kind ? sets[i].n_slots + sets[i].n_gone : 0;
	}
	if (!total || total > UINT32_MAX)
	{
		return;
	}
	at = (uint64_t)lot * total >> 32;
	for (i = 0; i < unknown->sets.out.n_sets; i++)
	{
		if (sets[i].kind != kind)
		{
			continue;
		}
		sum += sets[i].n_slots + sets[i].n_gone;
		if (at < sum)
		{
			answer->ksf = sets[i].ksf;
			answer->key_number = sets[i].key_number;
			return;
		}
	}
}

/* A slot that is gone was answered with that: it does not fall back. */
static void keep_up(const struct obol_store_slot_set *past,
					struct obol_unknown_answer *answer)
{
	const struct obol_store_slot_set chosen = {
		.ksf = answer->ksf,
		.key_number = answer->key_number,
	};

	if (obol_slot_set_order(past, &chosen) < 0)
	{
		answer->ksf = past->ksf;
		answer->key_number = past->key_number;
	}
}

enum obol_status obol_unknown_account_answer(
	const struct obol_unknown_account *unknown, uint8_t kind,
	struct obol_bytes name, const uint8_t device_id[OBOL_DEVICE_ID_LEN],
	const struct obol_store_slot_set *past, struct obol_unknown_answer *answer)
{
	struct obol_writer who;
	enum obol_status status;
	uint32_t lot = 0;

	obol_writer_init(&who);
	write_who(&who, kind, name, device_id);
	status = obol_writer_status(&who);
	if (status == OBOL_OK)
	{
		status = lot_of(unknown, obol_writer_view(&who), &lot);
	}
	if (status == OBOL_OK)
	{
		choose_set(unknown, kind, lot, answer);
		keep_up(past, answer);
		memcpy(answer->record, unknown->record, sizeof(answer->record));
	}
	obol_writer_clear(&who);
	return status;
}
