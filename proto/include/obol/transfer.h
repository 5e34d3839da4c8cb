/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Direct transfer: credentials and files straight from one device to another,
 * under a code that one person reads out to the other (CPace), or a QR code.
 *
 * Nothing in here does I/O or looks at a clock. The caller moves bytes between
 * a transfer and whatever connects the two devices, and hands in the time:
 *
 *	loop:
 *		send what obol_transfer_output() has, report it to _sent()
 *		read; give it to _input() until all of it is used
 *		act on obol_transfer_event() after each call
 *	until obol_transfer_end() is no longer RUNNING and the output is sent
 *
 * The sender makes the code and is CPace's responder; the receiver types it
 * and is the initiator, whose confirmation tag goes first. A code is good for
 * one guess: see struct obol_transfer_code.
 */
#ifndef OBOL_TRANSFER_H_
#define OBOL_TRANSFER_H_

#include <stdbool.h>

#include <obol/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How long a code lives, in milliseconds. */
#define OBOL_TRANSFER_LIFE_MS (5 * 60 * 1000)
/** Length in bytes of a code as text, "48213-5027-9164". */
#define OBOL_TRANSFER_CODE_LEN 15
/** Longest link in bytes. */
#define OBOL_TRANSFER_LINK_MAX 1024
/** Longest device name and longest item's name in bytes. */
#define OBOL_TRANSFER_NAME_MAX 64
/** Items in one transfer. */
#define OBOL_TRANSFER_ITEMS_MAX 16
/** Largest item in bytes: 1 TiB in all items is the most. */
#define OBOL_TRANSFER_SIZE_MAX ((uint64_t)1 << 40)
/** Bytes of an item in one record. */
#define OBOL_TRANSFER_CHUNK_MAX 65536
/** Places in one link. */
#define OBOL_TRANSFER_PLACES_MAX 8
/** Longest host name or address of a place. */
#define OBOL_TRANSFER_HOST_MAX 253

/** Another generator than the system's, for tests; base/rng.h. */
struct obol_rng;

/** Where the two devices can meet. */
struct obol_transfer_place {
	/** a meeting room at a relay, not the sender itself */
	bool is_relay;
	/** letters, digits, '-', '.', ':' and '%' */
	char host[OBOL_TRANSFER_HOST_MAX + 1];
	uint16_t port;
};

/**
 * A code: a public number, and a secret. The maker's has two secrets, the one
 * that is read out (seven digits) and the one in the link (128 bits); a typed
 * one has either.
 *
 * All connections of one side share one code. It is spent for that side, in
 * all of them, the moment the side has told whether a guess was right: the
 * receiver when it sends its tag, the sender when a peer's tag reaches it,
 * right or wrong. Contacts that end before that spend nothing.
 */
struct obol_transfer_code;

/**
 * Make a code.
 *
 * @param rng		NULL for the system's
 * @param now_ms	monotonic time
 * @return			OK; NOMEM; CRYPTO
 */
OBOL_API enum obol_status
obol_transfer_code_new(struct obol_rng *rng, uint64_t now_ms,
					   struct obol_transfer_code **code) OBOL_MUST_CHECK;

/**
 * Read what a person typed or scanned: a code with spaces and dashes anywhere,
 * or a link.
 *
 * @param places	receives the link's places; OBOL_TRANSFER_PLACES_MAX of
 *					them; n_places 0 for a code
 * @return			OK; FORMAT; AUTH when a digit is wrong (the check digit does
 *					not fit): nothing was spent; VERSION for a link that is
 *					newer than this; NOMEM
 */
OBOL_API enum obol_status obol_transfer_code_parse(
	struct obol_bytes text, uint64_t now_ms, struct obol_transfer_code **code,
	struct obol_transfer_place *places, size_t *n_places) OBOL_MUST_CHECK;

/** Wipe and free; transfers that use it must be gone. NULL is fine. */
OBOL_API void obol_transfer_code_free(struct obol_transfer_code *code);

/** The public part: names the room at a relay; 0..99999. */
OBOL_API uint32_t
obol_transfer_code_number(const struct obol_transfer_code *code);

/**
 * The maker's code as text: "48213-5027-9164", the number first, a check digit
 * last.
 *
 * @param text	a new secret of OBOL_TRANSFER_CODE_LEN bytes
 * @return		OK; ARG when the code was typed; NOMEM
 */
