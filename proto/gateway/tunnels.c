/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway's IKE_SAs as far as obol-gateway knows them. */
#include "gateway/tunnels.h"

#include <stdlib.h>

/** Revocations that are remembered for tunnels that come up meanwhile. */
#define RECENT_MAX 1024

struct event {
	uint8_t what;
	uint64_t at;
	struct obol_tunnel tunnel;
};

struct recent {
	struct obol_serial serial;
	uint64_t number;
};

struct obol_tunnels {
	size_t n;
	size_t size;
	struct obol_tunnel *list;
	size_t n_events;
	size_t events_size;
	struct event *events;
	/** a ring */
	size_t n_recent;
	struct recent recent[RECENT_MAX];
};

struct obol_tunnels *obol_tunnels_new(void)
{
	return calloc(1, sizeof(struct obol_tunnels));
}

void obol_tunnels_free(struct obol_tunnels *tunnels)
{
	if (tunnels)
	{
		free(tunnels->list);
		free(tunnels->events);
		free(tunnels);
	}
}

static struct obol_tunnel *find(const struct obol_tunnels *tunnels, uint32_t id)
{
	size_t i;

	for (i = 0; i < tunnels->n; i++)
	{
		if (tunnels->list[i].id == id)
		{
			return &tunnels->list[i];
		}
	}
	return NULL;
}

/** Room for one more of an array; false when memory ran out. */
static bool grow(void **array, size_t n, size_t *size, size_t item_size)
{
	size_t wanted = *size ? 2 * *size : 16;
	void *grown;

	if (n < *size)
	{
		return true;
	}
	grown = realloc(*array, wanted * item_size);
	if (!grown)
	{
		return false;
	}
	*array = grown;
	*size = wanted;
	return true;
}

/*
 * Events
 */

/** When nobody has taken events for long the oldest give way; many at once, as
 * all others move up. */
static enum obol_status note(struct obol_tunnels *tunnels, uint8_t what,
							 uint64_t at, const struct obol_tunnel *tunnel)
{
	struct event *event;

	if (tunnels->n_events == OBOL_TUNNEL_EVENTS_MAX)
	{
		obol_tunnels_reported(tunnels, OBOL_TUNNEL_EVENTS_MAX / 8);
	}
	if (!grow((void **)&tunnels->events, tunnels->n_events,
			  &tunnels->events_size, sizeof(*tunnels->events)))
	{
		return OBOL_ERR_NOMEM;
	}
	event = &tunnels->events[tunnels->n_events++];
	event->what = what;
	event->at = at;
	event->tunnel = *tunnel;
	return OBOL_OK;
}

size_t obol_tunnels_events(const struct obol_tunnels *tunnels,
						   struct obol_report_event *events, size_t max)
{
	size_t n = tunnels->n_events < max ? tunnels->n_events : max;
	size_t i;

	memset(events, 0, n * sizeof(*events));
	for (i = 0; i < n; i++)
	{
		const struct event *event = &tunnels->events[i];
		const struct obol_tunnel *tunnel = &event->tunnel;

		events[i].what = event->what;
		memcpy(events[i].spis, tunnel->spis, sizeof(events[i].spis));
		/* one of several would be a guess */
		if (tunnel->n_serials == 1)
		{
			events[i].serial =
				obol_bytes(tunnel->serials[0].bytes, tunnel->serials[0].len);
		}
		events[i].identity = obol_bytes_str(tunnel->identity);
		events[i].remote = obol_bytes_str(tunnel->remote);
		events[i].virtual_ip = obol_bytes_str(tunnel->virtual_ip);
		events[i].at = event->at;
		events[i].bytes_in = tunnel->bytes_in;
		events[i].bytes_out = tunnel->bytes_out;
		events[i].revocation =
			event->what == OBOL_TUNNEL_DOWN ? tunnel->revocation : 0;
	}
	return n;
}

void obol_tunnels_reported(struct obol_tunnels *tunnels, size_t n)
{
	tunnels->n_events -= n;
	/* before the first event there is no table */
	if (tunnels->n_events > 0)
	{
		memmove(tunnels->events, tunnels->events + n,
				tunnels->n_events * sizeof(*tunnels->events));
	}
}

/*
 * Up and down
 */

static bool has_serial(const struct obol_tunnel *tunnel,
					   struct obol_bytes serial)
{
	size_t i;

	for (i = 0; i < tunnel->n_serials; i++)
	{
		if (obol_bytes_eq(
				obol_bytes(tunnel->serials[i].bytes, tunnel->serials[i].len),
				serial))
		{
			return true;
		}
	}
	return false;
}

/** Number of the revocation of a certificate, 0 for none that is remembered. */
static uint64_t recently_revoked(const struct obol_tunnels *tunnels,
								 const struct obol_serial *serial)
{
	size_t n = tunnels->n_recent < RECENT_MAX ? tunnels->n_recent : RECENT_MAX;
	size_t i;

	for (i = 0; i < n; i++)
	{
		const struct recent *recent = &tunnels->recent[i];

		if (recent->serial.len == serial->len &&
			memcmp(recent->serial.bytes, serial->bytes, serial->len) == 0)
		{
			return recent->number;
		}
	}
	return 0;
}

/** It may have come up while its certificate was not refused yet. Of several
 * that it may have been made with, those that are refused by now were others:
 * charon has seen them in vain. */
static void check_recent(const struct obol_tunnels *tunnels,
						 struct obol_tunnel *tunnel)
{
	uint64_t number = 0;
	size_t n_good = 0, i;

