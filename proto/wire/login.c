/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The login's messages. */
#include "wire/login.h"
#include "base/reader.h"
#include "wire/field.h"
#include "wire/frame.h"

#define CONTEXT_LABEL "Obol-v1"

static const struct obol_bounds source_bounds = { 0, OBOL_SOURCE_MAX };
static const struct obol_bounds text_bounds = { 0, OBOL_TEXT_MAX };
static const struct obol_bounds wrap_bounds = { 0, OBOL_WRAP_MAX };

void obol_write_ksf_params(struct obol_writer *w,
						   const struct obol_ksf_params *params)
{
	obol_write_expect(w, (unsigned)params->id <= UINT8_MAX);
	obol_write_u8(w, (uint8_t)params->id);
	obol_write_u8(w, params->log2_n);
	obol_write_u16(w, params->r);
	obol_write_u16(w, params->p);
}

void obol_read_ksf_params(struct obol_reader *r, struct obol_ksf_params *params)
{
	params->id = (enum obol_ksf_id)obol_read_u8(r);
	params->log2_n = obol_read_u8(r);
	params->r = obol_read_u16(r);
	params->p = obol_read_u16(r);
}

static bool is_name(struct obol_bytes name)
{
	return name.len >= 1 && name.len <= OBOL_NAME_MAX &&
		   !memchr(name.ptr, 0, name.len);
}

static bool is_zero(struct obol_bytes bytes)
{
	uint8_t any = 0;
	size_t i;

	for (i = 0; i < bytes.len; i++)
	{
		any |= bytes.ptr[i];
	}
	return any == 0;
}

void obol_login_start_encode(struct obol_writer *w,
							 const struct obol_login_start *msg)
{
	size_t mark = obol_frame_open(w, OBOL_LOGIN_START);

	if (!is_name(msg->name))
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
		return;
	}
	obol_write_u16(w, msg->suite);
	obol_write_u8(w, msg->mechanism);
	obol_write_u8(w, msg->kind);
	obol_write_vec8(w, msg->name);
	obol_write_zeros(w, OBOL_NAME_MAX - msg->name.len);
	obol_write_device_id(w, msg->kind, msg->device_id);
	obol_write_fixed(w, msg->ke1, OBOL_OPAQUE_KE1_LEN);
	obol_frame_close(w, mark);
}

enum obol_status obol_login_start_decode(struct obol_bytes body,
										 struct obol_login_start *msg)
{
	struct obol_reader r = obol_reader_over(body);
	struct obol_login_start start;
	enum obol_status status;

	start.suite = obol_read_u16(&r);
	start.mechanism = obol_read_u8(&r);
	start.kind = obol_read_u8(&r);
	start.name = obol_read_vec8(&r, OBOL_NAME_MAX);
	obol_read_expect(&r, is_name(start.name));
	obol_read_expect(
		&r, is_zero(obol_read_fixed(&r, OBOL_NAME_MAX - start.name.len)));
	obol_read_device_id(&r, start.kind, start.device_id);
	start.ke1 = obol_read_fixed(&r, OBOL_OPAQUE_KE1_LEN);
	status = obol_read_end(&r);
	if (status == OBOL_OK)
	{
		*msg = start;
	}
	return status;
}

void obol_login_challenge_encode(struct obol_writer *w,
								 const struct obol_login_challenge *msg)
{
	size_t mark = obol_frame_open(w, OBOL_LOGIN_CHALLENGE);

	obol_write_ksf_params(w, &msg->ksf);
	obol_write_u32(w, msg->key_number);
	obol_write_fixed(w, msg->ke2, OBOL_OPAQUE_KE2_LEN);
	obol_frame_close(w, mark);
}

enum obol_status obol_login_challenge_decode(struct obol_bytes body,
											 struct obol_login_challenge *msg)
{
	struct obol_reader r = obol_reader_over(body);
	struct obol_login_challenge challenge;
	enum obol_status status;

	obol_read_ksf_params(&r, &challenge.ksf);
	challenge.key_number = obol_read_u32(&r);
	challenge.ke2 = obol_read_fixed(&r, OBOL_OPAQUE_KE2_LEN);
	status = obol_read_end(&r);
	if (status == OBOL_OK)
	{
		*msg = challenge;
	}
	return status;
}

