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
	/** What obold.conf calls the store that lives in dir. */
	void (*describe)(const char *dir, char *database, size_t size);
};

#define N_BACKENDS_MAX 2
extern const struct backend backends[N_BACKENDS_MAX];

#ifdef TEST_POSTGRESQL
#define N_BACKENDS 2
#else
#define N_BACKENDS 1
#endif

/** Before and after all tests: what the back ends need beside a folder. */
void backends_start(void);
void backends_stop(void);

#endif /* TESTS_STORE_BACKENDS_H_ */
