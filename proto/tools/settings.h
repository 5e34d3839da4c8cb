/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Reader for strongSwan's configuration syntax, as far as obol's own files
 * need it: sections in braces, "key = value", quotes, comments. Includes and
 * references are refused, not followed.
 */
#ifndef OBOL_TOOLS_SETTINGS_H_
#define OBOL_TOOLS_SETTINGS_H_

#include <stddef.h>

#include "base/bytes.h"

/** Longest path of sections and key, and longest value, with final zero. */
#define SETTINGS_PATH_MAX 256
#define SETTINGS_VALUE_MAX 512

/**
 * Called for each value.
 *
 * @param path	sections and key with dots in between
 */
typedef void settings_fn(void *ctx, const char *path, const char *value);

/**
 * Read settings.
 *
 * @param line	receives the number of the line that is wrong, from 1
 * @return		OK; FORMAT
 */
enum obol_status settings_read(struct obol_bytes text, settings_fn *fn,
							   void *ctx, unsigned *line) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_SETTINGS_H_ */
