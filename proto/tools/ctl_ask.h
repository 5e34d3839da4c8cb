/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * One question to obold's monitor over HTTP.
 */
#ifndef OBOL_TOOLS_CTL_ASK_H_
#define OBOL_TOOLS_CTL_ASK_H_

#include "base/writer.h"

/** How long the whole of it may take, in milliseconds. */
#define OBOL_CTL_ASK_MS 5000

/**
 * GET a document.
 *
 * @param address	where obold listens, as in obold.conf: of all of the
 *machine's addresses its own one is taken
 * @param path		"/metrics"
 * @param code		receives HTTP's status
 * @param body		an empty writer; receives the document
 * @param why		receives a sentence on failure
 * @return			OK, whatever the status is; IO; TIMEOUT; FORMAT when what
 *					answers does not speak HTTP, or more than
 *					OBOL_METRICS_TEXT_MAX; NOMEM
 */
enum obol_status obol_ctl_ask(const char *address, const char *path, int *code,
							  struct obol_writer *body, char *why,
							  size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_CTL_ASK_H_ */
