/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Published vectors within Check: all of a file that lies in tests/vectors.
 */
#ifndef TESTS_SUPPORT_VECTOR_SUITE_H_
#define TESTS_SUPPORT_VECTOR_SUITE_H_

#include "support/vector_check.h"

/**
 * Fail unless the file holds n_vectors vectors and all come out the same.
 *
 * @param name	the file's, within tests/vectors
 */
void assert_vectors(const struct vector_kind *kind, const char *name,
					size_t n_vectors);

#endif /* TESTS_SUPPORT_VECTOR_SUITE_H_ */
