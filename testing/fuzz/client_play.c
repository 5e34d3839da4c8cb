/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's session, its caller and a server. */
#include "fuzz/client_play.h"

void client_play_init(struct client_play *play, struct obol_bytes script)
{
	struct obol_client_session_config config = { .rng = &play->rng.rng };

	memset(play, 0, sizeof(*play));
	play->script = fuzz_script_over(script);
	play->world = fuzz_world();
	play->kind = OBOL_SLOT_ACTIVATION;
	fuzz_rng_init(&play->rng, 8);
	obol_writer_init(&play->frames);
	play->request = calloc(1, sizeof(*play->request));
	play->answer = calloc(1, sizeof(*play->answer));
	FUZZ_CHECK(play->request && play->answer);
	memcpy(config.exporter, play->world->exporter, sizeof(config.exporter));
	FUZZ_CHECK(obol_client_session_new(&config, &play->session) == OBOL_OK);
}

void client_play_clear(struct client_play *play)
{
	obol_client_session_free(play->session);
	obol_opaque_server_free(play->opaque);
	obol_writer_clear(&play->frames);
	free(play->request);
	free(play->answer);
}

/*
 * The server
 */

static void take_start(struct client_play *play, struct obol_bytes body)
{
	struct obol_ksf_params ksf = obol_ksf_identity;
	uint8_t id[1 + OBOL_NAME_MAX], context[OBOL_LOGIN_CONTEXT_LEN];
	struct obol_opaque_server_input in = {
		.keys = (struct obol_opaque_keys *)&play->world->keys,
		.key_number = FUZZ_KEY_NUMBER,
		.context = obol_bytes(context, sizeof(context)),
	};
	struct obol_login_start start;

	FUZZ_CHECK(obol_login_start_decode(body, &start) == OBOL_OK);
	FUZZ_CHECK(!play->has_ke2);
	fuzz_world_context(&start, &ksf, FUZZ_KEY_NUMBER, context);
	in.credential_identifier = fuzz_world_identifier(&start, id);
	in.record = fuzz_world_record(&start);
	in.ids.client = start.name;
	FUZZ_CHECK(obol_opaque_generate_ke2(&play->rng.rng, &in, start.ke1,
										play->ke2, &play->opaque) == OBOL_OK);
	play->has_ke2 = true;
}

/* KE3 is for a server that has shown what it knows, and opens there */
static void take_finish(struct client_play *play, struct obol_bytes body)
{
	struct obol_bytes ke3;

	FUZZ_CHECK(obol_login_finish_decode(body, &ke3) == OBOL_OK);
	FUZZ_CHECK(play->challenge_was_sent && play->secret_is_right &&
			   !play->pin_is_wrong && play->opaque);
	FUZZ_CHECK(obol_opaque_server_finish(play->opaque, ke3, NULL) == OBOL_OK);
	obol_opaque_server_free(play->opaque);
	play->opaque = NULL;
}

static void take_frame(struct client_play *play, const struct obol_frame *frame)
{
	struct obol_request *request;

	switch (frame->type)
	{
		case OBOL_LOGIN_START:
			take_start(play, frame->body);
			break;
		case OBOL_LOGIN_FINISH:
			take_finish(play, frame->body);
			break;
		default:
			request = malloc(sizeof(*request));
			FUZZ_CHECK(request);
			FUZZ_CHECK(obol_request_decode(frame->type, frame->body, request) ==
					   OBOL_OK);
			FUZZ_CHECK(frame->type == play->request->type);
			free(request);
			break;
	}
}

/* whatever a session sends, its server's decoders take */
static void read_output(struct client_play *play)
{
	struct obol_bytes out = obol_client_session_output(play->session);
	struct obol_frame frame;
	size_t used = 0, pos;

	for (pos = 0; pos < out.len; pos += used)
	{
		FUZZ_CHECK(obol_frame_decode(obol_bytes(out.ptr + pos, out.len - pos),
									 OBOL_FRAME_MAX, &frame, &used) == OBOL_OK);
		FUZZ_CHECK(used > 0);
		take_frame(play, &frame);
	}
	obol_client_session_sent(play->session, out.len);
}

/*
 * The caller
 */

static bool is_verified(const struct client_play *play)
{
	return play->challenge_was_sent && play->secret_is_right;
}

/* may be asked before the login */
static bool is_early(enum obol_frame_type type)
{
	return type == OBOL_INFO || type == OBOL_ACCOUNT_START ||
		   type == OBOL_ACCOUNT_CREATE;
}

/* an answer to this request and no other */
static void check_answer(const struct client_play *play)
{
	const struct obol_answer *answer =
		obol_client_session_answer(play->session);
	const struct obol_request *asked = play->request;

	if (!answer)
	{
		return;
	}
	FUZZ_CHECK((unsigned)answer->type == asked->type + 1u);
	FUZZ_CHECK(is_early(asked->type) || play->wrap_was_sent);
	if (asked->type == OBOL_PUT)
	{
		FUZZ_CHECK(answer->put.version == asked->put.base_version + 1);
	}
	if (asked->type == OBOL_GET && asked->get.name.len &&
		!answer->get.unchanged)
	{
		FUZZ_CHECK(answer->get.n_items == 1 &&
				   obol_bytes_eq(answer->get.items[0].name, asked->get.name));
	}
}

