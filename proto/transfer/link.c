/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codes as links. */
#include "transfer/link.h"

#include <stdio.h>

#include "base/ct_check.h"
#include "base/writer.h"
#include "transfer/code.h"
#include "transfer/digits.h"

#define SCHEME "OBOL:"
#define VERSION "1"
#define SEPARATOR '/'
#define PORT_DIGITS_MAX 5
#define PLACE_DIRECT 'D'
#define PLACE_RELAY 'R'

static bool is_lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static uint8_t to_upper(uint8_t c)
{
	return is_lower(c) ? (uint8_t)(c - 'a' + 'A') : c;
}

static uint8_t to_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool is_host_character(uint8_t c)
{
	return is_lower(to_lower(c)) || (c >= '0' && c <= '9') || c == '-' ||
		   c == '.' || c == ':' || c == '%';
}

static bool is_host(const char *host)
{
	size_t i;

	for (i = 0; host[i]; i++)
	{
		if (!is_host_character((uint8_t)host[i]))
		{
			return false;
		}
	}
	return i > 0 && i <= OBOL_TRANSFER_HOST_MAX;
}

static bool starts_with(struct obol_bytes text, const char *what)
{
	size_t len = strlen(what), i;

	for (i = 0; i < len && i < text.len; i++)
	{
		if (to_upper(text.ptr[i]) != (uint8_t)what[i])
		{
			return false;
		}
	}
	return text.len >= len;
}

bool obol_link_is_one(struct obol_bytes text)
{
	return starts_with(text, SCHEME);
}

/* The digit for a value below 16, its address and time the same for all. */
static uint8_t hex_digit(unsigned value)
{
	unsigned is_letter = (9 - value) >> 31;

	return (uint8_t)('0' + value + is_letter * ('A' - '0' - 10));
}

/* 1 when first <= c <= last, else 0 */
static unsigned within(unsigned c, unsigned first, unsigned last)
{
	return 1 - (((c - first) | (last - c)) >> 31);
}

/* A digit's value; false in good when it is none. */
static unsigned hex_value(uint8_t c, unsigned *good)
{
	unsigned digit = within(c, '0', '9'), upper = within(c, 'A', 'F');
	unsigned lower = within(c, 'a', 'f');

	*good &= digit | upper | lower;
	return digit * (c - (unsigned)'0') + upper * (c - (unsigned)'A' + 10) +
		   lower * (c - (unsigned)'a' + 10);
}

static void write_place(struct obol_writer *w,
						const struct obol_transfer_place *place)
{
	char port[PORT_DIGITS_MAX + 2];
	size_t i;

	if (!is_host(place->host) || place->port == 0)
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
		return;
	}
	obol_write_u8(w, SEPARATOR);
	obol_write_u8(w, place->is_relay ? PLACE_RELAY : PLACE_DIRECT);
	obol_write_u8(w, '-');
	for (i = 0; place->host[i]; i++)
	{
		obol_write_u8(w, to_upper((uint8_t)place->host[i]));
	}
	(void)snprintf(port, sizeof(port), ":%u", (unsigned)place->port);
	obol_write_bytes(w, obol_bytes_str(port));
}

enum obol_status obol_link_write(uint32_t number,
								 const struct obol_secret *secret,
								 const struct obol_transfer_place *places,
								 size_t n_places, struct obol_secret **link)
{
	struct obol_bytes bytes = obol_secret_view(secret);
	enum obol_status status;
	struct obol_writer w;
	char head[32];
	size_t i;

	obol_writer_init(&w);
	(void)snprintf(head, sizeof(head), SCHEME VERSION "/%05u/",
				   (unsigned)number);
	obol_write_bytes(&w, obol_bytes_str(head));
	for (i = 0; i < bytes.len; i++)
	{
		obol_write_u8(&w, hex_digit(bytes.ptr[i] >> 4));
		obol_write_u8(&w, hex_digit(bytes.ptr[i] & 0xf));
	}
	for (i = 0; i < n_places; i++)
	{
		write_place(&w, &places[i]);
	}
	if (obol_writer_view(&w).len > OBOL_TRANSFER_LINK_MAX)
	{
		obol_writer_fail(&w, OBOL_ERR_ARG);
	}
	status = obol_writer_secret(&w, link);
	obol_writer_clear(&w);
	return status;
}

/* The text up to the next separator, which is taken too. */
static struct obol_bytes take_part(struct obol_bytes *rest)
{
	struct obol_bytes part = { rest->ptr, 0 };

