/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Encodings of P-256 points as a hostile peer would choose them, and points at
 * the field's edges, as tables that a script computed.
 */
#ifndef TESTS_SUPPORT_POINTS_P256_H_
#define TESTS_SUPPORT_POINTS_P256_H_

#include <stddef.h>

/** Must be refused wherever a point comes in; the last row has no name. */
extern const struct bad_point_row {
	const char *what;
	/** in hexadecimal */
	const char *encoding;
} bad_points_p256[];

/** Must be taken; scalar times point is product. The last row has no name. */
extern const struct good_point_row {
	const char *what;
	const char *encoding;
	const char *scalar;
	const char *product;
} good_points_p256[];

#endif /* TESTS_SUPPORT_POINTS_P256_H_ */
