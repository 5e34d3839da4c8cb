/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * One TLS connection of a worker: bytes between its socket and the server's
 * connection, with an end to every wait.
 */
#ifndef OBOL_DAEMON_PEER_H_
#define OBOL_DAEMON_PEER_H_

#include <sys/socket.h>

#include <event2/event.h>

#include "daemon/assets.h"
#include "daemon/source_count.h"
#include "server/server.h"

/** Bytes read at once; one TLS record's content. */
#define OBOL_PEER_READ_MAX 16384

struct obol_peer;

/** What a worker's peers share. */
struct obol_peers {
	struct event_base *base;
	SSL_CTX *tls;
	struct obol_server *server;
	const struct obol_config *config;
	struct obol_clock *clock;
	struct obol_log *log;
	struct obol_source_count *sources;
	/** of this worker */
	unsigned n_max;
	unsigned n;
	struct obol_peer *first;
	/** called when one has ended */
	void (*ended)(void *ctx);
	void *ctx;
	uint8_t buf[OBOL_PEER_READ_MAX];
};

/** Take an accepted socket; it is closed when it cannot be served. */
void obol_peer_take(struct obol_peers *peers, int fd,
					const struct sockaddr_storage *addr);

/** End those that are at rest: logged in, and nothing under way. With force,
 * say goodbye to all. */
void obol_peers_drain(struct obol_peers *peers, bool force);

/** Close all without a word. */
void obol_peers_clear(struct obol_peers *peers);

#endif /* OBOL_DAEMON_PEER_H_ */