void obol_login_finish_encode(struct obol_writer *w, struct obol_bytes ke3)
{
	size_t mark = obol_frame_open(w, OBOL_LOGIN_FINISH);

	obol_write_fixed(w, ke3, OBOL_OPAQUE_KE3_LEN);
	obol_frame_close(w, mark);
}

enum obol_status obol_login_finish_decode(struct obol_bytes body,
										  struct obol_bytes *ke3)
{
	struct obol_reader r = obol_reader_over(body);
	struct obol_bytes mac = obol_read_fixed(&r, OBOL_OPAQUE_KE3_LEN);
	enum obol_status status = obol_read_end(&r);

	if (status == OBOL_OK)
	{
		*ke3 = mac;
	}
	return status;
}

static void write_pins(struct obol_writer *w, const struct obol_login_done *msg)
{
	size_t i;

	obol_write_count8(w, msg->n_pins, OBOL_PINS_MAX);
	for (i = 0; i < msg->n_pins && obol_writer_status(w) == OBOL_OK; i++)
	{
		const struct obol_pin *pin = &msg->pins[i];

		obol_write_bytes(w, obol_bytes(pin->opaque_public_key,
									   sizeof(pin->opaque_public_key)));
		obol_write_bytes(
			w, obol_bytes(pin->tls_key_hash, sizeof(pin->tls_key_hash)));
	}
}

static void read_pins(struct obol_reader *r, struct obol_login_done *msg)
{
	size_t i;

	msg->n_pins = obol_read_count8(r, OBOL_PINS_MAX);
	for (i = 0; i < msg->n_pins && obol_reader_ok(r); i++)
	{
		struct obol_pin *pin = &msg->pins[i];

		obol_read_copy(r, pin->opaque_public_key,
					   sizeof(pin->opaque_public_key));
		obol_read_copy(r, pin->tls_key_hash, sizeof(pin->tls_key_hash));
	}
}

static void write_revoked(struct obol_writer *w,
						  const struct obol_login_done *msg)
{
	size_t i;

	obol_write_count8(w, msg->n_revoked, OBOL_LOGIN_REVOKED_MAX);
	for (i = 0; i < msg->n_revoked && obol_writer_status(w) == OBOL_OK; i++)
	{
		const struct obol_serial *serial = &msg->revoked[i];

		obol_write_expect(w, serial->len > 0 && serial->len <= OBOL_SERIAL_MAX);
		obol_write_vec8(w, obol_bytes(serial->bytes, serial->len));
	}
}

static void read_revoked(struct obol_reader *r, struct obol_login_done *msg)
{
	size_t i;

	msg->n_revoked = obol_read_count8(r, OBOL_LOGIN_REVOKED_MAX);
	for (i = 0; i < msg->n_revoked && obol_reader_ok(r); i++)
	{
		struct obol_bytes serial = obol_read_vec8(r, OBOL_SERIAL_MAX);

		obol_read_expect(r, serial.len > 0);
		if (obol_reader_ok(r))
		{
			msg->revoked[i].len = (uint8_t)serial.len;
			memcpy(msg->revoked[i].bytes, serial.ptr, serial.len);
		}
	}
}

void obol_login_done_encode(struct obol_writer *w,
							const struct obol_login_done *msg)
{
	size_t mark = obol_frame_open(w, OBOL_LOGIN_DONE);

	obol_write_data16(w, msg->wrap, wrap_bounds);
	obol_write_u32(w, msg->n_failures);
	obol_write_u64(w, msg->last_failure_at);
	obol_write_text8(w, msg->last_failure_source, source_bounds);
	obol_write_u64(w, msg->last_login_at);
	obol_write_u64(w, msg->server_time);
	obol_write_u8(w, msg->migrate);
	write_pins(w, msg);
	obol_write_u8(w, msg->mode);
	obol_write_u8(w, msg->key_type);
	obol_write_u64(w, msg->account_expires_at);
	obol_write_u32(w, msg->anchors_number);
	write_revoked(w, msg);
	obol_frame_close(w, mark);
}

enum obol_status obol_login_done_decode(struct obol_bytes body,
										struct obol_login_done *msg)
{
	struct obol_reader r = obol_reader_over(body);
	struct obol_login_done done = { 0 };
	enum obol_status status;

