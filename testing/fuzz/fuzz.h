/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a fuzz target is. Each lies in a file fuzz_NAME.c of its own, which
 * registers itself with FUZZ_TARGET(); see README.
 */
#ifndef TESTING_FUZZ_FUZZ_H_
#define TESTING_FUZZ_FUZZ_H_

#include <stdlib.h>

#include "base/reader.h"
#include "base/rng.h"
#include "base/writer.h"

/** Where seeds go while they are made. */
struct fuzz_seeds;

struct fuzz_target {
	/** as in the file's name and the corpus folder's */
	const char *name;
	/** one line: what gets the bytes, and what must hold then */
	const char *what;
	/** Take one input of any length and content. What must not be ends in
	 * FUZZ_CHECK, a sanitizer, or a leak. */
	void (*run)(struct obol_bytes in);
	/** Make seeds of real encodings with fuzz_seed(). */
	void (*seed)(struct fuzz_seeds *seeds);
	/** longest input worth trying, in bytes */
	size_t max_len;
	/** filled in by fuzz_register() */
	struct fuzz_target *next;
};

/** Register a target when the program starts. */
#define FUZZ_TARGET(target)                                                    \
	__attribute__((constructor)) static void fuzz_register_this(void)          \
	{                                                                          \
		fuzz_register(&target);                                                \
	}

/** What must hold for every input. */
#define FUZZ_CHECK(expression)                                                 \
	((expression) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #expression))

void fuzz_register(struct fuzz_target *target);

/** The targets by name, the first of them; NULL when there is no such one. */
const struct fuzz_target *fuzz_targets(void);
const struct fuzz_target *fuzz_target_find(const char *name);

/** Say what did not hold, and abort. */
__attribute__((noreturn)) void fuzz_fail(const char *file, int line,
										 const char *what);

/** Keep one seed under a name of its own. */
void fuzz_seed(struct fuzz_seeds *seeds, const char *name,
			   struct obol_bytes bytes);

/** The same for a text. */
void fuzz_seed_text(struct fuzz_seeds *seeds, const char *name,
					const char *text);

/** Make FOLDER/NAME/seed-... for all targets; ends the program on failure. */
void fuzz_make_seeds(const char *folder);

#endif /* TESTING_FUZZ_FUZZ_H_ */