	for (i = 0; i < tunnel->n_serials; i++)
	{
		uint64_t revoked = recently_revoked(tunnels, &tunnel->serials[i]);

		if (revoked)
		{
			number = revoked;
		}
		else
		{
			tunnel->serials[n_good++] = tunnel->serials[i];
		}
	}
	if (n_good > 0)
	{
		tunnel->n_serials = n_good;
	}
	else
	{
		tunnel->revocation = number;
	}
}

enum obol_status obol_tunnels_up(struct obol_tunnels *tunnels,
								 const struct obol_tunnel *tunnel)
{
	struct obol_tunnel *added;

	if (find(tunnels, tunnel->id))
	{
		return OBOL_OK;
	}
	if (tunnels->n == OBOL_TUNNELS_MAX)
	{
		return OBOL_ERR_DENIED;
	}
	if (!grow((void **)&tunnels->list, tunnels->n, &tunnels->size,
			  sizeof(*tunnels->list)))
	{
		return OBOL_ERR_NOMEM;
	}
	added = &tunnels->list[tunnels->n];
	*added = *tunnel;
	added->revocation = 0;
	added->is_ending = false;
	check_recent(tunnels, added);
	if (note(tunnels, OBOL_TUNNEL_UP, tunnel->established_at, added) != OBOL_OK)
	{
		return OBOL_ERR_NOMEM;
	}
	tunnels->n++;
	return OBOL_OK;
}

void obol_tunnels_rekeyed(struct obol_tunnels *tunnels, uint32_t from,
						  uint32_t to)
{
	struct obol_tunnel *tunnel = find(tunnels, from);

	if (tunnel)
	{
		tunnel->id = to;
		/* whoever was to end is to end still */
		tunnel->is_ending = false;
	}
}

void obol_tunnels_carried(struct obol_tunnels *tunnels, uint32_t id,
						  uint64_t bytes_in, uint64_t bytes_out)
{
	struct obol_tunnel *tunnel = find(tunnels, id);

	if (tunnel)
	{
		tunnel->bytes_in += bytes_in;
		tunnel->bytes_out += bytes_out;
	}
}

void obol_tunnels_down(struct obol_tunnels *tunnels, uint32_t id, uint64_t now)
{
	struct obol_tunnel *tunnel = find(tunnels, id);

	if (tunnel)
	{
		/* without memory it is not reported, and the next start's sweep does */
		(void)!note(tunnels, OBOL_TUNNEL_DOWN, now, tunnel);
		*tunnel = tunnels->list[--tunnels->n];
	}
}

void obol_tunnels_all_down(struct obol_tunnels *tunnels, uint64_t now)
{
	while (tunnels->n > 0)
	{
		obol_tunnels_down(tunnels, tunnels->list[tunnels->n - 1].id, now);
	}
}

size_t obol_tunnels_n(const struct obol_tunnels *tunnels)
{
	return tunnels->n;
}

/*
 * Revoked
 */

/** "CN=alice, O=Example; email:alice@example.org; dns:a.example.org": the name
 * itself, then alternative ones behind their kinds. */
bool obol_tunnel_names(struct obol_bytes subject, const char *identity)
{
	struct obol_bytes wanted = obol_bytes_str(identity);
	size_t begin = 0, end;
	bool is_first = true;

	while (begin < subject.len)
	{
		const uint8_t *part = subject.ptr + begin, *colon;
		size_t len;

		for (end = begin; end < subject.len && subject.ptr[end] != ';'; end++)
		{
		}
		len = end - begin;
		colon = is_first ? NULL : memchr(part, ':', len);
		if (colon)
		{
			len -= (size_t)(colon + 1 - part);
			part = colon + 1;
		}
		if (obol_bytes_eq(obol_bytes(part, len), wanted))
		{
			return true;
		}
		is_first = false;
		begin = end + 1;
		while (begin < subject.len && subject.ptr[begin] == ' ')
		{
			begin++;
		}
	}
	return false;
}

static void remember(struct obol_tunnels *tunnels,
					 const struct obol_follow_item *item)
{
	struct recent *recent = &tunnels->recent[tunnels->n_recent++ % RECENT_MAX];

	recent->number = item->number;
	recent->serial.len = (uint8_t)item->serial.len;
	memcpy(recent->serial.bytes, item->serial.ptr, item->serial.len);
}

void obol_tunnels_revoke(struct obol_tunnels *tunnels,
						 const struct obol_follow_item *item)
{
	size_t i;

	remember(tunnels, item);
	for (i = 0; i < tunnels->n; i++)
	{
		struct obol_tunnel *tunnel = &tunnels->list[i];

		if (tunnel->n_serials > 0
				? has_serial(tunnel, item->serial)
				: obol_tunnel_names(item->subject, tunnel->identity))
		{
			tunnel->revocation = item->number;
		}
	}
}

const struct obol_tunnel *obol_tunnels_next_to_end(struct obol_tunnels *tunnels)
{
	size_t i;

	for (i = 0; i < tunnels->n; i++)
	{
		struct obol_tunnel *tunnel = &tunnels->list[i];

		if (tunnel->revocation && !tunnel->is_ending)
		{
			tunnel->is_ending = true;
			return tunnel;
		}
	}
	return NULL;
}

bool obol_tunnels_are_ending(const struct obol_tunnels *tunnels)
{
	size_t i;

	for (i = 0; i < tunnels->n; i++)
	{
		if (tunnels->list[i].is_ending)
		{
			return true;
		}
	}
	return false;
}

void obol_tunnels_tell_again(struct obol_tunnels *tunnels)
{
	size_t i;

	for (i = 0; i < tunnels->n; i++)
	{
		tunnels->list[i].is_ending = false;
	}
}
