/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A client's session with its caller, and a server that answers its KE1; and
 * what must hold whatever goes over.
 */
#ifndef TESTING_FUZZ_CLIENT_PLAY_H_
#define TESTING_FUZZ_CLIENT_PLAY_H_

#include "fuzz/world.h"
#include "session/client_session.h"
#include "wire/frame.h"

struct client_play {
	struct fuzz_script script;
	const struct fuzz_world *world;
	struct obol_client_session *session;
	struct fuzz_rng rng;
	/** the last request that the session took */
	struct obol_request *request;
	struct obol_answer *answer;
	/** what is to go over */
	struct obol_writer frames;
	bool gathers;
	bool is_twice;
	bool is_cut;
	/** bytes that go over at once, 0 for all */
	size_t piece;

	/* the login */
	uint8_t kind;
	bool secret_is_right;
	bool pin_is_wrong;
	struct obol_opaque_server *opaque;
	bool has_ke2;
	uint8_t ke2[OBOL_OPAQUE_KE2_LEN];

	/* what the session may believe */
	bool challenge_was_sent;
	bool wrap_was_sent;
	bool has_failed;
};

void client_play_init(struct client_play *play, struct obol_bytes script);
void client_play_clear(struct client_play *play);

/** The caller logs in: kind, secret and pin by the script. */
void client_play_login(struct client_play *play);

/** The caller makes a request. */
void client_play_request(struct client_play *play);

/** Bytes come from the server. */
void client_play_input(struct client_play *play, struct obol_bytes bytes);

#endif /* TESTING_FUZZ_CLIENT_PLAY_H_ */
