/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_now obol_now
 * @{ @ingroup obol_p
 */

#ifndef OBOL_NOW_H_
#define OBOL_NOW_H_

#include <stdint.h>
#include <time.h>

/** A time that never comes. */
#define OBOL_NEVER INT64_MAX

/**
 * The clock that all waiting is measured with: it is never set, and goes on
 * while the machine sleeps, as a credential's time to live does.
 *
 * @return				milliseconds
 */
static inline int64_t obol_now_ms(void)
{
	struct timespec now = {};

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif /** OBOL_NOW_H_ @}*/
