/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which message of a transfer is meant. */
#include "transfer/middle.h"

static const uint64_t sizes[] = { 100, 70000 };

bool middle_is_target(const struct pair *pair, const struct pair_frame *frame)
{
	unsigned target = (unsigned)(uintptr_t)pair->middle_ctx;

	return target < FROM_RECEIVER
			   ? !frame->from_sender && frame->number == target
			   : frame->from_sender && frame->number == target - FROM_RECEIVER;
}

void middle_start(struct pair *pair, int target,
				  void (*middle)(struct pair *, struct pair_frame *))
{
	pair_init(pair, sizes, 2);
	pair->middle = middle;
	pair->middle_ctx = (void *)(uintptr_t)target;
}
