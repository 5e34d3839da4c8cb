/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How many logins may fail from one network, whatever the names: against
 * guessing over many accounts, which no account's own limit sees. A network is
 * an IPv4 address, or an IPv6 /64, and four times as much for its /48. Each
 * has a leaky bucket; a login takes a place when it begins and gives it back
 * when it succeeds, so that a NAT full of honest users costs nothing.
 *
 * The table is bounded: in a set without room the emptiest bucket goes. Pure:
 * the time is an argument.
 */
#ifndef OBOL_ACCOUNT_SOURCE_LIMIT_H_
#define OBOL_ACCOUNT_SOURCE_LIMIT_H_

#include "base/rng.h"

/** A full bucket is empty again after this time, in milliseconds. */
#define OBOL_SOURCE_WINDOW_MS ((uint64_t)600 * 1000)
/** A /48 gets so many times what a /64 gets. */
#define OBOL_SOURCE_SITE_FACTOR 4

/** An address in network order. */
struct obol_source_address {
	bool is_v6;
	/** 4 or 16 bytes */
	uint8_t bytes[16];
};

struct obol_source_limit;

/**
 * A table.
 *
 * @param failures	size of a bucket, at least 1
 * @param rows		buckets at most; rounded up to a multiple of eight
 * @param rng		gives the key that places networks in the table
 * @return			OK; NOMEM; CRYPTO
 */
enum obol_status
obol_source_limit_new(unsigned failures, size_t rows, struct obol_rng *rng,
					  struct obol_source_limit **limit) OBOL_MUST_CHECK;

/**
 * The same with a time of its own, in milliseconds, in which a full bucket
 * empties; at least one for each failure.
 */
enum obol_status
obol_source_limit_new_within(unsigned failures, uint64_t window_ms, size_t rows,
							 struct obol_rng *rng,
							 struct obol_source_limit **limit) OBOL_MUST_CHECK;

/** NULL is fine. */
void obol_source_limit_free(struct obol_source_limit *limit);

/**
 * Take a place for a login that begins.
 *
 * @return	0 when it was taken; else the seconds to wait, nothing was taken
 */
uint32_t obol_source_limit_take(struct obol_source_limit *limit,
								const struct obol_source_address *address,
								uint64_t mono_ms);

/** How many places a network holds, a begun one being whole; those of its /48
 * count for a quarter, and the higher of the two is told. */
unsigned obol_source_limit_level(struct obol_source_limit *limit,
								 const struct obol_source_address *address,
								 uint64_t mono_ms);

/** Give a place back: the login succeeded, or never got an answer that is
 * worth a guess. */
void obol_source_limit_give_back(struct obol_source_limit *limit,
								 const struct obol_source_address *address,
								 uint64_t mono_ms);

#endif /* OBOL_ACCOUNT_SOURCE_LIMIT_H_ */