	done.wrap = obol_read_data16(&r, wrap_bounds);
	done.n_failures = obol_read_u32(&r);
	done.last_failure_at = obol_read_u64(&r);
	done.last_failure_source = obol_read_text8(&r, source_bounds);
	done.last_login_at = obol_read_u64(&r);
	done.server_time = obol_read_u64(&r);
	done.migrate = obol_read_bool(&r);
	read_pins(&r, &done);
	done.mode = obol_read_u8(&r);
	done.key_type = obol_read_u8(&r);
	done.account_expires_at = obol_read_u64(&r);
	done.anchors_number = obol_read_u32(&r);
	read_revoked(&r, &done);
	status = obol_read_end(&r);
	if (status == OBOL_OK)
	{
		*msg = done;
	}
	return status;
}

void obol_later_encode(struct obol_writer *w, uint32_t seconds)
{
	size_t mark = obol_frame_open(w, OBOL_LATER);

	obol_write_expect(w, seconds > 0);
	obol_write_u32(w, seconds);
	obol_frame_close(w, mark);
}

enum obol_status obol_later_decode(struct obol_bytes body, uint32_t *seconds)
{
	struct obol_reader r = obol_reader_over(body);
	uint32_t value = obol_read_u32(&r);
	enum obol_status status;

	obol_read_expect(&r, value > 0);
	status = obol_read_end(&r);
	if (status == OBOL_OK)
	{
		*seconds = value;
	}
	return status;
}

/* RFC 3767, 3.3: 4xx and 5xx are the refusals */
static bool is_refusal(uint16_t reply)
{
	return reply >= 400 && reply <= 599;
}

void obol_error_encode(struct obol_writer *w,
					   const struct obol_error_message *msg)
{
	size_t mark = obol_frame_open(w, OBOL_ERROR);

	obol_write_expect(w, is_refusal(msg->reply));
	obol_write_u16(w, msg->reply);
	obol_write_u32(w, msg->retry_after_s);
	obol_write_u64(w, msg->version);
	obol_write_text16(w, msg->text, text_bounds);
	obol_frame_close(w, mark);
}

enum obol_status obol_error_decode(struct obol_bytes body,
								   struct obol_error_message *msg)
{
	struct obol_reader r = obol_reader_over(body);
	struct obol_error_message error;
	enum obol_status status;

	error.reply = obol_read_u16(&r);
	obol_read_expect(&r, is_refusal(error.reply));
	error.retry_after_s = obol_read_u32(&r);
	error.version = obol_read_u64(&r);
	error.text = obol_read_text16(&r, text_bounds);
	status = obol_read_end(&r);
	if (status == OBOL_OK)
	{
		*msg = error;
	}
	return status;
}

static uint8_t *put_uint(uint8_t *out, uint32_t value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
	{
		out[i] = (uint8_t)(value >> 8 * (len - 1 - i));
	}
	return out + len;
}

void obol_login_context(const struct obol_login_context *in,
						uint8_t context[OBOL_LOGIN_CONTEXT_LEN])
{
	uint8_t *out = context;

	memcpy(out, CONTEXT_LABEL, sizeof(CONTEXT_LABEL) - 1);
	out += sizeof(CONTEXT_LABEL) - 1;
	out = put_uint(out, in->suite, 2);
	out = put_uint(out, in->mechanism, 1);
	out = put_uint(out, in->kind, 1);
	out = put_uint(out, in->ksf.id, 1);
	out = put_uint(out, in->ksf.log2_n, 1);
	out = put_uint(out, in->ksf.r, 2);
	out = put_uint(out, in->ksf.p, 2);
	out = put_uint(out, in->key_number, 4);
	memcpy(out, in->exporter, OBOL_EXPORTER_LEN);
}

enum obol_status obol_login_oprf_input(struct obol_bytes name,
									   const struct obol_secret *secret,
									   struct obol_secret **input)
{
	size_t secret_len = obol_secret_len(secret);
	struct obol_secret *joined;
	uint8_t *out;

	if (!is_name(name) || secret_len == 0 ||
		secret_len > OBOL_OPRF_INPUT_MAX - 2 - name.len)
	{
		return OBOL_ERR_ARG;
	}
	joined = obol_secret_new(2 + name.len + secret_len);
	if (!joined)
	{
		return OBOL_ERR_NOMEM;
	}
	/* RFC 9807, 9.1 */
	out = put_uint(obol_secret_ptr(joined), (uint32_t)name.len, 2);
	memcpy(out, name.ptr, name.len);
	memcpy(out + name.len, obol_secret_view(secret).ptr, secret_len);
	*input = joined;
	return OBOL_OK;
}
