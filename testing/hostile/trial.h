/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A whole server with its store, in this process and without a network, which
 * would only add noise, and strangers' logins whose time is taken. Nothing in
 * it outlives the program; what fails ends it.
 */
#ifndef TESTING_HOSTILE_TRIAL_H_
#define TESTING_HOSTILE_TRIAL_H_

#include "server/world.h"
#include "wire/frame.h"

/** Names of each class: nothing shall hang on the place of one in a table.
 * Those whose guesses are used up have never been activated, which takes time.
 */
#define NAMES 32
#define EXHAUSTED_NAMES 256
#define NAME_MAX_LEN 16
/** Between two logins of one name: within its 200 guesses in thirty days. */
#define ROUND_S (5 * 3600)

enum class {
	KNOWN,
	UNKNOWN,
	WRONG_KIND,
	REMOVED,
	N_CLASSES,
};

extern const char *const class_names[N_CLASSES];

struct trial {
	struct world world;
	char names[N_CLASSES][NAMES][NAME_MAX_LEN];
	char exhausted[N_CLASSES][EXHAUSTED_NAMES][NAME_MAX_LEN];
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
	/** planted for known accounts, and by whom the keys are asked now */
	long plant_us;
	enum class now;
	struct obol_opaque_keys *real;
	struct obol_opaque_keys keys;
	/** picks the order of turns */
	uint64_t random;
};

/** Times by class. */
struct times {
	size_t n;
	double *challenge[N_CLASSES];
	double *failure[N_CLASSES];
};

/** End the program: nothing was found out. */
void give_up(const char *what) __attribute__((noreturn));

/** With a store of its own, or a given one. */
void trial_init(struct trial *trial, struct obol_store *store);

/** A new store in a PostgreSQL server that ends with the program; below TMPDIR.
 */
struct obol_store *postgresql_store(void);

void times_init(struct times *times, size_t n);
void times_clear(struct times *times);

/**
 * Rounds of logins with a wrong password, each class once in each, in random
 * order. Answers that differ in shape or error end the program.
 *
 * @param n_classes	the first ones
 * @param type		what must come: OBOL_LOGIN_CHALLENGE, or OBOL_LATER from
 *names that exhaust() has seen to
 */
void measure(struct trial *trial, size_t n_classes, uint8_t type,
			 struct times *times);

/** Use the guesses of all EXHAUSTED_NAMES up, of known and unknown ones. */
void exhaust(struct trial *trial);

#endif /* TESTING_HOSTILE_TRIAL_H_ */
