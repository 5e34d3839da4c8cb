/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Run a story again and again, another allocation failing each time, until
 * none fails any more.
 */
#ifndef TESTS_MEMORY_FAIL_EACH_H_
#define TESTS_MEMORY_FAIL_EACH_H_

#include <check.h>

#include "memory/failing_malloc.h"

/** For stories: Check's own assertions allocate even when they hold. */
#define MUST(condition)                                                        \
	do                                                                         \
	{                                                                          \
		if (!(condition))                                                      \
		{                                                                      \
			(void)failing_malloc_disarm();                                     \
			ck_abort_msg("%s", #condition);                                    \
		}                                                                      \
	} while (0)

struct story {
	/** makes what the story needs, where no allocation fails; may be NULL */
	void (*prepare)(void *ctx);
	/** true when all went well, and its results are right */
	bool (*run)(void *ctx);
	/** frees what prepare() made; may be NULL */
	void (*tidy)(void *ctx);
	void *ctx;
	/** allocations that it makes at least, so that it does test something */
	size_t n_least;
	/** it may go well without one of its allocations */
	bool may_do_without;
	/** a store that stays open keeps statements and pages */
	bool sqlite_keeps;
};

/**
 * For n = 1, 2, ... (of a library's: with growing steps): the n-th allocation
 * fails, first it alone, then it and all after it. The story must not go well,
 * nor leave anything on the heap.
 */
void fail_each(const struct story *story, enum failing_malloc_owner owner);

/** The same for each owner. */
void fail_each_owner(const struct story *story);

#endif /* TESTS_MEMORY_FAIL_EACH_H_ */
