/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The keepers' table of ceilings: one piece of memory that all keepers map,
 * those of an old crew and its successor too, and no worker. The parent makes
 * it once; it lives as long as the parent.
 */
#ifndef OBOL_DAEMON_KEEPER_TABLE_H_
#define OBOL_DAEMON_KEEPER_TABLE_H_

#include "account/ceiling.h"

/** Identifiers that are counted at once; 16 bytes each. At the rate in all that
 * is the default, names that are asked for once have left it before it fills.
 */
#define OBOL_KEEPER_TABLE_ROWS 262144

struct obol_keeper_table;

/**
 * Map it, in the parent.
 *
 * @return	OK; IO; CRYPTO; NOMEM
 */
enum obol_status
obol_keeper_table_new(size_t rows, struct obol_rng *rng,
					  struct obol_keeper_table **table) OBOL_MUST_CHECK;

/** Whether a process that is forked now has it mapped too. False at first. */
void obol_keeper_table_share(struct obol_keeper_table *table, bool is_shared);

/** Unmap; NULL is fine. */
void obol_keeper_table_free(struct obol_keeper_table *table);

/** obol_ceiling_take() under the lock; IO when that cannot be had. */
enum obol_status
obol_keeper_table_take(struct obol_keeper_table *table,
					   const struct obol_ceiling_rates *rates,
					   const uint8_t identifier[OBOL_CEILING_ID_LEN],
					   uint64_t mono_ms) OBOL_MUST_CHECK;

/** obol_ceiling_take_use() under the lock. */
enum obol_status obol_keeper_table_take_use(
	struct obol_keeper_table *table, const struct obol_ceiling_rates *rates,
	enum obol_ceiling_use use, uint64_t mono_ms) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_KEEPER_TABLE_H_ */
