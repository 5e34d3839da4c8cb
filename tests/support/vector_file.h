/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Files of test vectors: lines "key = value", a section "[name]" for each
 * vector, comments behind "#" at a line's start. Blanks at either end of a
 * line and before a line's CR are nobody's; keys come in any order and are
 * compared without regard to case, unless two differ in nothing else. Key lines
 * before the first section are a vector of their own.
 */
#ifndef TESTS_SUPPORT_VECTOR_FILE_H_
#define TESTS_SUPPORT_VECTOR_FILE_H_

#include "base/bytes.h"

#define VECTOR_FIELDS_MAX 64
/** Longest error text, with its final zero. */
#define VECTOR_ERROR_LEN 512

struct vector_field {
	const char *key;
	const char *value;
	size_t line;
};

struct vector {
	char name[128];
	struct vector_field fields[VECTOR_FIELDS_MAX];
	size_t n_fields;
};

struct vector_file {
	/** the file's text, which the fields point into */
	char *text;
	struct vector *vectors;
	size_t n_vectors;
	/** what is wrong with the file, for people */
	char error[VECTOR_ERROR_LEN];
};

/**
 * Read a file.
 *
 * @return	false when it cannot be read, a line is none of the above, a key is
 *			twice in a vector, or there is no vector; error says which
 */
bool vector_file_read(struct vector_file *file, const char *path);

/** The same from a text. */
bool vector_file_parse(struct vector_file *file, const char *text, size_t len);

/** Free what is in it. */
void vector_file_clear(struct vector_file *file);

/** A field's text, NULL when the vector has no such key. */
const char *vector_text(const struct vector *vector, const char *key);

#endif /* TESTS_SUPPORT_VECTOR_FILE_H_ */
