/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often the server's keys may be used, whoever asks. */
#include "account/ceiling.h"
#include "pake/kdf.h"

/** Buckets that one hash can lie in. */
#define WAYS 8
/** A second's worth, in the unit of the totals: so that any rate up to it
 * divides well enough. */
#define US_PER_MS 1000
#define US_PER_S ((uint64_t)1000000)

struct bucket {
	/** keyed hash of the identifier; 0 for an unused bucket */
	uint64_t tag;
	/** when it is empty; drains at a fixed rate, so this is its level */
	uint64_t empty_at_ms;
};

struct obol_ceiling {
	uint8_t key[32];
	uint64_t n_sets;
	uint64_t total_empty_at_us[OBOL_CEILING_USES];
	struct bucket buckets[];
};

static size_t n_sets_of(size_t rows)
{
	return rows / WAYS + (rows % WAYS || !rows);
}

size_t obol_ceiling_size(size_t rows)
{
	return sizeof(struct obol_ceiling) +
		   n_sets_of(rows) * WAYS * sizeof(struct bucket);
}

enum obol_status obol_ceiling_init(struct obol_ceiling *memory, size_t rows,
								   struct obol_rng *rng)
{
	memset(memory, 0, obol_ceiling_size(rows));
	memory->n_sets = n_sets_of(rows);
	return obol_rng_fill(rng, memory->key, sizeof(memory->key));
}

/* Identifiers may be chosen by who was taken over: with a key that he does not
 * know he cannot aim at a set, nor make two of them one. */
static enum obol_status place(struct obol_ceiling *ceiling,
							  const uint8_t identifier[OBOL_CEILING_ID_LEN],
							  struct bucket **set, uint64_t *tag)
{
	uint8_t mac[OBOL_HMAC_LEN];
	enum obol_status status;
	uint64_t where;

	status = obol_keyed_hash(obol_bytes(ceiling->key, sizeof(ceiling->key)),
							 obol_bytes(identifier, OBOL_CEILING_ID_LEN), mac);
	if (status != OBOL_OK)
	{
		return status;
	}
	memcpy(tag, mac, sizeof(*tag));
	memcpy(&where, mac + sizeof(*tag), sizeof(where));
	*tag += !*tag;
	*set = &ceiling->buckets[where % ceiling->n_sets * WAYS];
	return OBOL_OK;
}

/* Its bucket, or the emptiest one of its set, which it may take over. */
static struct bucket *find(struct bucket *set, uint64_t tag)
{
	struct bucket *found = set;
	size_t i;

	for (i = 0; i < WAYS; i++)
	{
		if (set[i].tag == tag)
		{
			return &set[i];
		}
		if (set[i].empty_at_ms < found->empty_at_ms)
		{
			found = &set[i];
		}
	}
	return found;
}

static uint64_t later_of(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t total_after(const struct obol_ceiling *ceiling,
							const struct obol_ceiling_rates *rates,
							enum obol_ceiling_use use, uint64_t now_us)
{
	return later_of(ceiling->total_empty_at_us[use], now_us) +
		   US_PER_S / rates->per_second;
}

static bool is_above(uint64_t empty_at, uint64_t now, uint64_t size)
{
	return empty_at - now > size;
}

enum obol_status obol_ceiling_take(
	struct obol_ceiling *ceiling, const struct obol_ceiling_rates *rates,
	const uint8_t identifier[OBOL_CEILING_ID_LEN], uint64_t mono_ms)
{
	uint64_t tag, empty_at, total;
	struct bucket *set, *bucket;
	enum obol_status status = place(ceiling, identifier, &set, &tag);

	if (status != OBOL_OK)
	{
		return status;
	}
	bucket = find(set, tag);
	empty_at = later_of(bucket->empty_at_ms, mono_ms) +
			   OBOL_CEILING_DAY_MS / rates->per_slot;
	total = total_after(ceiling, rates, OBOL_CEILING_EVALUATIONS,
						mono_ms * US_PER_MS);
	if (is_above(empty_at, mono_ms, OBOL_CEILING_DAY_MS) ||
		is_above(total, mono_ms * US_PER_MS, OBOL_CEILING_BURST_S * US_PER_S))
	{
		return OBOL_ERR_DENIED;
	}
	/* in this order: who dies between has counted too much, not too little */
	ceiling->total_empty_at_us[OBOL_CEILING_EVALUATIONS] = total;
	bucket->empty_at_ms = empty_at;
	bucket->tag = tag;
	return OBOL_OK;
}

enum obol_status obol_ceiling_take_use(struct obol_ceiling *ceiling,
									   const struct obol_ceiling_rates *rates,
									   enum obol_ceiling_use use,
									   uint64_t mono_ms)
{
	uint64_t total = total_after(ceiling, rates, use, mono_ms * US_PER_MS);

	if (is_above(total, mono_ms * US_PER_MS, OBOL_CEILING_BURST_S * US_PER_S))
	{
		return OBOL_ERR_DENIED;
	}
	ceiling->total_empty_at_us[use] = total;
	return OBOL_OK;
}
