/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server's session, its owner and its client. */
#include "fuzz/server_play.h"

/** when the plays take place */
#define START_AT 1800000000

/* What a session may hold: two frames and the largest answer. */
#define HELD_MAX ((size_t)2 * (OBOL_FRAME_HEADER_LEN + OBOL_FRAME_MAX))

void server_play_init(struct server_play *play, struct obol_bytes script)
{
	struct obol_server_session_config config = { .rng = &play->rng.rng };

	memset(play, 0, sizeof(*play));
	play->script = fuzz_script_over(script);
	play->world = fuzz_world();
	fuzz_rng_init(&play->rng, 7);
	driven_clock_init(&play->clock, START_AT);
	obol_writer_init(&play->frames);
	obol_writer_init(&play->received);
	play->request = calloc(1, sizeof(*play->request));
	play->answer = calloc(1, sizeof(*play->answer));
	FUZZ_CHECK(play->request && play->answer);
	config.clock = &play->clock.clock;
	config.keys = (struct obol_opaque_keys *)&play->world->keys;
	memcpy(config.exporter, play->world->exporter, sizeof(config.exporter));
	FUZZ_CHECK(obol_server_session_new(&config, &play->session) == OBOL_OK);
}

void server_play_clear(struct server_play *play)
{
	obol_server_session_free(play->session);
	obol_opaque_client_free(play->opaque);
	obol_writer_clear(&play->frames);
	obol_writer_clear(&play->received);
	free(play->request);
	free(play->answer);
}

/*
 * The client
 */

void server_play_ke1(struct server_play *play)
{
	struct obol_secret *input = NULL;

	FUZZ_CHECK(obol_login_oprf_input(obol_bytes_str(FUZZ_ACCOUNT),
									 play->world->secret, &input) == OBOL_OK);
	obol_opaque_client_free(play->opaque);
	play->opaque = NULL;
	FUZZ_CHECK(obol_opaque_generate_ke1(&play->rng.rng, input, play->ke1,
										&play->opaque) == OBOL_OK);
	obol_secret_free(input);
}

void server_play_keep_start(struct server_play *play,
							const struct obol_login_start *start)
{
	play->start = *start;
	if (start->name.len > sizeof(play->name) || start->name.len == 0)
	{
		/* nobody could have encoded it */
		obol_writer_clear(&play->frames);
		play->start.name.len = 0;
		return;
	}
	memcpy(play->name, start->name.ptr, start->name.len);
	play->start.name.ptr = play->name;
	if (obol_writer_status(&play->frames) != OBOL_OK)
	{
		obol_writer_clear(&play->frames);
	}
}

bool server_play_ke3(struct server_play *play, uint8_t ke3[OBOL_OPAQUE_KE3_LEN])
{
	struct obol_opaque_identities ids = { .client = play->start.name };
	struct obol_opaque_client_output out = { .session_key = NULL };
	uint8_t context[OBOL_LOGIN_CONTEXT_LEN];
	enum obol_status status;

	if (!play->has_challenge || !play->opaque)
	{
		return false;
	}
	fuzz_world_context(&play->start, &play->challenge.ksf,
					   play->challenge.key_number, context);
	status = obol_opaque_generate_ke3(play->opaque, play->challenge.ke2, &ids,
									  obol_bytes(context, sizeof(context)),
									  &play->world->ksf, &out);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_AUTH ||
			   status == OBOL_ERR_FORMAT);
	obol_opaque_client_free(play->opaque);
	play->opaque = NULL;
	if (status == OBOL_OK)
	{
		memcpy(ke3, out.ke3, sizeof(out.ke3));
		FUZZ_CHECK(memcmp(out.server_public_key, play->world->public_key,
						  OBOL_OPAQUE_NPK) == 0);
	}
	obol_opaque_client_output_clear(&out);
	return status == OBOL_OK;
}

static void take_challenge(struct server_play *play, struct obol_bytes body)
{
	FUZZ_CHECK(obol_login_challenge_decode(body, &play->challenge) == OBOL_OK);
	memcpy(play->ke2, play->challenge.ke2.ptr, sizeof(play->ke2));
	play->challenge.ke2.ptr = play->ke2;
	FUZZ_CHECK(!play->has_challenge);
	play->has_challenge = true;
}

