/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A transfer's plumbing: frames in and out, and what may come when. */
#include "transfer/machine.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "pake/kdf.h"

/* What may come in clear, and who takes it. */
static const struct {
	enum transfer_state state;
	enum obol_transfer_message message;
	transfer_handler *handler;
} clear_table[] = {
	{ TRANSFER_WAIT_HELLO, OBOL_TRANSFER_HELLO, transfer_on_hello },
	{ TRANSFER_WAIT_WELCOME, OBOL_TRANSFER_WELCOME, transfer_on_welcome },
	{ TRANSFER_WAIT_SHARE_I, OBOL_TRANSFER_SHARE_I, transfer_on_share },
	{ TRANSFER_WAIT_SHARE_R, OBOL_TRANSFER_SHARE_R, transfer_on_share },
	{ TRANSFER_WAIT_TAG_I, OBOL_TRANSFER_TAG_I, transfer_on_tag_i },
	{ TRANSFER_WAIT_TAG_R, OBOL_TRANSFER_TAG_R, transfer_on_tag_r },
};

/* What may come in a record; a Cancel may at any time. */
static const struct {
	enum transfer_state state;
	enum obol_transfer_content content;
	transfer_handler *handler;
} record_table[] = {
	{ TRANSFER_WAIT_INTRO, OBOL_TRANSFER_INTRO, transfer_on_intro },
	{ TRANSFER_WAIT_OFFER, OBOL_TRANSFER_OFFERED, transfer_on_offer },
	{ TRANSFER_TAKING, OBOL_TRANSFER_BYTES, transfer_on_bytes },
	{ TRANSFER_TAKING, OBOL_TRANSFER_FINISHED, transfer_on_finished },
	{ TRANSFER_WAIT_RECEIPT, OBOL_TRANSFER_RECEIPT, transfer_on_receipt },
};

/*
 * Life
 */

static enum obol_status new_transfer(struct obol_transfer_code *code,
									 const char *device, struct obol_rng *rng,
									 struct obol_transfer **transfer)
{
	struct obol_transfer *t;

	if (!obol_transfer_name_is_sound(obol_bytes_str(device)))
	{
		return OBOL_ERR_ARG;
	}
	t = calloc(1, sizeof(*t));
	if (!t)
	{
		return OBOL_ERR_NOMEM;
	}
	obol_outbox_init(&t->output);
	t->code = code;
	t->rng = rng ? rng : obol_rng_system();
	memcpy(t->name, device, strlen(device));
	*transfer = t;
	return OBOL_OK;
}

enum obol_status obol_transfer_send_new(struct obol_transfer_code *code,
										const char *device,
										const struct obol_transfer_item *items,
										size_t n_items, struct obol_rng *rng,
										struct obol_transfer **transfer)
{
	struct obol_transfer *t = NULL;
	struct obol_writer w;
	enum obol_status status;

	/* what no peer would take is the caller's mistake, and told now */
	obol_writer_init(&w);
	obol_transfer_write_offer(&w, items, n_items);
	status = obol_writer_status(&w);
	obol_writer_clear(&w);
	if (status == OBOL_OK)
	{
		status = new_transfer(code, device, rng, &t);
	}
	if (status == OBOL_OK)
	{
		t->is_sender = true;
		t->state = TRANSFER_WAIT_HELLO;
		memcpy(t->items, items, n_items * sizeof(items[0]));
		t->n_items = n_items;
		*transfer = t;
	}
	return status;
}

enum obol_status obol_transfer_receive_new(struct obol_transfer_code *code,
										   const char *device,
										   struct obol_rng *rng,
										   struct obol_transfer **transfer)
{
	struct obol_transfer *t = NULL;
	enum obol_status status = new_transfer(code, device, rng, &t);

	if (status != OBOL_OK)
	{
		return status;
	}
	t->state = TRANSFER_WAIT_WELCOME;
	t->kind = (uint8_t)obol_transfer_code_kind(code);
	status = transfer_start(t);
	if (status != OBOL_OK)
	{
		obol_transfer_free(t);
		return status;
	}
	*transfer = t;
	return OBOL_OK;
}

static void clear_secrets(struct obol_transfer *t)
{
	obol_scalar_clear(&t->y);
	obol_secret_free(t->isk);
	t->isk = NULL;
	obol_transfer_keys_clear(&t->keys);
	obol_secret_free(t->content);
	t->content = NULL;
	t->data = obol_bytes(NULL, 0);
}

void obol_transfer_free(struct obol_transfer *t)
{
	if (t)
	{
		clear_secrets(t);
		EVP_MD_CTX_free(t->digest);
		free(t->sealed);
		obol_outbox_clear(&t->output);
		obol_wipe(t, sizeof(*t));
		free(t);
	}
}

/*
 * The end
 */

void transfer_finish(struct obol_transfer *t, enum obol_transfer_end end)
{
	if (t->state != TRANSFER_STATE_OVER)
	{
		t->state = TRANSFER_STATE_OVER;
		t->end = end;
		t->event = OBOL_TRANSFER_OVER;
		clear_secrets(t);
	}
}

