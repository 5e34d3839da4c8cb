/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The back ends that the store's suites run on, each test on every one.
 */
#ifndef TESTS_STORE_BACKENDS_H_
#define TESTS_STORE_BACKENDS_H_

#include "store/store.h"

struct backend {
	const char *name;
	/**
	 * Open a store that lives in dir, and make it first if create is set.
	 * Another one may be open there.
	 */
	struct obol_store *(*open)(const char *dir, bool create,
							   uint32_t guess_rows_max);
};

extern const struct backend backends[];
#define N_BACKENDS 1

#endif /* TESTS_STORE_BACKENDS_H_ */
