/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A whole server on a database of its own, with one account, alice, that has a
 * slot of each kind; the same for every input.
 */
#ifndef TESTING_FUZZ_SERVER_WORLD_H_
#define TESTING_FUZZ_SERVER_WORLD_H_

#include "fuzz/world.h"
#include "server/server.h"
#include "support/driven_clock.h"

struct fuzz_server {
	const struct fuzz_world *world;
	struct driven_clock clock;
	struct fuzz_rng rng;
	struct obol_log log;
	struct obol_store *store;
	struct obol_server *server;
};

/** Start it, on a fresh copy of the database. */
void fuzz_server_init(struct fuzz_server *server);
void fuzz_server_clear(struct fuzz_server *server);

/** That database, as bytes of a file. */
struct obol_bytes fuzz_server_database(void);

/** A connection over a channel with the world's exporter. */
struct obol_server_connection *fuzz_server_connect(struct fuzz_server *server);

#endif /* TESTING_FUZZ_SERVER_WORLD_H_ */
