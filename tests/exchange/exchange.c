/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both sessions in one process. */
#include "exchange/exchange.h"

#include <check.h>
#include <stdlib.h>

const uint8_t fake_device_id[OBOL_DEVICE_ID_LEN] = { 0xd1, 2, 3, 4 };

static const uint8_t exporter[OBOL_EXPORTER_LEN] = { 0xe5, 1 };

void exchange_connect(struct exchange *x)
{
	struct obol_client_session_config config = { .rng = obol_rng_system() };

	obol_client_session_free(x->client);
	obol_server_session_free(x->server);
	memcpy(config.exporter, exporter, sizeof(exporter));
	ck_assert_int_eq(obol_client_session_new(&config, &x->client), OBOL_OK);
	x->server = fake_owner_session(&x->owner, exporter);
	x->owner.is_closed = false;
	x->n_flights = 0;
	x->status = OBOL_OK;
}

void exchange_init(struct exchange *x, enum obol_slot_kind kind)
{
	memset(x, 0, sizeof(*x));
	fake_owner_init(&x->owner);
	fake_owner_add(&x->owner, kind,
				   kind == OBOL_SLOT_DEVICE ? fake_device_id : NULL,
				   exchange_secret(kind));
	exchange_connect(x);
}

void exchange_clear(struct exchange *x)
{
	obol_client_session_free(x->client);
	obol_server_session_free(x->server);
	fake_owner_clear(&x->owner);
}

const char *exchange_secret(enum obol_slot_kind kind)
{
	switch (kind)
	{
		case OBOL_SLOT_PASSWORD:
			return FAKE_PASSWORD;
		case OBOL_SLOT_ACTIVATION:
			return FAKE_CODE;
		case OBOL_SLOT_RECOVERY:
			return FAKE_RECOVERY;
		case OBOL_SLOT_DEVICE:
		case OBOL_SLOT_ENROLMENT:
			break;
	}
	return FAKE_DEVICE_SECRET;
}

void exchange_login(struct exchange *x, enum obol_slot_kind kind,
					const char *secret)
{
	struct obol_secret *typed = obol_secret_dup(secret, strlen(secret));
	struct obol_client_login login = {
		.kind = kind,
		.name = obol_bytes_str(FAKE_ACCOUNT),
		.secret = typed,
	};

	if (kind == OBOL_SLOT_DEVICE)
	{
		memcpy(login.device_id, fake_device_id, sizeof(login.device_id));
	}
	ck_assert_int_eq(obol_client_session_login(x->client, &login), OBOL_OK);
	obol_secret_free(typed);
}

/* a copy, so that a sanitizer sees a view held for too long */
static uint8_t *copy_of(struct exchange *x, struct obol_bytes out,
						bool to_client)
{
	uint8_t *bytes = malloc(out.len);

	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, out.ptr, out.len);
	if (x->tamper)
	{
		x->tamper(x, to_client, bytes, out.len);
	}
	return bytes;
}

static bool to_server(struct exchange *x)
{
	struct obol_bytes out = obol_client_session_output(x->client);
	size_t len = out.len, pos = 0, n;
	uint8_t *bytes;

	if (len == 0)
	{
		return false;
	}
	bytes = copy_of(x, out, false);
	obol_client_session_sent(x->client, len);
	for (; pos < len; pos += n)
	{
		n = x->chunk && x->chunk < len - pos ? x->chunk : len - pos;
		ck_assert_int_eq(
			obol_server_session_input(x->server, obol_bytes(bytes + pos, n)),
			OBOL_OK);
		fake_owner_serve(&x->owner, x->server);
	}
	free(bytes);
	x->n_flights++;
	return true;
}

static bool to_client(struct exchange *x)
{
	struct obol_bytes out = obol_server_session_output(x->server);
	size_t len = out.len, pos = 0, n;
	uint8_t *bytes;

	if (len == 0)
	{
		return false;
	}
	bytes = copy_of(x, out, true);
	obol_server_session_sent(x->server, len);
	for (; pos < len && x->status == OBOL_OK; pos += n)
	{
		n = x->chunk && x->chunk < len - pos ? x->chunk : len - pos;
		x->status =
			obol_client_session_input(x->client, obol_bytes(bytes + pos, n));
	}
	free(bytes);
	fake_owner_serve(&x->owner, x->server);
	x->n_flights++;
	return true;
}

void exchange_run(struct exchange *x)
{
	bool moved = true;

	while (moved)
	{
		moved = to_server(x);
		moved = to_client(x) || moved;
	}
}

void exchange_ready(struct exchange *x, enum obol_slot_kind kind)
{
	exchange_login(x, kind, exchange_secret(kind));
	exchange_run(x);
	ck_assert_int_eq(x->status, OBOL_OK);
	ck_assert_int_eq(obol_client_session_state(x->client), OBOL_CLIENT_READY);
}

void exchange_open(struct exchange *x, enum obol_slot_kind kind)
{
	exchange_ready(x, kind);
	ck_assert_ptr_nonnull(exchange_ask_type(x, OBOL_INFO));
}

const struct obol_answer *exchange_ask(struct exchange *x,
									   const struct obol_request *request)
{
	ck_assert_int_eq(obol_client_session_request(x->client, request), OBOL_OK);
	exchange_run(x);
	return obol_client_session_answer(x->client);
}

const struct obol_answer *exchange_ask_type(struct exchange *x,
											enum obol_frame_type type)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	const struct obol_answer *answer;

	ck_assert_ptr_nonnull(request);
	request->type = type;
	answer = exchange_ask(x, request);
	free(request);
	return answer;
}

unsigned exchange_reply(const struct exchange *x)
{
	return obol_client_session_failure(x->client) == OBOL_FAILURE_REPLY
			   ? obol_client_session_error(x->client)->reply
			   : 0;
}
