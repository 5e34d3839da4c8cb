/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A sender and a receiver in one process, and somebody in the middle who sees
 * every message and may do with it what he likes.
 */
#ifndef TESTS_TRANSFER_PAIR_H_
#define TESTS_TRANSFER_PAIR_H_

#include "transfer/machine.h"

#define PAIR_FRAME_MAX (OBOL_TRANSFER_HEADER_LEN + OBOL_TRANSFER_BODY_MAX)

/** One message on its way. */
struct pair_frame {
	bool from_sender;
	/** of its direction, from 0 */
	unsigned number;
	uint8_t type;
	/** what is delivered: may be changed, made longer (up to the size) or
	 * empty */
	uint8_t bytes[PAIR_FRAME_MAX + 64];
	size_t len;
	/** deliver it to the one who sent it instead */
	bool reflect;
	/** deliver it twice */
	bool twice;
	/** close both connections behind it */
	bool hang_up;
};

struct pair {
	struct obol_transfer_code *sender_code;
	struct obol_transfer_code *receiver_code;
	struct obol_transfer *sender;
	struct obol_transfer *receiver;
	/** what is sent, and what has come of each item */
	uint8_t *payload[OBOL_TRANSFER_ITEMS_MAX];
	uint8_t *received[OBOL_TRANSFER_ITEMS_MAX];
	size_t n_received[OBOL_TRANSFER_ITEMS_MAX];
	size_t given[OBOL_TRANSFER_ITEMS_MAX];
	/** the one in the middle; NULL: nobody */
	void (*middle)(struct pair *pair, struct pair_frame *frame);
	void *middle_ctx;
	/** the receiver's answer to the offer; ACCEPT unless set */
	enum obol_transfer_end answer;
	/** what the receiver says when all has come; DONE: it has stored it */
	enum obol_transfer_end verdict;
	/** bytes handed over at a time; 0: as many as there are */
	size_t step;
	uint64_t now_ms;
	/** how often each had to wait for the other */
	unsigned n_round_trips;
	bool peer_was_told;
	bool all_came;
	/* frames of the direction so far */
	unsigned n_frames[2];
	struct pair_frame frame;
	bool has_hung_up;
};

/** Items of given sizes, n of them, under a fresh code typed correctly. */
void pair_init(struct pair *pair, const uint64_t *sizes, size_t n);
void pair_clear(struct pair *pair);

/** Type a code as the receiver's. */
void pair_type(struct pair *pair, const char *text);

/** The sender's code as text, in out with room for 16 bytes. */
void pair_code(const struct pair *pair, char out[16]);

/** New transfers under the same codes, as if both had connected anew. */
void pair_reconnect(struct pair *pair);

/** Run until nothing moves. */
void pair_run(struct pair *pair);

/** Everything came, byte for byte. */
bool pair_is_complete(const struct pair *pair);

#endif /* TESTS_TRANSFER_PAIR_H_ */
