/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How many connections each source network has open: an IPv4 address or an
 * IPv6 /64.
 */
#ifndef OBOL_DAEMON_SOURCE_COUNT_H_
#define OBOL_DAEMON_SOURCE_COUNT_H_

#include "account/source_limit.h"

struct obol_source_count;

/** NULL when memory ran out. */
struct obol_source_count *obol_source_count_new(struct obol_rng *rng);
void obol_source_count_free(struct obol_source_count *count);

/** One more; false above max (or without memory), and nothing is counted. */
bool obol_source_count_add(struct obol_source_count *count,
						   const struct obol_source_address *address,
						   unsigned max);

/** How many there are. */
unsigned obol_source_count_get(const struct obol_source_count *count,
							   const struct obol_source_address *address);

/** One less of what was added. */
void obol_source_count_remove(struct obol_source_count *count,
							  const struct obol_source_address *address);

#endif /* OBOL_DAEMON_SOURCE_COUNT_H_ */
