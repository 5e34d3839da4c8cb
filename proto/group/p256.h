/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Points of P-256. A point is on the curve and never the identity: there is no
 * way to make another. Multiplication is OpenSSL's; addition, which only
 * hash_to_curve needs, is done in field.h because its points come from the
 * password.
 */
#ifndef OBOL_GROUP_P256_H_
#define OBOL_GROUP_P256_H_

#include "group/field.h"
#include "group/scalar.h"

/** Length in bytes of a compressed point (SEC 1, 2.3.3). */
#define OBOL_P256_POINT_LEN 33
/** Length in bytes of an uncompressed point (SEC 1, 2.3.3). */
#define OBOL_P256_UNCOMPRESSED_LEN 65

struct obol_p256_point {
	struct obol_field x;
	struct obol_field y;
};

/** The curve's b in y^2 = x^3 - 3x + b. */
extern const struct obol_field obol_p256_b;

/** 1 when the coordinates fulfil the curve's equation, else 0. */
mp_limb_t obol_p256_on_curve(const struct obol_p256_point *point);

/**
 * Decode a point, strictly: compressed, on the curve, x below p; so neither
 * the identity nor any other encoding (RFC 9497, 4.3: DeserializeElement).
 *
 * @param in	from the peer, any length is checked
 * @return		OK; FORMAT
 */
enum obol_status obol_p256_decode(struct obol_bytes in,
								  struct obol_p256_point *out) OBOL_MUST_CHECK;

/** Encode in compressed form. */
void obol_p256_encode(uint8_t out[OBOL_P256_POINT_LEN],
					  const struct obol_p256_point *point);

/**
 * Decode a point, strictly: uncompressed, on the curve, coordinates below p; so
 * neither the identity nor any other encoding.
 *
 * @param in	from the peer, any length is checked
 * @return		OK; FORMAT
 */
enum obol_status
obol_p256_decode_uncompressed(struct obol_bytes in,
							  struct obol_p256_point *out) OBOL_MUST_CHECK;

/** Encode in uncompressed form. */
void obol_p256_encode_uncompressed(uint8_t out[OBOL_P256_UNCOMPRESSED_LEN],
								   const struct obol_p256_point *point);

/**
 * k * point.
 *
 * @param k		not 0
 * @param out	may be point
 * @return		OK; ARG when k is 0; CRYPTO
 */
enum obol_status obol_p256_mul(const struct obol_scalar *k,
							   const struct obol_p256_point *point,
							   struct obol_p256_point *out) OBOL_MUST_CHECK;

/** k * generator; as above. */
enum obol_status
obol_p256_mul_base(const struct obol_scalar *k,
				   struct obol_p256_point *out) OBOL_MUST_CHECK;

/**
 * a + b, in the same time for all points, equal ones included.
 *
 * @param out	may be a or b; (0, 0) when the sum is the identity
 * @return		1 when the sum is the identity, else 0
 */
mp_limb_t obol_p256_add(const struct obol_p256_point *a,
						const struct obol_p256_point *b,
						struct obol_p256_point *out);

/** Wipe. */
void obol_p256_clear(struct obol_p256_point *point);

#endif /* OBOL_GROUP_P256_H_ */
