/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * JSON that is kept until all of it is known to be printed: a command that
 * fails prints its failure instead. The memory is wiped, because a code or a
 * file's password may be in it.
 */
#ifndef OBOL_TOOLS_JSON_BUFFER_H_
#define OBOL_TOOLS_JSON_BUFFER_H_

#include "base/writer.h"
#include "tools/output.h"

struct json_buffer {
	struct obol_writer out;
	/** writes into out, without a buffer of its own */
	FILE *file;
};

/**
 * Start, with the outermost object open; the buffer must stay where it is.
 *
 * @return	OK; NOMEM
 */
enum obol_status json_buffer_init(struct json_buffer *buffer,
								  struct obol_json *json) OBOL_MUST_CHECK;

/**
 * Close the outermost object.
 *
 * @param text	view that holds until json_buffer_clear()
 * @return		OK; NOMEM
 */
enum obol_status json_buffer_end(struct json_buffer *buffer,
								 struct obol_json *json,
								 struct obol_bytes *text) OBOL_MUST_CHECK;

/** Wipe and free. */
void json_buffer_clear(struct json_buffer *buffer);

#endif /* OBOL_TOOLS_JSON_BUFFER_H_ */
