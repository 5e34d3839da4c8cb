/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many logins may fail from one network. */
#include "account/source_limit.h"

#include <stdlib.h>

/** Buckets that one hash can lie in. */
#define WAYS 8

struct bucket {
	/** the network's first bytes, zeros behind its prefix */
	uint8_t network[8];
	/** 0 for an unused bucket, else the prefix's length in bits */
	uint8_t prefix;
	/** when the bucket is empty; drains at a fixed rate, so this is its level
	 */
	uint64_t empty_at_ms;
};

struct obol_source_limit {
	/** time that one failure takes to drain */
	uint64_t drain_ms;
	unsigned failures;
	uint64_t key[2];
	size_t n_sets;
	struct bucket buckets[];
};

enum obol_status obol_source_limit_new_within(unsigned failures,
											  uint64_t window_ms, size_t rows,
											  struct obol_rng *rng,
											  struct obol_source_limit **out)
{
	size_t n_sets = rows / WAYS + (rows % WAYS || !rows);
	struct obol_source_limit *limit;
	enum obol_status status;

	if (!failures || window_ms < failures ||
		n_sets > SIZE_MAX / WAYS / sizeof(struct bucket) / 2)
	{
		return OBOL_ERR_ARG;
	}
	limit = calloc(1, sizeof(*limit) + n_sets * WAYS * sizeof(struct bucket));
	if (!limit)
	{
		return OBOL_ERR_NOMEM;
	}
	limit->failures = failures;
	limit->drain_ms = window_ms / failures;
	limit->n_sets = n_sets;
	status = obol_rng_fill(rng, limit->key, sizeof(limit->key));
	if (status != OBOL_OK)
	{
		free(limit);
		return status;
	}
	*out = limit;
	return OBOL_OK;
}

enum obol_status obol_source_limit_new(unsigned failures, size_t rows,
									   struct obol_rng *rng,
									   struct obol_source_limit **out)
{
	return obol_source_limit_new_within(failures, OBOL_SOURCE_WINDOW_MS, rows,
										rng, out);
}

void obol_source_limit_free(struct obol_source_limit *limit)
{
	free(limit);
}

/* A keyed multiply-and-fold: nobody outside can aim at a set, and who owns
 * enough networks to fill all sets needs not aim. */
static size_t set_of(const struct obol_source_limit *limit,
					 const struct bucket *at)
{
	uint64_t x = at->prefix;
	size_t i;

	for (i = 0; i < sizeof(at->network); i++)
	{
		x = x << 8 ^ x >> 56 ^ at->network[i];
	}
	x = (x ^ limit->key[0]) * (limit->key[1] | 1);
	x ^= x >> 32;
	x = (x ^ limit->key[1]) * (limit->key[0] | 1);
	x ^= x >> 29;
	return (size_t)(x % limit->n_sets);
}

static struct bucket network_of(const struct obol_source_address *address,
								uint8_t prefix)
{
	struct bucket at = { .prefix = prefix };

	memcpy(at.network, address->bytes, prefix / 8);
	return at;
}

static bool is_same(const struct bucket *a, const struct bucket *b)
{
	return a->prefix == b->prefix &&
		   memcmp(a->network, b->network, sizeof(a->network)) == 0;
}

static struct bucket *find(struct obol_source_limit *limit,
						   const struct bucket *at)
{
	struct bucket *set = &limit->buckets[set_of(limit, at) * WAYS];
	size_t i;

	for (i = 0; i < WAYS; i++)
	{
		if (is_same(&set[i], at))
		{
			return &set[i];
		}
	}
	return NULL;
}

/* Its bucket, or the emptiest one of its set, made its own. */
static struct bucket *claim(struct obol_source_limit *limit,
							const struct bucket *at)
{
	struct bucket *set = &limit->buckets[set_of(limit, at) * WAYS];
	struct bucket *found = find(limit, at);
	size_t i;

	if (found)
	{
		return found;
	}
	found = set;
	for (i = 1; i < WAYS; i++)
	{
		if (set[i].empty_at_ms < found->empty_at_ms)
		{
			found = &set[i];
		}
	}
	*found = *at;
	return found;
}

/* A network and how much it may hold. */
struct share {
	struct bucket at;
	uint64_t size_ms;
	uint64_t drain_ms;
};

static size_t shares_of(const struct obol_source_limit *limit,
						const struct obol_source_address *address,
						struct share shares[2])
{
	uint64_t size_ms = limit->drain_ms * limit->failures;

	shares[0].at = network_of(address, address->is_v6 ? 64 : 32);
	shares[0].size_ms = size_ms;
	shares[0].drain_ms = limit->drain_ms;
	if (!address->is_v6)
	{
		return 1;
	}
	/* the same time to drain, each failure weighs less */
	shares[1].at = network_of(address, 48);
	shares[1].size_ms = size_ms;
	shares[1].drain_ms = limit->drain_ms / OBOL_SOURCE_SITE_FACTOR;
	return 2;
}

static uint64_t level_ms(const struct bucket *bucket, uint64_t mono_ms)
{
	return bucket && bucket->empty_at_ms > mono_ms
			   ? bucket->empty_at_ms - mono_ms
			   : 0;
}

uint32_t obol_source_limit_take(struct obol_source_limit *limit,
								const struct obol_source_address *address,
								uint64_t mono_ms)
{
	struct share shares[2];
	size_t n = shares_of(limit, address, shares);
	uint64_t level, wait_ms = 0;
	size_t i;

	for (i = 0; i < n; i++)
	{
		level =
			level_ms(find(limit, &shares[i].at), mono_ms) + shares[i].drain_ms;
		if (level > shares[i].size_ms && level - shares[i].size_ms > wait_ms)
		{
			wait_ms = level - shares[i].size_ms;
		}
	}
	if (wait_ms)
	{
		return (uint32_t)((wait_ms + 999) / 1000);
	}
	for (i = 0; i < n; i++)
	{
		struct bucket *bucket = claim(limit, &shares[i].at);

		bucket->empty_at_ms =
			mono_ms + level_ms(bucket, mono_ms) + shares[i].drain_ms;
	}
	return 0;
}

unsigned obol_source_limit_level(struct obol_source_limit *limit,
								 const struct obol_source_address *address,
								 uint64_t mono_ms)
{
	struct share shares[2];
	size_t n = shares_of(limit, address, shares);
	uint64_t level, highest = 0;
	size_t i;

	for (i = 0; i < n; i++)
	{
		level = level_ms(find(limit, &shares[i].at), mono_ms);
		highest = level > highest ? level : highest;
	}
	return (unsigned)((highest + limit->drain_ms - 1) / limit->drain_ms);
}

void obol_source_limit_give_back(struct obol_source_limit *limit,
								 const struct obol_source_address *address,
								 uint64_t mono_ms)
{
	struct share shares[2];
	size_t n = shares_of(limit, address, shares);
	size_t i;

	for (i = 0; i < n; i++)
	{
		struct bucket *bucket = find(limit, &shares[i].at);
		uint64_t level = level_ms(bucket, mono_ms);

		if (level)
		{
			bucket->empty_at_ms =
				mono_ms +
				(level > shares[i].drain_ms ? level - shares[i].drain_ms : 0);
		}
	}
}
