/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name resolution that can be given up. */
#include "net/resolve.h"

#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct obol_resolve {
	pthread_mutex_t lock;
	/** asker and thread */
	int holders;
	bool is_done;
	/** the thread writes a byte when it is done */
	int pipe[2];
	size_t n;
	struct sockaddr_storage addrs[OBOL_RESOLVE_MAX];
	char host[OBOL_HOST_MAX + 2];
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
	{
		(void)close(*fd);
		*fd = -1;
	}
}

static void let_go(struct obol_resolve *resolve)
{
	bool is_last;

	(void)pthread_mutex_lock(&resolve->lock);
	is_last = --resolve->holders == 0;
	(void)pthread_mutex_unlock(&resolve->lock);
	if (is_last)
	{
		close_fd(&resolve->pipe[0]);
		close_fd(&resolve->pipe[1]);
		(void)pthread_mutex_destroy(&resolve->lock);
		free(resolve);
	}
}

static void take_addresses(struct obol_resolve *resolve,
						   const struct addrinfo *list)
{
	for (; list && resolve->n < OBOL_RESOLVE_MAX; list = list->ai_next)
	{
		struct sockaddr_storage *addr = &resolve->addrs[resolve->n];

		if ((list->ai_family == AF_INET || list->ai_family == AF_INET6) &&
			list->ai_addrlen <= sizeof(*addr))
		{
			memcpy(addr, list->ai_addr, list->ai_addrlen);
			resolve->n++;
		}
	}
}

static void *run(void *arg)
{
	struct obol_resolve *resolve = arg;
	struct addrinfo hints;
	struct addrinfo *list = NULL;

	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	if (getaddrinfo(resolve->host, NULL, &hints, &list) != 0)
	{
		list = NULL;
	}
	(void)pthread_mutex_lock(&resolve->lock);
	take_addresses(resolve, list);
	resolve->is_done = true;
	/* the reading end stays open as long as we hold the request: no SIGPIPE */
	(void)!write(resolve->pipe[1], "", 1);
	(void)pthread_mutex_unlock(&resolve->lock);
	if (list)
	{
		freeaddrinfo(list);
	}
	let_go(resolve);
	return NULL;
}

/* The program's signals are for its own threads. */
static bool start_thread(struct obol_resolve *resolve)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all;
	sigset_t before;
	bool is_started;

	if (pthread_attr_init(&attr) != 0)
	{
		return false;
	}
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	resolve->holders++;
	is_started = pthread_create(&thread, &attr, run, resolve) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	if (!is_started)
	{
		resolve->holders--;
	}
	return is_started;
}

enum obol_status obol_resolve_start(const char *host, struct obol_resolve **out)
{
	struct obol_resolve *resolve = calloc(1, sizeof(*resolve));
	size_t len = strlen(host);

	if (!resolve)
	{
		return OBOL_ERR_NOMEM;
	}
	if (len > OBOL_HOST_MAX || pthread_mutex_init(&resolve->lock, NULL) != 0)
	{
		free(resolve);
		return OBOL_ERR_ARG;
	}
	memcpy(resolve->host, host, len + 1);
	resolve->holders = 1;
	resolve->pipe[0] = -1;
	resolve->pipe[1] = -1;
	if (pipe2(resolve->pipe, O_CLOEXEC) != 0 || !start_thread(resolve))
	{
		let_go(resolve);
		return OBOL_ERR_IO;
	}
	*out = resolve;
	return OBOL_OK;
}

int obol_resolve_fd(const struct obol_resolve *resolve)
{
	return resolve->pipe[0];
}

bool obol_resolve_result(struct obol_resolve *resolve,
						 struct sockaddr_storage addrs[OBOL_RESOLVE_MAX],
						 size_t *n)
{
	bool is_done;

	(void)pthread_mutex_lock(&resolve->lock);
	is_done = resolve->is_done;
	if (is_done)
	{
		*n = resolve->n;
		memcpy(addrs, resolve->addrs, resolve->n * sizeof(addrs[0]));
	}
	(void)pthread_mutex_unlock(&resolve->lock);
	return is_done;
}

void obol_resolve_free(struct obol_resolve *resolve)
{
	if (resolve)
	{
		let_go(resolve);
	}
}
