/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The tools' exit codes: one for each kind of failure that needs another next
 * step. They are an interface: scripts depend on them, obol(1) lists them.
 */
#ifndef OBOL_TOOLS_EXIT_CODE_H_
#define OBOL_TOOLS_EXIT_CODE_H_

#include <stddef.h>

#include <obol/client.h>

struct exit_code {
	enum obol_cause cause;
	int code;
	/** what happened, as obol(1) says it */
	const char *meaning;
};

/** All rows, in the order of their codes. */
const struct exit_code *exit_codes(size_t *n);

/** The code for a cause; 1 for one that has no row. */
int exit_code_of(enum obol_cause cause);

#endif /* OBOL_TOOLS_EXIT_CODE_H_ */
