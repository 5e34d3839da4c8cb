/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * PEM to bundle: a private key, its certificate, others, in any order.
 */
#ifndef OBOL_TOOLS_PEM_READ_H_
#define OBOL_TOOLS_PEM_READ_H_

#include <obol/bundle.h>

#include "base/bytes.h"

/** The key in it wants a password. */
bool pem_is_encrypted(struct obol_bytes pem);

/**
 * Make a bundle.
 *
 * @param password	NULL for none
 * @param why		receives a sentence on failure
 */
bool pem_read(struct obol_bytes pem, const struct obol_secret *password,
			  struct obol_bundle **bundle, char *why, size_t size);

#endif /* OBOL_TOOLS_PEM_READ_H_ */
