/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Frames of every type with a body of the right layout, for the tables of
 * what may come when.
 */
#ifndef TESTS_SESSION_FRAMES_H_
#define TESTS_SESSION_FRAMES_H_

#include "base/bytes.h"
#include "wire/registry.h"

#define FRAME_SIZE 2048

/** Append a header and a body; gives what was written so far. */
struct obol_bytes frame_make(uint8_t out[FRAME_SIZE], unsigned type,
							 struct obol_bytes body);

/** A frame of any type: of the right layout where the type is known, with a
 * body of four zeros else. */
struct obol_bytes frame_of_type(uint8_t out[FRAME_SIZE], unsigned type);

/** An Error frame. */
struct obol_bytes frame_error(uint8_t out[FRAME_SIZE], enum obol_reply reply);

#endif /* TESTS_SESSION_FRAMES_H_ */
