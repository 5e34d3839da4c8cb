/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many connections each source network has open. */
#include "daemon/source_count.h"

#include <netinet/in.h>
#include <stdlib.h>

#define CHAINS 1024

struct network {
	uint8_t prefix[8];
	bool is_v6;
	unsigned n;
	struct network *next;
};

struct obol_source_count {
	uint64_t key;
	struct network *chains[CHAINS];
};

bool obol_source_of(const struct sockaddr_storage *addr,
					struct obol_source_address *source)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;

	memset(source, 0, sizeof(*source));
	if (addr->ss_family == AF_INET)
	{
		memcpy(source->bytes, &v4->sin_addr, 4);
		return true;
	}
	if (addr->ss_family != AF_INET6)
	{
		return false;
	}
	if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
	{
		memcpy(source->bytes, &v6->sin6_addr.s6_addr[12], 4);
		return true;
	}
	source->is_v6 = true;
	memcpy(source->bytes, &v6->sin6_addr, 16);
	return true;
}

bool obol_source_is_near(const struct obol_source_address *a,
						 const struct obol_source_address *b)
{
	return a->is_v6 == b->is_v6 &&
		   memcmp(a->bytes, b->bytes, a->is_v6 ? 8 : 4) == 0;
}

struct obol_source_count *obol_source_count_new(struct obol_rng *rng)
{
	struct obol_source_count *count = calloc(1, sizeof(*count));

	if (count && obol_rng_fill(rng, &count->key, sizeof(count->key)) != OBOL_OK)
	{
		free(count);
		return NULL;
	}
	return count;
}

void obol_source_count_free(struct obol_source_count *count)
{
	struct network *next;
	size_t i;

	if (!count)
	{
		return;
	}
	for (i = 0; i < CHAINS; i++)
	{
		for (; count->chains[i]; count->chains[i] = next)
		{
			next = count->chains[i]->next;
			free(count->chains[i]);
		}
	}
	free(count);
}

static struct network network_of(const struct obol_source_address *address)
{
	struct network network = { .is_v6 = address->is_v6 };

	memcpy(network.prefix, address->bytes, address->is_v6 ? 8 : 4);
	return network;
}

/* Keyed, so that nobody fills one chain on purpose. */
static size_t chain_of(const struct obol_source_count *count,
					   const struct network *network)
{
	uint64_t x = network->is_v6;
	size_t i;

	for (i = 0; i < sizeof(network->prefix); i++)
	{
		x = x << 8 ^ x >> 56 ^ network->prefix[i];
	}
	x = (x ^ count->key) * (count->key | 1);
	x ^= x >> 32;
	return (size_t)(x % CHAINS);
}

static bool is_same(const struct network *a, const struct network *b)
{
	return a->is_v6 == b->is_v6 &&
		   memcmp(a->prefix, b->prefix, sizeof(a->prefix)) == 0;
}

static struct network **find(struct obol_source_count *count,
							 const struct network *network)
{
	struct network **at = &count->chains[chain_of(count, network)];

	while (*at && !is_same(*at, network))
	{
		at = &(*at)->next;
	}
	return at;
}

bool obol_source_count_add(struct obol_source_count *count,
						   const struct obol_source_address *address,
						   unsigned max)
{
	struct network network = network_of(address);
	struct network **at = find(count, &network);

	if (!*at)
	{
		*at = calloc(1, sizeof(**at));
		if (!*at)
		{
			return false;
		}
		**at = network;
	}
	if ((*at)->n >= max)
	{
		return false;
	}
	(*at)->n++;
	return true;
}

unsigned obol_source_count_get(const struct obol_source_count *count,
							   const struct obol_source_address *address)
{
	struct network network = network_of(address);
	const struct network *at = count->chains[chain_of(count, &network)];

	while (at && !is_same(at, &network))
	{
		at = at->next;
	}
	return at ? at->n : 0;
}

void obol_source_count_remove(struct obol_source_count *count,
							  const struct obol_source_address *address)
{
	struct network network = network_of(address);
	struct network **at = find(count, &network);
	struct network *gone = *at;

	if (gone && --gone->n == 0)
	{
		*at = gone->next;
		free(gone);
	}
}
