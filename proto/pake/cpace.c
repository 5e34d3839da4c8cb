/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPACE-P256_XMD:SHA-256_SSWU_NU_-SHA256, initiator/responder mode. */
#include "pake/cpace.h"
#include "base/ct_check.h"
#include "base/writer.h"
#include "group/hash_to_curve.h"
#include "pake/kdf.h"

/* G.DSI (draft, 8.4.1); its dst and the ISK's prefix are made of it. */
#define DSI "CPaceP256_XMD:SHA-256_SSWU_NU_"
#define DST DSI "_DST"
#define DSI_ISK DSI "_ISK"
#define DSI_MAC "CPaceMac"
#define DSI_SID_OUTPUT "CPaceSidOutput"

/* H.s_in_bytes for SHA-256: its input block (draft, 7.1). */
#define HASH_BLOCK_LEN 64
/* Bits of a length in each byte of LEB128. */
#define LEB128_BITS 7

#define CONSTANT(text) obol_bytes(text, sizeof(text) - 1)

static const uint8_t zeros[HASH_BLOCK_LEN];

/* prepend_len (draft, Appendix A): the length as LEB128, then the bytes. */
static void write_lv(struct obol_writer *w, struct obol_bytes bytes)
{
	size_t len = bytes.len;

	while (len >> LEB128_BITS)
	{
		obol_write_u8(w, (uint8_t)(0x80 | (len & 0x7f)));
		len >>= LEB128_BITS;
	}
	obol_write_u8(w, (uint8_t)len);
	obol_write_bytes(w, bytes);
}

static size_t lv_len(size_t len)
{
	size_t n = 1;
	size_t rest = len;

	while (rest >>= LEB128_BITS)
	{
		n++;
	}
	return n + len;
}

static bool field_is_sound(struct obol_bytes field)
{
	return field.len <= OBOL_CPACE_FIELD_MAX;
}

static bool message_is_sound(const struct obol_cpace_message *message)
{
	return message->y.len == OBOL_CPACE_SHARE_LEN &&
		   field_is_sound(message->ad);
}

/* generator_string (draft, 7.1): DSI and PRS fill the first hash block. */
static void write_generator_string(struct obol_writer *w,
								   const struct obol_cpace_context *context)
{
	struct obol_bytes prs = obol_secret_view(context->prs);
	size_t used = lv_len(prs.len) + lv_len(sizeof(DSI) - 1) + 1;

	write_lv(w, CONSTANT(DSI));
	write_lv(w, prs);
	write_lv(w, obol_bytes(zeros,
						   used < HASH_BLOCK_LEN ? HASH_BLOCK_LEN - used : 0));
	write_lv(w, context->ci);
	write_lv(w, context->sid);
}

enum obol_status
obol_cpace_calculate_generator(const struct obol_cpace_context *context,
							   struct obol_p256_point *out)
{
	size_t prs_len = obol_secret_len(context->prs);
	struct obol_writer w;
	struct obol_bytes string;
	enum obol_status status;

	if (prs_len == 0 || prs_len > OBOL_CPACE_FIELD_MAX ||
		!field_is_sound(context->ci) || !field_is_sound(context->sid))
	{
		return OBOL_ERR_ARG;
	}
	obol_writer_init(&w);
	write_generator_string(&w, context);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		string = obol_writer_view(&w);
		status = obol_encode_to_curve(&string, 1, CONSTANT(DST), out);
	}
	obol_writer_clear(&w);
	return status;
}

enum obol_status obol_cpace_share(struct obol_rng *rng,
								  const struct obol_cpace_context *context,
								  struct obol_scalar *y,
								  uint8_t share[OBOL_CPACE_SHARE_LEN])
{
	struct obol_p256_point point = { 0 };
	enum obol_status status;

	obol_scalar_clear(y);
	status = obol_cpace_calculate_generator(context, &point);
	if (status == OBOL_OK)
	{
		status = obol_scalar_random(rng, y);
	}
	if (status == OBOL_OK)
	{
		status = obol_p256_mul(y, &point, &point);
	}
	if (status == OBOL_OK)
	{
		obol_p256_encode_uncompressed(share, &point);
		/* public: it goes to the peer, the scalar hides the secret */
		obol_ct_public(share, OBOL_CPACE_SHARE_LEN);
	}
	else
	{
		obol_scalar_clear(y);
	}
	obol_p256_clear(&point);
	return status;
}

