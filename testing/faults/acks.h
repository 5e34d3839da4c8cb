/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The clients' log of what the server has acknowledged, kept outside of it. A
 * line for each operation, written when it has ended:
 *
 *	BEGUN_MS TOOK_MS OPERATION NAME OUTCOME [KEY=VALUE...]
 *
 * in milliseconds of the monotonic clock, which no step of the clock changes.
 * The harness adds lines with the operation "event": NAME is the kind of the
 * fault, and OUTCOME "begin" or "end".
 */
#ifndef TESTING_FAULTS_ACKS_H_
#define TESTING_FAULTS_ACKS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ACKS_WORD_MAX 24
#define ACKS_NAME_MAX 256
#define ACKS_REST_MAX 512

/** What came of an operation. */
/** the server has said that it is done */
#define ACKS_OK "ok"
/** the server has answered the request with a refusal: nothing may be left */
#define ACKS_REFUSED "refused"
/** no login came about, so there was no request */
#define ACKS_FAILED "failed"
/** the request went out and no answer came: done or not, never half */
#define ACKS_UNKNOWN "unknown"
/** guesses are used up */
#define ACKS_LATER "later"
/** a guess: the server has sent KE2 for it */
#define ACKS_SPENT "spent"
/** what must never be: the server has lost or mixed up something */
#define ACKS_WRONG "wrong"

struct acks_line {
	uint64_t begun_ms;
	uint64_t took_ms;
	char operation[ACKS_WORD_MAX];
	char name[ACKS_NAME_MAX];
	char outcome[ACKS_WORD_MAX];
	/** KEY=VALUE, separated by blanks */
	char rest[ACKS_REST_MAX];
};

uint64_t acks_now_ms(void);

/** Append to a file from now on; false with errno set. */
bool acks_open(const char *path);

/** A line that begins now. */
void acks_begin(struct acks_line *line, const char *operation,
				const char *name);

/** End it with an outcome, the rest as for printf, and write it: at once, as
 * a whole, from any thread. */
void acks_end(struct acks_line *line, const char *outcome, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** Read the next line; false at the end, or at a line that is none. */
bool acks_read(FILE *file, struct acks_line *line);

bool acks_is(const struct acks_line *line, const char *operation);
bool acks_ended(const struct acks_line *line, const char *outcome);

/** A value of the rest; false when there is none, or it is too long. */
bool acks_text(const struct acks_line *line, const char *key, char *out,
			   size_t size);
/** The same as a number; 0 when there is none. */
uint64_t acks_number(const struct acks_line *line, const char *key);

#endif /* TESTING_FAULTS_ACKS_H_ */
