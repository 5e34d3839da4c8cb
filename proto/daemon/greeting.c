/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection before its TLS handshake. */
#include "daemon/greeting.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/hello.h"

/** Handshakes in a round of the loop, each some 0.4 ms, of networks that have
 * hardly any unfinished connection. All that follows from them shares commits,
 * so that fewer would cost the database more. Of all others one in a round: a
 * login takes four rounds, and a flood that begins would make each of them long
 * until its networks are known for it. */
#define TURNS_MAX 16

struct obol_greeting {
	struct obol_peers *peers;
	struct obol_greeting *prev;
	struct obol_greeting *next;
	struct event *io;
	struct event *timer;
	/** bytes that were waited for, 0 at first */
	size_t need;
	struct obol_peer_begin begin;
};

static void unlink_one(struct obol_greeting *greeting)
{
	struct obol_peers *peers = greeting->peers;

	if (greeting->io)
	{
		event_free(greeting->io);
	}
	if (greeting->timer)
	{
		event_free(greeting->timer);
	}
	if (greeting->next)
	{
		greeting->next->prev = greeting->prev;
	}
	*(greeting->prev ? &greeting->prev->next : &peers->first_greeting) =
		greeting->next;
}

static void drop(void *owner)
{
	struct obol_greeting *greeting = owner;

	obol_meter_since(greeting->peers->meter, OBOL_METRIC_HANDSHAKES,
					 OBOL_OUTCOME_FAILED, 0, greeting->begin.accepted_us);
	unlink_one(greeting);
	obol_peers_forget(greeting->peers, greeting->begin.fd,
					  &greeting->begin.place);
	free(greeting);
}

/*
 * The ClientHello
 */

/* The socket stays silent until so many bytes are there: whoever sends them
 * one by one does not wake us for each. */
static void wait_for_bytes(const struct obol_greeting *greeting, size_t n)
{
	int low_water = (int)n;

	(void)setsockopt(greeting->begin.fd, SOL_SOCKET, SO_RCVLOWAT, &low_water,
					 sizeof(low_water));
}

static bool is_broken(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error;
}

/* Whoever leaves before his turn comes shall not have it. */
static void on_leave(evutil_socket_t fd, short what, void *arg)
{
	if (what & EV_CLOSED || is_broken(fd))
	{
		drop(arg);
	}
}

static void ask_for_turn(struct obol_greeting *greeting)
{
	struct obol_peers *peers = greeting->peers;
	struct obol_peer_begin *begin = &greeting->begin;

	/* epoll tells of a reset whatever it was asked, and libevent hands it on as
	 * readable: asked for less, it would come again in each round of the loop.
	 * What is there to be read has been seen, so changes alone are told */
	(void)event_del(greeting->io);
	(void)event_assign(greeting->io, peers->base, begin->fd,
					   EV_READ | EV_CLOSED | EV_ET | EV_PERSIST, on_leave,
					   greeting);
	(void)event_add(greeting->io, NULL);
	obol_admission_ask(peers->admission, &begin->place,
					   obol_mono_ms(peers->clock));
}

static void look(struct obol_greeting *greeting)
{
	struct obol_peers *peers = greeting->peers;
	struct obol_peer_begin *begin = &greeting->begin;
	ssize_t n = recv(begin->fd, peers->buf, OBOL_HELLO_MAX, MSG_PEEK);
	enum obol_hello hello = OBOL_HELLO_BAD;
	size_t need = 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
	{
		return;
	}
	if (n > 0)
	{
		hello = obol_hello_look(obol_bytes(peers->buf, (size_t)n), &need);
	}
	if (hello == OBOL_HELLO_WHOLE)
	{
		ask_for_turn(greeting);
		return;
	}
	/* woken without what was waited for: no more will come */
	if (hello == OBOL_HELLO_BAD || need == greeting->need)
	{
		obol_log(peers->log, OBOL_LOG_DEBUG, "daemon",
				 "no TLS with %s: no ClientHello", begin->source);
		drop(greeting);
		return;
	}
	greeting->need = need;
	wait_for_bytes(greeting, need);
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	look(arg);
}

/* Whether it waited for the peer or the peer for its turn. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct obol_greeting *greeting = arg;

	(void)fd;
	(void)what;
	obol_log(greeting->peers->log, OBOL_LOG_DEBUG, "daemon",
			 "connection from %s dropped: too slow", greeting->begin.source);
	drop(greeting);
}

/*
 * Room
 */

bool obol_greetings_have_room(const struct obol_peers *peers)
{
	return peers->n < peers->n_max ||
		   obol_admission_has_half_open(peers->admission);
}

/* A place for a newcomer, which another may have to leave. */
static bool make_room(struct obol_peers *peers,
					  const struct obol_source_address *newcomer)
{
	struct obol_admission_place *victim;

	if (peers->n < peers->n_max)
	{
		return true;
	}
	victim = obol_admission_victim(peers->admission, peers->sources, newcomer);
	if (!victim)
	{
		return false;
	}
	obol_meter_add(peers->meter, OBOL_METRIC_DISPLACED, 0, 0, 1);
	victim->drop(victim->owner);
	return true;
}

