/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Helpers for byte views. The type itself is in obol/secret.h.
 */
#ifndef OBOL_BASE_BYTES_H_
#define OBOL_BASE_BYTES_H_

#include <stdbool.h>
#include <string.h>

#include <obol/secret.h>

/** A view of len bytes at ptr. */
static inline struct obol_bytes obol_bytes(const void *ptr, size_t len)
{
	struct obol_bytes view = { ptr, len };

	return view;
}

/** A view of a string's characters, without its final zero; NULL is empty. */
static inline struct obol_bytes obol_bytes_str(const char *str)
{
	return obol_bytes(str, str ? strlen(str) : 0);
}

/** Equal length and content. For public bytes: not constant-time. */
static inline bool obol_bytes_eq(struct obol_bytes a, struct obol_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

#endif /* OBOL_BASE_BYTES_H_ */