OBOL_API enum obol_status
obol_transfer_code_text(const struct obol_transfer_code *code,
						struct obol_secret **text) OBOL_MUST_CHECK;

/**
 * The maker's link, for a QR code: "OBOL:1/48213/…/D-192.0.2.7:4502".
 *
 * @param n_places	0..OBOL_TRANSFER_PLACES_MAX
 * @param link		a new secret, at most OBOL_TRANSFER_LINK_MAX bytes
 * @return			OK; ARG; NOMEM
 */
OBOL_API enum obol_status
obol_transfer_code_link(const struct obol_transfer_code *code,
						const struct obol_transfer_place *places,
						size_t n_places,
						struct obol_secret **link) OBOL_MUST_CHECK;

/** True once the code is spent for this side. */
OBOL_API bool
obol_transfer_code_is_spent(const struct obol_transfer_code *code);

/** True when its time is over. */
OBOL_API bool
obol_transfer_code_has_expired(const struct obol_transfer_code *code,
							   uint64_t now_ms);

/** What is sent. */
struct obol_transfer_item {
	/** UTF-8 without control characters, 1..OBOL_TRANSFER_NAME_MAX bytes */
	char name[OBOL_TRANSFER_NAME_MAX + 1];
	/** as in obol_credential_info: 1 bundle, 2 PKCS#12, ... 7 opaque */
	uint16_t format;
	/** in bytes, at most OBOL_TRANSFER_SIZE_MAX */
	uint64_t size;
};

/** What has happened; each is told once. */
enum obol_transfer_event {
	OBOL_TRANSFER_NOTHING,
	/** the peer knows the code: its device's name is known now */
	OBOL_TRANSFER_PEER,
	/** receiver: items are offered; obol_transfer_accept() or _cancel() */
	OBOL_TRANSFER_OFFER,
	/** receiver: obol_transfer_data() has bytes */
	OBOL_TRANSFER_DATA,
	/** receiver: all has come, unaltered; check it, store it durably, then
	 * obol_transfer_confirm() or _cancel() */
	OBOL_TRANSFER_COMPLETE,
	/** it is over; see obol_transfer_end() */
	OBOL_TRANSFER_OVER,
};

/** How a transfer ended. Their order is part of the binary interface. */
enum obol_transfer_end {
	OBOL_TRANSFER_RUNNING = 0,
	/** sender: the receipt has come; receiver: it was sent */
	OBOL_TRANSFER_DONE,
	/** out of memory, library failure */
	OBOL_TRANSFER_INTERNAL,
	/** the connection ended before any tag: nothing was spent */
	OBOL_TRANSFER_NO_CONTACT,
	/** the connection ended after the tag, before all had come */
	OBOL_TRANSFER_LOST,
	/** sender: all was sent, no receipt has come, or none that is good: not
	 * confirmed, whatever else happened */
	OBOL_TRANSFER_UNCONFIRMED,
	/** the tags differ: mistyped, or somebody in between; the code is spent */
	OBOL_TRANSFER_WRONG_CODE,
	/** the peer has a code with another number; nothing was spent */
	OBOL_TRANSFER_OTHER_CODE,
	/** the code was spent before */
	OBOL_TRANSFER_SPENT,
	/** the code's time is over */
	OBOL_TRANSFER_EXPIRED,
	/** another version of the protocol, or of CPace's draft */
	OBOL_TRANSFER_VERSION,
	/** the peer broke the protocol */
	OBOL_TRANSFER_PROTOCOL,
	/** the peer's message is one of ours: reflected */
	OBOL_TRANSFER_REFLECTED,
	/** a record does not open: altered on its way */
	OBOL_TRANSFER_ALTERED,
	/** stopped on this side */
	OBOL_TRANSFER_CANCELLED,
	/** stopped on the other side */
	OBOL_TRANSFER_PEER_CANCELLED,
	/** the receiver's user does not want it */
	OBOL_TRANSFER_DECLINED,
	/** the receiver cannot store it */
	OBOL_TRANSFER_NOT_STORED,
	/** the receiver has found that it is no use: key, chain, dates, format */
	OBOL_TRANSFER_UNUSABLE,
};

/** A short name, for logs and machine output, such as "wrong-code". */
OBOL_API const char *obol_transfer_end_name(enum obol_transfer_end end);

/** One connection's transfer, of either side. */
struct obol_transfer;

