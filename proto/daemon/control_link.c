/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A help desk's way to the database. */
#include "daemon/control_link_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/** A change waits for the disk, and for those before it. */
#define ANSWER_MAX_S 20

/*
 * One request and its answer
 */

static void forget(struct control_link *link)
{
	obol_secret_free(link->answer);
	free(link->items);
	link->answer = NULL;
	link->items = NULL;
}

static bool transmit(struct control_link *link,
					 const struct obol_control_request *request)
{
	struct obol_writer w;
	bool is_ok = false;
	ssize_t n;

	obol_writer_init(&w);
	obol_control_write_request(&w, request);
	if (obol_writer_status(&w) == OBOL_OK)
	{
		do
		{
			n = send(link->fd, w.buf, w.len, MSG_NOSIGNAL);
		} while (n < 0 && errno == EINTR);
		is_ok = n == (ssize_t)w.len;
	}
	obol_writer_clear(&w);
	return is_ok;
}

/* An answer may have a code in it: it is kept as a secret. */
enum obol_status obol_control_ask(struct control_link *link,
								  const struct obol_control_request *request,
								  struct obol_reader *r)
{
	ssize_t n;

	forget(link);
	link->answer = obol_secret_new(OBOL_CONTROL_ANSWER_MAX);
	if (!link->answer)
	{
		return OBOL_ERR_NOMEM;
	}
	if (!transmit(link, request))
	{
		return OBOL_ERR_IO;
	}
	do
	{
		n = recv(link->fd, obol_secret_ptr(link->answer),
				 OBOL_CONTROL_ANSWER_MAX, MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0 || (size_t)n > OBOL_CONTROL_ANSWER_MAX)
	{
		return OBOL_ERR_IO;
	}
	obol_secret_cut(link->answer, (size_t)n);
	*r = obol_reader_over(obol_secret_view(link->answer));
	return obol_control_read_status(r);
}

struct obol_control_request obol_control_about(const struct control_link *link,
											   enum obol_control_verb verb)
{
	struct obol_control_request request = {
		.verb = verb,
		.account_id = link->account.id,
		.generation = link->account.generation,
		.name = obol_bytes_str(link->account.name),
	};

	return request;
}

enum obol_status obol_control_end(const struct obol_reader *r)
{
	return obol_read_end(r) == OBOL_OK ? OBOL_OK : OBOL_ERR_IO;
}

static void submit(struct obol_store *store, struct obol_store_op *op)
{
	op->status = obol_control_run((struct control_link *)store, op);
	if (op->done)
	{
		op->done(op);
	}
}

static void flush(struct obol_store *store)
{
	(void)store;
}

static void close_link(struct obol_store *store)
{
	struct control_link *link = (struct control_link *)store;

	forget(link);
	if (link->fd >= 0)
	{
		(void)close(link->fd);
	}
	free(link);
}

static const struct obol_store_backend backend = {
	.submit = submit,
	.flush = flush,
	.close = close_link,
};

/*
 * Changes that take more than an operation
 */

enum obol_status obol_control_unlock(struct obol_store *store)
{
	struct control_link *link = (struct control_link *)store;
	struct obol_control_request request =
		obol_control_about(link, OBOL_CONTROL_UNLOCK);
	struct obol_reader r;
	enum obol_status status = obol_control_ask(link, &request, &r);

	return status == OBOL_OK ? obol_control_end(&r) : status;
}

enum obol_status obol_control_reset(struct obol_store *store, uint32_t seconds,
									struct obol_control_code *code)
{
	struct control_link *link = (struct control_link *)store;
	struct obol_control_request request =
		obol_control_about(link, OBOL_CONTROL_RESET);
	struct obol_reader r;
	enum obol_status status;

	request.seconds = seconds;
	status = obol_control_ask(link, &request, &r);
	code->text = NULL;
	if (status == OBOL_OK)
	{
		status = obol_control_read_code(&r, code);
	}
	if (status == OBOL_OK && obol_control_end(&r) != OBOL_OK)
	{
		obol_secret_free(code->text);
		code->text = NULL;
		status = OBOL_ERR_IO;
	}
	return status;
}

/*
 * The beginning
 */

static enum obol_status open_socket(struct control_link *link, const char *path,
									char *why, size_t size)
{
	static const struct timeval limit = { ANSWER_MAX_S, 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
	{
		(void)snprintf(why, size, "%s: the path is too long", path);
		return OBOL_ERR_NOT_FOUND;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	link->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (link->fd >= 0 &&
		setsockopt(link->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ==
			0 &&
		setsockopt(link->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ==
			0 &&
		connect(link->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
	{
		return OBOL_OK;
	}
	(void)snprintf(why, size, "%s: %s%s", path, strerror(errno),
				   errno == ENOENT || errno == ECONNREFUSED
					   ? "; is obold running, with a control socket?"
					   : "");
	return errno == EACCES || errno == EPERM     ? OBOL_ERR_DENIED
		   : errno == ENOENT || errno == ENOTDIR ? OBOL_ERR_NOT_FOUND
												 : OBOL_ERR_IO;
}

static enum obol_status greet(struct control_link *link, const char *path,
							  struct obol_control_hello *hello, char *why,
							  size_t size)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_HELLO };
	struct obol_reader r;
	enum obol_status status = obol_control_ask(link, &request, &r);

	if (status == OBOL_OK)
	{
		obol_control_read_hello(&r, hello);
		status = obol_control_end(&r);
	}
	if (status != OBOL_OK)
	{
		(void)snprintf(why, size,
					   "%s: obold does not answer there; it may have as many "
					   "to serve as it takes at once",
					   path);
	}
	return status;
}

enum obol_status obol_control_link_new(const char *path,
									   struct obol_store **store,
									   struct obol_control_hello *hello,
									   char *why, size_t size)
{
	struct control_link *link = calloc(1, sizeof(*link));
	enum obol_status status;

	if (!link)
	{
		(void)snprintf(why, size, "%s: no memory", path);
		return OBOL_ERR_NOMEM;
	}
	link->fd = -1;
	link->store.backend = &backend;
	status = open_socket(link, path, why, size);
	if (status == OBOL_OK)
	{
		status = greet(link, path, hello, why, size);
	}
	if (status != OBOL_OK)
	{
		close_link(&link->store);
		return status;
	}
	*store = &link->store;
	return OBOL_OK;
}
