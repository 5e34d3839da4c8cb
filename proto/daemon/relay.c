/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meeting rooms: the loop, and the bytes. */
#include "daemon/relay_room.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** For a request, in milliseconds. */
#define REQUEST_MS 10000
/** Longest silence in a room: a person may be asked. */
#define SILENCE_MS ((uint64_t)5 * 60 * 1000)
/** Connections that have not yet asked, beside two for each room. */
#define ASKING_MAX 64
/** Networks whose requests are counted. */
#define SOURCE_ROWS 4096
#define TICK_MS 1000

static uint64_t now_ms(const struct relay *relay)
{
	return obol_mono_ms(relay->options->clock);
}

/*
 * Guests
 */

static void free_guest(struct relay *relay, struct guest *guest)
{
	relay_leave_room(relay, guest);
	obol_source_count_remove(relay->count, &guest->source);
	(void)close(guest->fd);
	free(guest->buf);
	free(guest);
}

/* When there is no more room, the eldest of those goes who have said nothing:
 * whoever wants something says so at once. */
static bool make_room(struct relay *relay)
{
	size_t eldest = relay->n, i;

	if (relay->n < relay->max)
	{
		return true;
	}
	for (i = 0; i < relay->n; i++)
	{
		if (relay->guests[i]->state == GUEST_ASKING &&
			(eldest == relay->n ||
			 relay->guests[i]->began_ms < relay->guests[eldest]->began_ms))
		{
			eldest = i;
		}
	}
	if (eldest == relay->n)
	{
		return false;
	}
	free_guest(relay, relay->guests[eldest]);
	relay->n--;
	/* in the order in which they came */
	memmove(relay->guests + eldest, relay->guests + eldest + 1,
			(relay->n - eldest) * sizeof(relay->guests[0]));
	return true;
}

/* A stranger has connected. Those who are too many hear so and no more. */
static void let_in(struct relay *relay, int fd,
				   const struct sockaddr_storage *addr)
{
	static const int on = 1;
	struct guest refused = { .fd = fd }, *guest;
	unsigned per_source = 2 * relay->options->config->relay.rooms_per_source;

	if (!obol_source_of(addr, &refused.source) ||
		!obol_source_count_add(relay->count, &refused.source, per_source))
	{
		relay_answer(relay, &refused, OBOL_ROOM_TOO_MANY);
		(void)close(fd);
		return;
	}
	if (!make_room(relay))
	{
		relay_answer(relay, &refused, OBOL_ROOM_FULL);
		obol_source_count_remove(relay->count, &refused.source);
		(void)close(fd);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	guest = calloc(1, sizeof(*guest));
	if (!guest)
	{
		obol_source_count_remove(relay->count, &refused.source);
		(void)close(fd);
		return;
	}
	*guest = refused;
	guest->began_ms = now_ms(relay);
	guest->moved_ms = guest->began_ms;
	relay->guests[relay->n++] = guest;
}

static void accept_some(struct relay *relay, int listener)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int fd = accept4(listener, (struct sockaddr *)&addr, &len,
					 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
	{
		let_in(relay, fd, &addr);
	}
	else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			 errno == ENOMEM)
	{
		/* who waits at the door is still there, and would wake us at once */
		relay->accept_at_ms = now_ms(relay) + TICK_MS;
		obol_log(relay->options->log, OBOL_LOG_ERROR, "relay",
				 "nobody can be let in at the moment: %s; raise LimitNOFILE "
				 "or lower relay.rooms",
				 strerror(errno));
	}
}

/*
 * Bytes
 */

