/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A limit for calls of a library that waits without one. */
#include "gateway/limit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** A signal that comes just before the system call interrupts nothing. */
#define AGAIN_MS 1000
#define NS_PER_MS 1000000L
#define NS_PER_S 1000000000L

struct obol_limit {
	pthread_t thread;
	/** guards what follows */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool is_ended;
	/** a call is under way; whose, over what, and until when */
	bool is_set;
	bool was_passed;
	pthread_t caller;
	int fd;
	struct timespec end;
	/** ready to be read, and no socket */
	int dead_fd;
};

static void do_nothing(int signal)
{
	(void)signal;
}

static void set_end(struct obol_limit *limit, unsigned ms)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &limit->end);
	limit->end.tv_sec += (time_t)(ms / 1000);
	limit->end.tv_nsec += (long)(ms % 1000) * NS_PER_MS;
	if (limit->end.tv_nsec >= NS_PER_S)
	{
		limit->end.tv_sec++;
		limit->end.tv_nsec -= NS_PER_S;
	}
}

static bool is_over(const struct obol_limit *limit)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > limit->end.tv_sec ||
		   (now.tv_sec == limit->end.tv_sec &&
			now.tv_nsec >= limit->end.tv_nsec);
}

/* libvici takes a connection's end for nothing to read, when its thread's errno
 * says so from before, and asks again for good. An error it believes: so behind
 * the end there is a descriptor that fails. The caller cannot close the socket
 * meanwhile: _end() waits for the lock. */
static void end_call(struct obol_limit *limit)
{
	limit->was_passed = true;
	if (limit->fd >= 0)
	{
		(void)shutdown(limit->fd, SHUT_RDWR);
		(void)dup3(limit->dead_fd, limit->fd, O_CLOEXEC);
	}
	(void)pthread_kill(limit->caller, SIGUSR1);
	set_end(limit, AGAIN_MS);
}

static void *watch(void *arg)
{
	struct obol_limit *limit = arg;

	(void)pthread_mutex_lock(&limit->mutex);
	while (!limit->is_ended)
	{
		if (!limit->is_set)
		{
			(void)pthread_cond_wait(&limit->changed, &limit->mutex);
		}
		else if (is_over(limit))
		{
			end_call(limit);
		}
		else
		{
			(void)pthread_cond_timedwait(&limit->changed, &limit->mutex,
										 &limit->end);
		}
	}
	(void)pthread_mutex_unlock(&limit->mutex);
	return NULL;
}

static bool init_locks(struct obol_limit *limit)
{
	pthread_condattr_t attr;
	bool ok;

	if (pthread_condattr_init(&attr) != 0)
	{
		return false;
	}
	ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
		 pthread_cond_init(&limit->changed, &attr) == 0;
	(void)pthread_condattr_destroy(&attr);
	if (ok && pthread_mutex_init(&limit->mutex, NULL) != 0)
	{
		(void)pthread_cond_destroy(&limit->changed);
		ok = false;
	}
	return ok;
}

static void clear(struct obol_limit *limit)
{
	if (limit->dead_fd >= 0)
	{
		(void)close(limit->dead_fd);
	}
	(void)pthread_mutex_destroy(&limit->mutex);
	(void)pthread_cond_destroy(&limit->changed);
}

struct obol_limit *obol_limit_new(void)
{
	/* without SA_RESTART: it is there to interrupt */
	const struct sigaction action = { .sa_handler = do_nothing };
	struct obol_limit *limit = calloc(1, sizeof(*limit));

	if (!limit)
	{
		return NULL;
	}
	if (!init_locks(limit))
	{
		free(limit);
		return NULL;
	}
	limit->dead_fd = eventfd(1, EFD_CLOEXEC);
	if (limit->dead_fd < 0 || sigaction(SIGUSR1, &action, NULL) != 0 ||
		pthread_create(&limit->thread, NULL, watch, limit) != 0)
	{
		clear(limit);
		free(limit);
		return NULL;
	}
	return limit;
}

void obol_limit_free(struct obol_limit *limit)
{
	if (limit)
	{
		(void)pthread_mutex_lock(&limit->mutex);
		limit->is_ended = true;
		(void)pthread_cond_signal(&limit->changed);
		(void)pthread_mutex_unlock(&limit->mutex);
		(void)pthread_join(limit->thread, NULL);
		clear(limit);
		free(limit);
	}
}

void obol_limit_begin(struct obol_limit *limit, int fd, unsigned ms)
{
	(void)pthread_mutex_lock(&limit->mutex);
	limit->is_set = true;
	limit->was_passed = false;
	limit->caller = pthread_self();
	limit->fd = fd;
	set_end(limit, ms);
	(void)pthread_cond_signal(&limit->changed);
	(void)pthread_mutex_unlock(&limit->mutex);
}

bool obol_limit_end(struct obol_limit *limit)
{
	bool was_passed;

	(void)pthread_mutex_lock(&limit->mutex);
	limit->is_set = false;
	was_passed = limit->was_passed;
	(void)pthread_mutex_unlock(&limit->mutex);
	return !was_passed;
}
