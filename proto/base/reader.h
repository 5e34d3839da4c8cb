/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Bounded reader for bytes from outside, in the TLS presentation language's
 * encoding (RFC 8446, 3): big-endian integers, vectors behind their length.
 *
 * It fails sticky: after a failure every read gives zero or an empty view, and
 * obol_read_end() reports it. So a decoder reads like its format.
 */
#ifndef OBOL_BASE_READER_H_
#define OBOL_BASE_READER_H_

#include "base/bytes.h"

struct obol_reader {
	const uint8_t *pos;
	size_t left;
	bool failed;
};

/** Read from the given bytes; views that come out hold as long as these. */
struct obol_reader obol_reader_over(struct obol_bytes in);

/** False once a read has failed. Ask in every loop over a peer's count. */
bool obol_reader_ok(const struct obol_reader *r);

/** Bytes not read so far; 0 after a failure. */
size_t obol_reader_left(const struct obol_reader *r);

/** Make the reader fail: a value was out of its range. */
void obol_reader_fail(struct obol_reader *r);

uint8_t obol_read_u8(struct obol_reader *r);
uint16_t obol_read_u16(struct obol_reader *r);
uint32_t obol_read_u24(struct obol_reader *r);
uint32_t obol_read_u32(struct obol_reader *r);
uint64_t obol_read_u64(struct obol_reader *r);

/** A byte that must be 0 or 1. */
bool obol_read_bool(struct obol_reader *r);

/** Exactly len bytes. */
struct obol_bytes obol_read_fixed(struct obol_reader *r, size_t len);

/** Exactly len bytes, copied out; zeros on failure. */
void obol_read_copy(struct obol_reader *r, void *out, size_t len);

/** A vector behind 1, 2 or 3 bytes of length; longer than max fails. */
struct obol_bytes obol_read_vec8(struct obol_reader *r, size_t max);
struct obol_bytes obol_read_vec16(struct obol_reader *r, size_t max);
struct obol_bytes obol_read_vec24(struct obol_reader *r, size_t max);

/**
 * The decoder's last call.
 *
 * @return	OK; FORMAT if a read failed or bytes are left over
 */
enum obol_status obol_read_end(const struct obol_reader *r) OBOL_MUST_CHECK;

#endif /* OBOL_BASE_READER_H_ */
