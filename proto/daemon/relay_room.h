/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What is inside the relay, for its files: relay.c has the loop and the bytes,
 * relay_room.c who meets whom.
 */
#ifndef OBOL_DAEMON_RELAY_ROOM_H_
#define OBOL_DAEMON_RELAY_ROOM_H_

#include <poll.h>

#include "account/source_limit.h"
#include "daemon/relay.h"
#include "daemon/source_count.h"
#include "wire/room.h"

/** Bytes on their way in one direction. */
#define RELAY_BUFFER_LEN 65536

enum guest_state {
	/** the request is coming */
	GUEST_ASKING,
	/** alone in a room */
	GUEST_WAITING,
	GUEST_PAIRED,
};

struct guest {
	int fd;
	struct obol_source_address source;
	enum guest_state state;
	uint8_t request[OBOL_ROOM_REQUEST_LEN];
	size_t n_request;
	uint32_t number;
	struct guest *other;
	/** what it has sent and the other one has not got yet */
	uint8_t *buf;
	size_t start;
	size_t end;
	/** it sends no more; the other one has been told so */
	bool is_silent;
	bool was_told;
	uint64_t began_ms;
	uint64_t moved_ms;
	/** of the room, counted with the one who opened it */
	uint64_t n_passed;
	bool is_opener;
	/** among its network's rooms */
	bool is_counted;
	bool is_gone;
};

struct relay {
	const struct obol_relay_options *options;
	struct obol_source_count *count;
	struct obol_source_limit *requests;
	/** rooms of each network, and of each IPv6 /48 */
	struct obol_source_count *rooms;
	struct obol_source_count *sites;
	struct guest **guests;
	struct pollfd *fds;
	size_t n;
	size_t max;
	bool is_ending;
	uint64_t end_ms;
	/** there were no descriptors: from here on somebody is let in again */
	uint64_t accept_at_ms;
};

/** Say a byte to a guest, and count it. */
void relay_answer(const struct relay *relay, const struct guest *guest,
				  enum obol_room_answer byte);

/** Rooms in use, in all. */
unsigned relay_count_rooms(const struct relay *relay);

/** A guest's room, if he has opened one, is his no more. */
void relay_leave_room(struct relay *relay, struct guest *guest);

/**
 * A guest's request is whole: he waits in a room, is paired, or is gone.
 *
 * When all rooms are taken, one who would have fewer than others gets one of
 * theirs: of the network with most rooms the one that has waited for longest.
 * One that two devices are in ends only for a network with two fewer.
 */
void relay_on_request(struct relay *relay, struct guest *guest);

#endif /* OBOL_DAEMON_RELAY_ROOM_H_ */
