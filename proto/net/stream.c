/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A socket with TLS on it. */
#include "net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_LEN 16384

/* Bytes taken off the wire while sending: an answer that comes before its
 * request is whole can only be a refusal, and that is short. */
#define AHEAD_MAX (64 * 1024)

struct obol_stream {
	int fd;
	struct obol_tls *tls;
	/** the peer takes nothing more */
	bool is_deaf;
	size_t n_ahead;
};

struct obol_stream *obol_stream_new_take(int fd, struct obol_tls *tls)
{
	struct obol_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
	{
		obol_tls_free(tls);
		(void)close(fd);
		return NULL;
	}
	stream->fd = fd;
	stream->tls = tls;
	return stream;
}

void obol_stream_free(struct obol_stream *stream)
{
	if (stream)
	{
		obol_tls_close(stream->tls);
		(void)obol_socket_flush(stream->fd, stream->tls);
		obol_tls_free(stream->tls);
		(void)close(stream->fd);
		free(stream);
	}
}

struct obol_tls *obol_stream_tls(struct obol_stream *stream)
{
	return stream->tls;
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

enum obol_net_failure obol_socket_flush(int fd, struct obol_tls *tls)
{
	struct obol_bytes out;

	for (out = obol_tls_output(tls); out.len; out = obol_tls_output(tls))
	{
		ssize_t sent = send(fd, out.ptr, out.len, MSG_NOSIGNAL);

		if (sent >= 0)
		{
			obol_tls_sent(tls, (size_t)sent);
		}
		else if (would_block())
		{
			return OBOL_NET_OK;
		}
		else if (errno != EINTR)
		{
			return OBOL_NET_CLOSED;
		}
	}
	return OBOL_NET_OK;
}

static enum obol_net_failure fill(int fd, struct obol_tls *tls, size_t *got)
{
	uint8_t buf[READ_LEN];
	ssize_t len;

	*got = 0;
	do
	{
		len = recv(fd, buf, sizeof(buf), 0);
	} while (len < 0 && errno == EINTR);
	if (len < 0 && would_block())
	{
		return OBOL_NET_OK;
	}
	*got = len > 0 ? (size_t)len : 0;
	/* a connection that broke reads like one that was closed */
	return obol_tls_input(tls, obol_bytes(buf, *got)) == OBOL_OK
			   ? OBOL_NET_OK
			   : OBOL_NET_INTERNAL;
}

enum obol_net_failure obol_socket_fill(int fd, struct obol_tls *tls)
{
	size_t got;

	return fill(fd, tls, &got);
}

static enum obol_net_failure flush(struct obol_stream *stream)
{
	enum obol_net_failure failure;

	if (stream->is_deaf)
	{
		return OBOL_NET_OK;
	}
	failure = obol_socket_flush(stream->fd, stream->tls);
	if (failure == OBOL_NET_CLOSED)
	{
		stream->is_deaf = true;
		failure = OBOL_NET_OK;
	}
	return failure;
}

/* Wait until the socket can be read or, if something is left to send, be
 * written; then do so. */
static enum obol_net_failure turn(struct obol_stream *stream,
								  const struct obol_wait *wait, bool may_read)
{
	struct pollfd fds[2];
	enum obol_net_failure failure;
	bool must_write = !stream->is_deaf && obol_tls_output(stream->tls).len > 0;

	fds[0].fd = stream->fd;
	fds[0].events =
		(short)((may_read ? POLLIN : 0) | (must_write ? POLLOUT : 0));
	failure = obol_wait_poll(wait, fds, 1, UINT64_MAX);
	if (failure != OBOL_NET_OK)
	{
		return failure;
	}
	if (fds[0].revents & POLLOUT)
	{
		failure = flush(stream);
	}
	if (failure == OBOL_NET_OK && may_read &&
		(fds[0].revents & (POLLIN | POLLHUP | POLLERR)))
	{
		size_t got;

		failure = fill(stream->fd, stream->tls, &got);
		stream->n_ahead += got;
		if (failure == OBOL_NET_OK && got == 0)
		{
			stream->is_deaf = true;
		}
	}
	else if (fds[0].revents & (POLLHUP | POLLERR))
	{
		stream->is_deaf = true;
	}
	return failure;
}

enum obol_net_failure obol_stream_send(struct obol_stream *stream,
									   const struct obol_wait *wait,
									   struct obol_bytes bytes)
{
	enum obol_net_failure failure;

	stream->n_ahead = 0;
	failure = obol_tls_write(stream->tls, bytes);
	if (failure == OBOL_NET_CLOSED)
	{
		stream->is_deaf = true;
		return OBOL_NET_OK;
	}
	if (failure == OBOL_NET_OK)
	{
		failure = flush(stream);
	}
	while (failure == OBOL_NET_OK && !stream->is_deaf &&
		   obol_tls_output(stream->tls).len)
	{
		failure = turn(stream, wait, stream->n_ahead < AHEAD_MAX);
	}
	return failure;
}

enum obol_net_failure obol_stream_recv(struct obol_stream *stream,
									   const struct obol_wait *wait,
									   uint8_t *buf, size_t size, size_t *got)
{
	enum obol_net_failure failure;

	for (;;)
	{
		failure = obol_tls_read(stream->tls, buf, size, got);
		if (failure != OBOL_NET_OK || *got)
		{
			return failure;
		}
		/* a key update may want to be answered (RFC 8446, 4.6.3) */
		failure = flush(stream);
		if (failure == OBOL_NET_OK)
		{
			failure = turn(stream, wait, true);
		}
		if (failure != OBOL_NET_OK)
		{
			return failure;
		}
	}
}
