/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A story, with another allocation failing each time. */
#include "memory/fail_each.h"

/** Whether an allocation was failed at all. */
static bool run_once(const struct story *story, enum failing_malloc_owner owner,
					 size_t nth, bool for_good)
{
	bool has_failed, went_well;
	long own, sqlite;

	if (story->prepare)
	{
		story->prepare(story->ctx);
	}
	own = failing_malloc_live(FAILING_OWN);
	sqlite = failing_malloc_live(FAILING_SQLITE);
	failing_malloc_arm(owner, nth, for_good);
	went_well = story->run(story->ctx);
	has_failed = failing_malloc_disarm();
	ck_assert_msg(went_well || has_failed, "it fails by itself");
	ck_assert_msg(!went_well || !has_failed || story->may_do_without,
				  "owner %d: it goes well without allocation %zu", (int)owner,
				  nth);
	/* OpenSSL's are not counted here: what it makes once it keeps. The
	 * sanitizers' build sees which of them nobody holds any more. */
	ck_assert_msg(own == failing_malloc_live(FAILING_OWN),
				  "owner %d, allocation %zu: %ld of ours are left", (int)owner,
				  nth, failing_malloc_live(FAILING_OWN) - own);
	ck_assert_msg(
		story->sqlite_keeps || sqlite == failing_malloc_live(FAILING_SQLITE),
		"owner %d, allocation %zu: %ld of SQLite's are left", (int)owner, nth,
		failing_malloc_live(FAILING_SQLITE) - sqlite);
	if (story->tidy)
	{
		story->tidy(story->ctx);
	}
	return has_failed;
}

/* Ours fail one after the other. A library makes thousands, most of them in
 * the same few places: so the steps grow with their number. */
static size_t step_from(enum failing_malloc_owner owner, size_t nth)
{
	return owner == FAILING_OWN ? 1 : 1 + nth / 30;
}

void fail_each(const struct story *story, enum failing_malloc_owner owner)
{
	int for_good;
	size_t nth;

	/* libraries make some things at their first use, and keep them */
	if (story->prepare)
	{
		story->prepare(story->ctx);
	}
	ck_assert(story->run(story->ctx));
	if (story->tidy)
	{
		story->tidy(story->ctx);
	}
	for (for_good = 0; for_good < 2; for_good++)
	{
		nth = 1;
		while (run_once(story, owner, nth, for_good))
		{
			nth += step_from(owner, nth);
		}
		ck_assert_uint_gt(nth, owner == FAILING_OWN ? story->n_least : 0);
	}
}

void fail_each_owner(const struct story *story)
{
	int owner;

	for (owner = 0; owner < FAILING_OWNERS; owner++)
	{
		fail_each(story, (enum failing_malloc_owner)owner);
	}
}
