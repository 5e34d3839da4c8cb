/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The messages of a transfer. Frames are type (1) | length (3) | body.
 *
 * In clear, while the keys are agreed on (I the initiator, R the responder):
 *
 *	Hello	I	version (1) | CPace draft (2) | kind of secret (1) | number (4)
 *				| nonce (16)
 *	Welcome	R	version (1) | CPace draft (2) | nonce (16)
 *	ShareI	I	Y (65) | associated data (49)
 *	ShareR	R	Y (65) | associated data (49)
 *	TagI	I	tag (32)
 *	TagR	R	tag (32)
 *	Refuse	both	reason (1)
 *
 * Associated data: role (1) | random (16) | name commitment (32), the last one
 * SHA-256("obol-transfer name", zero byte, opening (16), device name): who
 * passes the bytes on does not learn the names, and they cannot be changed.
 *
 * Record, in both directions after the tag: a sealed content, which is
 * type (1) | rest:
 *
 *	Intro	opening (16) | device name vec8 | zeros up to 64 bytes of name
 *	Offer	count (1), each: name vec8 | format (2) | size (8)
 *	Data	1..65536 bytes
 *	End		SHA-256 of the offer's content and of all data (32)
 *	Receipt	HMAC-SHA-256 of the same hash (32)
 *	Cancel	reason (1)
 */
#ifndef OBOL_TRANSFER_MESSAGE_H_
#define OBOL_TRANSFER_MESSAGE_H_

#include <obol/transfer.h>

#include "base/writer.h"
#include "pake/cpace.h"

/** Version of the transfer protocol. */
#define OBOL_TRANSFER_PROTOCOL_VERSION 1

#define OBOL_TRANSFER_HEADER_LEN 4
#define OBOL_TRANSFER_NONCE_LEN 16
#define OBOL_TRANSFER_AD_RANDOM_LEN 16
#define OBOL_TRANSFER_COMMITMENT_LEN 32
#define OBOL_TRANSFER_AD_LEN                                                   \
	(1 + OBOL_TRANSFER_AD_RANDOM_LEN + OBOL_TRANSFER_COMMITMENT_LEN)
#define OBOL_TRANSFER_OPENING_LEN 16
#define OBOL_TRANSFER_HASH_LEN 32
/** Tag of AES-256-GCM behind each record. */
#define OBOL_TRANSFER_SEAL_LEN 16

/** Longest body in clear; longest content and body of a record. */
#define OBOL_TRANSFER_CLEAR_MAX 256
#define OBOL_TRANSFER_CONTENT_MAX (1 + OBOL_TRANSFER_CHUNK_MAX)
#define OBOL_TRANSFER_BODY_MAX                                                 \
	(OBOL_TRANSFER_CONTENT_MAX + OBOL_TRANSFER_SEAL_LEN)

enum obol_transfer_message {
	OBOL_TRANSFER_HELLO = 0x01,
	OBOL_TRANSFER_WELCOME = 0x02,
	OBOL_TRANSFER_SHARE_I = 0x03,
	OBOL_TRANSFER_SHARE_R = 0x04,
	OBOL_TRANSFER_TAG_I = 0x05,
	OBOL_TRANSFER_TAG_R = 0x06,
	OBOL_TRANSFER_RECORD = 0x07,
	OBOL_TRANSFER_REFUSE = 0x08,
};

enum obol_transfer_content {
	OBOL_TRANSFER_INTRO = 0x01,
	OBOL_TRANSFER_OFFERED = 0x02,
	OBOL_TRANSFER_BYTES = 0x03,
	OBOL_TRANSFER_FINISHED = 0x04,
	OBOL_TRANSFER_RECEIPT = 0x05,
	OBOL_TRANSFER_CANCEL = 0x06,
};

/** The first byte of associated data. */
enum obol_transfer_role {
	OBOL_TRANSFER_INITIATOR = 1,
	OBOL_TRANSFER_RESPONDER = 2,
};

struct obol_transfer_hello {
	uint8_t version;
	uint16_t draft;
	uint8_t kind;
	uint32_t number;
	uint8_t nonce[OBOL_TRANSFER_NONCE_LEN];
};

/** Welcome is a Hello without kind and number. */
void obol_transfer_write_hello(struct obol_writer *w,
							   const struct obol_transfer_hello *hello);
void obol_transfer_write_welcome(struct obol_writer *w,
								 const struct obol_transfer_hello *welcome);

/** Decode; kind and version are checked by the caller. OK; FORMAT; VERSION when
 * it is another version's, of which nothing else is read. */
enum obol_status
obol_transfer_read_hello(struct obol_bytes body,
						 struct obol_transfer_hello *hello) OBOL_MUST_CHECK;
enum obol_status
obol_transfer_read_welcome(struct obol_bytes body,
						   struct obol_transfer_hello *welcome) OBOL_MUST_CHECK;

/** A frame with a body of one or two parts. */
void obol_transfer_write_frame(struct obol_writer *w, uint8_t type,
							   struct obol_bytes first,
							   struct obol_bytes second);

/** A device name's commitment. OK; CRYPTO. */
enum obol_status obol_transfer_commit(
	const uint8_t opening[OBOL_TRANSFER_OPENING_LEN], const char *name,
	uint8_t commitment[OBOL_TRANSFER_COMMITMENT_LEN]) OBOL_MUST_CHECK;

/** Intro's content, its type included. */
void obol_transfer_write_intro(struct obol_writer *w,
							   const uint8_t opening[OBOL_TRANSFER_OPENING_LEN],
							   const char *name);

/** Decode an Intro behind its type. OK; FORMAT. */
enum obol_status
obol_transfer_read_intro(struct obol_bytes in,
						 uint8_t opening[OBOL_TRANSFER_OPENING_LEN],
						 char name[OBOL_TRANSFER_NAME_MAX + 1]) OBOL_MUST_CHECK;

/** Offer's content, its type included; fails with ARG for what its reader
 * would refuse. */
void obol_transfer_write_offer(struct obol_writer *w,
							   const struct obol_transfer_item *items,
							   size_t n);

/** Decode an Offer behind its type. OK; FORMAT. */
enum obol_status obol_transfer_read_offer(
	struct obol_bytes in,
	struct obol_transfer_item items[OBOL_TRANSFER_ITEMS_MAX],
	size_t *n) OBOL_MUST_CHECK;

/** A name that may be shown: UTF-8, no control character, 1..64 bytes. */
bool obol_transfer_name_is_sound(struct obol_bytes name);

/** Reasons on the wire, for Refuse and Cancel; 0 for those that are not sent.
 */
uint8_t obol_transfer_reason_of(enum obol_transfer_end end);
/** What a peer's reason means for us; PEER_CANCELLED for an unknown one. */
enum obol_transfer_end obol_transfer_end_of(uint8_t reason);

#endif /* OBOL_TRANSFER_MESSAGE_H_ */
