/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The words that people use for the registry's numbers, in configuration,
 * options and output.
 */
#ifndef OBOL_WIRE_WORDS_H_
#define OBOL_WIRE_WORDS_H_

#include "wire/registry.h"

/** All words of a kind, for messages. */
#define OBOL_MODE_WORDS "portable, device"
#define OBOL_KEY_TYPE_WORDS "ec-p256, ec-p384, rsa-3072, ed25519"

/** A mode's word, "unknown" for a number that is none. */
const char *obol_mode_word(uint8_t mode);

/** A word's mode, enum obol_mode; 0 when it is none. */
uint8_t obol_mode_number(const char *word);

/** A key type's word, "unknown" for a number that is none. */
const char *obol_key_type_word(uint8_t key_type);

/** A word's key type, enum obol_key_type; 0 when it is none. */
uint8_t obol_key_type_number(const char *word);

#endif /* OBOL_WIRE_WORDS_H_ */
