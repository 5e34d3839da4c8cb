/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Codes that were used on this device, by their public numbers, so that a
 * person who types one again does not give an attacker another guess. Kept
 * where nothing outlives a boot, for as long as a code lives.
 */
#ifndef OBOL_TOOLS_SPENT_H_
#define OBOL_TOOLS_SPENT_H_

#include "base/bytes.h"

/** Longest path of a mark. */
#define SPENT_PATH_MAX 256

/**
 * Mark a code as used before anything is sent; whoever is killed leaves it
 * marked.
 *
 * @param path	receives the mark's path, for spent_take_back()
 * @return		OK; EXISTS when it was used in its lifetime; IO with errno
 */
enum obol_status spent_mark(uint32_t number,
							char path[SPENT_PATH_MAX]) OBOL_MUST_CHECK;

/** The code was not used up after all. */
void spent_take_back(const char *path);

#endif /* OBOL_TOOLS_SPENT_H_ */
