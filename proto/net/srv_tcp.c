/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question to a name server over TCP. */
#include "net/srv_tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/address.h"

int obol_srv_socket(const struct obol_client_hooks *hooks,
					const struct sockaddr_storage *server, int type)
{
	int family = server->ss_family;
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
	{
		return -1;
	}
	if ((hooks && hooks->socket_created &&
		 !hooks->socket_created(hooks->ctx, fd, family)) ||
		(connect(fd, (const struct sockaddr *)server,
				 obol_sockaddr_len(server)) != 0 &&
		 errno != EINPROGRESS))
	{
		(void)close(fd);
		return -1;
	}
	return fd;
}

void obol_srv_tcp_init(struct obol_srv_tcp *tcp)
{
	memset(tcp, 0, sizeof(*tcp));
	tcp->fd = -1;
}

bool obol_srv_tcp_start(struct obol_srv_tcp *tcp,
						const struct obol_client_hooks *hooks,
						const struct sockaddr_storage *server,
						struct obol_bytes question)
{
	if (question.len > OBOL_SRV_QUESTION_MAX)
	{
		return false;
	}
	tcp->out[0] = (uint8_t)(question.len >> 8);
	tcp->out[1] = (uint8_t)question.len;
	memcpy(tcp->out + OBOL_SRV_TCP_PREFIX_LEN, question.ptr, question.len);
	tcp->out_len = OBOL_SRV_TCP_PREFIX_LEN + question.len;
	tcp->fd = obol_srv_socket(hooks, server, SOCK_STREAM);
	return tcp->fd >= 0;
}

short obol_srv_tcp_events(const struct obol_srv_tcp *tcp)
{
	return tcp->n_sent < tcp->out_len ? POLLOUT : POLLIN;
}

/* While it is being connected, too, there is no room to send. */
static enum obol_srv_tcp_state send_rest(struct obol_srv_tcp *tcp)
{
	while (tcp->n_sent < tcp->out_len)
	{
		ssize_t n = send(tcp->fd, tcp->out + tcp->n_sent,
						 tcp->out_len - tcp->n_sent, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
		{
			return errno == EAGAIN ? OBOL_SRV_TCP_WAITS : OBOL_SRV_TCP_FAILED;
		}
		tcp->n_sent += n > 0 ? (size_t)n : 0;
	}
	return OBOL_SRV_TCP_DONE;
}

/** The prefix is there: make room for what it says. */
static bool open_message(struct obol_srv_tcp *tcp)
{
	tcp->message_len = (size_t)tcp->prefix[0] << 8 | tcp->prefix[1];
	tcp->message = tcp->message_len ? malloc(tcp->message_len) : NULL;
	return tcp->message != NULL;
}

/** Where the next bytes go, and how many at most. */
static uint8_t *room(struct obol_srv_tcp *tcp, size_t *len)
{
	size_t at;

	if (!tcp->message)
	{
		*len = OBOL_SRV_TCP_PREFIX_LEN - tcp->n_got;
		return tcp->prefix + tcp->n_got;
	}
	at = tcp->n_got - OBOL_SRV_TCP_PREFIX_LEN;
	*len = tcp->message_len - at;
	return tcp->message + at;
}

static enum obol_srv_tcp_state receive(struct obol_srv_tcp *tcp)
{
	while (!tcp->message ||
		   tcp->n_got < OBOL_SRV_TCP_PREFIX_LEN + tcp->message_len)
	{
		size_t len;
		uint8_t *at = room(tcp, &len);
		ssize_t n = recv(tcp->fd, at, len, 0);

		if (n < 0 && errno == EINTR)
		{
			continue;
		}
		if (n <= 0)
		{
			return n < 0 && errno == EAGAIN ? OBOL_SRV_TCP_WAITS
											: OBOL_SRV_TCP_FAILED;
		}
		tcp->n_got += (size_t)n;
		if (tcp->n_got == OBOL_SRV_TCP_PREFIX_LEN && !open_message(tcp))
		{
			return OBOL_SRV_TCP_FAILED;
		}
	}
	return OBOL_SRV_TCP_DONE;
}

enum obol_srv_tcp_state obol_srv_tcp_go_on(struct obol_srv_tcp *tcp,
										   struct obol_bytes *message)
{
	enum obol_srv_tcp_state state = send_rest(tcp);

	if (state == OBOL_SRV_TCP_DONE)
	{
		state = receive(tcp);
	}
	if (state == OBOL_SRV_TCP_DONE)
	{
		*message = obol_bytes(tcp->message, tcp->message_len);
	}
	return state;
}

void obol_srv_tcp_close(struct obol_srv_tcp *tcp)
{
	if (tcp->fd >= 0)
	{
		(void)close(tcp->fd);
	}
	free(tcp->message);
	obol_srv_tcp_init(tcp);
}
