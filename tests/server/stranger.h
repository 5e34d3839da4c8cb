/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A stranger who sends one fixed KE1 again and again, for each kind of slot,
 * and compares what comes back.
 */
#ifndef TESTS_SERVER_STRANGER_H_
#define TESTS_SERVER_STRANGER_H_

#include "server/world.h"
#include "wire/login.h"

/** Between two looks at one name: so that the guess limits let them pass. */
#define STAGE_S (12 * 3600)
#define OUTPUT_MAX 2048

/** Whom he poses as. */
struct who {
	const char *what;
	enum obol_slot_kind kind;
	const uint8_t *device_id;
};
#define N_WHOS 5
extern const struct who whos[N_WHOS];

/** All that he sees: both frames, byte for byte. */
struct seen {
	size_t challenge_len;
	uint8_t challenge[OUTPUT_MAX];
	size_t failure_len;
	uint8_t failure[OUTPUT_MAX];
};

/** Another KE1 from now on. */
void make_ke1(void);

/** A login with it and a wrong KE3. */
void probe(struct world *w, const char *name, const struct who *who,
		   struct seen *seen);

/** The challenge that must have come. */
void decode(const struct seen *seen, struct obol_login_challenge *out);

/** Nothing that must be random is the same in both. */
bool is_fresh(const uint8_t *a, const uint8_t *b);

/** Equal but for that. */
void check_alike(const struct seen *before, const struct seen *now,
				 const char *what, const char *stage);

#endif /* TESTS_SERVER_STRANGER_H_ */