/* transcript_ir (draft, Appendix A): lv_cat(Ya, ADa) || lv_cat(Yb, ADb) */
static void write_transcript(struct obol_writer *w,
							 const struct obol_cpace_message *a,
							 const struct obol_cpace_message *b)
{
	write_lv(w, a->y);
	write_lv(w, a->ad);
	write_lv(w, b->y);
	write_lv(w, b->ad);
}

/* H.hash(lv_cat(DSI_ISK, sid, K) || transcript_ir) (draft, 7.2) */
static enum obol_status hash_isk(const uint8_t *k, struct obol_bytes sid,
								 const struct obol_cpace_message *a,
								 const struct obol_cpace_message *b,
								 struct obol_secret *isk)
{
	struct obol_bytes string;
	struct obol_writer w;
	enum obol_status status;

	obol_writer_init(&w);
	write_lv(&w, CONSTANT(DSI_ISK));
	write_lv(&w, sid);
	write_lv(&w, obol_bytes(k, OBOL_NUMBER_LEN));
	write_transcript(&w, a, b);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		string = obol_writer_view(&w);
		status = obol_sha256(&string, 1, obol_secret_ptr(isk));
	}
	obol_writer_clear(&w);
	return status;
}

enum obol_status obol_cpace_isk(struct obol_scalar *y, struct obol_bytes peer_y,
								struct obol_bytes sid,
								const struct obol_cpace_message *a,
								const struct obol_cpace_message *b,
								struct obol_secret **isk)
{
	struct obol_p256_point point = { 0 };
	struct obol_secret *key = NULL;
	uint8_t k[OBOL_NUMBER_LEN];
	enum obol_status status;

	/* scalar_mult_vfy (draft, 8.4.1): the identity has no encoding here, and
	 * what is not on the curve is refused */
	status = obol_p256_decode_uncompressed(peer_y, &point);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = OBOL_ERR_ARG;
	if (!message_is_sound(a) || !message_is_sound(b) || !field_is_sound(sid))
	{
		goto out;
	}
	status = obol_p256_mul(y, &point, &point);
	if (status != OBOL_OK)
	{
		goto out;
	}
	key = obol_secret_new(OBOL_CPACE_ISK_LEN);
	status = OBOL_ERR_NOMEM;
	if (!key)
	{
		goto out;
	}
	obol_field_to_bytes(k, &point.x);
	status = hash_isk(k, sid, a, b, key);
	obol_wipe(k, sizeof(k));
	if (status == OBOL_OK)
	{
		*isk = key;
		key = NULL; /* moved to the caller */
	}
out:
	obol_secret_free(key);
	obol_p256_clear(&point);
	obol_scalar_clear(y);
	return status;
}

enum obol_status obol_cpace_tag(const struct obol_secret *isk,
								struct obol_bytes sid,
								const struct obol_cpace_message *own,
								uint8_t tag[OBOL_CPACE_TAG_LEN])
{
	struct obol_bytes parts[] = { CONSTANT(DSI_MAC), sid,
								  obol_secret_view(isk) };
	struct obol_secret *mac_key = NULL;
	struct obol_bytes message;
	struct obol_writer w;
	enum obol_status status = OBOL_ERR_ARG;

	obol_writer_init(&w);
	if (!message_is_sound(own) || !field_is_sound(sid))
	{
		goto out;
	}
	mac_key = obol_secret_new(OBOL_SHA256_LEN);
	status = mac_key ? obol_sha256(parts, 3, obol_secret_ptr(mac_key))
					 : OBOL_ERR_NOMEM;
	if (status != OBOL_OK)
	{
		goto out;
	}
	write_lv(&w, own->y);
	write_lv(&w, own->ad);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		message = obol_writer_view(&w);
		status = obol_hmac_sha256(mac_key, &message, 1, tag);
	}
out:
	obol_writer_clear(&w);
	obol_secret_free(mac_key);
	return status;
}

enum obol_status obol_cpace_sid_output(const struct obol_cpace_message *a,
									   const struct obol_cpace_message *b,
									   uint8_t out[OBOL_SHA256_LEN])
{
	struct obol_bytes string;
	struct obol_writer w;
	enum obol_status status;

	if (!message_is_sound(a) || !message_is_sound(b))
	{
		return OBOL_ERR_ARG;
	}
	obol_writer_init(&w);
	obol_write_bytes(&w, CONSTANT(DSI_SID_OUTPUT));
	write_transcript(&w, a, b);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		string = obol_writer_view(&w);
		status = obol_sha256(&string, 1, out);
	}
	obol_writer_clear(&w);
	return status;
}
