/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What charon's messages about IKE_SAs say. */
#include "gateway/vici_message.h"

#include <stdio.h>
#include <stdlib.h>

/** Nesting of sections at most; deeper ones are passed over. */
#define DEPTH_MAX 6
#define NAME_MAX_LEN 64

struct reading {
	struct obol_vici_event *event;
	bool is_up;
	unsigned depth;
	char sections[DEPTH_MAX][NAME_MAX_LEN];
	char list[NAME_MAX_LEN];
};

static void set_text(char *out, size_t size, const char *text, size_t len)
{
	/* what does not fit is another name: say nothing rather */
	if (len < size && !memchr(text, '\0', len))
	{
		memcpy(out, text, len);
		out[len] = '\0';
	}
}

/** Up to 16 hexadecimal digits. */
static void set_spi(uint8_t spi[OBOL_SPIS_LEN / 2], const char *text)
{
	unsigned long long value = strtoull(text, NULL, 16);
	size_t i;

	for (i = 0; i < OBOL_SPIS_LEN / 2; i++)
	{
		spi[i] = (uint8_t)(value >> 8 * (OBOL_SPIS_LEN / 2 - 1 - i));
	}
}

static bool in_section(const struct reading *reading, unsigned depth,
					   const char *name)
{
	return reading->depth > depth && depth < DEPTH_MAX &&
		   strcmp(reading->sections[depth], name) == 0;
}

/** Of the IKE_SA itself. */
static void take_ike(struct reading *reading, const char *name,
					 const char *text, size_t len)
{
	struct obol_tunnel *tunnel = &reading->event->tunnel;

	if (strcmp(name, "uniqueid") == 0)
	{
		tunnel->id = (uint32_t)strtoul(text, NULL, 10);
	}
	else if (strcmp(name, "remote-id") == 0)
	{
		set_text(tunnel->identity, sizeof(tunnel->identity), text, len);
	}
	else if (strcmp(name, "remote-host") == 0)
	{
		set_text(tunnel->remote, sizeof(tunnel->remote), text, len);
	}
	else if (strcmp(name, "initiator-spi") == 0)
	{
		set_spi(tunnel->spis, text);
	}
	else if (strcmp(name, "responder-spi") == 0)
	{
		set_spi(tunnel->spis + OBOL_SPIS_LEN / 2, text);
	}
	else if (strcmp(name, "established") == 0)
	{
		tunnel->established_at = strtoull(text, NULL, 10);
	}
}

static void take_bytes(struct reading *reading, const char *name,
					   const char *text)
{
	struct obol_tunnel *tunnel = &reading->event->tunnel;

	if (strcmp(name, "bytes-in") == 0)
	{
		tunnel->bytes_in += strtoull(text, NULL, 10);
	}
	else if (strcmp(name, "bytes-out") == 0)
	{
		tunnel->bytes_out += strtoull(text, NULL, 10);
	}
}

static void take_value(struct reading *reading, const char *name,
					   const char *text, size_t len)
{
	bool is_rekey = reading->event->kind == OBOL_VICI_REKEYED;

	if (reading->depth == 0)
	{
		reading->is_up |= strcmp(name, "up") == 0 && strcmp(text, "yes") == 0;
	}
	else if (is_rekey && in_section(reading, 1, "new"))
	{
		if (reading->depth == 2 && strcmp(name, "uniqueid") == 0)
		{
			reading->event->new_id = (uint32_t)strtoul(text, NULL, 10);
		}
	}
	else if (reading->depth == (is_rekey ? 2u : 1u))
	{
		take_ike(reading, name, text, len);
	}
	else if (in_section(reading, 1, "child-sas") &&
			 (reading->depth == 3 || in_section(reading, 3, "old")))
	{
		/* a rekeyed CHILD_SA's bytes stand in "old", its successor's in "new",
		 * and they come again when that one goes */
		take_bytes(reading, name, text);
	}
}

static void enter(struct reading *reading, const char *name)
{
	if (reading->depth < DEPTH_MAX)
	{
		(void)snprintf(reading->sections[reading->depth], NAME_MAX_LEN, "%s",
					   name);
	}
	reading->depth++;
}

static void take_item(struct reading *reading, const char *text, size_t len)
{
	struct obol_tunnel *tunnel = &reading->event->tunnel;

	if (reading->depth == 1 && strcmp(reading->list, "remote-vips") == 0 &&
		!tunnel->virtual_ip[0])
	{
		set_text(tunnel->virtual_ip, sizeof(tunnel->virtual_ip), text, len);
	}
}

static bool read_all(struct reading *reading, vici_res_t *message)
{
	for (;;)
	{
		vici_parse_t what = vici_parse(message);
		const char *text;

		switch (what)
		{
			case VICI_PARSE_BEGIN_SECTION:
				enter(reading, vici_parse_name(message));
				break;
			case VICI_PARSE_END_SECTION:
				reading->depth--;
				break;
			case VICI_PARSE_BEGIN_LIST:
				(void)snprintf(reading->list, sizeof(reading->list), "%s",
							   vici_parse_name(message));
				break;
			case VICI_PARSE_END_LIST:
				break;
			case VICI_PARSE_LIST_ITEM:
				text = vici_parse_value_str(message);
				if (text)
				{
					take_item(reading, text, strlen(text));
				}
				break;
			case VICI_PARSE_KEY_VALUE:
				text = vici_parse_value_str(message);
				if (text)
				{
					take_value(reading, vici_parse_name(message), text,
							   strlen(text));
				}
				break;
			case VICI_PARSE_END:
				return reading->depth == 0;
			default:
				return false;
		}
	}
}

bool obol_vici_read(const char *name, vici_res_t *message,
					struct obol_vici_event *event)
{
	struct reading reading = { .event = event };
	bool is_child = strncmp(name, "child-", 6) == 0;

	memset(event, 0, sizeof(*event));
	event->kind = strcmp(name, "ike-rekey") == 0 ? OBOL_VICI_REKEYED
				  : is_child                     ? OBOL_VICI_CARRIED
				  : strcmp(name, "list-sa") == 0 ? OBOL_VICI_PRESENT
												 : OBOL_VICI_DOWN;
	if (!read_all(&reading, message) || event->tunnel.id == 0)
	{
		return false;
	}
	if (event->kind == OBOL_VICI_DOWN && reading.is_up)
	{
		event->kind = OBOL_VICI_UP;
	}
	/* of present ones the CHILD_SAs' bytes come when they go */
	if (event->kind != OBOL_VICI_CARRIED)
	{
		event->tunnel.bytes_in = 0;
		event->tunnel.bytes_out = 0;
	}
	return !(event->kind == OBOL_VICI_CARRIED && reading.is_up);
}
