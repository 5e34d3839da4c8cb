/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of guesses out of the store, and what is done with them as time goes,
 * back and forth. */
#include "account/guess_limit.h"
#include "fuzz/support.h"

#define NOW UINT64_C(1800000000)
/** Guesses that are given back at the end. */
#define HELD_MAX 16

/* no more than the limits, whatever the row was before */
static void check_row(const struct obol_guess_row *row, uint64_t now)
{
	size_t n_day = 0, i;

	FUZZ_CHECK(row->n <= OBOL_GUESS_MONTH_MAX);
	for (i = 0; i < row->n; i++)
	{
		FUZZ_CHECK(row->guesses[i].at <= now);
		FUZZ_CHECK(i == 0 || row->guesses[i].at >= row->guesses[i - 1].at);
		n_day += row->guesses[i].at + OBOL_GUESS_DAY_S > now;
	}
	FUZZ_CHECK(n_day <= OBOL_GUESS_DAY_MAX);
}

static void guess(struct obol_guess_row *row, struct fuzz_script *script)
{
	uint64_t held[HELD_MAX], now = NOW, reservation;
	size_t n_held = 0, before;
	uint32_t wait_s;

	while (script->left)
	{
		/* forth more often than back */
		now += fuzz_u8(script) & 1 ? fuzz_u16(script) * UINT64_C(60) : 0;
		now -= fuzz_u8(script) & 1 ? fuzz_u16(script) : 0;
		before = row->n;
		wait_s = obol_guess_reserve(row, now, &reservation);
		if (wait_s)
		{
			FUZZ_CHECK(row->n <= before);
			/* who waits so long gets one */
			now += wait_s;
			FUZZ_CHECK(obol_guess_reserve(row, now, &reservation) == 0);
		}
		check_row(row, now);
		if (n_held < HELD_MAX)
		{
			held[n_held++] = reservation;
		}
	}
	while (n_held)
	{
		before = row->n;
		if (obol_guess_give_back(row, held[--n_held]))
		{
			FUZZ_CHECK(row->n == before - 1);
		}
	}
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	struct obol_guess_row *row = malloc(sizeof(*row));
	struct obol_bytes stored = fuzz_bytes(&script);
	uint8_t again[OBOL_GUESS_ROW_MAX];
	enum obol_status status;
	size_t len;

	FUZZ_CHECK(row);
	status = obol_guess_row_decode(stored, row);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	if (status == OBOL_OK)
	{
		len = obol_guess_row_encode(row, again);
		FUZZ_CHECK(obol_bytes_eq(stored, obol_bytes(again, len)));
	}
	/* what cannot be read counts as nothing here; rows within the limits */
	row->n = 0;
	guess(row, &script);
	free(row);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const uint8_t stored[] = { 16, 0, 0,    0x6b, 0x49, 0xd2, 0, 0, 1,
									  0,  0, 0x6b, 0x49, 0xd2, 1,    0, 2 };
	/* a guess at once eleven times; a minute later; an hour back */
	static const uint8_t guesses[] = { 0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0,
									   0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0,
									   0, 1, 0, 1, 0, 0, 1, 14, 16 };

	fuzz_seed(seeds, "stored", obol_bytes(stored, sizeof(stored)));
	fuzz_seed(seeds, "guesses", obol_bytes(guesses, sizeof(guesses)));
}

static struct fuzz_target target = {
	.name = "guess_row",
	.what = "a stored row is encoded as it was; limits hold as time goes back "
			"and forth",
	.run = run,
	.seed = seed,
	.max_len = 700,
};

FUZZ_TARGET(target)
