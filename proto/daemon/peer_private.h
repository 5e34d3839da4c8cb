/* SPDX-License-Identifier: GPL-2.0-or-later */
/** What peer.c and its parts share. */
#ifndef OBOL_DAEMON_PEER_PRIVATE_H_
#define OBOL_DAEMON_PEER_PRIVATE_H_

#include "daemon/peer.h"

#include <openssl/ssl.h>

enum peer_state {
	HANDSHAKE,
	OPEN,
	/** close_notify and FIN are out; what comes is thrown away, so that no
	 * reset takes our last words from the peer */
	CLOSING,
};

struct obol_peer {
	struct obol_peers *peers;
	struct obol_peer *prev;
	struct obol_peer *next;
	enum peer_state state;
	int fd;
	SSL *ssl;
	struct event *io;
	struct event *timer;
	/** what io waits for */
	short waits_for;
	bool wants_write;
	/** the socket may have something; what TLS has taken from it already is
	 * asked of TLS */
	bool is_readable;
	struct obol_server_connection *conn;
	struct obol_admission_place place;
	char source[OBOL_SOURCE_MAX + 1];
	/** since then the state's time counts, and all of it */
	uint64_t state_ms;
	uint64_t began_ms;
	/** last byte in or out */
	uint64_t active_ms;
	/** of the meter, when it was accepted */
	uint64_t accepted_us;
	/** bytes off the wire when content last came of them */
	uint64_t content_at;
	/** its part of peers->held, and since when there is one */
	size_t held;
	uint64_t held_ms;
};

/** Bring what this one holds up to date, and what all hold together. */
void obol_peer_count_held(struct obol_peer *peer);

/** Who has not ended a request, or read an answer, for longest; NULL when
 * nobody holds anything. */
struct obol_peer *obol_peers_longest_holder(const struct obol_peers *peers);

#endif /* OBOL_DAEMON_PEER_PRIVATE_H_ */
