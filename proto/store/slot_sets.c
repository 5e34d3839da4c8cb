/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of sets, and which of them are past. */
#include "store/slot_sets.h"

static int newer_first(uint32_t a, uint32_t b)
{
	return a > b ? -1 : a < b;
}

int obol_slot_set_order(const struct obol_store_slot_set *a,
						const struct obol_store_slot_set *b)
{
	int order = newer_first(a->key_number, b->key_number);

	order = order ? order : newer_first(a->ksf.log2_n, b->ksf.log2_n);
	order = order ? order : newer_first(a->ksf.r, b->ksf.r);
	return order ? order : newer_first(a->ksf.p, b->ksf.p);
}

bool obol_slot_set_is_past(const struct obol_store_slot_sets *sets, size_t i)
{
	const struct obol_store_slot_set *all = sets->out.sets;
	size_t j;

	if (sets->out.n_sets == OBOL_SLOT_SETS_MAX)
	{
		return false;
	}
	for (j = 0; j < sets->out.n_sets; j++)
	{
		if (all[j].kind == all[i].kind && all[j].n_slots > 0 &&
			obol_slot_set_order(&all[j], &all[i]) > 0)
		{
			return false;
		}
	}
	return true;
}

uint64_t obol_slot_sets_gone(const struct obol_store_slot_sets *sets)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < sets->out.n_sets; i++)
	{
		n += sets->out.sets[i].n_gone;
	}
	return n;
}

bool obol_slot_sets_can_drop(const struct obol_store_slot_sets *sets)
{
	size_t i;

	for (i = 0; i < sets->out.n_sets; i++)
	{
		if (sets->out.sets[i].n_gone > 0 && obol_slot_set_is_past(sets, i))
		{
			return true;
		}
	}
	return obol_slot_sets_gone(sets) > OBOL_SLOTS_GONE_MAX;
}
