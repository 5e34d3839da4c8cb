/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Byte views and secret buffers.
 */
#ifndef OBOL_SECRET_H_
#define OBOL_SECRET_H_

#include <stddef.h>
#include <stdint.h>

#include <obol/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A view of bytes that somebody else owns. Public bytes by definition. */
struct obol_bytes {
	const uint8_t *ptr;
	size_t len;
};

/**
 * Secret bytes on the heap: locked in memory where the system lets us, kept
 * out of core dumps, wiped when freed.
 */
struct obol_secret;

/**
 * A secret of len zero bytes.
 *
 * @param len	1..16 MiB; 0 is allowed and holds nothing
 * @return		owned by the caller, NULL when memory ran out
 */
OBOL_API struct obol_secret *obol_secret_new(size_t len);

/**
 * A secret that holds a copy of the given bytes.
 *
 * @param bytes	len bytes; the caller wipes its own copy
 * @param len	number of bytes, may be 0
 * @return		owned by the caller, NULL when memory ran out
 */
OBOL_API struct obol_secret *obol_secret_dup(const void *bytes, size_t len);

/** The secret's bytes; the view holds until the secret is freed or cut. */
OBOL_API struct obol_bytes obol_secret_view(const struct obol_secret *secret);

/** The secret's bytes for writing, obol_secret_len() of them. */
OBOL_API uint8_t *obol_secret_ptr(struct obol_secret *secret);

/** The secret's length in bytes; 0 for NULL. */
OBOL_API size_t obol_secret_len(const struct obol_secret *secret);

/**
 * Keep the first len bytes and wipe the rest.
 *
 * @param len	at most the present length
 */
OBOL_API void obol_secret_cut(struct obol_secret *secret, size_t len);

/** Wipe and free; NULL is fine. */
OBOL_API void obol_secret_free(struct obol_secret *secret);

/** Wipe len bytes in a way that no compiler removes. */
OBOL_API void obol_wipe(void *ptr, size_t len);

#ifdef __cplusplus
}
#endif

#endif /* OBOL_SECRET_H_ */
