/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole server with its store, and two connections that a byte script drives:
 * logins of alice with the right secret, requests, time. Nothing that a client
 * sends may make the store fail. */
#include "fuzz/server_world.h"
#include "wire/frame.h"

#define CONNECTIONS 2
/** Orders of the script; a conversation has no more of them than this. */
#define ORDERS_MAX 40

struct connection {
	struct obol_server_connection *conn;
	struct obol_opaque_client *opaque;
	struct obol_login_start start;
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
	bool has_challenge;
	struct obol_login_challenge challenge;
	uint8_t ke2[OBOL_OPAQUE_KE2_LEN];
	/** of the put that is under way */
	uint64_t base_version;
};

struct play {
	struct fuzz_script script;
	struct fuzz_server server;
	struct connection connections[CONNECTIONS];
	struct obol_request *request;
	struct obol_answer *answer;
};

static void disconnect(struct connection *c)
{
	obol_server_connection_close(c->conn);
	obol_opaque_client_free(c->opaque);
	memset(c, 0, sizeof(*c));
}

static void take_answer(struct play *play, struct connection *c,
						const struct obol_frame *frame)
{
	struct obol_error_message error;
	struct obol_login_done done;
	uint32_t seconds;

	switch (frame->type)
	{
		case OBOL_LOGIN_CHALLENGE:
			FUZZ_CHECK(obol_login_challenge_decode(frame->body,
												   &c->challenge) == OBOL_OK);
			memcpy(c->ke2, c->challenge.ke2.ptr, sizeof(c->ke2));
			c->challenge.ke2.ptr = c->ke2;
			c->has_challenge = true;
			break;
		case OBOL_LOGIN_DONE:
			FUZZ_CHECK(obol_login_done_decode(frame->body, &done) == OBOL_OK);
			break;
		case OBOL_LATER:
			FUZZ_CHECK(obol_later_decode(frame->body, &seconds) == OBOL_OK);
			break;
		case OBOL_ERROR:
			FUZZ_CHECK(obol_error_decode(frame->body, &error) == OBOL_OK);
			/* the store has failed: a statement, a constraint, a bound */
			FUZZ_CHECK(error.reply != OBOL_REPLY_TEMPORARY);
			break;
		default:
			FUZZ_CHECK(obol_answer_decode(frame->type, frame->body,
										  play->answer) == OBOL_OK);
			FUZZ_CHECK(frame->type != OBOL_PUT_ANSWER ||
					   play->answer->put.version == c->base_version + 1);
			break;
	}
}

static bool read_output(struct play *play, struct connection *c)
{
	struct obol_bytes out = obol_server_connection_output(c->conn);
	uint8_t *bytes = malloc(out.len + 1);
	struct obol_frame frame;
	size_t len = out.len, used = 0, pos;

	FUZZ_CHECK(bytes);
	if (len)
	{
		memcpy(bytes, out.ptr, len);
	}
	obol_server_connection_sent(c->conn, len);
	for (pos = 0; pos < len; pos += used)
	{
		FUZZ_CHECK(obol_frame_decode(obol_bytes(bytes + pos, len - pos),
									 OBOL_FRAME_MAX, &frame, &used) == OBOL_OK);
		FUZZ_CHECK(used > 0);
		take_answer(play, c, &frame);
	}
	free(bytes);
	return len > 0;
}

static void send_frames(struct play *play, struct connection *c,
						struct obol_writer *w)
{
	struct obol_bytes frames = obol_writer_view(w);

	/* what is out of bounds, no client sends */
	if (frames.len && frames.len <= obol_server_connection_room(c->conn))
	{
		obol_server_connection_input(c->conn, frames);
	}
	do
	{
		obol_store_flush(play->server.store);
	} while (read_output(play, c));
	obol_writer_clear(w);
}

/* LoginStart of alice, or of somebody else */
static void login(struct play *play, struct connection *c)
{
	struct obol_secret *input = NULL;
	struct obol_writer w;

	if (c->opaque)
	{
		return;
	}
	c->start.suite = OBOL_SUITE_1;
	c->start.mechanism = OBOL_MECHANISM_OPAQUE;
	c->start.kind =
		(uint8_t)(OBOL_SLOT_PASSWORD + fuzz_below(&play->script, 5));
	c->start.name =
		obol_bytes_str(fuzz_u8(&play->script) & 1 ? "nobody" : FUZZ_ACCOUNT);
	fuzz_fill_device_id(&play->script, c->start.kind, c->start.device_id);
	FUZZ_CHECK(obol_login_oprf_input(obol_bytes_str(FUZZ_ACCOUNT),
									 play->server.world->secret,
									 &input) == OBOL_OK);
	FUZZ_CHECK(obol_opaque_generate_ke1(&play->server.rng.rng, input, c->ke1,
										&c->opaque) == OBOL_OK);
	obol_secret_free(input);
	c->start.ke1 = obol_bytes(c->ke1, sizeof(c->ke1));
	obol_writer_init(&w);
	obol_login_start_encode(&w, &c->start);
	send_frames(play, c, &w);
}

