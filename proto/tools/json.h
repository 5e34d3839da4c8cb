/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * JSON (RFC 8259) for --json, built into memory that is wiped: a code or file
 * password may be in it. Text that is no UTF-8 gets U+FFFD for each bad byte.
 */
#ifndef OBOL_TOOLS_JSON_H_
#define OBOL_TOOLS_JSON_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/writer.h"

struct json {
	struct obol_writer out;
	/** something stands before in the innermost object or array */
	bool more;
};

/** Start with an object open. */
void json_init(struct json *json);
/** Wipe and free. */
void json_clear(struct json *json);

/* Members of an object; with key NULL, elements of an array. */
void json_text(struct json *json, const char *key, const char *value);
void json_bytes(struct json *json, const char *key, struct obol_bytes value);
/** Lower-case hexadecimal digits. */
void json_hex(struct json *json, const char *key, const uint8_t *bytes,
			  size_t len);
void json_number(struct json *json, const char *key, uint64_t value);
void json_signed(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);
/** A time in seconds since the epoch; null for 0. */
void json_time(struct json *json, const char *key, uint64_t at);
void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key);
void json_close_array(struct json *json);

/**
 * Close the outermost object and add a newline.
 *
 * @param text	view that holds until json_clear()
 * @return		OK; NOMEM
 */
enum obol_status json_end(struct json *json,
						  struct obol_bytes *text) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_JSON_H_ */
