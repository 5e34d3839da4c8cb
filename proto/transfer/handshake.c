/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to the keys: Hello, Welcome, shares, tags. The initiator's tag goes
 * first; a code is spent for the initiator when it sends its tag, and for the
 * responder when a tag reaches it. */
#include "transfer/machine.h"

#include <stdlib.h>

#include "base/ct.h"

static const char channel[] = "obol-transfer";
static const char sid_label[] = "obol-transfer sid";

static enum obol_transfer_role own_role(const struct obol_transfer *t)
{
	return t->is_sender ? OBOL_TRANSFER_RESPONDER : OBOL_TRANSFER_INITIATOR;
}

/* False once the code is of no use: that has ended the transfer. */
static bool code_is_alive(struct obol_transfer *t)
{
	if (obol_transfer_code_is_spent(t->code))
	{
		transfer_fail(t, OBOL_TRANSFER_SPENT);
		return false;
	}
	if (obol_transfer_code_has_expired(t->code, t->now_ms))
	{
		transfer_fail(t, OBOL_TRANSFER_EXPIRED);
		return false;
	}
	return true;
}

enum obol_status transfer_start(struct obol_transfer *t)
{
	struct obol_transfer_hello hello = {
		.version = OBOL_TRANSFER_PROTOCOL_VERSION,
		.draft = OBOL_CPACE_DRAFT,
		.kind = t->kind,
		.number = obol_transfer_code_number(t->code),
	};
	enum obol_status status;
	struct obol_writer w;

	status = obol_rng_fill(t->rng, t->nonce_i, sizeof(t->nonce_i));
	if (status != OBOL_OK)
	{
		return status;
	}
	memcpy(hello.nonce, t->nonce_i, sizeof(hello.nonce));
	obol_writer_init(&w);
	obol_transfer_write_hello(&w, &hello);
	return transfer_put(t, &w);
}

static enum obol_status set_sid(struct obol_transfer *t)
{
	struct obol_bytes parts[] = {
		/* with its final zero */
		obol_bytes(sid_label, sizeof(sid_label)),
		obol_bytes(t->nonce_i, sizeof(t->nonce_i)),
		obol_bytes(t->nonce_r, sizeof(t->nonce_r)),
	};

	return obol_sha256(parts, 3, t->sid);
}

/* CI: "obol-transfer" | version | draft | kind of secret | number */
static void write_ci(const struct obol_transfer *t, struct obol_writer *w)
{
	obol_write_bytes(w, obol_bytes(channel, sizeof(channel) - 1));
	obol_write_u8(w, OBOL_TRANSFER_PROTOCOL_VERSION);
	obol_write_u16(w, OBOL_CPACE_DRAFT);
	obol_write_u8(w, t->kind);
	obol_write_u32(w, obol_transfer_code_number(t->code));
}

static enum obol_status make_ad(struct obol_transfer *t)
{
	uint8_t *ad = t->own.ad;
	enum obol_status status;

	ad[0] = (uint8_t)own_role(t);
	status = obol_rng_fill(t->rng, ad + 1, OBOL_TRANSFER_AD_RANDOM_LEN);
	if (status == OBOL_OK)
	{
		status = obol_rng_fill(t->rng, t->opening, sizeof(t->opening));
	}
	if (status == OBOL_OK)
	{
		status = obol_transfer_commit(t->opening, t->name,
									  ad + 1 + OBOL_TRANSFER_AD_RANDOM_LEN);
	}
	return status;
}

/* Our share; it is sent later. */
static enum obol_status make_share(struct obol_transfer *t)
{
	struct obol_cpace_context context = {
		.prs = obol_transfer_code_secret(t->code,
										 (enum obol_transfer_secret)t->kind),
		.sid = obol_bytes(t->sid, sizeof(t->sid)),
	};
	struct obol_writer ci;
	enum obol_status status;

