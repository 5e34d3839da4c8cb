/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * One connection between two devices, straight or by way of a relay, and the
 * transfer that uses it. Nothing in here waits.
 */
#ifndef OBOL_TOOLS_CONTACT_H_
#define OBOL_TOOLS_CONTACT_H_

#include <obol/transfer.h>

#include "wire/room.h"

/** Bytes read at a time. */
#define CONTACT_READ_MAX 65536

struct contact {
	/** -1: none */
	int fd;
	struct obol_transfer *transfer;
	/** the connection is not there yet */
	bool is_connecting;
	/** what a relay still has to be told */
	uint8_t request[OBOL_ROOM_REQUEST_LEN];
	size_t request_left;
	/** a relay's answers come before the peer's bytes */
	bool awaits_relay;
	/** the relay has taken the request */
	bool is_welcome;
	/** a relay's last word, when awaits_relay */
	enum obol_room_answer answer;
	/** errno of a connection that failed */
	int failure;
	/** it takes nothing any more, but may have left a last word */
	bool peer_is_deaf;
	/** milliseconds: when it began, when bytes moved last */
	uint64_t began_ms;
	uint64_t moved_ms;
	uint8_t in[CONTACT_READ_MAX];
	size_t in_start;
	size_t in_end;
};

/** A new contact with a connected or connecting socket, both taken over. NULL
 * when memory ran out; both are freed then. */
struct contact *contact_new(int fd, struct obol_transfer *transfer,
							uint64_t now_ms);

/** Have a relay asked before all else. */
void contact_ask_relay(struct contact *contact, enum obol_room_what what,
					   uint32_t number);

/** Close and free; NULL is fine. */
void contact_free(struct contact *contact);

/** What to poll() for. */
short contact_events(const struct contact *contact);

/**
 * Move bytes, until nothing moves, or an event waits.
 *
 * @return	the event, taken off the transfer
 */
enum obol_transfer_event contact_move(struct contact *contact, short ready,
									  uint64_t now_ms);

/** The transfer is over, and what it had to say is sent or cannot be. */
bool contact_is_over(const struct contact *contact);

/** Send what is left in the output, and wait until the peer has closed, so that
 * it hears the last word: for at most so many milliseconds of silence. */
void contact_flush(struct contact *contact, int timeout_ms);

#endif /* OBOL_TOOLS_CONTACT_H_ */
