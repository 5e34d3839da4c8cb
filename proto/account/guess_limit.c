/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many guesses a name gets. */
#include "account/guess_limit.h"

#include "base/reader.h"

/** Encoded length of one guess: time (6) | number (2). */
#define GUESS_LEN 8

/** The waits double from OBOL_GUESS_WAIT_S; after so many they are longest. */
#define DOUBLINGS_MAX 6

enum obol_status obol_guess_row_decode(struct obol_bytes in,
									   struct obol_guess_row *row)
{
	struct obol_reader r = obol_reader_over(in);
	size_t n = in.len / GUESS_LEN;
	uint64_t before = 0;
	size_t i;

	if (n > OBOL_GUESS_MONTH_MAX)
	{
		return OBOL_ERR_FORMAT;
	}
	for (i = 0; i < n; i++)
	{
		uint64_t at = (uint64_t)obol_read_u24(&r) << 24;

		at |= obol_read_u24(&r);
		if (at < before)
		{
			obol_reader_fail(&r);
		}
		before = at;
		row->guesses[i].at = at;
		row->guesses[i].number = obol_read_u16(&r);
	}
	row->n = n;
	return obol_read_end(&r);
}

size_t obol_guess_row_encode(const struct obol_guess_row *row,
							 uint8_t out[OBOL_GUESS_ROW_MAX])
{
	size_t i, j;

	for (i = 0; i < row->n; i++)
	{
		uint64_t value = row->guesses[i].at << 16 | row->guesses[i].number;

		for (j = 0; j < GUESS_LEN; j++)
		{
			*out++ = (uint8_t)(value >> (56 - 8 * j));
		}
	}
	return row->n * GUESS_LEN;
}

/** Drop what is older than thirty days; what lies ahead counts as of now. */
static void settle(struct obol_guess_row *row, uint64_t now)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < row->n; i++)
	{
		struct obol_guess guess = row->guesses[i];

		if (guess.at > now)
		{
			guess.at = now;
		}
		if (guess.at + OBOL_GUESS_MONTH_S > now)
		{
			row->guesses[kept++] = guess;
		}
	}
	row->n = kept;
}

/** The wait behind the newest guess when the last day has seen n_day. */
static uint64_t wait_after(size_t n_day)
{
	size_t doublings;
	uint64_t wait_s;

	if (n_day < OBOL_GUESS_FREE)
	{
		return 0;
	}
	doublings = n_day - OBOL_GUESS_FREE;
	if (doublings > DOUBLINGS_MAX)
	{
		doublings = DOUBLINGS_MAX;
	}
	wait_s = (uint64_t)OBOL_GUESS_WAIT_S << doublings;
	return wait_s < OBOL_GUESS_WAIT_MAX_S ? wait_s : OBOL_GUESS_WAIT_MAX_S;
}

/** The first moment from now on at which the row allows a guess. */
static uint64_t allowed_at(const struct obol_guess_row *row, uint64_t now)
{
	size_t first = 0;
	uint64_t at = now;

	if (row->n >= OBOL_GUESS_MONTH_MAX)
	{
		at =
			row->guesses[row->n - OBOL_GUESS_MONTH_MAX].at + OBOL_GUESS_MONTH_S;
	}
	/* go from one ageing guess to the next until the wait is over first */
	for (;;)
	{
		uint64_t due, ages_at;
		size_t n_day;

		while (first < row->n &&
			   row->guesses[first].at + OBOL_GUESS_DAY_S <= at)
		{
			first++;
		}
		n_day = row->n - first;
		if (n_day < OBOL_GUESS_FREE)
		{
			return at;
		}
		due = row->guesses[row->n - 1].at + wait_after(n_day);
		ages_at = row->guesses[first].at + OBOL_GUESS_DAY_S;
		if (n_day < OBOL_GUESS_DAY_MAX && due < ages_at)
		{
			return due > at ? due : at;
		}
		at = ages_at;
	}
}

uint32_t obol_guess_reserve(struct obol_guess_row *row, uint64_t now,
							uint64_t *reservation)
{
	struct obol_guess guess = { now, 0 };
	uint64_t at;

	settle(row, now);
	at = allowed_at(row, now);
	if (at > now)
	{
		return (uint32_t)(at - now);
	}
	if (row->n > 0)
	{
		guess.number = (uint16_t)(row->guesses[row->n - 1].number + 1);
	}
	row->guesses[row->n++] = guess;
	*reservation = guess.at << 16 | guess.number;
	return 0;
}

bool obol_guess_give_back(struct obol_guess_row *row, uint64_t reservation)
{
	uint64_t at = reservation >> 16;
	uint16_t number = (uint16_t)reservation;
	size_t i;

	for (i = 0; i < row->n; i++)
	{
		/* the time is earlier when the clock was set back meanwhile */
		if (row->guesses[i].number == number && row->guesses[i].at <= at)
		{
			row->n--;
			memmove(&row->guesses[i], &row->guesses[i + 1],
					(row->n - i) * sizeof(row->guesses[0]));
			return true;
		}
	}
	return false;
}
