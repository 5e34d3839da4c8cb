/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * One TLS connection of a worker, from its handshake on: bytes between its
 * socket and the server's connection, with an end to every wait.
 */
#ifndef OBOL_DAEMON_PEER_H_
#define OBOL_DAEMON_PEER_H_

#include <sys/socket.h>

#include <event2/event.h>

#include "daemon/admission.h"
#include "daemon/assets.h"
#include "daemon/source_count.h"
#include "server/server.h"

/** Bytes read at once; one TLS record's content. */
#define OBOL_PEER_READ_MAX 16384
/** What requests and answers of all of a worker's connections may take
 * together, in bytes, but for the first OBOL_PEER_HELD_FREE of each. Whoever is
 * logged in may send a request of a megabyte, and another one before he reads
 * the answer. */
#define OBOL_PEERS_HELD_MAX ((size_t)64 << 20)
#define OBOL_PEER_HELD_FREE 16384

struct obol_peer;
struct obol_greeting;

/** What a worker's peers share. */
struct obol_peers {
	struct event_base *base;
	SSL_CTX *tls;
	struct obol_server *server;
	const struct obol_config *config;
	struct obol_clock *clock;
	struct obol_log *log;
	/** NULL: nothing is counted */
	struct obol_meter *meter;
	struct obol_source_count *sources;
	struct obol_admission *admission;
	/** of this worker, greetings and peers together */
	unsigned n_max;
	unsigned n;
	/** counted against OBOL_PEERS_HELD_MAX */
	size_t held;
	struct obol_greeting *first_greeting;
	struct obol_peer *first;
	/** called when one has ended */
	void (*ended)(void *ctx);
	void *ctx;
	uint8_t buf[OBOL_PEER_READ_MAX];
};

/** A connection whose TLS handshake may begin; counted already. */
struct obol_peer_begin {
	int fd;
	struct obol_source_address address;
	char source[OBOL_SOURCE_MAX + 1];
	uint64_t began_ms;
	/** of the meter */
	uint64_t accepted_us;
	/** in no list */
	struct obol_admission_place place;
};

/** Begin the handshake; the socket is closed when it cannot be served. */
void obol_peer_begin(struct obol_peers *peers,
					 const struct obol_peer_begin *begin);

/** One connection less: its count, its turn, its socket. */
void obol_peers_forget(struct obol_peers *peers, int fd,
					   struct obol_admission_place *place);

/** End those that are at rest: logged in, and nothing under way. With force,
 * say goodbye to all. */
void obol_peers_drain(struct obol_peers *peers, bool force);

/** Close all without a word. */
void obol_peers_clear(struct obol_peers *peers);

#endif /* OBOL_DAEMON_PEER_H_ */
