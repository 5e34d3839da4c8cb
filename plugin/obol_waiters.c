/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Worker threads that wait. */

#include "obol_waiters.h"
#include "obol_now.h"

#include <processing/processor.h>
#include <threading/condvar.h>

/** How often a waiter looks for a shutdown, in milliseconds */
#define STEP_MS 100

typedef struct private_obol_waiters_t private_obol_waiters_t;

/**
 * Private data of an obol_waiters_t object.
 */
struct private_obol_waiters_t {

	/**
	 * Public obol_waiters_t interface.
	 */
	obol_waiters_t public;

	/**
	 * Mutex of what is waited for
	 */
	mutex_t *mutex;

	/**
	 * Wakes the waiters
	 */
	condvar_t *condvar;

	/**
	 * Number of waiters
	 */
	u_int n_waiters;

	/**
	 * Most worker threads seen
	 */
	u_int max_threads;

	/**
	 * Set when nobody may wait any more
	 */
	bool stopped;
};

/**
 * Whether the daemon ends its worker threads. That is the first it does when
 * it shuts down; then it ends its IKE_SAs, one of which may be held by a
 * waiter, and unloads its plugins only after that.
 */
static bool is_shutting_down(private_obol_waiters_t *this)
{
	u_int threads = lib->processor->get_total_threads(lib->processor);

	this->max_threads = max(this->max_threads, threads);
	return this->stopped || threads < this->max_threads;
}

METHOD(obol_waiters_t, wait_, bool,
	private_obol_waiters_t *this, u_int ms,
	obol_waiters_cb_t pending, void *pending_data,
	obol_waiters_cb_t satisfied, void *satisfied_data)
{
	int64_t until = obol_now_ms() + ms;
	bool done = FALSE;

	if (is_shutting_down(this))
	{
		return TRUE;
	}
	if (this->n_waiters >= this->max_threads / 2)
	{
		return FALSE;
	}
	this->n_waiters++;
	while (!done && obol_now_ms() < until && !is_shutting_down(this) &&
		   pending(pending_data))
	{
		this->condvar->timed_wait(this->condvar, this->mutex, STEP_MS);
		this->mutex->unlock(this->mutex);
		done = satisfied(satisfied_data);
		this->mutex->lock(this->mutex);
	}
	this->n_waiters--;
	this->condvar->broadcast(this->condvar);
	return TRUE;
}

METHOD(obol_waiters_t, wake, void,
	private_obol_waiters_t *this)
{
	this->condvar->broadcast(this->condvar);
}

METHOD(obol_waiters_t, stop, void,
	private_obol_waiters_t *this)
{
	this->stopped = TRUE;
	this->condvar->broadcast(this->condvar);
	while (this->n_waiters)
	{
		this->condvar->timed_wait(this->condvar, this->mutex, STEP_MS);
	}
}

METHOD(obol_waiters_t, destroy, void,
	private_obol_waiters_t *this)
{
	this->condvar->destroy(this->condvar);
	free(this);
}

/*
 * see header file
 */
obol_waiters_t *obol_waiters_create(mutex_t *mutex)
{
	private_obol_waiters_t *this;

	INIT(this,
		.public = {
			.wait = _wait_,
			.wake = _wake,
			.stop = _stop,
			.destroy = _destroy,
		},
		.mutex = mutex,
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
	);
	return &this->public;
}
