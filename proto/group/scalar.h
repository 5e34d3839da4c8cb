/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Scalars: integers modulo n, the order of P-256's group. Always secret, so
 * clear them; time and addresses do not depend on them.
 */
#ifndef OBOL_GROUP_SCALAR_H_
#define OBOL_GROUP_SCALAR_H_

#include "base/rng.h"
#include "group/limbs.h"

/** Length in bytes of an encoded scalar (Ns of RFC 9497, 4.3). */
#define OBOL_SCALAR_LEN OBOL_NUMBER_LEN

struct obol_scalar {
	mp_limb_t limbs[OBOL_LIMBS];
};

/**
 * Decode a scalar, strictly (RFC 9497, 4.3: DeserializeScalar).
 *
 * @param in	OBOL_SCALAR_LEN bytes, big-endian
 * @param out	cleared when it fails
 * @return		OK; FORMAT when the length is another, the number is 0 or not
 *				below n
 */
enum obol_status obol_scalar_decode(struct obol_bytes in,
									struct obol_scalar *out) OBOL_MUST_CHECK;

/** Encode into OBOL_SCALAR_LEN bytes, big-endian. */
void obol_scalar_encode(uint8_t *out, const struct obol_scalar *scalar);

/** From OBOL_WIDE_LEN bytes, big-endian, modulo n; may come to 0. */
void obol_scalar_from_wide(struct obol_scalar *out, const uint8_t *bytes);

/**
 * A random scalar, not 0, by rejection (RFC 9497, 4.7.1).
 *
 * @param rng	draws OBOL_SCALAR_LEN bytes at a time
 * @return		OK; CRYPTO when the generator fails, or gives what cannot be
 *				random
 */
enum obol_status obol_scalar_random(struct obol_rng *rng,
									struct obol_scalar *out) OBOL_MUST_CHECK;

/** 1/a modulo n; 0 for 0. */
void obol_scalar_invert(struct obol_scalar *out, const struct obol_scalar *a);

/** 1 when the scalar is 0, else 0. */
mp_limb_t obol_scalar_is_zero(const struct obol_scalar *a);

/** Wipe. */
void obol_scalar_clear(struct obol_scalar *a);

#endif /* OBOL_GROUP_SCALAR_H_ */