/* KE3 as it must be, as far as there is one, and a request right behind it */
static void finish(struct play *play, struct connection *c)
{
	struct obol_opaque_identities ids = { .client = c->start.name };
	struct obol_opaque_client_output out = { .session_key = NULL };
	uint8_t context[OBOL_LOGIN_CONTEXT_LEN];
	struct obol_writer w;

	if (c->has_challenge && c->opaque)
	{
		fuzz_world_context(&c->start, &c->challenge.ksf,
						   c->challenge.key_number, context);
		/* for nobody it fails, and zeros are sent */
		(void)!obol_opaque_generate_ke3(c->opaque, c->challenge.ke2, &ids,
										obol_bytes(context, sizeof(context)),
										&play->server.world->ksf, &out);
	}
	obol_writer_init(&w);
	obol_login_finish_encode(&w, obol_bytes(out.ke3, sizeof(out.ke3)));
	obol_opaque_client_output_clear(&out);
	send_frames(play, c, &w);
}

static void request(struct play *play, struct connection *c)
{
	struct obol_writer w;

	fuzz_request(&play->script, play->request);
	if (play->request->type == OBOL_PUT)
	{
		c->base_version = play->request->put.base_version;
	}
	obol_writer_init(&w);
	obol_request_encode(&w, play->request);
	send_frames(play, c, &w);
}

static void any_frame(struct play *play, struct connection *c)
{
	uint8_t type = fuzz_u8(&play->script);
	struct obol_writer w;
	size_t mark;

	obol_writer_init(&w);
	mark = obol_frame_open(&w, (enum obol_frame_type)type);
	obol_write_bytes(&w, fuzz_long_bytes(&play->script));
	obol_frame_close(&w, mark);
	/* its version is not looked at */
	c->base_version = 0;
	if (type != OBOL_PUT)
	{
		send_frames(play, c, &w);
	}
	obol_writer_clear(&w);
}

static void order(struct play *play)
{
	uint8_t what = fuzz_u8(&play->script);
	struct connection *c = &play->connections[what >> 7];

	if (!c->conn)
	{
		c->conn = fuzz_server_connect(&play->server);
	}
	switch (what % 8)
	{
		case 0:
			login(play, c);
			break;
		case 1:
			finish(play, c);
			break;
		case 2:
		case 3:
		case 4:
			request(play, c);
			break;
		case 5:
			any_frame(play, c);
			break;
		case 6:
			driven_clock_pass(&play->server.clock, fuzz_u16(&play->script));
			obol_server_tick(play->server.server);
			break;
		default:
			disconnect(c);
			obol_store_flush(play->server.store);
			break;
	}
}

static void run(struct obol_bytes in)
{
	struct play play;
	unsigned n;

	memset(&play, 0, sizeof(play));
	play.script = fuzz_script_over(in);
	play.request = calloc(1, sizeof(*play.request));
	play.answer = calloc(1, sizeof(*play.answer));
	FUZZ_CHECK(play.request && play.answer);
	fuzz_server_init(&play.server);
	for (n = 0; n < ORDERS_MAX && play.script.left; n++)
	{
		order(&play);
	}
	for (n = 0; n < CONNECTIONS; n++)
	{
		disconnect(&play.connections[n]);
	}
	fuzz_server_clear(&play.server);
	free(play.request);
	free(play.answer);
}

/* clang-format off */
/* by device: List; Put twice, the second one stale; Get; History */
static const uint8_t by_device[] = {
	0, 3, 0, 2, 1, 2, 1,
	2, 3, 3, 'v', 'p', 'n', 0, 1, 0, 2, 0, 2, 's', 's',
	2, 3, 3, 'v', 'p', 'n', 0, 1, 0, 2, 0, 2, 's', 's',
	2, 2, 3, 'v', 'p', 'n', 0, 0, 2, 12, 0, 0, 0, 0, 0, 0, 0, 0, 9,
};
/* by password: SlotStart and SlotFinish of a device, SlotList, SlotDelete; on a
 * second connection by recovery: Stage, ReKey with a password slot; then the
 * first one asks again */
static const uint8_t by_both[] = {
	0, 0, 0, 1, 2, 5, 4, 9, 2, 6, 4, 9, 2, 'x', '1', 0, 0, 2, 1, 'w', 2, 8,
	0x80, 2, 0, 0x81, 0x82, 5, 1, 0x82, 9, 1, 'a', 0, 1, 0, 3, 0, 1, 's',
	0x82, 10, 1, 3, 1, 0, 1, 0, 3, 1, 'w', 2, 1, 2, 7, 4, 9,
};
static const uint8_t failures[] = {
	0, 0, 1, 1, 7, 0, 1, 0, 1, 7, 6, 14, 16, 0, 0, 0, 1, 2, 4, 1, 'a',
	0, 0, 0, 0, 0, 0, 0, 9, 2, 16,
};
/* AccountStart, AccountCreate of bob with a password, before any login */
static const uint8_t enrolled[] = {
	2, 14, 3, 'b', 'o', 'b', 1, 1, 2, 15, 3, 'b', 'o', 'b', 1, 1, 0, 1, 0, 1,
	1, 'w', 7, 2, 0,
};
/* clang-format on */

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed(seeds, "device", obol_bytes(by_device, sizeof(by_device)));
	fuzz_seed(seeds, "both", obol_bytes(by_both, sizeof(by_both)));
	fuzz_seed(seeds, "enrolled", obol_bytes(enrolled, sizeof(enrolled)));
	fuzz_seed(seeds, "failures", obol_bytes(failures, sizeof(failures)));
}

static struct fuzz_target target = {
	.name = "server",
	.what = "nothing that clients send makes the store fail, versions follow "
			"each other, log lines are fit to be logged",
	.run = run,
	.seed = seed,
	.max_len = 600,
};

FUZZ_TARGET(target)
