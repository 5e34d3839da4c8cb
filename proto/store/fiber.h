/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Fibers: functions that can be left in the middle and gone on with, each on a
 * stack of its own. Code that is written as if it waited can so be run by a
 * loop that never does. All in one thread.
 */
#ifndef OBOL_STORE_FIBER_H_
#define OBOL_STORE_FIBER_H_

#include <stdbool.h>

#include <obol/status.h>

struct obol_fiber;
struct obol_fiber_pool;

/**
 * Stacks are made when they are first needed and kept for the next fiber; each
 * has a page without access below it.
 *
 * @param n_max	fibers at one time
 */
enum obol_status
obol_fiber_pool_new(unsigned n_max,
					struct obol_fiber_pool **pool) OBOL_MUST_CHECK;

/** No fiber may be under way. */
void obol_fiber_pool_free(struct obol_fiber_pool *pool);

/**
 * Run a function on a fiber until it yields or returns.
 *
 * @return	the fiber, gone when the function has returned; NULL when there is
 *			no stack for it
 */
struct obol_fiber *obol_fiber_start(struct obol_fiber_pool *pool,
									void (*function)(struct obol_fiber *fiber,
													 void *arg),
									void *arg);

/** On the fiber: go back to who started or resumed it. */
void obol_fiber_yield(struct obol_fiber *fiber);

/** Go on after the yield, until the next one or the function's end. */
void obol_fiber_resume(struct obol_fiber *fiber);

#endif /* OBOL_STORE_FIBER_H_ */
