/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Fields that several messages share, each with its check on the way out and
 * on the way in. What a reader refuses its writer refuses too (ARG).
 */
#ifndef OBOL_WIRE_FIELD_H_
#define OBOL_WIRE_FIELD_H_

#include "base/reader.h"
#include "base/writer.h"
#include "wire/registry.h"

/** Bounds of a variable field, in bytes. */
struct obol_bounds {
	size_t min;
	size_t max;
};

/** Fail with ARG unless ok. */
void obol_write_expect(struct obol_writer *w, bool ok);

/** Fail unless ok. */
void obol_read_expect(struct obol_reader *r, bool ok);

/** Exactly len bytes. */
void obol_write_fixed(struct obol_writer *w, struct obol_bytes bytes,
					  size_t len);

/* Text behind 8 or 16 bits of length: no zero byte in it, so that it may
 * become a string. */
void obol_write_text8(struct obol_writer *w, struct obol_bytes text,
					  struct obol_bounds bounds);
struct obol_bytes obol_read_text8(struct obol_reader *r,
								  struct obol_bounds bounds);
void obol_write_text16(struct obol_writer *w, struct obol_bytes text,
					   struct obol_bounds bounds);
struct obol_bytes obol_read_text16(struct obol_reader *r,
								   struct obol_bounds bounds);

/* Any bytes behind 16 or 24 bits of length. */
void obol_write_data16(struct obol_writer *w, struct obol_bytes data,
					   struct obol_bounds bounds);
struct obol_bytes obol_read_data16(struct obol_reader *r,
								   struct obol_bounds bounds);
void obol_write_data24(struct obol_writer *w, struct obol_bytes data,
					   struct obol_bounds bounds);
struct obol_bytes obol_read_data24(struct obol_reader *r,
								   struct obol_bounds bounds);

/** A device id, zeros unless the kind is device. */
void obol_write_device_id(struct obol_writer *w, uint8_t kind,
						  const uint8_t device_id[OBOL_DEVICE_ID_LEN]);
void obol_read_device_id(struct obol_reader *r, uint8_t kind,
						 uint8_t device_id[OBOL_DEVICE_ID_LEN]);

/** The count of a list, in 8 or 16 bits; above max fails and gives 0. */
void obol_write_count8(struct obol_writer *w, size_t n, size_t max);
uint8_t obol_read_count8(struct obol_reader *r, size_t max);
void obol_write_count16(struct obol_writer *w, size_t n, size_t max);
uint16_t obol_read_count16(struct obol_reader *r, size_t max);

#endif /* OBOL_WIRE_FIELD_H_ */