void transfer_fail(struct obol_transfer *t, enum obol_transfer_end end)
{
	uint8_t reason = obol_transfer_reason_of(end);
	struct obol_writer w;

	if (t->state == TRANSFER_STATE_OVER)
	{
		return;
	}
	/* all was sent, and may well be stored, whatever happens to the receipt */
	if (t->state == TRANSFER_WAIT_RECEIPT)
	{
		end = OBOL_TRANSFER_UNCONFIRMED;
	}
	/* that the peer hears of it is a courtesy: no memory, no courtesy */
	if (reason && t->is_confirmed && !t->has_lost_record)
	{
		(void)!transfer_put_record(t, OBOL_TRANSFER_CANCEL,
								   obol_bytes(&reason, 1));
	}
	else if (reason && !t->is_confirmed)
	{
		obol_writer_init(&w);
		obol_transfer_write_frame(&w, OBOL_TRANSFER_REFUSE,
								  obol_bytes(&reason, 1), obol_bytes(NULL, 0));
		(void)!transfer_put(t, &w);
	}
	transfer_finish(t, end);
}

static void fail_status(struct obol_transfer *t, enum obol_status status)
{
	switch (status)
	{
		case OBOL_ERR_FORMAT:
			transfer_fail(t, OBOL_TRANSFER_PROTOCOL);
			break;
		case OBOL_ERR_VERSION:
			transfer_fail(t, OBOL_TRANSFER_VERSION);
			break;
		case OBOL_ERR_AUTH:
			transfer_fail(t, OBOL_TRANSFER_ALTERED);
			break;
		default:
			transfer_fail(t, OBOL_TRANSFER_INTERNAL);
			break;
	}
}

/* The connection has ended, or the peer broke off with a word that nothing
 * vouches for. */
static enum obol_transfer_end end_of_contact(const struct obol_transfer *t)
{
	if (t->state == TRANSFER_WAIT_RECEIPT)
	{
		return OBOL_TRANSFER_UNCONFIRMED;
	}
	return t->is_confirmed || t->state == TRANSFER_WAIT_TAG_R
			   ? OBOL_TRANSFER_LOST
			   : OBOL_TRANSFER_NO_CONTACT;
}

void obol_transfer_closed(struct obol_transfer *t)
{
	/* what has come whole can be stored, whoever hears of it */
	if (t->state != TRANSFER_STORING)
	{
		transfer_finish(t, end_of_contact(t));
	}
}

void obol_transfer_cancel(struct obol_transfer *t, enum obol_transfer_end why)
{
	transfer_fail(t, why);
}

/*
 * In
 */

/* A message that this side itself sends has come back. */
static bool is_own_message(const struct obol_transfer *t, uint8_t type)
{
	switch (type)
	{
		case OBOL_TRANSFER_HELLO:
		case OBOL_TRANSFER_SHARE_I:
		case OBOL_TRANSFER_TAG_I:
			return !t->is_sender;
		case OBOL_TRANSFER_WELCOME:
		case OBOL_TRANSFER_SHARE_R:
		case OBOL_TRANSFER_TAG_R:
			return t->is_sender;
		default:
			return false;
	}
}

/* The peer breaks off. Before the keys its reason is only what somebody says;
 * and nobody can say that our guess was wrong unless we made one. */
static void on_refuse(struct obol_transfer *t, struct obol_bytes body)
{
	enum obol_transfer_end end;

	if (body.len != 1)
	{
		transfer_finish(t, OBOL_TRANSFER_PROTOCOL);
		return;
	}
	end = obol_transfer_end_of(body.ptr[0]);
	if (t->is_confirmed)
	{
		end = end_of_contact(t);
	}
	else if ((end == OBOL_TRANSFER_WRONG_CODE &&
			  t->state != TRANSFER_WAIT_TAG_R) ||
			 end == OBOL_TRANSFER_DECLINED || end == OBOL_TRANSFER_NOT_STORED ||
			 end == OBOL_TRANSFER_UNUSABLE)
	{
		end = OBOL_TRANSFER_PROTOCOL;
	}
	transfer_finish(t, end);
}

static void on_cancel(struct obol_transfer *t, struct obol_bytes rest)
{
	transfer_finish(t, rest.len == 1 ? obol_transfer_end_of(rest.ptr[0])
									 : OBOL_TRANSFER_PROTOCOL);
}

static void on_content(struct obol_transfer *t, struct obol_bytes content)
{
	struct obol_bytes rest = obol_bytes(content.ptr + 1, content.len - 1);
	enum obol_status status = OBOL_ERR_FORMAT;
	size_t i;

	if (content.ptr[0] == OBOL_TRANSFER_CANCEL)
	{
		on_cancel(t, rest);
		return;
	}
	for (i = 0; i < sizeof(record_table) / sizeof(record_table[0]); i++)
	{
		if (record_table[i].state == t->state &&
			record_table[i].content == content.ptr[0])
		{
			status = record_table[i].handler(t, rest);
			break;
		}
	}
	if (status != OBOL_OK)
	{
		fail_status(t, status);
	}
}

