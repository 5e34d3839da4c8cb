/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A random generator that gives what the test wrote down.
 */
#ifndef TESTS_SUPPORT_SCRIPTED_RNG_H_
#define TESTS_SUPPORT_SCRIPTED_RNG_H_

#include "base/rng.h"

struct scripted_rng {
	struct obol_rng rng;
	uint8_t script[1024];
	size_t len;
	size_t used;
};

/**
 * Start with the bytes of hexadecimal texts, one after the other, NULL last.
 * Asking for more than the script has gives OBOL_ERR_CRYPTO.
 */
void scripted_rng_init(struct scripted_rng *rng, ...) __attribute__((sentinel));

/** Add bytes to the script; aborts when it has no room. */
void scripted_rng_add(struct scripted_rng *rng, struct obol_bytes bytes);

#endif /* TESTS_SUPPORT_SCRIPTED_RNG_H_ */
