/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How many connections each source network has open: an IPv4 address or an
 * IPv6 /64.
 */
#ifndef OBOL_DAEMON_SOURCE_COUNT_H_
#define OBOL_DAEMON_SOURCE_COUNT_H_

#include <sys/socket.h>

#include "account/source_limit.h"

/**
 * Who is at the other end of a connection. IPv4 clients of a dual-stack socket
 * are what they are.
 *
 * @return	false for what is no internet address
 */
bool obol_source_of(const struct sockaddr_storage *addr,
					struct obol_source_address *source);

/** Whether two are of one network. */
bool obol_source_is_near(const struct obol_source_address *a,
						 const struct obol_source_address *b);

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
