/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is at obol-signer's door. */
#include "daemon/signer_guests.h"

static bool is_known(const struct obol_signer_known *known,
					 const struct obol_source_address *address)
{
	size_t i;

	for (i = 0; i < known->n; i++)
	{
		if (obol_source_is_near(&known->list[i], address))
		{
			return true;
		}
	}
	return false;
}

void obol_signer_known_add(struct obol_signer_known *known,
						   const struct obol_source_address *address)
{
	if (!is_known(known, address))
	{
		known->list[known->next] = *address;
		known->next = (known->next + 1) % OBOL_SIGNER_KNOWN_MAX;
		known->n += known->n < OBOL_SIGNER_KNOWN_MAX;
	}
}

static size_t n_near(const struct obol_signer_guest *guests, size_t n,
					 const struct obol_signer_guest *guest)
{
	size_t n_found = 0, i;

	for (i = 0; i < n; i++)
	{
		n_found += obol_source_is_near(&guests[i].address, &guest->address);
	}
	return n_found;
}

/** What decides who goes. */
struct rank {
	bool is_stranger;
	/** guests of his network */
	size_t n_near;
	uint64_t deadline_ms;
};

static bool goes_first(const struct rank *a, const struct rank *b)
{
	if (a->is_stranger != b->is_stranger)
	{
		return a->is_stranger;
	}
	return a->n_near != b->n_near ? a->n_near > b->n_near
								  : a->deadline_ms < b->deadline_ms;
}

size_t obol_signer_guests_victim(const struct obol_signer_guest *guests,
								 size_t n,
								 const struct obol_signer_known *known)
{
	struct rank best = { 0 };
	size_t victim = 0, i;

	for (i = 0; i < n; i++)
	{
		const struct rank rank = {
			.is_stranger = !is_known(known, &guests[i].address),
			.n_near = n_near(guests, n, &guests[i]),
			.deadline_ms = guests[i].deadline_ms,
		};

		if (i == 0 || goes_first(&rank, &best))
		{
			victim = i;
			best = rank;
		}
	}
	return guests[victim].i;
}
