/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stranger who asks. */
#include "server/stranger.h"

#include "pake/opaque_login.h"
#include "wire/frame.h"

/** Of KE2, behind the evaluated element: masking nonce, masked response (a
 * public key, an envelope), server nonce, key share, MAC. */
#define RANDOM_AT OBOL_OPAQUE_NOE
#define PIECE 16

const struct who whos[N_WHOS] = {
	{ "password", OBOL_SLOT_PASSWORD, NULL },
	{ "activation code", OBOL_SLOT_ACTIVATION, NULL },
	{ "recovery code", OBOL_SLOT_RECOVERY, NULL },
	{ "device", OBOL_SLOT_DEVICE, device_one },
	{ "other device", OBOL_SLOT_DEVICE, device_two },
};
static uint8_t ke1[OBOL_OPAQUE_KE1_LEN];

void make_ke1(void)
{
	struct obol_secret *input = obol_secret_dup("guess", 5);
	struct obol_opaque_client *client = NULL;

	ck_assert_int_eq(
		obol_opaque_generate_ke1(obol_rng_system(), input, ke1, &client),
		OBOL_OK);
	obol_opaque_client_free(client);
	obol_secret_free(input);
}

static size_t take_output(struct obol_server_connection *conn,
						  uint8_t out[OUTPUT_MAX])
{
	struct obol_bytes bytes = obol_server_connection_output(conn);

	ck_assert_uint_le(bytes.len, OUTPUT_MAX);
	if (bytes.len > 0)
	{
		memcpy(out, bytes.ptr, bytes.len);
		obol_server_connection_sent(conn, bytes.len);
	}
	return bytes.len;
}

void probe(struct world *w, const char *name, const struct who *who,
		   struct seen *seen)
{
	struct obol_login_start start = {
		.suite = OBOL_SUITE_1,
		.mechanism = OBOL_MECHANISM_OPAQUE,
		.kind = (uint8_t)who->kind,
		.name = obol_bytes_str(name),
		.ke1 = obol_bytes(ke1, sizeof(ke1)),
	};
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN] = { 1 };
	struct obol_writer out;
	struct link l;

	if (who->device_id)
	{
		memcpy(start.device_id, who->device_id, sizeof(start.device_id));
	}
	memset(seen, 0, sizeof(*seen));
	link_open(&l, w, NULL);
	obol_writer_init(&out);
	obol_login_start_encode(&out, &start);
	obol_server_connection_input(l.conn, obol_writer_view(&out));
	obol_store_flush(w->options.store);
	seen->challenge_len = take_output(l.conn, seen->challenge);
	obol_writer_clear(&out);
	obol_writer_init(&out);
	obol_login_finish_encode(&out, obol_bytes(ke3, sizeof(ke3)));
	obol_server_connection_input(l.conn, obol_writer_view(&out));
	seen->failure_len = take_output(l.conn, seen->failure);
	obol_writer_clear(&out);
	link_close(&l);
}

void decode(const struct seen *seen, struct obol_login_challenge *out)
{
	struct obol_frame frame;
	size_t used;

	ck_assert_int_eq(
		obol_frame_decode(obol_bytes(seen->challenge, seen->challenge_len),
						  OBOL_FRAME_EARLY_MAX, &frame, &used),
		OBOL_OK);
	ck_assert_int_eq(frame.type, OBOL_LOGIN_CHALLENGE);
	ck_assert_uint_eq(used, seen->challenge_len);
	ck_assert_int_eq(obol_login_challenge_decode(frame.body, out), OBOL_OK);
	ck_assert_uint_eq(out->ke2.len, OBOL_OPAQUE_KE2_LEN);
}

bool is_fresh(const uint8_t *a, const uint8_t *b)
{
	size_t i;

	for (i = RANDOM_AT; i + PIECE <= OBOL_OPAQUE_KE2_LEN; i += PIECE)
	{
		if (memcmp(a + i, b + i, PIECE) == 0)
		{
			return false;
		}
	}
	return true;
}

void check_alike(const struct seen *before, const struct seen *now,
				 const char *what, const char *stage)
{
	struct obol_login_challenge a, b;

	decode(before, &a);
	decode(now, &b);
	ck_assert_msg(obol_ksf_params_eq(&a.ksf, &b.ksf), "%s: KSF of %s", stage,
				  what);
	ck_assert_msg(a.key_number == b.key_number, "%s: key of %s", stage, what);
	ck_assert_msg(memcmp(a.ke2.ptr, b.ke2.ptr, OBOL_OPAQUE_NOE) == 0,
				  "%s: evaluated element of %s", stage, what);
	ck_assert_msg(is_fresh(a.ke2.ptr, b.ke2.ptr), "%s: nonces of %s", stage,
				  what);
	ck_assert_msg(before->failure_len == now->failure_len &&
					  memcmp(before->failure, now->failure, now->failure_len) ==
						  0,
				  "%s: error of %s", stage, what);
	ck_assert_uint_gt(now->failure_len, 0);
}
