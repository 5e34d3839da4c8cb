/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a worker and its keeper say to each other, over a socket pair that
 * keeps messages apart (SOCK_SEQPACKET); one request, then its answer.
 *
 *   request   operation (1) | key number (4) | credential identifier (32)
 *             | point (33) | client's keyshare, uncompressed (65)
 *   answer    status (1) | point (33) | shared point (33)
 *   keys      status (1) | count (1), each: number (4) | public key (33)
 *
 * What an operation does not use is zero. An answer has points when its status
 * is OK. OBOL_KEEPER_KEYS is answered with keys, the last of them current.
 * OBOL_KEEPER_LOGIN is OBOL_KEEPER_EVALUATE of the point and OBOL_KEEPER_DH
 * with the keyshare, both counted: a login waits for its keeper once.
 */
#ifndef OBOL_DAEMON_KEEPER_WIRE_H_
#define OBOL_DAEMON_KEEPER_WIRE_H_

#include "account/ceiling.h"
#include "group/p256.h"
#include "pake/opaque.h"
#include "server/keys.h"

#define OBOL_KEEPER_KEYS_MAX OBOL_SERVER_KEYS_MAX
#define OBOL_KEEPER_REQUEST_LEN                                                \
	(1 + 4 + OBOL_CEILING_ID_LEN + OBOL_OPAQUE_NPK + OBOL_P256_UNCOMPRESSED_LEN)
#define OBOL_KEEPER_ANSWER_LEN (1 + 2 * OBOL_OPAQUE_NPK)
#define OBOL_KEEPER_LIST_MAX (2 + OBOL_KEEPER_KEYS_MAX * (4 + OBOL_OPAQUE_NPK))

enum obol_keeper_operation {
	OBOL_KEEPER_KEYS = 1,
	OBOL_KEEPER_EVALUATE = 2,
	OBOL_KEEPER_DH = 3,
	OBOL_KEEPER_LOGIN = 4,
};

struct obol_keeper_request {
	enum obol_keeper_operation operation;
	uint32_t key_number;
	uint8_t identifier[OBOL_CEILING_ID_LEN];
	uint8_t point[OBOL_OPAQUE_NPK];
	/** with LOGIN */
	uint8_t keyshare[OBOL_P256_UNCOMPRESSED_LEN];
};

/** What an answer has. */
struct obol_keeper_points {
	uint8_t point[OBOL_OPAQUE_NPK];
	/** with LOGIN */
	uint8_t shared[OBOL_OPAQUE_NPK];
};

struct obol_keeper_list {
	size_t n;
	struct {
		uint32_t number;
		uint8_t public_key[OBOL_OPAQUE_NPK];
	} keys[OBOL_KEEPER_KEYS_MAX];
};

void obol_keeper_request_encode(const struct obol_keeper_request *request,
								uint8_t out[OBOL_KEEPER_REQUEST_LEN]);

/** OK; FORMAT. */
enum obol_status
obol_keeper_request_decode(struct obol_bytes in,
						   struct obol_keeper_request *request) OBOL_MUST_CHECK;

/** An answer; points are left out unless the status is OK. */
void obol_keeper_answer_encode(enum obol_status status,
							   const struct obol_keeper_points *points,
							   uint8_t out[OBOL_KEEPER_ANSWER_LEN]);

/**
 * Read an answer.
 *
 * @param points	set on OK
 * @return			the answer's own status; IO when it is none
 */
enum obol_status
obol_keeper_answer_decode(struct obol_bytes in,
						  struct obol_keeper_points *points) OBOL_MUST_CHECK;

/** Returns its length. */
size_t obol_keeper_list_encode(const struct obol_keeper_list *list,
							   uint8_t out[OBOL_KEEPER_LIST_MAX]);

/** OK; FORMAT. */
enum obol_status
obol_keeper_list_decode(struct obol_bytes in,
						struct obol_keeper_list *list) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_KEEPER_WIRE_H_ */
