/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What is inside a transfer, for the files of this room: machine.c has the
 * plumbing and the table of what may come when, handshake.c the way to the
 * keys, sender.c and receiver.c what goes under them.
 */
#ifndef OBOL_TRANSFER_MACHINE_H_
#define OBOL_TRANSFER_MACHINE_H_

#include "session/outbox.h"
#include "transfer/code.h"
#include "transfer/message.h"
#include "transfer/record.h"

enum transfer_state {
	/* initiator, receiver */
	TRANSFER_WAIT_WELCOME,
	TRANSFER_WAIT_SHARE_R,
	TRANSFER_WAIT_TAG_R,
	/* responder, sender */
	TRANSFER_WAIT_HELLO,
	TRANSFER_WAIT_SHARE_I,
	TRANSFER_WAIT_TAG_I,
	/* both, under the keys */
	TRANSFER_WAIT_INTRO,
	/* receiver */
	TRANSFER_WAIT_OFFER,
	TRANSFER_ASKING,
	TRANSFER_TAKING,
	TRANSFER_STORING,
	/* sender */
	TRANSFER_GIVING,
	TRANSFER_WAIT_RECEIPT,

	TRANSFER_STATE_OVER,
};

/** One party's share and associated data. */
struct transfer_share {
	uint8_t y[OBOL_CPACE_SHARE_LEN];
	uint8_t ad[OBOL_TRANSFER_AD_LEN];
};

struct obol_transfer {
	bool is_sender;
	enum transfer_state state;
	enum obol_transfer_event event;
	enum obol_transfer_end end;
	/** the peer's tag was right */
	bool is_confirmed;
	/** one was numbered and not sent: what came next would not open */
	bool has_lost_record;
	struct obol_transfer_code *code;
	struct obol_rng *rng;
	char name[OBOL_TRANSFER_NAME_MAX + 1];
	char peer_name[OBOL_TRANSFER_NAME_MAX + 1];
	/** as of the last input */
	uint64_t now_ms;

	/* the handshake's */
	uint8_t kind;
	uint8_t nonce_i[OBOL_TRANSFER_NONCE_LEN];
	uint8_t nonce_r[OBOL_TRANSFER_NONCE_LEN];
	uint8_t sid[OBOL_SHA256_LEN];
	uint8_t opening[OBOL_TRANSFER_OPENING_LEN];
	struct obol_scalar y;
	struct transfer_share own;
	struct transfer_share peer;
	struct obol_secret *isk;
	struct obol_transfer_keys keys;

	/* the package's */
	struct obol_transfer_item items[OBOL_TRANSFER_ITEMS_MAX];
	size_t n_items;
	size_t item;
	/** bytes of the present item that are still to come, or to be given */
	uint64_t left;
	EVP_MD_CTX *digest;

	/* the frame that is coming in */
	uint8_t header[OBOL_TRANSFER_HEADER_LEN];
	size_t n_header;
	size_t body_len;
	size_t n_body;
	uint8_t clear[OBOL_TRANSFER_CLEAR_MAX];
	/** OBOL_TRANSFER_BODY_MAX bytes, once there are keys */
	uint8_t *sealed;
	/** OBOL_TRANSFER_CONTENT_MAX bytes, once there are keys */
	struct obol_secret *content;
	/** of the content taken last */
	struct obol_bytes data;
	struct obol_outbox output;
};

/** A handler: OK; any other status ends the transfer as PROTOCOL (FORMAT),
 * VERSION, or INTERNAL. One that ended it by itself returns OK. */
typedef enum obol_status transfer_handler(struct obol_transfer *t,
										  struct obol_bytes body);

transfer_handler transfer_on_hello;
transfer_handler transfer_on_welcome;
transfer_handler transfer_on_share;
transfer_handler transfer_on_tag_i;
transfer_handler transfer_on_tag_r;
transfer_handler transfer_on_intro;
transfer_handler transfer_on_offer;
transfer_handler transfer_on_bytes;
transfer_handler transfer_on_finished;
transfer_handler transfer_on_receipt;

/** The initiator's first message. */
enum obol_status transfer_start(struct obol_transfer *t) OBOL_MUST_CHECK;

/** End it without a word to the peer. */
void transfer_finish(struct obol_transfer *t, enum obol_transfer_end end);

/** End it and tell the peer why. */
void transfer_fail(struct obol_transfer *t, enum obol_transfer_end end);

/** Put frames into the output. */
enum obol_status transfer_put(struct obol_transfer *t,
							  struct obol_writer *frames) OBOL_MUST_CHECK;

/** Seal a content into the output. */
enum obol_status transfer_put_record(struct obol_transfer *t,
									 enum obol_transfer_content type,
									 struct obol_bytes content) OBOL_MUST_CHECK;

/** Sender, once the peer's name is known: offer the items. */
enum obol_status transfer_offer(struct obol_transfer *t) OBOL_MUST_CHECK;

/** Start the hash of the package with the offer's content. */
enum obol_status transfer_hash_start(struct obol_transfer *t) OBOL_MUST_CHECK;
enum obol_status transfer_hash_add(struct obol_transfer *t,
								   struct obol_bytes bytes) OBOL_MUST_CHECK;
/** The hash, and the receipt's MAC over it. */
enum obol_status
transfer_hash_end(struct obol_transfer *t, uint8_t hash[OBOL_TRANSFER_HASH_LEN],
				  uint8_t receipt[OBOL_TRANSFER_HASH_LEN]) OBOL_MUST_CHECK;

/** Go to the next item that has bytes; false when there is none. */
bool transfer_next_item(struct obol_transfer *t);

#endif /* OBOL_TRANSFER_MACHINE_H_ */
