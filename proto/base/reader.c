/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded reader. */
#include "base/reader.h"

struct obol_reader obol_reader_over(struct obol_bytes in)
{
	struct obol_reader r = { in.ptr, in.len, false };

	return r;
}

bool obol_reader_ok(const struct obol_reader *r)
{
	return !r->failed;
}

size_t obol_reader_left(const struct obol_reader *r)
{
	return r->failed ? 0 : r->left;
}

void obol_reader_fail(struct obol_reader *r)
{
	r->failed = true;
	r->left = 0;
}

struct obol_bytes obol_read_fixed(struct obol_reader *r, size_t len)
{
	struct obol_bytes view = { NULL, 0 };

	if (r->failed || r->left < len)
	{
		obol_reader_fail(r);
		return view;
	}
	view = obol_bytes(r->pos, len);
	if (len)
	{
		r->pos += len;
		r->left -= len;
	}
	return view;
}

static uint64_t read_uint(struct obol_reader *r, size_t len)
{
	struct obol_bytes view = obol_read_fixed(r, len);
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < view.len; i++)
	{
		value = value << 8 | view.ptr[i];
	}
	return value;
}

uint8_t obol_read_u8(struct obol_reader *r)
{
	return (uint8_t)read_uint(r, 1);
}

uint16_t obol_read_u16(struct obol_reader *r)
{
	return (uint16_t)read_uint(r, 2);
}

uint32_t obol_read_u24(struct obol_reader *r)
{
	return (uint32_t)read_uint(r, 3);
}

uint32_t obol_read_u32(struct obol_reader *r)
{
	return (uint32_t)read_uint(r, 4);
}

uint64_t obol_read_u64(struct obol_reader *r)
{
	return read_uint(r, 8);
}

bool obol_read_bool(struct obol_reader *r)
{
	uint8_t value = obol_read_u8(r);

	if (value > 1)
	{
		obol_reader_fail(r);
		return false;
	}
	return value == 1;
}

void obol_read_copy(struct obol_reader *r, void *out, size_t len)
{
	struct obol_bytes view = obol_read_fixed(r, len);

	memset(out, 0, len);
	if (view.len)
	{
		memcpy(out, view.ptr, view.len);
	}
}

static struct obol_bytes read_vec(struct obol_reader *r, size_t len_len,
								  size_t max)
{
	size_t len = (size_t)read_uint(r, len_len);

	if (len > max)
	{
		obol_reader_fail(r);
	}
	return obol_read_fixed(r, r->failed ? 0 : len);
}

struct obol_bytes obol_read_vec8(struct obol_reader *r, size_t max)
{
	return read_vec(r, 1, max);
}

struct obol_bytes obol_read_vec16(struct obol_reader *r, size_t max)
{
	return read_vec(r, 2, max);
}

struct obol_bytes obol_read_vec24(struct obol_reader *r, size_t max)
{
	return read_vec(r, 3, max);
}

enum obol_status obol_read_end(const struct obol_reader *r)
{
	return r->failed || r->left ? OBOL_ERR_FORMAT : OBOL_OK;
}
