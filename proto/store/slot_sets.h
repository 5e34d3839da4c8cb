/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Sets of key stretching and key number that a server's slots have side by
 * side, and their order: names are only ever seen to move to newer ones.
 */
#ifndef OBOL_STORE_SLOT_SETS_H_
#define OBOL_STORE_SLOT_SETS_H_

#include "store/store.h"

/**
 * Slots that are gone and are remembered, in all; beyond it the eldest are
 * forgotten. Some 80 bytes each.
 */
#define OBOL_SLOTS_GONE_MAX 100000

/** Negative when a is newer than b: by its key number, then by what stretching
 * costs. The kinds do not matter. */
int obol_slot_set_order(const struct obol_store_slot_set *a,
						const struct obol_store_slot_set *b);

/**
 * Whether slots that are gone need not be remembered: no slot of their kind has
 * an older set, so that nothing can be answered that is older than theirs. An
 * incomplete list tells of none.
 *
 * @param i	of sets->out.sets
 */
bool obol_slot_set_is_past(const struct obol_store_slot_sets *sets, size_t i);

/** Whether GONE_DROP has something to drop. */
bool obol_slot_sets_can_drop(const struct obol_store_slot_sets *sets);

/** Slots that are gone and are remembered, of all sets. */
uint64_t obol_slot_sets_gone(const struct obol_store_slot_sets *sets);

#endif /* OBOL_STORE_SLOT_SETS_H_ */
