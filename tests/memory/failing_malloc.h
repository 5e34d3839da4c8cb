/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * An allocator that counts, and fails when it is told to. The program that has
 * it is linked with --wrap, so that what the objects in it allocate comes by
 * here; OpenSSL and SQLite are given it as theirs.
 */
#ifndef TESTS_MEMORY_FAILING_MALLOC_H_
#define TESTS_MEMORY_FAILING_MALLOC_H_

#include <stdbool.h>
#include <stddef.h>

/** Who allocates. */
enum failing_malloc_owner {
	/** Obol's own code, and the tests */
	FAILING_OWN,
	FAILING_OPENSSL,
	FAILING_SQLITE,
	FAILING_OWNERS,
};

/** First thing in main(), before either library has allocated. */
void failing_malloc_install(void);

/**
 * Fail an allocation of an owner's, counted from here on.
 *
 * @param nth		1 for the next one
 * @param for_good	also all that come after it, as when memory is out
 */
void failing_malloc_arm(enum failing_malloc_owner owner, size_t nth,
						bool for_good);

/** Fail no more. True when an allocation has been failed since _arm(). */
bool failing_malloc_disarm(void);

/** Allocations of an owner that are not freed. */
long failing_malloc_live(enum failing_malloc_owner owner);

#endif /* TESTS_MEMORY_FAILING_MALLOC_H_ */