/* whatever a session sends, its client's decoders take */
static void take_frame(struct server_play *play, const struct obol_frame *frame)
{
	struct obol_error_message error;
	struct obol_login_done done;
	uint32_t seconds;

	switch (frame->type)
	{
		case OBOL_LOGIN_CHALLENGE:
			take_challenge(play, frame->body);
			break;
		case OBOL_LOGIN_DONE:
			FUZZ_CHECK(obol_login_done_decode(frame->body, &done) == OBOL_OK);
			FUZZ_CHECK(play->ke3_was_sent);
			break;
		case OBOL_LATER:
			FUZZ_CHECK(obol_later_decode(frame->body, &seconds) == OBOL_OK);
			break;
		case OBOL_ERROR:
			FUZZ_CHECK(obol_error_decode(frame->body, &error) == OBOL_OK);
			break;
		default:
			FUZZ_CHECK(obol_answer_decode(frame->type, frame->body,
										  play->answer) == OBOL_OK);
			break;
	}
}

/* true when there was some */
static bool read_output(struct server_play *play)
{
	struct obol_bytes out = obol_server_session_output(play->session), all;
	struct obol_frame frame;
	size_t used = 0, pos;

	if (play->mood & MOOD_DEAF || out.len == 0)
	{
		return false;
	}
	obol_write_bytes(&play->received, out);
	obol_server_session_sent(play->session, out.len);
	all = obol_writer_view(&play->received);
	for (pos = 0; pos < all.len; pos += used)
	{
		FUZZ_CHECK(obol_frame_decode(obol_bytes(all.ptr + pos, all.len - pos),
									 OBOL_FRAME_MAX, &frame, &used) == OBOL_OK);
		/* a session sends whole frames */
		FUZZ_CHECK(used > 0);
		take_frame(play, &frame);
	}
	obol_writer_clear(&play->received);
	return true;
}

/*
 * The owner
 */

static void on_login_start(struct server_play *play)
{
	const struct obol_login_start *login =
		obol_server_session_login(play->session);
	uint8_t id[1 + OBOL_NAME_MAX];
	struct obol_server_challenge challenge = {
		.ksf = login->kind == OBOL_SLOT_PASSWORD ? obol_ksf_default
												 : obol_ksf_identity,
		.key_number = FUZZ_KEY_NUMBER,
		.record = fuzz_world_record(login),
		.credential_identifier = fuzz_world_identifier(login, id),
	};
	enum obol_status status;

	FUZZ_CHECK(++play->n_starts == 1 && !play->is_over);
	FUZZ_CHECK(login->suite == OBOL_SUITE_1 &&
			   login->mechanism == OBOL_MECHANISM_OPAQUE);
	FUZZ_CHECK(login->kind >= OBOL_SLOT_PASSWORD &&
			   login->kind <= OBOL_SLOT_ENROLMENT);
	play->kind = login->kind;
	if (play->mood & MOOD_LATER)
	{
		obol_server_session_later(play->session, fuzz_u8(&play->script));
		play->is_over = true;
		return;
	}
	status = obol_server_session_challenge(play->session, &challenge);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	play->was_challenged = status == OBOL_OK;
	play->is_over = !play->was_challenged;
}

static void on_login_finish(struct server_play *play)
{
	struct obol_login_done done = { .server_time = START_AT };
	const struct fuzz_slot *slot = &play->world->slots[play->kind];

	/* the promise of it all */
	FUZZ_CHECK(play->ke3_was_sent && !play->is_open && !play->is_over);
	if (play->mood & MOOD_REFUSE)
	{
		FUZZ_CHECK(obol_server_session_refuse(
					   play->session, OBOL_REPLY_DISABLED, NULL) == OBOL_OK);
		play->is_over = true;
		return;
	}
	done.wrap = obol_bytes(slot->wrap, slot->wrap_len);
	fuzz_login_done(&play->script, &done);
	if (obol_server_session_accept(play->session, &done) != OBOL_OK)
	{
		play->is_over = true;
		return;
	}
	play->migrates = done.migrate;
	play->is_open = true;
	play->opened_at_ms = play->clock.at_ms;
}

