/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meeting rooms: who meets whom. */
#include "daemon/relay_room.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
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

unsigned relay_count_rooms(const struct relay *relay)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < relay->n; i++)
	{
		n += relay->guests[i]->is_opener && !relay->guests[i]->is_gone;
	}
	return n;
}

/*
 * Whose rooms they are
 */

/* The /48 of an IPv6 address: whoever has one has 65,536 networks in it. */
static struct obol_source_address
site_of(const struct obol_source_address *source)
{
	struct obol_source_address site = *source;

	memset(site.bytes + 6, 0, sizeof(site.bytes) - 6);
	return site;
}

static unsigned at_site(const struct relay *relay,
						const struct obol_source_address *source)
{
	struct obol_source_address site = site_of(source);

	return source->is_v6 ? obol_source_count_get(relay->sites, &site) : 0;
}

/* Rooms of a network; those of its site count for a quarter, and the higher of
 * the two holds. */
static unsigned share_of(const struct relay *relay,
						 const struct obol_source_address *source)
{
	unsigned n = obol_source_count_get(relay->rooms, source);
	unsigned by_site = (at_site(relay, source) + OBOL_SOURCE_SITE_FACTOR - 1) /
					   OBOL_SOURCE_SITE_FACTOR;

	return n > by_site ? n : by_site;
}

void relay_leave_room(struct relay *relay, struct guest *guest)
{
	struct obol_source_address site = site_of(&guest->source);

	if (guest->is_counted)
	{
		obol_source_count_remove(relay->rooms, &guest->source);
		if (guest->source.is_v6)
		{
			obol_source_count_remove(relay->sites, &site);
		}
		guest->is_counted = false;
	}
}

static bool may_have_more(const struct relay *relay,
						  const struct obol_source_address *source)
{
	unsigned max = relay->options->config->relay.rooms_per_source;

	return obol_source_count_get(relay->rooms, source) < max &&
		   at_site(relay, source) < max * OBOL_SOURCE_SITE_FACTOR;
}

/* False when memory ran out. */
static bool count_room(struct relay *relay, struct guest *guest)
{
	struct obol_source_address site = site_of(&guest->source);

	if (!obol_source_count_add(relay->rooms, &guest->source, UINT_MAX))
	{
		return false;
	}
	if (guest->source.is_v6 &&
		!obol_source_count_add(relay->sites, &site, UINT_MAX))
	{
		obol_source_count_remove(relay->rooms, &guest->source);
		return false;
	}
	guest->is_counted = true;
	return true;
}

/* The room that has to end for one more of a network that has so many; NULL
 * when none may. Guests are in the order in which they came. */
static struct guest *room_to_end(const struct relay *relay, unsigned own)
{
	struct guest *worst = NULL;
	unsigned most = 0;
	size_t i;

	for (i = 0; i < relay->n; i++)
	{
		struct guest *guest = relay->guests[i];
		bool waits = guest->state == GUEST_WAITING;
		unsigned share;

		if (!guest->is_opener || guest->is_gone)
		{
			continue;
		}
		share = share_of(relay, &guest->source);
		if (share > own + (waits ? 0 : 1) &&
			(share > most ||
			 (share == most && waits && worst->state == GUEST_PAIRED)))
		{
			worst = guest;
			most = share;
		}
	}
	return worst;
}

/* Rooms that many networks have filled together are everybody's still. */
static bool make_room(struct relay *relay, const struct guest *guest)
{
	struct guest *worst;

	if (relay_count_rooms(relay) < relay->options->config->relay.rooms)
	{
		return true;
	}
	worst = room_to_end(relay, share_of(relay, &guest->source));
	if (!worst)
	{
		return false;
	}
	if (worst->state == GUEST_WAITING)
	{
		relay_answer(relay, worst, OBOL_ROOM_FULL);
	}
	worst->is_gone = true;
	relay_leave_room(relay, worst);
	return true;
}

/*
 * Requests
 */

static void refuse(const struct relay *relay, struct guest *guest,
				   enum obol_room_answer why)
{
	relay_answer(relay, guest, why);
	guest->is_gone = true;
}

static void open_room(struct relay *relay, struct guest *guest)
{
	if (find_waiting(relay, guest->number))
	{
		refuse(relay, guest, OBOL_ROOM_TAKEN);
	}
	else if (!may_have_more(relay, &guest->source))
	{
		refuse(relay, guest, OBOL_ROOM_TOO_MANY);
	}
	else if (!make_room(relay, guest) || !count_room(relay, guest))
	{
		refuse(relay, guest, OBOL_ROOM_FULL);
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