/* The request and no byte more: what is behind it is the other one's. */
static void read_request(struct relay *relay, struct guest *guest)
{
	ssize_t n = recv(guest->fd, guest->request + guest->n_request,
					 sizeof(guest->request) - guest->n_request, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
	{
		guest->is_gone = true;
		return;
	}
	guest->n_request += n > 0 ? (size_t)n : 0;
	if (guest->n_request == sizeof(guest->request))
	{
		relay_on_request(relay, guest);
	}
}

/* Who waits has nothing to say; that he has left shows as the end. */
static void watch_waiting(struct guest *guest)
{
	uint8_t byte;
	ssize_t n = recv(guest->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

	guest->is_gone = n >= 0 || (errno != EAGAIN && errno != EINTR);
}

static struct guest *opener_of(struct guest *guest)
{
	return guest->is_opener ? guest : guest->other;
}

static void take_bytes(struct relay *relay, struct guest *guest)
{
	ssize_t n;

	if (guest->is_silent || guest->start < guest->end)
	{
		return;
	}
	n = recv(guest->fd, guest->buf, RELAY_BUFFER_LEN, MSG_DONTWAIT);
	if (n < 0)
	{
		guest->is_gone = errno != EAGAIN && errno != EINTR;
		return;
	}
	guest->start = 0;
	guest->end = (size_t)n;
	guest->is_silent = n == 0;
	guest->moved_ms = now_ms(relay);
	opener_of(guest)->n_passed += (uint64_t)n;
	obol_meter_add(relay->options->meter, OBOL_METRIC_RELAY_BYTES, 0, 0,
				   (uint64_t)n);
}

static void pass_on(struct relay *relay, struct guest *guest)
{
	struct guest *other = guest->other;
	ssize_t n;

	if (guest->start < guest->end)
	{
		n = send(other->fd, guest->buf + guest->start,
				 guest->end - guest->start, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
		{
			other->is_gone = errno != EAGAIN && errno != EINTR;
			return;
		}
		guest->start += (size_t)n;
		other->moved_ms = now_ms(relay);
	}
	if (guest->is_silent && guest->start == guest->end && !guest->was_told)
	{
		(void)shutdown(other->fd, SHUT_WR);
		guest->was_told = true;
	}
}

static void serve(struct relay *relay, struct guest *guest, short ready)
{
	/* it has left for good, and would be told of in every round */
	if ((ready & (POLLERR | POLLNVAL)) ||
		((ready & POLLHUP) && guest->is_silent))
	{
		guest->is_gone = true;
		return;
	}
	switch (guest->state)
	{
		case GUEST_ASKING:
			read_request(relay, guest);
			break;
		case GUEST_WAITING:
			watch_waiting(guest);
			break;
		case GUEST_PAIRED:
			take_bytes(relay, guest);
			pass_on(relay, guest);
			pass_on(relay, guest->other);
			break;
	}
}

static short events_of(const struct guest *guest)
{
	short events = 0;

	if (guest->state != GUEST_PAIRED)
	{
		return POLLIN;
	}
	if (!guest->is_silent && guest->start == guest->end)
	{
		events |= POLLIN;
	}
	if (guest->other->start < guest->other->end)
	{
		events |= POLLOUT;
	}
	return events;
}

/* poll() tells of a guest who has left in every round, asked or not: not while
 * what he said waits for the other one, and nothing waits for him. */
static struct pollfd poll_of(const struct guest *guest)
{
	struct pollfd pfd = { .fd = guest->fd, .events = events_of(guest) };

	if (!pfd.events && !guest->is_silent)
	{
		pfd.fd = -1;
	}
	return pfd;
}

/*
 * Limits and ends
 */

static bool is_over(const struct relay *relay, struct guest *guest,
					uint64_t now)
{
	const struct obol_config *config = relay->options->config;

	switch (guest->state)
	{
		case GUEST_ASKING:
			return now - guest->began_ms >= REQUEST_MS;
		case GUEST_WAITING:
			if (now - guest->began_ms <
				config->relay.waiting_s * (uint64_t)1000)
			{
				return false;
			}
			relay_answer(relay, guest, OBOL_ROOM_TIME_OVER);
			return true;
		case GUEST_PAIRED:
			break;
	}
	return (guest->was_told && guest->other->was_told) ||
		   (now - guest->moved_ms >= SILENCE_MS &&
			now - guest->other->moved_ms >= SILENCE_MS) ||
		   now - opener_of(guest)->began_ms >=
			   config->relay.total_s * (uint64_t)1000 ||
		   opener_of(guest)->n_passed > (uint64_t)config->relay.size_mib << 20;
}

/* One line for the operator: no address, no number. */
static void tell_room(const struct relay *relay, const struct guest *opener)
{
	obol_log(relay->options->log, OBOL_LOG_INFO, "relay",
			 "two devices met: %llu bytes in %llu s",
			 (unsigned long long)opener->n_passed,
			 (unsigned long long)((now_ms(relay) - opener->began_ms) / 1000));
}

static void sweep(struct relay *relay)
{
	uint64_t now = now_ms(relay);
	size_t i, kept = 0;

	for (i = 0; i < relay->n; i++)
	{
		struct guest *guest = relay->guests[i];

		guest->is_gone = guest->is_gone || is_over(relay, guest, now) ||
						 (relay->is_ending && guest->state != GUEST_PAIRED);
		if (guest->is_gone && guest->other)
		{
			guest->other->is_gone = true;
		}
	}
	for (i = 0; i < relay->n; i++)
	{
		struct guest *guest = relay->guests[i];

		if (!guest->is_gone)
		{
			relay->guests[kept++] = guest;
			continue;
		}
		if (guest->is_opener && guest->state == GUEST_PAIRED)
		{
			tell_room(relay, guest);
		}
		free_guest(relay, guest);
	}
	relay->n = kept;
	obol_meter_set(relay->options->meter, OBOL_METRIC_RELAY_ROOMS, 0,
				   relay_count_rooms(relay));
}

/*
 * The loop
 */

static size_t fill_polls(struct relay *relay)
{
	const struct obol_relay_options *options = relay->options;
	bool is_open = !relay->is_ending && now_ms(relay) >= relay->accept_at_ms;
	size_t n = 0, i;

	relay->fds[n++] = (struct pollfd){
		.fd = relay->is_ending ? -1 : options->end_fd,
		.events = POLLIN,
	};
	for (i = 0; i < options->n_sockets; i++)
	{
		relay->fds[n++] = (struct pollfd){
			.fd = is_open ? options->sockets[i] : -1,
			.events = POLLIN,
		};
	}
	for (i = 0; i < relay->n; i++)
	{
		relay->fds[n++] = poll_of(relay->guests[i]);
	}
	return n;
}

static void begin_end(struct relay *relay)
{
	size_t i;

	relay->is_ending = true;
	relay->end_ms =
		now_ms(relay) + relay->options->config->timeouts.drain * (uint64_t)1000;
	for (i = 0; i < relay->options->n_sockets; i++)
	{
		(void)close(relay->options->sockets[i]);
	}
}

static void turn(struct relay *relay)
{
	size_t n = fill_polls(relay), n_sockets = relay->options->n_sockets;
	size_t n_guests = relay->n, i;

	if (poll(relay->fds, n, TICK_MS) < 0)
	{
		return;
	}
	if (relay->fds[0].revents)
	{
		begin_end(relay);
	}
	for (i = 0; i < n_guests; i++)
	{
		short ready = relay->fds[1 + n_sockets + i].revents;

		if (ready && !relay->guests[i]->is_gone)
		{
			serve(relay, relay->guests[i], ready);
		}
	}
	for (i = 0; i < n_sockets && !relay->is_ending; i++)
	{
		if (relay->fds[1 + i].revents)
		{
			accept_some(relay, relay->options->sockets[i]);
		}
	}
	sweep(relay);
}

static bool init(struct relay *relay, const struct obol_relay_options *options)
{
	const struct obol_config *config = options->config;

	memset(relay, 0, sizeof(*relay));
	relay->options = options;
	relay->max = 2 * (size_t)config->relay.rooms + ASKING_MAX;
	relay->guests = calloc(relay->max, sizeof(relay->guests[0]));
	relay->fds =
		calloc(relay->max + OBOL_LISTEN_MAX + 1, sizeof(relay->fds[0]));
	relay->count = obol_source_count_new(obol_rng_system());
	relay->rooms = obol_source_count_new(obol_rng_system());
	relay->sites = obol_source_count_new(obol_rng_system());
	return relay->guests && relay->fds && relay->count && relay->rooms &&
		   relay->sites &&
		   obol_source_limit_new(config->relay.requests_per_source, SOURCE_ROWS,
								 obol_rng_system(),
								 &relay->requests) == OBOL_OK;
}

int obol_relay_run(const struct obol_relay_options *options)
{
	struct relay relay;
	int code = EXIT_FAILURE;

	if (!init(&relay, options))
	{
		obol_log(options->log, OBOL_LOG_ERROR, "relay", "out of memory");
		goto out;
	}
	while (!relay.is_ending || (relay.n && now_ms(&relay) < relay.end_ms))
	{
		turn(&relay);
	}
	code = EXIT_SUCCESS;
out:
	while (relay.n)
	{
		free_guest(&relay, relay.guests[--relay.n]);
	}
	obol_source_count_free(relay.count);
	obol_source_count_free(relay.rooms);
	obol_source_count_free(relay.sites);
	obol_source_limit_free(relay.requests);
	free(relay.guests);
	free(relay.fds);
	return code;
}