/* session/server_session.h: who may ask for what */
static bool may_ask(const struct server_play *play, enum obol_frame_type type)
{
	switch (play->kind)
	{
		case OBOL_SLOT_PASSWORD:
		case OBOL_SLOT_RECOVERY:
			return type != OBOL_ACCOUNT_START && type != OBOL_ACCOUNT_CREATE;
		case OBOL_SLOT_ENROLMENT:
			return type == OBOL_INFO || type == OBOL_ACCOUNT_START ||
				   type == OBOL_ACCOUNT_CREATE;
		case OBOL_SLOT_ACTIVATION:
			return type == OBOL_INFO || type == OBOL_LIST || type == OBOL_GET ||
				   type == OBOL_SLOT_START || type == OBOL_STAGE ||
				   type == OBOL_REKEY;
		default:
			return type == OBOL_INFO || type == OBOL_LIST || type == OBOL_GET ||
				   type == OBOL_PUT || type == OBOL_ISSUE ||
				   type == OBOL_HISTORY || type == OBOL_SLOT_LIST ||
				   type == OBOL_ANCHORS ||
				   (play->migrates &&
					(type == OBOL_SLOT_START || type == OBOL_SLOT_FINISH));
	}
}

static bool needs_fresh(enum obol_frame_type type)
{
	return type == OBOL_SLOT_START || type == OBOL_SLOT_FINISH ||
		   type == OBOL_SLOT_DELETE || type == OBOL_STAGE || type == OBOL_REKEY;
}

static bool was_begun(const struct server_play *play, uint8_t kind,
					  const uint8_t *device_id)
{
	size_t i;

	for (i = 0; i < play->n_begun; i++)
	{
		if (play->begun[i][0] == kind && play->begun[i][1] == device_id[1])
		{
			return true;
		}
	}
	return false;
}

static void check_slot(const struct server_play *play,
					   const struct obol_slot_message *slot)
{
	FUZZ_CHECK(slot->kind == OBOL_SLOT_PASSWORD ||
			   slot->kind == OBOL_SLOT_RECOVERY ||
			   slot->kind == OBOL_SLOT_DEVICE);
	FUZZ_CHECK(was_begun(play, slot->kind, slot->device_id));
	FUZZ_CHECK(slot->kind == OBOL_SLOT_PASSWORD
				   ? obol_ksf_accept(&slot->ksf) == OBOL_OK
				   : obol_ksf_params_eq(&slot->ksf, &obol_ksf_identity));
}

/* with what a connection may begin */
static void check_early(struct server_play *play, enum obol_frame_type type)
{
	FUZZ_CHECK(type == OBOL_INFO || type == OBOL_ACCOUNT_START ||
			   type == OBOL_ACCOUNT_CREATE);
	FUZZ_CHECK(type != OBOL_INFO || ++play->n_infos == 1);
}

static void check_slots(struct server_play *play,
						const struct obol_request *request)
{
	size_t i;

	if (request->type == OBOL_SLOT_FINISH)
	{
		check_slot(play, &request->slot);
	}
	for (i = 0; request->type == OBOL_REKEY && i < request->rekey.n_slots; i++)
	{
		check_slot(play, &request->rekey.slots[i]);
	}
	for (i = 0; request->type == OBOL_ACCOUNT_CREATE &&
				i < request->account_create.n_slots;
		 i++)
	{
		check_slot(play, &request->account_create.slots[i]);
		FUZZ_CHECK(request->account_create.slots[i].kind != OBOL_SLOT_RECOVERY);
	}
}

static void check_request(struct server_play *play,
						  const struct obol_request *request)
{
	uint64_t age_ms = play->clock.at_ms - play->opened_at_ms;

	FUZZ_CHECK(!play->is_over);
	if (play->is_open)
	{
		FUZZ_CHECK(may_ask(play, request->type));
		FUZZ_CHECK(!play->is_rekeyed || request->type == OBOL_INFO);
		FUZZ_CHECK(!needs_fresh(request->type) ||
				   age_ms < (uint64_t)OBOL_FRESH_LOGIN_S * 1000);
	}
	else
	{
		check_early(play, request->type);
	}
	check_slots(play, request);
}

