/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Encodings that are no point of P-256 in compressed form, each by what is
 * wrong with it. Whoever takes a point from a peer runs them all.
 */
#ifndef TESTS_SUPPORT_BAD_POINTS_H_
#define TESTS_SUPPORT_BAD_POINTS_H_

#include "base/bytes.h"

struct bad_point {
	const char *what;
	uint8_t bytes[80];
	size_t len;
};

/** Rows of the table. */
size_t bad_points_count(void);

/** One row; those of 33 bytes fit into a message in a point's place. */
void bad_point_get(size_t row, struct bad_point *out);

#endif /* TESTS_SUPPORT_BAD_POINTS_H_ */
