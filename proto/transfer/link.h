/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A code as a link, for a QR code: "OBOL:1/48213/SECRET/D-192.0.2.7:4502/…".
 *
 * Version 1, the public number, the secret in hexadecimal, then places: D for
 * the sender itself, R for a relay, host and port. All characters are of QR's
 * alphanumeric mode (ISO/IEC 18004); small letters are read too.
 */
#ifndef OBOL_TRANSFER_LINK_H_
#define OBOL_TRANSFER_LINK_H_

#include <obol/transfer.h>

#include "base/bytes.h"

#define OBOL_TRANSFER_LINK_SECRET_LEN 16

/** True when the text begins as a link does. */
bool obol_link_is_one(struct obol_bytes text);

/** Write a link. OK; ARG when a place is no place, or all is too long; NOMEM.
 */
enum obol_status obol_link_write(uint32_t number,
								 const struct obol_secret *secret,
								 const struct obol_transfer_place *places,
								 size_t n_places,
								 struct obol_secret **link) OBOL_MUST_CHECK;

/**
 * Read a link.
 *
 * @param places	OBOL_TRANSFER_PLACES_MAX of them
 * @return			OK; FORMAT; VERSION; NOMEM
 */
enum obol_status obol_link_parse(struct obol_bytes text, uint32_t *number,
								 struct obol_secret **secret,
								 struct obol_transfer_place *places,
								 size_t *n_places) OBOL_MUST_CHECK;

#endif /* OBOL_TRANSFER_LINK_H_ */
