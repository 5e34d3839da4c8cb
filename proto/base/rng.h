/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Randomness as an argument: the shipped code passes obol_rng_system(), tests
 * a scripted one.
 */
#ifndef OBOL_BASE_RNG_H_
#define OBOL_BASE_RNG_H_

#include "base/bytes.h"

struct obol_rng {
	/**
	 * Fill len bytes.
	 *
	 * @return	OK; CRYPTO when there is no randomness to be had
	 */
	enum obol_status (*fill)(struct obol_rng *rng, uint8_t *out, size_t len);
	/** for whoever made it */
	void *ctx;
};

/** The system's generator (OpenSSL's private DRBG); static, never freed. */
struct obol_rng *obol_rng_system(void);

/** Fill len bytes at out. */
enum obol_status obol_rng_fill(struct obol_rng *rng, void *out,
							   size_t len) OBOL_MUST_CHECK;

/** A new secret of len random bytes. */
enum obol_status obol_rng_secret(struct obol_rng *rng, size_t len,
								 struct obol_secret **out) OBOL_MUST_CHECK;

#endif /* OBOL_BASE_RNG_H_ */