	obol_writer_init(&ci);
	write_ci(t, &ci);
	context.ci = obol_writer_view(&ci);
	status = obol_writer_status(&ci);
	if (status == OBOL_OK)
	{
		status = make_ad(t);
	}
	if (status == OBOL_OK)
	{
		status = obol_cpace_share(t->rng, &context, &t->y, t->own.y);
	}
	obol_writer_clear(&ci);
	return status;
}

static enum obol_status put_share(struct obol_transfer *t)
{
	struct obol_writer w;

	obol_writer_init(&w);
	obol_transfer_write_frame(
		&w, t->is_sender ? OBOL_TRANSFER_SHARE_R : OBOL_TRANSFER_SHARE_I,
		obol_bytes(t->own.y, sizeof(t->own.y)),
		obol_bytes(t->own.ad, sizeof(t->own.ad)));
	return transfer_put(t, &w);
}

enum obol_status transfer_on_hello(struct obol_transfer *t,
								   struct obol_bytes body)
{
	struct obol_transfer_hello hello, welcome = {
		.version = OBOL_TRANSFER_PROTOCOL_VERSION,
		.draft = OBOL_CPACE_DRAFT,
	};
	enum obol_status status = obol_transfer_read_hello(body, &hello);
	struct obol_writer w;

	if (status != OBOL_OK)
	{
		return status;
	}
	if (!obol_transfer_code_secret(t->code,
								   (enum obol_transfer_secret)hello.kind))
	{
		return OBOL_ERR_FORMAT;
	}
	if (hello.number != obol_transfer_code_number(t->code))
	{
		transfer_fail(t, OBOL_TRANSFER_OTHER_CODE);
		return OBOL_OK;
	}
	if (!code_is_alive(t))
	{
		return OBOL_OK;
	}
	t->kind = hello.kind;
	memcpy(t->nonce_i, hello.nonce, sizeof(t->nonce_i));
	status = obol_rng_fill(t->rng, t->nonce_r, sizeof(t->nonce_r));
	if (status == OBOL_OK)
	{
		status = set_sid(t);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	memcpy(welcome.nonce, t->nonce_r, sizeof(welcome.nonce));
	obol_writer_init(&w);
	obol_transfer_write_welcome(&w, &welcome);
	t->state = TRANSFER_WAIT_SHARE_I;
	return transfer_put(t, &w);
}

enum obol_status transfer_on_welcome(struct obol_transfer *t,
									 struct obol_bytes body)
{
	struct obol_transfer_hello welcome;
	enum obol_status status = obol_transfer_read_welcome(body, &welcome);

	if (status != OBOL_OK)
	{
		return status;
	}
	if (obol_bytes_eq(obol_bytes(welcome.nonce, sizeof(welcome.nonce)),
					  obol_bytes(t->nonce_i, sizeof(t->nonce_i))))
	{
		transfer_fail(t, OBOL_TRANSFER_REFLECTED);
		return OBOL_OK;
	}
	memcpy(t->nonce_r, welcome.nonce, sizeof(t->nonce_r));
	status = set_sid(t);
	if (status == OBOL_OK && code_is_alive(t))
	{
		t->state = TRANSFER_WAIT_SHARE_R;
		status = make_share(t);
	}
	if (status == OBOL_OK && t->state == TRANSFER_WAIT_SHARE_R)
	{
		status = put_share(t);
	}
	return status;
}

/* The peer's share and data, which must be the other role's and none of ours.
 */
static enum obol_status take_share(struct obol_transfer *t,
								   struct obol_bytes body)
{
	enum obol_transfer_role wanted =
		t->is_sender ? OBOL_TRANSFER_INITIATOR : OBOL_TRANSFER_RESPONDER;