	while (part.len < rest->len && part.ptr[part.len] != SEPARATOR)
	{
		part.len++;
	}
	rest->ptr += part.len;
	rest->len -= part.len;
	if (rest->len)
	{
		rest->ptr++;
		rest->len--;
	}
	return part;
}

static bool read_number(struct obol_bytes text, size_t max_digits,
						uint32_t *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < text.len && i < max_digits; i++)
	{
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
		{
			return false;
		}
		*value = 10 * *value + (text.ptr[i] - (uint32_t)'0');
	}
	return text.len > 0 && text.len <= max_digits;
}

static enum obol_status read_secret(struct obol_bytes text,
									struct obol_secret **secret)
{
	struct obol_secret *made;
	unsigned good = 1, high;
	size_t i;

	if (text.len != 2 * (size_t)OBOL_TRANSFER_LINK_SECRET_LEN)
	{
		return OBOL_ERR_FORMAT;
	}
	made = obol_secret_new(OBOL_TRANSFER_LINK_SECRET_LEN);
	if (!made)
	{
		return OBOL_ERR_NOMEM;
	}
	for (i = 0; i < OBOL_TRANSFER_LINK_SECRET_LEN; i++)
	{
		high = hex_value(text.ptr[2 * i], &good);
		obol_secret_ptr(made)[i] =
			(uint8_t)(high << 4 | hex_value(text.ptr[2 * i + 1], &good));
	}
	/* public: that it is no hexadecimal at all */
	if (!obol_ct_verdict(good))
	{
		obol_secret_free(made);
		return OBOL_ERR_FORMAT;
	}
	*secret = made;
	return OBOL_OK;
}

/* "D-host:port"; the last colon parts them, IPv6 needs no brackets. */
static bool read_place(struct obol_bytes text,
					   struct obol_transfer_place *place)
{
	size_t colon = text.len, host_len, i;
	uint32_t port;

	memset(place, 0, sizeof(*place));
	if (text.len < 2 || text.ptr[1] != '-')
	{
		return false;
	}
	place->is_relay = to_upper(text.ptr[0]) == PLACE_RELAY;
	if (!place->is_relay && to_upper(text.ptr[0]) != PLACE_DIRECT)
	{
		return false;
	}
	while (colon > 2 && text.ptr[colon - 1] != ':')
	{
		colon--;
	}
	if (colon <= 3 ||
		!read_number(obol_bytes(text.ptr + colon, text.len - colon),
					 PORT_DIGITS_MAX, &port) ||
		port == 0 || port > UINT16_MAX)
	{
		return false;
	}
	host_len = colon - 3;
	if (host_len > OBOL_TRANSFER_HOST_MAX)
	{
		return false;
	}
	for (i = 0; i < host_len; i++)
	{
		place->host[i] = (char)to_lower(text.ptr[2 + i]);
	}
	place->port = (uint16_t)port;
	return is_host(place->host) && strlen(place->host) == host_len;
}

static enum obol_status read_places(struct obol_bytes rest,
									struct obol_transfer_place *places,
									size_t *n_places)
{
	*n_places = 0;
	while (rest.len)
	{
		if (*n_places == OBOL_TRANSFER_PLACES_MAX ||
			!read_place(take_part(&rest), &places[*n_places]))
		{
			return OBOL_ERR_FORMAT;
		}
		(*n_places)++;
	}
	return OBOL_OK;
}

enum obol_status obol_link_parse(struct obol_bytes text, uint32_t *number,
								 struct obol_secret **secret,
								 struct obol_transfer_place *places,
								 size_t *n_places)
{
	struct obol_bytes rest = text, version, digits, hex;
	struct obol_secret *made = NULL;
	enum obol_status status = OBOL_ERR_FORMAT;

	*n_places = 0;
	if (!starts_with(text, SCHEME) || text.len > OBOL_TRANSFER_LINK_MAX)
	{
		return status;
	}
	rest.ptr += strlen(SCHEME);
	rest.len -= strlen(SCHEME);
	version = take_part(&rest);
	if (!obol_bytes_eq(version, obol_bytes_str(VERSION)))
	{
		return OBOL_ERR_VERSION;
	}
	digits = take_part(&rest);
	hex = take_part(&rest);
	if (digits.len != OBOL_TRANSFER_NUMBER_DIGITS ||
		!read_number(digits, OBOL_TRANSFER_NUMBER_DIGITS, number))
	{
		return status;
	}
	status = read_secret(hex, &made);
	if (status == OBOL_OK)
	{
		status = read_places(rest, places, n_places);
	}
	if (status != OBOL_OK)
	{
		obol_secret_free(made);
		*n_places = 0;
		return status;
	}
	*secret = made;
	return OBOL_OK;
}
