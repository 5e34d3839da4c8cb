/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields that several messages share. */
#include "wire/field.h"

static const uint8_t no_device_id[OBOL_DEVICE_ID_LEN];

void obol_write_expect(struct obol_writer *w, bool ok)
{
	if (!ok)
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
	}
}

void obol_read_expect(struct obol_reader *r, bool ok)
{
	if (!ok)
	{
		obol_reader_fail(r);
	}
}

void obol_write_fixed(struct obol_writer *w, struct obol_bytes bytes,
					  size_t len)
{
	obol_write_expect(w, bytes.len == len);
	obol_write_bytes(w, bytes);
}

static bool within(struct obol_bytes bytes, struct obol_bounds bounds)
{
	return bytes.len >= bounds.min && bytes.len <= bounds.max;
}

static bool is_text(struct obol_bytes bytes)
{
	return bytes.len == 0 || !memchr(bytes.ptr, 0, bytes.len);
}

void obol_write_text8(struct obol_writer *w, struct obol_bytes text,
					  struct obol_bounds bounds)
{
	obol_write_expect(w, within(text, bounds) && is_text(text));
	obol_write_vec8(w, text);
}

struct obol_bytes obol_read_text8(struct obol_reader *r,
								  struct obol_bounds bounds)
{
	struct obol_bytes text = obol_read_vec8(r, bounds.max);

	obol_read_expect(r, within(text, bounds) && is_text(text));
	return text;
}

void obol_write_text16(struct obol_writer *w, struct obol_bytes text,
					   struct obol_bounds bounds)
{
	obol_write_expect(w, is_text(text));
	obol_write_data16(w, text, bounds);
}

struct obol_bytes obol_read_text16(struct obol_reader *r,
								   struct obol_bounds bounds)
{
	struct obol_bytes text = obol_read_data16(r, bounds);

	obol_read_expect(r, is_text(text));
	return text;
}

void obol_write_data16(struct obol_writer *w, struct obol_bytes data,
					   struct obol_bounds bounds)
{
	obol_write_expect(w, within(data, bounds));
	obol_write_vec16(w, data);
}

struct obol_bytes obol_read_data16(struct obol_reader *r,
								   struct obol_bounds bounds)
{
	struct obol_bytes data = obol_read_vec16(r, bounds.max);

	obol_read_expect(r, within(data, bounds));
	return data;
}

void obol_write_data24(struct obol_writer *w, struct obol_bytes data,
					   struct obol_bounds bounds)
{
	obol_write_expect(w, within(data, bounds));
	obol_write_vec24(w, data);
}

struct obol_bytes obol_read_data24(struct obol_reader *r,
								   struct obol_bounds bounds)
{
	struct obol_bytes data = obol_read_vec24(r, bounds.max);

	obol_read_expect(r, within(data, bounds));
	return data;
}

static bool device_id_fits(uint8_t kind,
						   const uint8_t device_id[OBOL_DEVICE_ID_LEN])
{
	return kind == OBOL_SLOT_DEVICE ||
		   memcmp(device_id, no_device_id, OBOL_DEVICE_ID_LEN) == 0;
}

void obol_write_device_id(struct obol_writer *w, uint8_t kind,
						  const uint8_t device_id[OBOL_DEVICE_ID_LEN])
{
	obol_write_expect(w, device_id_fits(kind, device_id));
	obol_write_bytes(w, obol_bytes(device_id, OBOL_DEVICE_ID_LEN));
}

void obol_read_device_id(struct obol_reader *r, uint8_t kind,
						 uint8_t device_id[OBOL_DEVICE_ID_LEN])
{
	obol_read_copy(r, device_id, OBOL_DEVICE_ID_LEN);
	obol_read_expect(r, device_id_fits(kind, device_id));
}

void obol_write_count8(struct obol_writer *w, size_t n, size_t max)
{
	obol_write_expect(w, n <= max);
	obol_write_u8(w, (uint8_t)n);
}

uint8_t obol_read_count8(struct obol_reader *r, size_t max)
{
	uint8_t n = obol_read_u8(r);

	obol_read_expect(r, n <= max);
	return obol_reader_ok(r) ? n : 0;
}

void obol_write_count16(struct obol_writer *w, size_t n, size_t max)
{
	obol_write_expect(w, n <= max);
	obol_write_u16(w, (uint16_t)n);
}

uint16_t obol_read_count16(struct obol_reader *r, size_t max)
{
	uint16_t n = obol_read_u16(r);

	obol_read_expect(r, n <= max);
	return obol_reader_ok(r) ? n : 0;
}
