/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Growing writer, the reader's counterpart. It fails sticky: out of memory or
 * a value too large for its field shows once, in obol_writer_status().
 * What it held is wiped when it grows and when it is cleared.
 */
#ifndef OBOL_BASE_WRITER_H_
#define OBOL_BASE_WRITER_H_

#include "base/bytes.h"

struct obol_writer {
	uint8_t *buf;
	size_t len;
	size_t size;
	enum obol_status status;
};

/** An empty writer; obol_writer_clear() it in the end. */
void obol_writer_init(struct obol_writer *w);

/** Wipe and free. */
void obol_writer_clear(struct obol_writer *w);

/** OK; NOMEM; ARG when a value did not fit its field. */
enum obol_status
obol_writer_status(const struct obol_writer *w) OBOL_MUST_CHECK;

/** Make the writer fail: a value was out of its range. */
void obol_writer_fail(struct obol_writer *w, enum obol_status status);

/** What was written; holds until the next write. Empty after a failure. */
struct obol_bytes obol_writer_view(const struct obol_writer *w);

/**
 * What was written, as a new secret.
 *
 * @return	OK; NOMEM; the writer's failure
 */
enum obol_status obol_writer_secret(const struct obol_writer *w,
									struct obol_secret **out) OBOL_MUST_CHECK;

void obol_write_u8(struct obol_writer *w, uint8_t value);
void obol_write_u16(struct obol_writer *w, uint16_t value);
void obol_write_u24(struct obol_writer *w, uint32_t value);
void obol_write_u32(struct obol_writer *w, uint32_t value);
void obol_write_u64(struct obol_writer *w, uint64_t value);

/** The bytes themselves. */
void obol_write_bytes(struct obol_writer *w, struct obol_bytes bytes);

/** len zero bytes. */
void obol_write_zeros(struct obol_writer *w, size_t len);

/** The bytes behind 1, 2 or 3 bytes of length. */
void obol_write_vec8(struct obol_writer *w, struct obol_bytes bytes);
void obol_write_vec16(struct obol_writer *w, struct obol_bytes bytes);
void obol_write_vec24(struct obol_writer *w, struct obol_bytes bytes);

/**
 * Leave room for a length of len_len bytes (1..3), write what it counts, then
 * fill it in with obol_write_close().
 *
 * @return	the mark that obol_write_close() wants
 */
size_t obol_write_open(struct obol_writer *w, size_t len_len);
void obol_write_close(struct obol_writer *w, size_t mark, size_t len_len);

#endif /* OBOL_BASE_WRITER_H_ */
