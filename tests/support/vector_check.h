/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Runs vectors against the code, for the Check tests and for vectors-run.
 * Whatever a vector has and the code can compute is compared.
 */
#ifndef TESTS_SUPPORT_VECTOR_CHECK_H_
#define TESTS_SUPPORT_VECTOR_CHECK_H_

#include "support/vector_file.h"

enum vector_result {
	/** all that the vector has came out the same */
	VECTOR_SAME,
	/** a value came out differently, or a step refused */
	VECTOR_DIFFERS,
	/** the vector itself cannot be used: key unknown or missing, no hex */
	VECTOR_UNUSABLE,
};

/** One vector's run. */
struct vector_check {
	const struct vector *vector;
	enum vector_result result;
	/** values compared so far */
	unsigned n_compared;
	/** the first thing that went wrong, for people */
	char error[VECTOR_ERROR_LEN];
	/** decoded values, freed by vector_check_clear() */
	void *values[2 * VECTOR_FIELDS_MAX];
	size_t n_values;
};

/** A kind of vector. */
struct vector_kind {
	/** as vectors-run takes it */
	const char *name;
	/** keys it knows, NULL last */
	const char *const *keys;
	void (*check)(struct vector_check *check);
};

extern const struct vector_kind vector_kind_cpace;
extern const struct vector_kind vector_kind_opaque;
extern const struct vector_kind vector_kind_oprf;
extern const struct vector_kind vector_kind_hash_to_curve;
extern const struct vector_kind vector_kind_expand_message;

/** Run a vector; vector_check_clear() in the end. */
void vector_check_run(struct vector_check *check,
					  const struct vector_kind *kind,
					  const struct vector *vector);
void vector_check_clear(struct vector_check *check);

/* For the kinds. Once something went wrong the result stands, and everything
 * below does nothing and gives empty values. */

/** Nothing has gone wrong so far. */
bool vector_check_good(const struct vector_check *check);

/** The vector has this key. */
bool vector_check_has(const struct vector_check *check, const char *key);

/** A text's bytes; a vector without it is unusable. */
struct obol_bytes vector_check_text(struct vector_check *check,
									const char *key);

/** A hexadecimal value's bytes; missing or no hex: unusable. */
struct obol_bytes vector_check_hex(struct vector_check *check, const char *key);

/** The same, but empty when missing. */
struct obol_bytes vector_check_optional(struct vector_check *check,
										const char *key);

/** The same for a value of a fixed length. */
struct obol_bytes vector_check_fixed(struct vector_check *check,
									 const char *key, size_t len);

/** A hexadecimal value as a secret; freed by the caller. */
struct obol_secret *vector_check_secret(struct vector_check *check,
										const char *key);

/** Compare what was computed with the vector's value, if it has one. */
void vector_check_equal(struct vector_check *check, const char *key,
						struct obol_bytes computed);

/** A step's status: all but OK is a difference. */
bool vector_check_step(struct vector_check *check, const char *step,
					   enum obol_status status);

/** The vector itself is of no use. */
void vector_check_unusable(struct vector_check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* TESTS_SUPPORT_VECTOR_CHECK_H_ */