	if (body.len != sizeof(t->peer.y) + sizeof(t->peer.ad))
	{
		return OBOL_ERR_FORMAT;
	}
	memcpy(t->peer.y, body.ptr, sizeof(t->peer.y));
	memcpy(t->peer.ad, body.ptr + sizeof(t->peer.y), sizeof(t->peer.ad));
	if (t->peer.ad[0] == own_role(t) ||
		memcmp(t->peer.y, t->own.y, sizeof(t->own.y)) == 0 ||
		memcmp(t->peer.ad + 1, t->own.ad + 1, OBOL_TRANSFER_AD_RANDOM_LEN) == 0)
	{
		transfer_fail(t, OBOL_TRANSFER_REFLECTED);
		return OBOL_OK;
	}
	return t->peer.ad[0] == wanted ? OBOL_OK : OBOL_ERR_FORMAT;
}

static struct obol_cpace_message message_of(const struct transfer_share *share)
{
	struct obol_cpace_message message = {
		obol_bytes(share->y, sizeof(share->y)),
		obol_bytes(share->ad, sizeof(share->ad)),
	};

	return message;
}

static enum obol_status make_isk(struct obol_transfer *t)
{
	struct obol_cpace_message own = message_of(&t->own);
	struct obol_cpace_message peer = message_of(&t->peer);

	return obol_cpace_isk(&t->y, peer.y, obol_bytes(t->sid, sizeof(t->sid)),
						  t->is_sender ? &peer : &own,
						  t->is_sender ? &own : &peer, &t->isk);
}

static enum obol_status make_keys(struct obol_transfer *t)
{
	t->sealed = malloc(OBOL_TRANSFER_BODY_MAX);
	t->content = obol_secret_new(OBOL_TRANSFER_CONTENT_MAX);
	if (!t->sealed || !t->content)
	{
		return OBOL_ERR_NOMEM;
	}
	return obol_transfer_keys_derive(
		&t->keys, t->isk, obol_bytes(t->sid, sizeof(t->sid)), own_role(t));
}

/* Our tag, and right behind it the first record: who we are. */
static enum obol_status put_tag(struct obol_transfer *t)
{
	struct obol_cpace_message own = message_of(&t->own);
	uint8_t tag[OBOL_CPACE_TAG_LEN];
	struct obol_writer w, intro;
	enum obol_status status;

	status =
		obol_cpace_tag(t->isk, obol_bytes(t->sid, sizeof(t->sid)), &own, tag);
	if (status != OBOL_OK)
	{
		return status;
	}
	obol_writer_init(&w);
	obol_transfer_write_frame(
		&w, t->is_sender ? OBOL_TRANSFER_TAG_R : OBOL_TRANSFER_TAG_I,
		obol_bytes(tag, sizeof(tag)), obol_bytes(NULL, 0));
	obol_writer_init(&intro);
	obol_transfer_write_intro(&intro, t->opening, t->name);
	status = obol_writer_status(&intro);
	if (status == OBOL_OK)
	{
		struct obol_bytes content = obol_writer_view(&intro);

		status =
			obol_record_seal(&t->keys.send, OBOL_TRANSFER_INTRO,
							 obol_bytes(content.ptr + 1, content.len - 1), &w);
	}
	obol_writer_clear(&intro);
	if (status != OBOL_OK)
	{
		obol_writer_clear(&w);
		return status;
	}
	return transfer_put(t, &w);
}

/* The responder answers with its own share only once the peer's is a point: a
 * contact that is malformed makes nobody send a tag. */
static enum obol_status answer_share(struct obol_transfer *t,
									 struct obol_bytes body)
{
	/* ours first, so that an equal one shows */
	enum obol_status status = make_share(t);

	if (status == OBOL_OK)
	{
		status = take_share(t, body);
	}
	if (status != OBOL_OK || t->state == TRANSFER_STATE_OVER)
	{
		return status;
	}
	status = make_isk(t);
	if (status == OBOL_OK)
	{
		t->state = TRANSFER_WAIT_TAG_I;
		status = put_share(t);
	}
	return status;
}

enum obol_status transfer_on_share(struct obol_transfer *t,
								   struct obol_bytes body)
{
	enum obol_status status;

