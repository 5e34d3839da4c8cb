/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growing writer. */
#include "base/writer.h"

#include <stdlib.h>

#define FIRST_SIZE 256

void obol_writer_init(struct obol_writer *w)
{
	memset(w, 0, sizeof(*w));
	w->status = OBOL_OK;
}

static void release(struct obol_writer *w)
{
	obol_wipe(w->buf, w->size);
	free(w->buf);
	w->buf = NULL;
	w->len = 0;
	w->size = 0;
}

void obol_writer_clear(struct obol_writer *w)
{
	release(w);
	w->status = OBOL_OK;
}

enum obol_status obol_writer_status(const struct obol_writer *w)
{
	return w->status;
}

enum obol_status obol_writer_secret(const struct obol_writer *w,
									struct obol_secret **out)
{
	struct obol_secret *copy;

	if (w->status != OBOL_OK)
	{
		return w->status;
	}
	copy = obol_secret_dup(w->buf, w->len);
	if (!copy)
	{
		return OBOL_ERR_NOMEM;
	}
	*out = copy;
	return OBOL_OK;
}

void obol_writer_fail(struct obol_writer *w, enum obol_status status)
{
	if (w->status == OBOL_OK)
	{
		w->status = status;
	}
	release(w);
}

struct obol_bytes obol_writer_view(const struct obol_writer *w)
{
	return obol_bytes(w->buf, w->len);
}

/* Not realloc(): what the old place held must be wiped. */
static bool grow(struct obol_writer *w, size_t more)
{
	size_t size = w->size ? w->size : FIRST_SIZE;
	uint8_t *buf;

	if (more > SIZE_MAX / 4 || w->len > SIZE_MAX / 4)
	{
		obol_writer_fail(w, OBOL_ERR_NOMEM);
		return false;
	}
	while (size < w->len + more)
	{
		size *= 2;
	}
	if (size == w->size)
	{
		return true;
	}
	buf = malloc(size);
	if (!buf)
	{
		obol_writer_fail(w, OBOL_ERR_NOMEM);
		return false;
	}
	if (w->len)
	{
		memcpy(buf, w->buf, w->len);
	}
	obol_wipe(w->buf, w->size);
	free(w->buf);
	w->buf = buf;
	w->size = size;
	return true;
}

static uint8_t *claim(struct obol_writer *w, size_t len)
{
	uint8_t *place;

	if (w->status != OBOL_OK || !grow(w, len))
	{
		return NULL;
	}
	place = w->buf + w->len;
	w->len += len;
	return place;
}

static void put_uint(uint8_t *place, uint64_t value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
	{
		place[i] = (uint8_t)(value >> 8 * (len - 1 - i));
	}
}

static void write_uint(struct obol_writer *w, uint64_t value, size_t len)
{
	uint8_t *place;

	if (len < sizeof(value) && value >> 8 * len)
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
		return;
	}
	place = claim(w, len);
	if (place)
	{
		put_uint(place, value, len);
	}
}

void obol_write_u8(struct obol_writer *w, uint8_t value)
{
	write_uint(w, value, 1);
}

void obol_write_u16(struct obol_writer *w, uint16_t value)
{
	write_uint(w, value, 2);
}

void obol_write_u24(struct obol_writer *w, uint32_t value)
{
	write_uint(w, value, 3);
}

void obol_write_u32(struct obol_writer *w, uint32_t value)
{
	write_uint(w, value, 4);
}

void obol_write_u64(struct obol_writer *w, uint64_t value)
{
	write_uint(w, value, 8);
}

void obol_write_bytes(struct obol_writer *w, struct obol_bytes bytes)
{
	uint8_t *place = claim(w, bytes.len);

	if (place && bytes.len)
	{
		memcpy(place, bytes.ptr, bytes.len);
	}
}

void obol_write_zeros(struct obol_writer *w, size_t len)
{
	uint8_t *place = claim(w, len);

	if (place && len)
	{
		memset(place, 0, len);
	}
}

static void write_vec(struct obol_writer *w, struct obol_bytes bytes,
					  size_t len_len)
{
	write_uint(w, bytes.len, len_len);
	obol_write_bytes(w, bytes);
}

void obol_write_vec8(struct obol_writer *w, struct obol_bytes bytes)
{
	write_vec(w, bytes, 1);
}

void obol_write_vec16(struct obol_writer *w, struct obol_bytes bytes)
{
	write_vec(w, bytes, 2);
}

void obol_write_vec24(struct obol_writer *w, struct obol_bytes bytes)
{
	write_vec(w, bytes, 3);
}

size_t obol_write_open(struct obol_writer *w, size_t len_len)
{
	size_t mark = w->len;

	obol_write_zeros(w, len_len);
	return mark;
}

void obol_write_close(struct obol_writer *w, size_t mark, size_t len_len)
{
	size_t len;

	if (w->status != OBOL_OK)
	{
		return;
	}
	len = w->len - mark - len_len;
	if (len >> 8 * len_len)
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
		return;
	}
	put_uint(w->buf + mark, len, len_len);
}
