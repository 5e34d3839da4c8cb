/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_waiters obol_waiters
 * @{ @ingroup obol_p
 */

#ifndef OBOL_WAITERS_H_
#define OBOL_WAITERS_H_

#include <library.h>
#include <threading/mutex.h>

typedef struct obol_waiters_t obol_waiters_t;

/**
 * Answers a question of a waiter.
 *
 * @param data			as given to wait()
 * @return				answer
 */
typedef bool (*obol_waiters_cb_t)(void *data);

/**
 * The worker threads that wait for something, never too many of them, and none
 * when the daemon shuts down. All methods are called with the mutex held.
 */
struct obol_waiters_t {

	/**
	 * Wait. The mutex is released meanwhile.
	 *
	 * @param ms		longest time, in milliseconds
	 * @param pending	called with the mutex held, ends the wait by FALSE
	 * @param pending_data	data to pass to it
	 * @param satisfied	called without the mutex, ends the wait by TRUE
	 * @param satisfied_data	data to pass to it
	 * @return			FALSE if half of the worker threads wait already
	 */
	bool (*wait)(obol_waiters_t *this, u_int ms,
				 obol_waiters_cb_t pending, void *pending_data,
				 obol_waiters_cb_t satisfied, void *satisfied_data);

	/**
	 * Have all waiters look again.
	 */
	void (*wake)(obol_waiters_t *this);

	/**
	 * Let nobody wait any more, and return when nobody does. The mutex is
	 * released meanwhile.
	 */
	void (*stop)(obol_waiters_t *this);

	/**
	 * Destroy the object, without the mutex.
	 */
	void (*destroy)(obol_waiters_t *this);
};

/**
 * Create an object without waiters.
 *
 * @param mutex			mutex of what is waited for
 * @return				waiters
 */
obol_waiters_t *obol_waiters_create(mutex_t *mutex);

#endif /** OBOL_WAITERS_H_ @}*/
