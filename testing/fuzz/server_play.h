/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A server's session with its owner, and a client that reads what it sends;
 * and what must hold whatever goes over.
 */
#ifndef TESTING_FUZZ_SERVER_PLAY_H_
#define TESTING_FUZZ_SERVER_PLAY_H_

#include "fuzz/world.h"
#include "session/server_session.h"
#include "support/driven_clock.h"
#include "wire/frame.h"

/* how the owner and the client are: bits of mood */
/** LoginStart gets Later */
#define MOOD_LATER 1
/** LOGIN_FINISH, requests are refused */
#define MOOD_REFUSE 2
/** events wait */
#define MOOD_IDLE 4
/** the client does not read */
#define MOOD_DEAF 8
/** the client does not send what it writes yet */
#define MOOD_GATHER 16

enum server_play_send {
	SEND_WHOLE,
	SEND_TWICE,
	SEND_CUT,
};

struct server_play {
	struct fuzz_script script;
	const struct fuzz_world *world;
	struct obol_server_session *session;
	struct driven_clock clock;
	struct fuzz_rng rng;
	struct obol_request *request;
	struct obol_answer *answer;
	uint8_t mood;
	enum server_play_send send;
	/** bytes that go over at once, 0 for all */
	size_t piece;
	/** what is to go over */
	struct obol_writer frames;
	/** what came back and is no whole frame yet */
	struct obol_writer received;

	/* the client's login */
	struct obol_opaque_client *opaque;
	struct obol_login_start start;
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
	uint8_t name[OBOL_NAME_MAX];
	bool has_challenge;
	struct obol_login_challenge challenge;
	uint8_t ke2[OBOL_OPAQUE_KE2_LEN];
	bool ke3_was_sent;

	/* what the session may have told so far */
	unsigned n_starts;
	unsigned n_infos;
	bool was_challenged;
	bool is_open;
	bool is_over;
	bool is_rekeyed;
	bool migrates;
	uint8_t kind;
	uint64_t opened_at_ms;
	/** slots begun with SlotStart: kind and second byte of the device id */
	size_t n_begun;
	uint8_t begun[OBOL_SLOTS_MAX][2];
};

void server_play_init(struct server_play *play, struct obol_bytes script);
void server_play_clear(struct server_play *play);

/** Bytes go to the session; its events are dealt with, its output is read. */
void server_play_input(struct server_play *play, struct obol_bytes bytes);

/** A new KE1 in play->ke1. */
void server_play_ke1(struct server_play *play);

/** Remember what KE3 depends on. */
void server_play_keep_start(struct server_play *play,
							const struct obol_login_start *start);

/** KE3 for the challenge that came back; false when there is none that a
 * client would send. */
bool server_play_ke3(struct server_play *play,
					 uint8_t ke3[OBOL_OPAQUE_KE3_LEN]);

#endif /* TESTING_FUZZ_SERVER_PLAY_H_ */
