/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What two devices say to a relay so that it joins their connections: a
 * request, then answers of one byte each, then whatever the other one sends.
 *
 * Request: "OBOLROOM" (8) | version 1 (1) | what (1) | number (4)
 */
#ifndef OBOL_WIRE_ROOM_H_
#define OBOL_WIRE_ROOM_H_

#include "base/bytes.h"

/** TCP port of relays. */
#define OBOL_ROOM_PORT 4502
#define OBOL_ROOM_REQUEST_LEN 14

enum obol_room_what {
	/** make a room and wait in it */
	OBOL_ROOM_OPEN = 1,
	/** go into a room that somebody waits in */
	OBOL_ROOM_JOIN = 2,
};

/** The relay's answers. All but the first two end the connection. */
enum obol_room_answer {
	/** the room is open, nobody has come yet */
	OBOL_ROOM_WAITING = 0,
	/** the other one is there: what comes next is his */
	OBOL_ROOM_PAIRED = 1,
	/** nobody waits in a room of that number */
	OBOL_ROOM_NOBODY = 2,
	/** somebody else has opened a room of that number */
	OBOL_ROOM_TAKEN = 3,
	/** the relay has no room left, or needs the one that was waited in */
	OBOL_ROOM_FULL = 4,
	/** too many connections or requests from this network */
	OBOL_ROOM_TOO_MANY = 5,
	/** the request cannot be understood */
	OBOL_ROOM_MALFORMED = 6,
	/** nobody has come in time */
	OBOL_ROOM_TIME_OVER = 7,
};

struct obol_room_request {
	enum obol_room_what what;
	uint32_t number;
};

void obol_room_request_write(const struct obol_room_request *request,
							 uint8_t out[OBOL_ROOM_REQUEST_LEN]);

/** Read a request of OBOL_ROOM_REQUEST_LEN bytes. OK; VERSION; FORMAT. */
enum obol_status
obol_room_request_read(const uint8_t in[OBOL_ROOM_REQUEST_LEN],
					   struct obol_room_request *request) OBOL_MUST_CHECK;

#endif /* OBOL_WIRE_ROOM_H_ */