static void check(struct client_play *play)
{
	enum obol_client_state state = obol_client_session_state(play->session);
	const struct obol_account_key *key =
		obol_client_session_account_key(play->session);
	struct obol_bytes server = obol_client_session_server_key(play->session);

	if (server.len)
	{
		FUZZ_CHECK(is_verified(play));
		FUZZ_CHECK(obol_bytes_eq(
			server, obol_bytes(play->world->public_key, OBOL_OPAQUE_NPK)));
	}
	if (state == OBOL_CLIENT_READY)
	{
		FUZZ_CHECK(is_verified(play) && !play->pin_is_wrong);
	}
	if (key)
	{
		FUZZ_CHECK(is_verified(play) && play->wrap_was_sent);
		FUZZ_CHECK(
			obol_bytes_eq(obol_secret_view(key->key),
						  obol_secret_view(play->world->account_key.key)));
	}
	FUZZ_CHECK(play->kind == OBOL_SLOT_ENROLMENT
				   ? !key
				   : !key == !obol_client_session_login_done(play->session));
	if (state == OBOL_CLIENT_FAILED)
	{
		FUZZ_CHECK(obol_client_session_failure(play->session) !=
				   OBOL_FAILURE_NONE);
		FUZZ_CHECK(!obol_client_session_answer(play->session));
		FUZZ_CHECK(obol_client_session_output(play->session).len == 0);
		play->has_failed = true;
	}
	else
	{
		FUZZ_CHECK(!play->has_failed);
		check_answer(play);
	}
}

static void set_pin(struct client_play *play, struct obol_client_login *login,
					uint8_t pin[OBOL_OPAQUE_NPK])
{
	size_t choice = fuzz_below(&play->script, 3);

	memcpy(pin, play->world->public_key, OBOL_OPAQUE_NPK);
	if (choice)
	{
		login->pinned_public_key = obol_bytes(pin, OBOL_OPAQUE_NPK);
	}
	if (choice == 2)
	{
		pin[0] ^= 1;
	}
	play->pin_is_wrong = choice == 2;
}

void client_play_login(struct client_play *play)
{
	struct obol_client_login login = {
		.kind = (enum obol_slot_kind)(OBOL_SLOT_ACTIVATION +
									  fuzz_below(&play->script, 4)),
		.name = obol_bytes_str(FUZZ_ACCOUNT),
		.secret = play->world->secret,
	};
	uint8_t change = fuzz_u8(&play->script), pin[OBOL_OPAQUE_NPK];
	struct obol_secret *other = fuzz_secret(obol_bytes_str("wrong"));
	struct client_play before = *play;

	play->kind = (uint8_t)login.kind;
	if (login.kind == OBOL_SLOT_DEVICE)
	{
		memcpy(login.device_id, fuzz_device_id, OBOL_DEVICE_ID_LEN);
	}
	if (change == 1)
	{
		login.secret = other;
	}
	else if (change)
	{
		login.name = fuzz_bytes(&play->script);
	}
	play->secret_is_right =
		change != 1 && obol_bytes_eq(login.name, obol_bytes_str(FUZZ_ACCOUNT));
	set_pin(play, &login, pin);
	if (obol_client_session_login(play->session, &login) == OBOL_OK)
	{
		read_output(play);
	}
	else
	{
		/* once in a session, with values in bounds: nothing has changed */
		play->secret_is_right = before.secret_is_right;
		play->pin_is_wrong = before.pin_is_wrong;
		play->kind = before.kind;
	}
	obol_secret_free(other);
	check(play);
}

void client_play_request(struct client_play *play)
{
	enum obol_client_state state = obol_client_session_state(play->session);
	struct obol_request *request = malloc(sizeof(*request));
	enum obol_status status;

	FUZZ_CHECK(request);
	fuzz_request(&play->script, request);
	status = obol_client_session_request(play->session, request);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_ARG);
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(state == OBOL_CLIENT_READY ||
				   (state == OBOL_CLIENT_START && is_early(request->type)));
		*play->request = *request;
		FUZZ_CHECK(!obol_client_session_answer(play->session));
		read_output(play);
	}
	free(request);
	check(play);
}

void client_play_input(struct client_play *play, struct obol_bytes bytes)
{
	size_t pos, n, piece = play->piece ? play->piece : bytes.len;
	enum obol_status status;

	for (pos = 0; pos < bytes.len; pos += n)
	{
		n = piece < bytes.len - pos ? piece : bytes.len - pos;
		status = obol_client_session_input(play->session,
										   obol_bytes(bytes.ptr + pos, n));
		FUZZ_CHECK(status == OBOL_OK ||
				   obol_client_session_state(play->session) ==
					   OBOL_CLIENT_FAILED);
		FUZZ_CHECK(!play->has_failed || status != OBOL_OK);
		check(play);
	}
}
