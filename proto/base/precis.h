/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Names and passwords in one form (RFC 8265, RFC 8264), with libunistring.
 * The client normalises, the server compares bytes.
 */
#ifndef OBOL_BASE_PRECIS_H_
#define OBOL_BASE_PRECIS_H_

#include "base/bytes.h"

/**
 * UsernameCaseMapped (RFC 8265, 3.3), NFC again after folding.
 *
 * @param name	UTF-8 as typed
 * @param out	the normalised name with a final zero, at most size bytes
 * @return		OK; FORMAT when it is no UTF-8, empty, too long, or has a
 *				character that a name may not have (spaces, controls, '@', ':',
 *				bidirectional rule)
 */
enum obol_status obol_precis_username(struct obol_bytes name, char *out,
									  size_t size) OBOL_MUST_CHECK;

/**
 * OpaqueString (RFC 8265, 4.2).
 *
 * @param password	UTF-8 as typed
 * @param out		a new secret with the normalised password
 * @return			OK; FORMAT when it is no UTF-8, empty, too long (1024
 *					bytes), or has control characters; NOMEM
 */
enum obol_status obol_precis_password(const struct obol_secret *password,
									  struct obol_secret **out) OBOL_MUST_CHECK;

#endif /* OBOL_BASE_PRECIS_H_ */
