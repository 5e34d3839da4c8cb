/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The anchors set: the CA certificates that an account's devices trust, signed
 * by a CA that they trusted before. So a CA is followed by the next one, and
 * no server can bring a CA of its own into the set.
 */
#ifndef OBOL_ANCHORS_H_
#define OBOL_ANCHORS_H_

#include <stdint.h>

#include <obol/secret.h>
#include <obol/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** CA certificates of a set at most. */
#define OBOL_ANCHORS_CAS_MAX 8

/** A set that was verified; it does not change. */
struct obol_anchors;

/** The set's number; a later set has a higher one. */
OBOL_API uint32_t obol_anchors_number(const struct obol_anchors *set);

/** When it was made, in seconds since the epoch. */
OBOL_API uint64_t obol_anchors_created_at(const struct obol_anchors *set);

/** Its self-signed CA certificates in DER, 1..OBOL_ANCHORS_CAS_MAX of them;
 * views that hold until the set is freed. */
OBOL_API size_t obol_anchors_n_cas(const struct obol_anchors *set);
OBOL_API struct obol_bytes obol_anchors_ca(const struct obol_anchors *set,
										   size_t i);

/** The set as it was signed, in DER; a view as above. */
OBOL_API struct obol_bytes obol_anchors_cms(const struct obol_anchors *set);

/** A copy of its own, NULL when memory runs out. */
OBOL_API struct obol_anchors *obol_anchors_dup(const struct obol_anchors *set);

/** NULL is fine. */
OBOL_API void obol_anchors_free(struct obol_anchors *set);

#ifdef __cplusplus
}
#endif

#endif /* OBOL_ANCHORS_H_ */
