/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A server whose every random number and every second is fixed, and the
 * connections to it, whose frames become lines.
 */
#ifndef TESTS_SPEC_VECTOR_WORLD_H_
#define TESTS_SPEC_VECTOR_WORLD_H_

#include "server/keys.h"
#include "server/server.h"
#include "session/client_session.h"
#include "spec/vector_text.h"
#include "support/driven_clock.h"
#include "support/tempdir.h"

#include <openssl/types.h>

struct vector_world {
	struct tempdir dir;
	struct driven_clock clock;
	struct obol_log log;
	struct vector_rng server_rng;
	struct vector_rng client_rng;
	struct obol_server_keys *keys;
	struct obol_server_options options;
	struct obol_server *server;
	/** the file that is being written */
	struct vector_text *out;
};

/** The server, with its keys, its id key and its CA as lines. */
void vector_world_init(struct vector_world *w, struct vector_text *out);
void vector_world_clear(struct vector_world *w);

/** An Ed25519 key with a random private key under that name. */
EVP_PKEY *vector_key(struct vector_rng *rng, struct vector_text *out,
					 const char *name);

/** A connection. */
struct vector_link {
	struct vector_world *world;
	struct obol_client_session *client;
	struct obol_server_connection *conn;
	uint8_t exporter[OBOL_EXPORTER_LEN];
	unsigned n_from_client;
	unsigned n_from_server;
	enum obol_status status;
	/** the body of the server's last LoginChallenge */
	uint8_t challenge[OBOL_FRAME_EARLY_MAX];
	size_t challenge_len;
	/** one bit of KE3 goes over wrong */
	bool spoils_ke3;
};

/** Connect: a section of that name, with the exporter. */
void vector_link_open(struct vector_link *l, struct vector_world *w,
					  const char *section);
void vector_link_close(struct vector_link *l);

/** Let frames go over, each a line, until none is left. */
void vector_link_run(struct vector_link *l);

/** A request and its answer, which must come. */
const struct obol_answer *vector_link_ask(struct vector_link *l,
										  const struct obol_request *request);

#endif /* TESTS_SPEC_VECTOR_WORLD_H_ */
