/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A limit for calls of a library that waits without one, such as libvici's for
 * charon: a thread that ends what they wait for.
 */
#ifndef OBOL_GATEWAY_LIMIT_H_
#define OBOL_GATEWAY_LIMIT_H_

#include <stdbool.h>

struct obol_limit;

/**
 * @return	NULL when memory or threads ran out
 *
 * It uses SIGUSR1, whose handler is set and does nothing.
 */
struct obol_limit *obol_limit_new(void);
/** NULL is fine. */
void obol_limit_free(struct obol_limit *limit);

/**
 * The calling thread calls now. If it has not come back in time, the socket is
 * shut down and fails from then on, and system calls of the thread are
 * interrupted, again each second.
 *
 * @param fd	stays open until _end(), and is the caller's to close then too;
 *				-1 for none
 * @param ms	milliseconds
 */
void obol_limit_begin(struct obol_limit *limit, int fd, unsigned ms);

/** It has come back; false when that took too long. */
bool obol_limit_end(struct obol_limit *limit);

#endif /* OBOL_GATEWAY_LIMIT_H_ */
