/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meeting rooms: who meets whom. */
#include "daemon/relay_room.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>

/* The figures' names are of the answers' numbers. */
static_assert((int)OBOL_ROOMS_N == (int)OBOL_ROOM_TIME_OVER + 1 &&
				  (int)OBOL_ROOMS_PAIRED == (int)OBOL_ROOM_PAIRED &&
				  (int)OBOL_ROOMS_TOO_MANY == (int)OBOL_ROOM_TOO_MANY,
			  "a relay's answer has a figure");

void relay_answer(const struct relay *relay, const struct guest *guest,
				  enum obol_room_answer byte)
{
	uint8_t out = (uint8_t)byte;

	/* two bytes at most to a new connection: the kernel has room */
	(void)!send(guest->fd, &out, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	obol_meter_add(relay->options->meter, OBOL_METRIC_RELAY_ANSWERS, out, 0, 1);
}

static struct guest *find_waiting(const struct relay *relay, uint32_t number)
{
	size_t i;

	for (i = 0; i < relay->n; i++)
	{
		struct guest *guest = relay->guests[i];

		if (guest->state == GUEST_WAITING && guest->number == number &&
			!guest->is_gone)
		{
			return guest;
		}
	}
	return NULL;
}

unsigned relay_count_rooms(const struct relay *relay,
						   const struct obol_source_address *source)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < relay->n; i++)
	{
		const struct guest *guest = relay->guests[i];

		n += guest->is_opener && !guest->is_gone &&
			 (!source || obol_source_is_near(&guest->source, source));
	}
	return n;
}

static void refuse(const struct relay *relay, struct guest *guest,
				   enum obol_room_answer why)
{
	relay_answer(relay, guest, why);
	guest->is_gone = true;
}

static void open_room(struct relay *relay, struct guest *guest)
{
	const struct obol_config *config = relay->options->config;

	if (find_waiting(relay, guest->number))
	{
		refuse(relay, guest, OBOL_ROOM_TAKEN);
	}
	else if (relay_count_rooms(relay, NULL) >= config->relay.rooms)
	{
		refuse(relay, guest, OBOL_ROOM_FULL);
	}
	else if (relay_count_rooms(relay, &guest->source) >=
			 config->relay.rooms_per_source)
	{
		refuse(relay, guest, OBOL_ROOM_TOO_MANY);
	}
	else
	{
		guest->is_opener = true;
		guest->state = GUEST_WAITING;
		relay_answer(relay, guest, OBOL_ROOM_WAITING);
	}
}

static void join_room(struct relay *relay, struct guest *guest)
{
	struct guest *opener = find_waiting(relay, guest->number);

	if (!opener)
	{
		refuse(relay, guest, OBOL_ROOM_NOBODY);
		return;
	}
	guest->buf = malloc(RELAY_BUFFER_LEN);
	opener->buf = malloc(RELAY_BUFFER_LEN);
	if (!guest->buf || !opener->buf)
	{
		refuse(relay, guest, OBOL_ROOM_FULL);
		free(opener->buf);
		opener->buf = NULL;
		return;
	}
	guest->state = GUEST_PAIRED;
	opener->state = GUEST_PAIRED;
	guest->other = opener;
	opener->other = guest;
	opener->moved_ms = obol_mono_ms(relay->options->clock);
	relay_answer(relay, guest, OBOL_ROOM_PAIRED);
	relay_answer(relay, opener, OBOL_ROOM_PAIRED);
}

void relay_on_request(struct relay *relay, struct guest *guest)
{
	struct obol_room_request request;

	if (obol_room_request_read(guest->request, &request) != OBOL_OK)
	{
		refuse(relay, guest, OBOL_ROOM_MALFORMED);
		return;
	}
	/* so nobody tries all numbers, nor spends others' codes for sport */
	if (obol_source_limit_take(relay->requests, &guest->source,
							   obol_mono_ms(relay->options->clock)))
	{
		refuse(relay, guest, OBOL_ROOM_TOO_MANY);
		return;
	}
	guest->number = request.number;
	guest->moved_ms = obol_mono_ms(relay->options->clock);
	if (request.what == OBOL_ROOM_OPEN)
	{
		open_room(relay, guest);
	}
	else
	{
		join_room(relay, guest);
	}
}
