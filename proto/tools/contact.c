/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection between two devices. */
#include "tools/contact.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"

struct contact *contact_new(int fd, struct obol_transfer *transfer,
							uint64_t now_ms)
{
	struct contact *contact = calloc(1, sizeof(*contact));
	static const int on = 1;

	if (!contact)
	{
		(void)close(fd);
		obol_transfer_free(transfer);
		return NULL;
	}
	/* small messages that the other one waits for */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	contact->fd = fd;
	contact->transfer = transfer;
	contact->began_ms = now_ms;
	contact->moved_ms = now_ms;
	return contact;
}

void contact_ask_relay(struct contact *contact, enum obol_room_what what,
					   uint32_t number)
{
	struct obol_room_request request = { what, number };

	obol_room_request_write(&request, contact->request);
	contact->request_left = sizeof(contact->request);
	contact->awaits_relay = true;
	contact->answer = OBOL_ROOM_WAITING;
}

void contact_free(struct contact *contact)
{
	if (contact)
	{
		if (contact->fd >= 0)
		{
			(void)close(contact->fd);
		}
		obol_transfer_free(contact->transfer);
		free(contact);
	}
}

static bool has_output(const struct contact *contact)
{
	return !contact->peer_is_deaf &&
		   (contact->request_left ||
			obol_transfer_output(contact->transfer).len);
}

short contact_events(const struct contact *contact)
{
	bool is_full = contact->in_start < contact->in_end;

	if (contact->is_connecting)
	{
		return POLLOUT;
	}
	return (short)((is_full ? 0 : POLLIN) |
				   (has_output(contact) ? POLLOUT : 0));
}

static void broken(struct contact *contact)
{
	obol_transfer_closed(contact->transfer);
	(void)close(contact->fd);
	contact->fd = -1;
}

/* True when some bytes were sent. */
static bool send_some(struct contact *contact, uint64_t now_ms)
{
	struct obol_bytes out;
	ssize_t n;

	if (contact->request_left)
	{
		out = obol_bytes(contact->request + sizeof(contact->request) -
							 contact->request_left,
						 contact->request_left);
	}
	else
	{
		out = obol_transfer_output(contact->transfer);
	}
	if (contact->fd < 0 || !has_output(contact))
	{
		return false;
	}
	n = send(contact->fd, out.ptr, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
	{
		/* why it has closed may be waiting to be read */
		contact->peer_is_deaf = errno != EAGAIN && errno != EINTR;
		return false;
	}
	if (contact->request_left)
	{
		contact->request_left -= (size_t)n;
	}
	else
	{
		obol_transfer_sent(contact->transfer, (size_t)n);
	}
	contact->moved_ms = now_ms;
	return true;
}

static bool receive_some(struct contact *contact, uint64_t now_ms)
{
	ssize_t n;

	if (contact->fd < 0 || contact->in_start < contact->in_end)
	{
		return false;
	}
	n = recv(contact->fd, contact->in, sizeof(contact->in), MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
	{
		broken(contact);
		return false;
	}
	if (n < 0)
	{
		return false;
	}
	contact->in_start = 0;
	contact->in_end = (size_t)n;
	contact->moved_ms = now_ms;
	return true;
}

/* A relay's answers, a byte each, up to the one that ends them. */
static void take_answers(struct contact *contact)
{
	while (contact->awaits_relay && contact->in_start < contact->in_end)
	{
		contact->answer =
			(enum obol_room_answer)contact->in[contact->in_start++];
		contact->is_welcome = contact->answer == OBOL_ROOM_WAITING ||
							  contact->answer == OBOL_ROOM_PAIRED;
		if (contact->answer == OBOL_ROOM_PAIRED)
		{
			contact->awaits_relay = false;
		}
		else if (contact->answer != OBOL_ROOM_WAITING)
		{
			broken(contact);
			return;
		}
	}
}

/* Hand what has come to the transfer; true when it took some. */
static bool hand_over(struct contact *contact, uint64_t now_ms)
{
	size_t used = 0;

	take_answers(contact);
	if (!contact->awaits_relay && contact->in_start < contact->in_end)
	{
		obol_transfer_input(contact->transfer,
							obol_bytes(contact->in + contact->in_start,
									   contact->in_end - contact->in_start),
							now_ms, &used);
		contact->in_start += used;
	}
	return used > 0;
}

static void end_connecting(struct contact *contact, short ready)
{
	socklen_t len = sizeof(contact->failure);

	if (!ready)
	{
		return;
	}
	if (getsockopt(contact->fd, SOL_SOCKET, SO_ERROR, &contact->failure, &len))
	{
		contact->failure = errno;
	}
	contact->is_connecting = false;
	if (contact->failure)
	{
		broken(contact);
	}
}

enum obol_transfer_event contact_move(struct contact *contact, short ready,
									  uint64_t now_ms)
{
	enum obol_transfer_event event = OBOL_TRANSFER_NOTHING;
	bool moved = true;

	if (contact->is_connecting)
	{
		end_connecting(contact, ready);
	}
	while (moved && !contact->is_connecting)
	{
		event = obol_transfer_event(contact->transfer);
		if (event != OBOL_TRANSFER_NOTHING)
		{
			break;
		}
		moved = send_some(contact, now_ms);
		moved = hand_over(contact, now_ms) || moved;
		event = obol_transfer_event(contact->transfer);
		if (event != OBOL_TRANSFER_NOTHING)
		{
			break;
		}
		moved = receive_some(contact, now_ms) || moved;
	}
	if (event == OBOL_TRANSFER_NOTHING)
	{
		event = obol_transfer_event(contact->transfer);
	}
	return event;
}

bool contact_is_over(const struct contact *contact)
{
	return obol_transfer_end(contact->transfer) != OBOL_TRANSFER_RUNNING &&
		   (contact->fd < 0 || !has_output(contact));
}

void contact_flush(struct contact *contact, int timeout_ms)
{
	struct pollfd pfd = { .fd = contact->fd, .events = POLLOUT };
	ssize_t n;

	if (contact->fd < 0 || contact->is_connecting)
	{
		return;
	}
	while (has_output(contact))
	{
		if (!send_some(contact, contact->moved_ms) &&
			poll(&pfd, 1, timeout_ms) <= 0)
		{
			return;
		}
	}
	/* closing with bytes unread would make the kernel throw away what is on
	 * its way to the peer */
	(void)shutdown(contact->fd, SHUT_WR);
	pfd.events = POLLIN;
	while (poll(&pfd, 1, timeout_ms) > 0)
	{
		n = recv(contact->fd, contact->in, sizeof(contact->in), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		{
			return;
		}
	}
}
