/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Lines of the client's own small text files: words behind single spaces.
 */
#ifndef OBOL_CLIENT_LINES_H_
#define OBOL_CLIENT_LINES_H_

#include "base/writer.h"

/** A text that is read line by line; fails sticky. */
struct obol_lines {
	struct obol_bytes text;
	bool failed;
	/** the present line, from 1 */
	unsigned number;
	/** what of it has not been read */
	struct obol_bytes line;
};

/** Before the first line of a text. */
struct obol_lines obol_lines_over(struct obol_bytes text);

/**
 * Go to the next line, which must end in a newline; of the present one nothing
 * may be left.
 *
 * @return	false at the end, and after a failure
 */
bool obol_lines_next(struct obol_lines *lines);

/** The line's next word is this one: read it. */
bool obol_lines_word(struct obol_lines *lines, const char *word);

/* Each reads the next word, and makes the reader fail if it is not of its
 * kind. */
uint64_t obol_lines_number(struct obol_lines *lines);
/** exactly len bytes in hexadecimal; reads without looking up secret bytes */
void obol_lines_hex(struct obol_lines *lines, uint8_t *out, size_t len);
/** a name with %XX, 1..max bytes; its length */
size_t obol_lines_name(struct obol_lines *lines, uint8_t *out, size_t max);

/** Make the reader fail. */
void obol_lines_fail(struct obol_lines *lines);

/* Writers' counterparts, without the space before and the newline behind. */
void obol_write_str(struct obol_writer *w, const char *text);
void obol_write_number(struct obol_writer *w, uint64_t number);
void obol_write_hex(struct obol_writer *w, struct obol_bytes bytes);
void obol_write_name(struct obol_writer *w, struct obol_bytes name);

#endif /* OBOL_CLIENT_LINES_H_ */