	if (t->is_sender)
	{
		return answer_share(t, body);
	}
	status = take_share(t, body);
	if (status != OBOL_OK || t->state == TRANSFER_STATE_OVER)
	{
		return status;
	}
	status = make_isk(t);
	if (status == OBOL_OK)
	{
		status = make_keys(t);
	}
	if (status != OBOL_OK || !code_is_alive(t))
	{
		return status;
	}
	/* from here on the peer can test one guess, and never another */
	(void)obol_transfer_code_spend(t->code);
	t->state = TRANSFER_WAIT_TAG_R;
	return put_tag(t);
}

/* True when the tag is the peer's. */
static enum obol_status check_tag(const struct obol_transfer *t,
								  struct obol_bytes tag, bool *is_right)
{
	struct obol_cpace_message peer = message_of(&t->peer);
	uint8_t expected[OBOL_CPACE_TAG_LEN];
	enum obol_status status;

	status = obol_cpace_tag(t->isk, obol_bytes(t->sid, sizeof(t->sid)), &peer,
							expected);
	if (status == OBOL_OK)
	{
		*is_right = obol_ct_eq(tag.ptr, expected, sizeof(expected));
	}
	obol_wipe(expected, sizeof(expected));
	return status;
}

enum obol_status transfer_on_tag_i(struct obol_transfer *t,
								   struct obol_bytes body)
{
	bool is_right = false;
	enum obol_status status;

	if (body.len != OBOL_CPACE_TAG_LEN)
	{
		return OBOL_ERR_FORMAT;
	}
	if (!code_is_alive(t))
	{
		return OBOL_OK;
	}
	/* before it is compared: the answer, any answer, tells the peer whether
	 * its guess was right */
	(void)obol_transfer_code_spend(t->code);
	status = check_tag(t, body, &is_right);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (!is_right)
	{
		transfer_fail(t, OBOL_TRANSFER_WRONG_CODE);
		return OBOL_OK;
	}
	status = make_keys(t);
	if (status != OBOL_OK)
	{
		return status;
	}
	t->is_confirmed = true;
	t->state = TRANSFER_WAIT_INTRO;
	return put_tag(t);
}

enum obol_status transfer_on_tag_r(struct obol_transfer *t,
								   struct obol_bytes body)
{
	bool is_right = false;
	enum obol_status status;

	if (body.len != OBOL_CPACE_TAG_LEN)
	{
		return OBOL_ERR_FORMAT;
	}
	status = check_tag(t, body, &is_right);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (!is_right)
	{
		transfer_fail(t, OBOL_TRANSFER_WRONG_CODE);
		return OBOL_OK;
	}
	t->is_confirmed = true;
	t->state = TRANSFER_WAIT_INTRO;
	return OBOL_OK;
}

enum obol_status transfer_on_intro(struct obol_transfer *t,
								   struct obol_bytes body)
{
	uint8_t opening[OBOL_TRANSFER_OPENING_LEN];
	uint8_t commitment[OBOL_TRANSFER_COMMITMENT_LEN];
	char name[OBOL_TRANSFER_NAME_MAX + 1];
	enum obol_status status = obol_transfer_read_intro(body, opening, name);

	if (status == OBOL_OK)
	{
		status = obol_transfer_commit(opening, name, commitment);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	/* the name that the associated data has promised */
	if (memcmp(commitment, t->peer.ad + 1 + OBOL_TRANSFER_AD_RANDOM_LEN,
			   sizeof(commitment)) != 0)
	{
		return OBOL_ERR_FORMAT;
	}
	memcpy(t->peer_name, name, sizeof(t->peer_name));
	t->event = OBOL_TRANSFER_PEER;
	t->state = TRANSFER_WAIT_OFFER;
	return t->is_sender ? transfer_offer(t) : OBOL_OK;
}