static bool may_enter(struct obol_peers *peers,
					  const struct obol_source_address *newcomer)
{
	if (!obol_source_count_add(peers->sources, newcomer,
							   peers->config->limits.connections_per_source))
	{
		obol_meter_add(peers->meter, OBOL_METRIC_CONNECTIONS,
					   OBOL_CONNECTION_SOURCE_FULL, 0, 1);
		obol_admission_refused(peers->admission);
		return false;
	}
	if (!make_room(peers, newcomer))
	{
		obol_meter_add(peers->meter, OBOL_METRIC_CONNECTIONS,
					   OBOL_CONNECTION_FULL, 0, 1);
		obol_source_count_remove(peers->sources, newcomer);
		return false;
	}
	return true;
}

/*
 * The beginning
 */

static bool take_address(struct obol_peer_begin *begin,
						 const struct sockaddr_storage *addr)
{
	return obol_source_of(addr, &begin->address) &&
		   inet_ntop(begin->address.is_v6 ? AF_INET6 : AF_INET,
					 begin->address.bytes, begin->source,
					 sizeof(begin->source));
}

static bool set_up(struct obol_greeting *greeting)
{
	struct obol_peers *peers = greeting->peers;
	const struct timeval limit = { peers->config->timeouts.handshake, 0 };

	greeting->io = event_new(peers->base, greeting->begin.fd,
							 EV_READ | EV_PERSIST, on_io, greeting);
	greeting->timer = evtimer_new(peers->base, on_timer, greeting);
	return greeting->io && greeting->timer &&
		   event_add(greeting->io, NULL) == 0 &&
		   event_add(greeting->timer, &limit) == 0;
}

static void begin(struct obol_peers *peers, const struct obol_peer_begin *who)
{
	struct obol_greeting *greeting = calloc(1, sizeof(*greeting));

	peers->n++;
	if (!greeting)
	{
		struct obol_admission_place place = { .address = who->address };

		obol_meter_add(peers->meter, OBOL_METRIC_CONNECTIONS,
					   OBOL_CONNECTION_NO_MEMORY, 0, 1);
		obol_peers_forget(peers, who->fd, &place);
		return;
	}
	greeting->peers = peers;
	obol_meter_add(peers->meter, OBOL_METRIC_CONNECTIONS,
				   OBOL_CONNECTION_ACCEPTED, 0, 1);
	greeting->begin = *who;
	greeting->begin.accepted_us = obol_meter_us(peers->meter);
	greeting->begin.place.address = who->address;
	greeting->begin.place.owner = greeting;
	greeting->begin.place.drop = drop;
	greeting->next = peers->first_greeting;
	if (greeting->next)
	{
		greeting->next->prev = greeting;
	}
	peers->first_greeting = greeting;
	obol_admission_move(peers->admission, &greeting->begin.place,
						OBOL_ADMISSION_GREETING);
	if (!set_up(greeting))
	{
		drop(greeting);
		return;
	}
	/* most often the ClientHello is there already */
	look(greeting);
}

void obol_greeting_take(struct obol_peers *peers, int fd,
						const struct sockaddr_storage *addr)
{
	struct obol_peer_begin who = { .fd = fd,
								   .began_ms = obol_mono_ms(peers->clock) };

	if (!take_address(&who, addr))
	{
		(void)close(fd);
		return;
	}
	if (!may_enter(peers, &who.address))
	{
		obol_log(peers->log, OBOL_LOG_DEBUG, "daemon",
				 "connection from %s refused: its network has too many",
				 who.source);
		(void)close(fd);
		return;
	}
	begin(peers, &who);
}

/*
 * Turns
 */

static void shake_hands(struct obol_greeting *greeting)
{
	struct obol_peers *peers = greeting->peers;
	struct obol_peer_begin *begin = &greeting->begin;

	if (greeting->need)
	{
		wait_for_bytes(greeting, 1);
	}
	obol_admission_move(peers->admission, &begin->place,
						OBOL_ADMISSION_NOWHERE);
	unlink_one(greeting);
	obol_peer_begin(peers, begin);
	free(greeting);
}

bool obol_greetings_take_turns(struct obol_peers *peers)
{
	struct obol_admission *admission = peers->admission;
	uint64_t now = obol_mono_ms(peers->clock);
	uint64_t put_off = obol_admission_counts(admission).n_put_off;
	struct obol_admission_place *place;
	int i = 0;

	while ((place = obol_admission_next(admission, now)) != NULL)
	{
		shake_hands(place->owner);
		if (++i == TURNS_MAX || obol_admission_class(admission) > 0)
		{
			break;
		}
	}
	put_off = obol_admission_counts(admission).n_put_off - put_off;
	if (put_off)
	{
		obol_meter_add(peers->meter, OBOL_METRIC_PUT_OFF, 0, 0, put_off);
	}
	obol_admission_tell(admission, peers->log, now);
	return i != 0;
}

void obol_greetings_clear(struct obol_peers *peers)
{
	while (peers->first_greeting)
	{
		drop(peers->first_greeting);
	}
}
