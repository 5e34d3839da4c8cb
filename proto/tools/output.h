/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the tools print: JSON for programs, lines for people. Text of others
 * cannot play tricks on a terminal.
 */
#ifndef OBOL_TOOLS_OUTPUT_H_
#define OBOL_TOOLS_OUTPUT_H_

#include <stdio.h>

#include "base/bytes.h"

/** Nesting of JSON at most. */
#define OBOL_JSON_DEPTH_MAX 8

/** JSON as it is written (RFC 8259). Keys are NULL inside arrays. */
struct obol_json {
	FILE *file;
	/** no spaces between items */
	bool is_compact;
	unsigned depth;
	bool has_items[OBOL_JSON_DEPTH_MAX + 1];
};

void obol_json_init(struct obol_json *json, FILE *file);

void obol_json_begin_object(struct obol_json *json, const char *key);
/** The outermost end ends the line. */
void obol_json_end_object(struct obol_json *json);
void obol_json_begin_array(struct obol_json *json, const char *key);
void obol_json_end_array(struct obol_json *json);
/** What is no UTF-8 becomes U+FFFD. */
void obol_json_text(struct obol_json *json, const char *key,
					struct obol_bytes text);
void obol_json_str(struct obol_json *json, const char *key, const char *text);
void obol_json_number(struct obol_json *json, const char *key, int64_t number);
void obol_json_bool(struct obol_json *json, const char *key, bool value);
void obol_json_null(struct obol_json *json, const char *key);
/** Bytes as lower-case hexadecimal digits. */
void obol_json_hex(struct obol_json *json, const char *key,
				   struct obol_bytes bytes);

/** Length of a time as text, with its final zero. */
#define OBOL_TIME_TEXT_MAX 32

/** "2026-11-24 03:16" in local time, "-" for 0; returns out. */
const char *obol_output_time(uint64_t at, char out[OBOL_TIME_TEXT_MAX]);

/** Bytes as lower-case hexadecimal digits; out has 2 * len + 1. */
void obol_output_hex(struct obol_bytes bytes, char *out);

/**
 * Text of others for a terminal: control characters, and what is no UTF-8,
 * become '?'; padded with spaces to a width in characters (0 for none).
 */
void obol_output_text(FILE *file, struct obol_bytes text, unsigned width);

#endif /* OBOL_TOOLS_OUTPUT_H_ */
