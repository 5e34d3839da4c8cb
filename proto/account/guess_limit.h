/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How many guesses a name gets: ten, then one a minute, doubling to one an
 * hour; at most 40 in a day and 200 in thirty days. Pure arithmetic on a row
 * of times; who stores the row does it in the transaction of the guess.
 *
 * The wait goes by the guesses of the last 24 hours and runs from the newest
 * of them; it ends earlier when so many of them age that a shorter one is due.
 */
#ifndef OBOL_ACCOUNT_GUESS_LIMIT_H_
#define OBOL_ACCOUNT_GUESS_LIMIT_H_

#include "base/bytes.h"

#define OBOL_GUESS_KEY_LEN 16

/** Guesses without a wait. */
#define OBOL_GUESS_FREE 10
/** First wait and longest wait, in seconds. */
#define OBOL_GUESS_WAIT_S 60
#define OBOL_GUESS_WAIT_MAX_S 3600
#define OBOL_GUESS_DAY_MAX 40
#define OBOL_GUESS_MONTH_MAX 200
#define OBOL_GUESS_DAY_S ((uint64_t)86400)
#define OBOL_GUESS_MONTH_S (30 * OBOL_GUESS_DAY_S)

/** Longest encoding: each guess 8 bytes: time (6) | number (2). */
#define OBOL_GUESS_ROW_MAX (8 * OBOL_GUESS_MONTH_MAX)

/** Guesses that count, oldest first. */
struct obol_guess_row {
	size_t n;
	struct obol_guess {
		uint64_t at;
		/** tells the row's guesses apart */
		uint16_t number;
	} guesses[OBOL_GUESS_MONTH_MAX];
};

/** Read an encoded row (empty is an empty row). OK; FORMAT when it is too long,
 * cut, or its times are not in order. */
enum obol_status
obol_guess_row_decode(struct obol_bytes in,
					  struct obol_guess_row *row) OBOL_MUST_CHECK;

/** Write a row; returns its length, at most OBOL_GUESS_ROW_MAX. */
size_t obol_guess_row_encode(const struct obol_guess_row *row,
							 uint8_t out[OBOL_GUESS_ROW_MAX]);

/**
 * Reserve one guess. Times that lie in the future (the clock was set back) are
 * set to now: they keep counting, and no longer than any other. So the row is
 * to be stored after a refusal too, or the wait would never run.
 *
 * @param reservation	set when 0 is returned: what _give_back() takes
 * @return				0 when it was reserved; else the seconds to wait, and
 *						the row is as before but for guesses that aged out or
 *						were set to now
 */
uint32_t obol_guess_reserve(struct obol_guess_row *row, uint64_t now,
							uint64_t *reservation);

/** Give a reservation back; once: true when it was there. */
bool obol_guess_give_back(struct obol_guess_row *row, uint64_t reservation);

#endif /* OBOL_ACCOUNT_GUESS_LIMIT_H_ */