static void note_begun(struct server_play *play, uint8_t kind,
					   const uint8_t *device_id)
{
	if (!was_begun(play, kind, device_id))
	{
		FUZZ_CHECK(play->n_begun < OBOL_SLOTS_MAX);
		play->begun[play->n_begun][0] = kind;
		play->begun[play->n_begun++][1] = device_id[1];
	}
}

/* what was asked has been answered; asked is a copy without its views */
static void note_answer(struct server_play *play,
						const struct obol_request *asked)
{
	size_t i;

	switch (asked->type)
	{
		case OBOL_REKEY:
		case OBOL_ACCOUNT_DELETE:
			/* the slot logged in with is gone */
			play->is_rekeyed = true;
			break;
		case OBOL_SLOT_START:
			note_begun(play, asked->slot_start.kind,
					   asked->slot_start.device_id);
			break;
		case OBOL_ACCOUNT_START:
			play->n_begun = 0;
			for (i = 0; i < asked->account_start.n_slots &&
						i < play->answer->account_start.n_slots;
				 i++)
			{
				note_begun(play, asked->account_start.slots[i].kind,
						   asked->account_start.slots[i].device_id);
			}
			break;
		case OBOL_ACCOUNT_CREATE:
			play->n_begun = 0;
			break;
		default:
			break;
	}
}

static void on_request(struct server_play *play)
{
	const struct obol_request *request =
		obol_server_session_request(play->session);
	enum obol_status status = OBOL_ERR_ARG;
	struct obol_error_message error;

	FUZZ_CHECK(request);
	check_request(play, request);
	*play->request = *request;
	if (!(play->mood & MOOD_REFUSE))
	{
		fuzz_answer(&play->script, request, play->answer);
		status = obol_server_session_answer(play->session, play->answer);
	}
	if (status == OBOL_OK)
	{
		note_answer(play, play->request);
		return;
	}
	/* an answer out of bounds is the owner's fault: he refuses then */
	FUZZ_CHECK(status == OBOL_ERR_ARG);
	fuzz_error(&play->script, &error);
	if (obol_server_session_refuse(play->session, (enum obol_reply)error.reply,
								   &error) != OBOL_OK)
	{
		play->is_over = true;
	}
}

/* false when there is nothing more to do now */
static bool serve_one(struct server_play *play)
{
	switch (obol_server_session_event(play->session))
	{
		case OBOL_EVENT_NONE:
			return false;
		case OBOL_EVENT_LOGIN_START:
			on_login_start(play);
			return true;
		case OBOL_EVENT_LOGIN_FINISH:
			on_login_finish(play);
			return true;
		case OBOL_EVENT_LOGIN_FAILED:
			FUZZ_CHECK(play->was_challenged);
			play->is_over = true;
			return true;
		case OBOL_EVENT_REQUEST:
			on_request(play);
			return true;
		case OBOL_EVENT_CLOSE:
			break;
	}
	play->is_over = true;
	return false;
}

static void serve(struct server_play *play)
{
	do
	{
		while (!(play->mood & MOOD_IDLE) && serve_one(play))
		{
		}
		FUZZ_CHECK(!obol_server_session_is_open(play->session) ||
				   play->is_open);
		/* requests may have waited for room in the output */
	} while (read_output(play) && !(play->mood & MOOD_IDLE));
	FUZZ_CHECK(obol_server_session_buffered(play->session) <= HELD_MAX);
}

void server_play_input(struct server_play *play, struct obol_bytes bytes)
{
	size_t pos, n, piece = play->piece ? play->piece : bytes.len;

	/* in pieces of a byte a flood would take all day */
	if (piece < bytes.len / 1024)
	{
		piece = bytes.len / 1024;
	}
	for (pos = 0; pos < bytes.len; pos += n)
	{
		n = piece < bytes.len - pos ? piece : bytes.len - pos;
		FUZZ_CHECK(obol_server_session_input(play->session,
											 obol_bytes(bytes.ptr + pos, n)) ==
				   OBOL_OK);
		serve(play);
	}
	serve(play);
}
