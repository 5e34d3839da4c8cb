/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encodings that are no point of P-256: those written down here, and those that
 * a script computed. */
#include "support/bad_points.h"
#include "support/hex.h"
#include "support/points_p256.h"

#include <stdlib.h>

/* The generator's coordinates (SEC 2, 2.4.2), halves of its encodings. */
#define GX "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define GY "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
/* 31 bytes of zeros */
#define ZEROS "00000000000000000000000000000000000000000000000000000000000000"

static const struct {
	const char *what;
	const char *hex;
} rows[] = {
	{ "nothing", "" },
	{ "the identity", "00" },
	{ "the identity, padded", "00" ZEROS "00" },
	{ "prefix alone", "02" },
	{ "one byte short", "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0"
						"f4a13945d898c2" },
	{ "one byte long", "03" GX "00" },
	{ "x without a prefix", GX },
	{ "prefix 00", "00" GX },
	{ "prefix 01", "01" GX },
	{ "prefix 04, no y", "04" GX },
	{ "prefix 05", "05" GX },
	{ "prefix 06, no y", "06" GX },
	{ "prefix 82", "82" GX },
	{ "prefix ff", "ff" GX },
	{ "uncompressed", "04" GX GY },
	{ "hybrid", "07" GX GY },
	{ "off the curve, x = 1", "02" ZEROS "01" },
	{ "off the curve, x = 2", "03" ZEROS "02" },
	/* p stands for 0, and there is a point with x = 0 */
	{ "x = p, even",
	  "02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff" },
	{ "x = p, odd",
	  "03ffffffff00000001000000000000000000000000ffffffffffffffffffffffff" },
	{ "x = 2^256 - 1",
	  "02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

size_t bad_points_count(void)
{
	size_t n = 0;

	while (bad_points_p256[n].what)
	{
		n++;
	}
	return N_ROWS + n;
}

void bad_point_get(size_t row, struct bad_point *out)
{
	const char *hex;

	if (row < N_ROWS)
	{
		out->what = rows[row].what;
		hex = rows[row].hex;
	}
	else
	{
		out->what = bad_points_p256[row - N_ROWS].what;
		hex = bad_points_p256[row - N_ROWS].encoding;
	}
	out->len = hex_decode(hex, out->bytes, sizeof(out->bytes));
	if (out->len == SIZE_MAX)
	{
		abort();
	}
}
