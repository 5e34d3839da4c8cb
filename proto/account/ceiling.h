/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How often the server's keys may be used, whoever asks: for one credential
 * identifier, and in all. It stands behind the guess limits and does not know
 * which logins succeeded; a worker that was taken over meets it still.
 *
 * Leaky buckets in a table that lies in memory of the caller's, such as several
 * processes share. Its size is fixed. An identifier that finds no room takes
 * over the emptiest bucket of its set with all that is in it: a flood of other
 * identifiers so never makes a bucket emptier than it was, and whoever comes
 * new has at most less than his due. Pure: the time is an argument, the lock
 * is the caller's. A caller that dies in the middle leaves a table that counts
 * the same or more.
 */
#ifndef OBOL_ACCOUNT_CEILING_H_
#define OBOL_ACCOUNT_CEILING_H_

#include "base/rng.h"

#define OBOL_CEILING_ID_LEN 32
/** A full bucket of an identifier is empty again after this time. */
#define OBOL_CEILING_DAY_MS ((uint64_t)86400 * 1000)
/** The bucket of all holds what drains from it in so many seconds. */
#define OBOL_CEILING_BURST_S 120

/** What is counted in all, each on its own. */
enum obol_ceiling_use {
	OBOL_CEILING_EVALUATIONS,
	OBOL_CEILING_DH,
	OBOL_CEILING_CERTIFICATES,
	OBOL_CEILING_LISTS,
};
#define OBOL_CEILING_USES 4

struct obol_ceiling_rates {
	/** evaluations for one identifier: at once, and then in a day; from 1 */
	uint32_t per_slot;
	/** uses in all, in a second; 1 to 1000000 */
	uint32_t per_second;
};

struct obol_ceiling;

/** Bytes that a table of so many buckets takes, a multiple of eight of them. */
size_t obol_ceiling_size(size_t rows);

/**
 * Make an empty table.
 *
 * @param memory	obol_ceiling_size(rows) bytes, aligned for any type
 * @param rng		gives the key that places identifiers in the table
 * @return			OK; CRYPTO
 */
enum obol_status obol_ceiling_init(struct obol_ceiling *memory, size_t rows,
								   struct obol_rng *rng) OBOL_MUST_CHECK;

/**
 * Count one evaluation for an identifier, in its own bucket and in all.
 *
 * @return	OK; DENIED above a ceiling, nothing was counted; CRYPTO
 */
enum obol_status
obol_ceiling_take(struct obol_ceiling *ceiling,
				  const struct obol_ceiling_rates *rates,
				  const uint8_t identifier[OBOL_CEILING_ID_LEN],
				  uint64_t mono_ms) OBOL_MUST_CHECK;

/** Count one use that has no identifier. OK; DENIED. */
enum obol_status obol_ceiling_take_use(struct obol_ceiling *ceiling,
									   const struct obol_ceiling_rates *rates,
									   enum obol_ceiling_use use,
									   uint64_t mono_ms) OBOL_MUST_CHECK;

#endif /* OBOL_ACCOUNT_CEILING_H_ */
