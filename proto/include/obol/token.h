/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What libobol knows of hardware tokens: the files that have their PINs.
 */
#ifndef OBOL_TOKEN_H_
#define OBOL_TOKEN_H_

#include <obol/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest PIN in bytes. */
#define OBOL_TOKEN_PIN_MAX 255

/**
 * Read a token's PIN, the first line of a file; refused when others than its
 * owner can read that.
 *
 * @param pin	a new secret: the PIN with a zero byte behind it
 * @param why	receives a sentence for people on failure
 * @return		OK; NOT_FOUND; DENIED for its permissions; FORMAT; IO; NOMEM
 */
OBOL_API enum obol_status obol_token_pin_load(const char *path,
											  struct obol_secret **pin,
											  char *why,
											  size_t size) OBOL_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif /* OBOL_TOKEN_H_ */
