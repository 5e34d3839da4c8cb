/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A file of vectors as it is written, line by line, and a random generator
 * whose every draw becomes a line. Whatever fails in here ends the program.
 */
#ifndef TESTS_SPEC_VECTOR_TEXT_H_
#define TESTS_SPEC_VECTOR_TEXT_H_

#include "base/rng.h"
#include "base/writer.h"

/** End the program unless something is so; also what is called in it is. */
#define must(so)                                                               \
	do                                                                         \
	{                                                                          \
		if (!(so))                                                             \
		{                                                                      \
			vector_fault(__FILE__, __LINE__, #so);                             \
		}                                                                      \
	} while (0)

_Noreturn void vector_fault(const char *file, int line, const char *what);

/** A file of vectors. */
struct vector_text {
	struct obol_writer w;
	/** before each name, such as "device_"; "" for none */
	const char *prefix;
};

/** A line of comment. */
void vector_comment(struct vector_text *out, const char *text);
/** Begin a section. */
void vector_section(struct vector_text *out, const char *name);
/** name = hex */
void vector_bytes(struct vector_text *out, const char *name,
				  struct obol_bytes bytes);
void vector_secret(struct vector_text *out, const char *name,
				   const struct obol_secret *secret);
/** The same for a number of len bytes. */
void vector_number(struct vector_text *out, const char *name, uint64_t number,
				   size_t len);

/** Draws that may be named ahead. */
#define VECTOR_DRAWS 8
/** Longest draw in bytes. */
#define VECTOR_DRAW_MAX 32

/**
 * Draw number n, from 0, of one side is the beginning of
 * HMAC-SHA-256("Obol wire vectors", side || n (4)).
 */
struct vector_rng {
	struct obol_rng rng;
	const char *side;
	uint32_t n;
	struct vector_text *out;
	size_t n_names;
	size_t n_drawn;
	const char *names[VECTOR_DRAWS];
	uint8_t drawn[VECTOR_DRAWS][VECTOR_DRAW_MAX];
};

void vector_rng_init(struct vector_rng *rng, const char *side);

/** Name the draws that come next, NULL last; those named before must have
 * been made, and one that has no name ends the program. */
void vector_rng_expect(struct vector_rng *rng, struct vector_text *out, ...)
	__attribute__((sentinel));

/** Draw it. */
void vector_rng_draw(struct vector_rng *rng, struct vector_text *out,
					 const char *name, void *bytes, size_t len);

#endif /* TESTS_SPEC_VECTOR_TEXT_H_ */
