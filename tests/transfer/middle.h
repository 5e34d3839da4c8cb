/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Somebody in the middle of a transfer who has picked one of its messages.
 */
#ifndef TESTS_TRANSFER_MIDDLE_H_
#define TESTS_TRANSFER_MIDDLE_H_

#include "transfer/pair.h"

/** An honest run of three items sends this many messages each way. */
enum {
	FROM_RECEIVER = 5, /* Hello, share, tag, intro, receipt */
	FROM_SENDER = 9,   /* Welcome, share, tag, intro, offer, 3 of data, end */
	MESSAGES = FROM_RECEIVER + FROM_SENDER,
};

/** Begin a transfer of two items; target is what middle_is_target() goes by. */
void middle_start(struct pair *pair, int target,
				  void (*middle)(struct pair *, struct pair_frame *));

/** The frame is the message that the target means: the receiver's first, then
 * the sender's. */
bool middle_is_target(const struct pair *pair, const struct pair_frame *frame);

#endif /* TESTS_TRANSFER_MIDDLE_H_ */