static void on_record(struct obol_transfer *t)
{
	enum obol_status status;

	status = obol_record_open(&t->keys.receive, t->header,
							  obol_bytes(t->sealed, t->body_len),
							  obol_secret_ptr(t->content));
	if (status != OBOL_OK)
	{
		fail_status(t, status);
		return;
	}
	on_content(t, obol_bytes(obol_secret_ptr(t->content),
							 t->body_len - OBOL_TRANSFER_SEAL_LEN));
}

static void on_frame(struct obol_transfer *t)
{
	struct obol_bytes body = obol_bytes(t->clear, t->body_len);
	enum obol_status status = OBOL_ERR_FORMAT;
	size_t i;

	if (t->header[0] == OBOL_TRANSFER_RECORD)
	{
		on_record(t);
		return;
	}
	if (t->header[0] == OBOL_TRANSFER_REFUSE)
	{
		on_refuse(t, body);
		return;
	}
	if (is_own_message(t, t->header[0]))
	{
		transfer_fail(t, OBOL_TRANSFER_REFLECTED);
		return;
	}
	for (i = 0; i < sizeof(clear_table) / sizeof(clear_table[0]); i++)
	{
		if (clear_table[i].state == t->state &&
			clear_table[i].message == t->header[0])
		{
			status = clear_table[i].handler(t, body);
			break;
		}
	}
	if (status != OBOL_OK)
	{
		fail_status(t, status);
	}
}

/* The header is whole: is a body of that length wanted at all? */
static bool header_is_sound(struct obol_transfer *t)
{
	t->body_len = (size_t)t->header[1] << 16 | (size_t)t->header[2] << 8 |
				  (size_t)t->header[3];
	t->n_body = 0;
	if (t->header[0] == OBOL_TRANSFER_RECORD)
	{
		return t->is_confirmed && t->body_len <= OBOL_TRANSFER_BODY_MAX;
	}
	return t->body_len <= OBOL_TRANSFER_CLEAR_MAX;
}

static size_t fill(uint8_t *buf, size_t *have, size_t want,
				   struct obol_bytes in)
{
	size_t n = want - *have < in.len ? want - *have : in.len;

	if (n)
	{
		memcpy(buf + *have, in.ptr, n);
		*have += n;
	}
	return n;
}

/* An answer of the caller's is due, or it is over. */
static bool takes_nothing(const struct obol_transfer *t)
{
	return t->event != OBOL_TRANSFER_NOTHING || t->state == TRANSFER_ASKING ||
		   t->state == TRANSFER_STORING || t->state == TRANSFER_STATE_OVER;
}

void obol_transfer_input(struct obol_transfer *t, struct obol_bytes in,
						 uint64_t now_ms, size_t *used)
{
	size_t n;

	*used = 0;
	t->now_ms = now_ms;
	if (takes_nothing(t))
	{
		return;
	}
	if (t->n_header < sizeof(t->header))
	{
		n = fill(t->header, &t->n_header, sizeof(t->header), in);
		*used += n;
		in = obol_bytes(in.ptr + n, in.len - n);
		if (t->n_header < sizeof(t->header))
		{
			return;
		}
		if (!header_is_sound(t))
		{
			transfer_fail(t, OBOL_TRANSFER_PROTOCOL);
			return;
		}
	}
	*used += fill(t->header[0] == OBOL_TRANSFER_RECORD ? t->sealed : t->clear,
				  &t->n_body, t->body_len, in);
	if (t->n_body == t->body_len)
	{
		t->n_header = 0;
		on_frame(t);
	}
}

/*
 * Out
 */

enum obol_status transfer_put(struct obol_transfer *t,
							  struct obol_writer *frames)
{
	return obol_outbox_put(&t->output, frames);
}

enum obol_status transfer_put_record(struct obol_transfer *t,
									 enum obol_transfer_content type,
									 struct obol_bytes content)
{
	struct obol_writer w;
	enum obol_status status;

	obol_writer_init(&w);
	status = obol_record_seal(&t->keys.send, type, content, &w);
	if (status == OBOL_OK)
	{
		status = transfer_put(t, &w);
	}
	else
	{
		obol_writer_clear(&w);
	}
	t->has_lost_record = status != OBOL_OK;
	return status;
}

struct obol_bytes obol_transfer_output(const struct obol_transfer *t)
{
	return obol_outbox_view(&t->output);
}

void obol_transfer_sent(struct obol_transfer *t, size_t len)
{
	obol_outbox_sent(&t->output, len);
}

/*
 * What the caller asks
 */

enum obol_transfer_event obol_transfer_event(struct obol_transfer *t)
{
	enum obol_transfer_event event = t->event;

	t->event = OBOL_TRANSFER_NOTHING;
	return event;
}

enum obol_transfer_end obol_transfer_end(const struct obol_transfer *t)
{
	return t->end;
}

bool obol_transfer_is_confirmed(const struct obol_transfer *t)
{
	return t->is_confirmed;
}

const char *obol_transfer_peer(const struct obol_transfer *t)
{
	return t->peer_name;
}

const struct obol_transfer_item *
obol_transfer_items(const struct obol_transfer *t, size_t *n)
{
	*n = t->n_items;
	return t->items;
}