/**
 * The sender's side of a connection; it waits for the peer.
 *
 * @param code		made here; must outlive the transfer
 * @param device	this device's name, 1..OBOL_TRANSFER_NAME_MAX bytes, copied
 * @param items		n_items, 1..OBOL_TRANSFER_ITEMS_MAX, copied
 * @param rng		NULL for the system's
 * @return			OK; ARG; NOMEM; CRYPTO
 */
OBOL_API enum obol_status
obol_transfer_send_new(struct obol_transfer_code *code, const char *device,
					   const struct obol_transfer_item *items, size_t n_items,
					   struct obol_rng *rng,
					   struct obol_transfer **transfer) OBOL_MUST_CHECK;

/** The receiver's side of a connection, with a typed code; its first message
 * is in the output. As above. */
OBOL_API enum obol_status
obol_transfer_receive_new(struct obol_transfer_code *code, const char *device,
						  struct obol_rng *rng,
						  struct obol_transfer **transfer) OBOL_MUST_CHECK;

/** Wipe and free; NULL is fine. */
OBOL_API void obol_transfer_free(struct obol_transfer *transfer);

/**
 * Take bytes from the peer, at most up to the end of one message.
 *
 * @param used	how many were taken: less than all while an event waits, while
 *				an answer is due (after OFFER and COMPLETE), and 0 at the end
 */
OBOL_API void obol_transfer_input(struct obol_transfer *transfer,
								  struct obol_bytes in, uint64_t now_ms,
								  size_t *used);

/** The peer has closed the connection, or it broke. */
OBOL_API void obol_transfer_closed(struct obol_transfer *transfer);

/** Bytes for the peer; hold until the next call. */
OBOL_API struct obol_bytes
obol_transfer_output(const struct obol_transfer *transfer);

/** The first len bytes of the output were sent. */
OBOL_API void obol_transfer_sent(struct obol_transfer *transfer, size_t len);

/** What has happened since the last call. */
OBOL_API enum obol_transfer_event
obol_transfer_event(struct obol_transfer *transfer);

/** RUNNING, or how it ended. */
OBOL_API enum obol_transfer_end
obol_transfer_end(const struct obol_transfer *transfer);

/** The keys are agreed on: the peer has proved that it knows the code. */
OBOL_API bool obol_transfer_is_confirmed(const struct obol_transfer *transfer);

/** The peer's device, as it calls itself; empty before PEER. */
OBOL_API const char *obol_transfer_peer(const struct obol_transfer *transfer);

/** The items; the receiver's after OFFER. Hold as long as the transfer. */
OBOL_API const struct obol_transfer_item *
obol_transfer_items(const struct obol_transfer *transfer, size_t *n);

/** Receiver, after OFFER: take the items. OK; ARG. */
OBOL_API enum obol_status
obol_transfer_accept(struct obol_transfer *transfer) OBOL_MUST_CHECK;

/**
 * Receiver, after DATA: bytes of an item, the items one after the other.
 *
 * @param item	receives the item's index
 * @return		secret bytes; hold until the next input
 */
OBOL_API struct obol_bytes
obol_transfer_data(const struct obol_transfer *transfer, size_t *item);

/** Receiver, after COMPLETE, once all is stored durably: send the receipt.
 * OK; ARG; NOMEM; CRYPTO. */
OBOL_API enum obol_status
obol_transfer_confirm(struct obol_transfer *transfer) OBOL_MUST_CHECK;

/**
 * Sender: how many bytes of which item are wanted now.
 *
 * @return	0 before PEER, while output waits, and when all was given
 */
OBOL_API size_t obol_transfer_wanted(const struct obol_transfer *transfer,
									 size_t *item);

/**
 * Sender: give bytes.
 *
 * @param bytes	1..obol_transfer_wanted() of them; the caller wipes its own
 * @return		OK; ARG; NOMEM; CRYPTO
 */
OBOL_API enum obol_status
obol_transfer_give(struct obol_transfer *transfer,
				   struct obol_bytes bytes) OBOL_MUST_CHECK;

/**
 * Stop, and tell the peer why in the output.
 *
 * @param why	CANCELLED; the receiver also DECLINED, NOT_STORED, UNUSABLE
 */
OBOL_API void obol_transfer_cancel(struct obol_transfer *transfer,
								   enum obol_transfer_end why);

#ifdef __cplusplus
}
#endif

#endif /* OBOL_TRANSFER_H_ */
