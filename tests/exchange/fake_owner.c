/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What owns a server's session in the tests. */
#include "exchange/fake_owner_private.h"
#include "pake/opaque_login.h"
#include "pake/opaque_registration.h"

#include <check.h>
#include <stdlib.h>

#define NO_KSF ((enum obol_ksf_id)0xff)

void fake_owner_init(struct fake_owner *owner)
{
	struct obol_rng *rng = obol_rng_system();

	memset(owner, 0, sizeof(*owner));
	driven_clock_init(&owner->clock, FAKE_START_AT);
	owner->ksf.id = NO_KSF;
	owner->least_ksf = obol_ksf_default;
	owner->answer = calloc(1, sizeof(*owner->answer));
	ck_assert_ptr_nonnull(owner->answer);
	ck_assert_int_eq(obol_rng_secret(rng, OBOL_OPAQUE_NH, &owner->oprf_seed),
					 OBOL_OK);
	ck_assert_int_eq(obol_rng_secret(rng, 32, &owner->fake_seed), OBOL_OK);
	ck_assert_int_eq(obol_opaque_generate_key_pair(rng, &owner->private_key,
												   owner->public_key),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_local_keys_init(&owner->keys, FAKE_KEY_NUMBER,
												 owner->oprf_seed,
												 owner->private_key),
					 OBOL_OK);
	ck_assert_int_eq(obol_account_key_new(rng, &owner->account_key), OBOL_OK);
}

void fake_owner_clear(struct fake_owner *owner)
{
	size_t i;

	for (i = 0; i < owner->n_credentials; i++)
	{
		free(owner->credentials[i].sealed);
	}
	obol_opaque_local_keys_clear(&owner->keys);
	obol_secret_free(owner->oprf_seed);
	obol_secret_free(owner->private_key);
	obol_secret_free(owner->fake_seed);
	obol_account_key_clear(&owner->account_key);
	free(owner->answer);
}

struct obol_bytes fake_owner_identifier(uint8_t kind, const uint8_t *device_id,
										struct obol_bytes name,
										uint8_t out[FAKE_IDENTIFIER_MAX])
{
	out[0] = kind;
	memcpy(out + 1, device_id, OBOL_DEVICE_ID_LEN);
	memcpy(out + 1 + OBOL_DEVICE_ID_LEN, name.ptr, name.len);
	return obol_bytes(out, 1 + OBOL_DEVICE_ID_LEN + name.len);
}

struct fake_slot *fake_owner_find_slot(struct fake_owner *owner, uint8_t kind,
									   const uint8_t *device_id)
{
	size_t i;

	for (i = 0; i < owner->n_slots; i++)
	{
		if (owner->slots[i].kind == kind &&
			memcmp(owner->slots[i].device_id, device_id, OBOL_DEVICE_ID_LEN) ==
				0)
		{
			return &owner->slots[i];
		}
	}
	return NULL;
}

struct fake_slot *fake_owner_make_slot(struct fake_owner *owner, uint8_t kind,
									   const uint8_t *device_id)
{
	struct fake_slot *slot = fake_owner_find_slot(owner, kind, device_id);

	if (!slot)
	{
		ck_assert_uint_lt(owner->n_slots, OBOL_SLOTS_MAX);
		slot = &owner->slots[owner->n_slots++];
	}
	slot->kind = kind;
	memcpy(slot->device_id, device_id, OBOL_DEVICE_ID_LEN);
	return slot;
}

void fake_owner_add(struct fake_owner *owner, enum obol_slot_kind kind,
					const uint8_t *device_id, const char *secret)
{
	struct obol_secret *typed = obol_secret_dup(secret, strlen(secret));

	ck_assert_ptr_nonnull(typed);
	fake_owner_add_secret(owner, kind, device_id, typed);
	obol_secret_free(typed);
}

void fake_owner_add_secret(struct fake_owner *owner, enum obol_slot_kind kind,
						   const uint8_t *device_id,
						   const struct obol_secret *typed)
{
	static const uint8_t none[OBOL_DEVICE_ID_LEN];
	struct fake_slot *slot = fake_owner_make_slot(owner, (uint8_t)kind,
												  device_id ? device_id : none);
	struct obol_bytes name = obol_bytes_str(FAKE_ACCOUNT);
	struct obol_opaque_identities ids = { .client = name };
	struct obol_opaque_registration *state = NULL;
	uint8_t id[FAKE_IDENTIFIER_MAX];
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint8_t public_key[OBOL_OPAQUE_NPK];
	struct obol_secret *input = NULL, *export_key = NULL;
	struct obol_rng *rng = obol_rng_system();
	struct obol_writer w;
	struct obol_ksf ksf;

	slot->ksf =
		kind == OBOL_SLOT_PASSWORD ? obol_ksf_default : obol_ksf_identity;
	ck_assert_int_eq(obol_ksf_init(&ksf, &slot->ksf), OBOL_OK);
	ck_assert_int_eq(obol_login_oprf_input(name, typed, &input), OBOL_OK);
	ck_assert_int_eq(
		obol_opaque_registration_start(rng, input, request, &state), OBOL_OK);
	ck_assert_int_eq(
		obol_opaque_registration_respond(
			&owner->keys, FAKE_KEY_NUMBER,
			fake_owner_identifier(slot->kind, slot->device_id, name, id),
			obol_bytes(request, sizeof(request)), response),
		OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_finish(
						 state, obol_bytes(response, sizeof(response)), &ids,
						 &ksf, slot->record, &export_key, public_key),
					 OBOL_OK);
	obol_writer_init(&w);
	ck_assert_int_eq(
		obol_slot_wrap(rng, export_key, kind, &owner->account_key, &w),
		OBOL_OK);
	slot->wrap_len = obol_writer_view(&w).len;
	memcpy(slot->wrap, obol_writer_view(&w).ptr, slot->wrap_len);
	obol_writer_clear(&w);
	obol_opaque_registration_free(state);
	obol_secret_free(input);
	obol_secret_free(export_key);
}

struct obol_server_session *fake_owner_session(struct fake_owner *owner,
											   const uint8_t *exporter)
{
	struct obol_server_session_config config = {
		.rng = obol_rng_system(),
		.clock = &owner->clock.clock,
		.keys = &owner->keys,
	};
	struct obol_server_session *session = NULL;

	memcpy(config.exporter, exporter, sizeof(config.exporter));
	ck_assert_int_eq(obol_server_session_new(&config, &session), OBOL_OK);
	return session;
}

static struct fake_slot *slot_of(struct fake_owner *owner,
								 const struct obol_login_start *login)
{
	if (!obol_bytes_eq(login->name, obol_bytes_str(FAKE_ACCOUNT)))
	{
		return NULL;
	}
	return fake_owner_find_slot(owner, login->kind, login->device_id);
}

static void on_login_start(struct fake_owner *owner,
						   struct obol_server_session *session)
{
	const struct obol_login_start *login = obol_server_session_login(session);
	const struct fake_slot *slot = slot_of(owner, login);
	struct obol_server_challenge challenge = { .key_number = FAKE_KEY_NUMBER };
	uint8_t id[FAKE_IDENTIFIER_MAX];
	uint8_t fake[OBOL_OPAQUE_RECORD_LEN];
	enum obol_status status;

	owner->n_starts++;
	if (owner->later_s)
	{
		obol_server_session_later(session, owner->later_s);
		return;
	}
	challenge.credential_identifier =
		fake_owner_identifier(login->kind, login->device_id, login->name, id);
	challenge.ksf = login->kind == OBOL_SLOT_PASSWORD ? obol_ksf_default
													  : obol_ksf_identity;
	if (slot)
	{
		challenge.ksf = slot->ksf;
		challenge.record = obol_bytes(slot->record, sizeof(slot->record));
	}
	else
	{
		ck_assert_int_eq(
			obol_opaque_fake_record(owner->fake_seed, login->name, fake),
			OBOL_OK);
		challenge.record = obol_bytes(fake, sizeof(fake));
	}
	if (owner->ksf.id != NO_KSF)
	{
		challenge.ksf = owner->ksf;
	}
	status = obol_server_session_challenge(session, &challenge);
	if (status != OBOL_OK && status != OBOL_ERR_FORMAT)
	{
		obol_server_session_unanswered(session, status);
	}
}

static void on_login_finish(struct fake_owner *owner,
							struct obol_server_session *session)
{
	const struct fake_slot *slot =
		slot_of(owner, obol_server_session_login(session));
	struct obol_error_message error = {
		.text = obol_bytes_str("the account is disabled: ask the operator"),
	};
	struct obol_login_done done = {
		.n_failures = 2,
		.last_failure_at = FAKE_START_AT - 60,
		.last_failure_source = obol_bytes_str("192.0.2.7"),
		.last_login_at = FAKE_START_AT - 3600,
		.server_time = obol_now(&owner->clock.clock),
		.migrate = owner->migrate,
	};

	owner->n_finishes++;
	if (owner->refuse_login)
	{
		ck_assert_int_eq(
			obol_server_session_refuse(session, owner->refuse_login, &error),
			OBOL_OK);
		return;
	}
	ck_assert_ptr_nonnull(slot);
	if (!owner->no_wrap && slot->kind != OBOL_SLOT_ENROLMENT)
	{
		done.wrap = obol_bytes(slot->wrap, slot->wrap_len);
	}
	if (owner->hooks.login_done)
	{
		owner->hooks.login_done(owner->hooks.ctx, &done);
	}
	ck_assert_int_eq(obol_server_session_accept(session, &done), OBOL_OK);
}

static void on_request(struct fake_owner *owner,
					   struct obol_server_session *session)
{
	const struct obol_request *request = obol_server_session_request(session);
	struct obol_error_message error = { .version = 9 };
	enum obol_reply reply;

	owner->n_requests++;
	memset(owner->answer, 0, sizeof(*owner->answer));
	owner->answer->type = (enum obol_frame_type)(request->type + 1);
	reply = owner->refuse_request ? owner->refuse_request
								  : fake_owner_request(owner, request);
	if (reply == OBOL_REPLY_OK)
	{
		ck_assert_int_eq(obol_server_session_answer(session, owner->answer),
						 OBOL_OK);
		return;
	}
	ck_assert_int_eq(obol_server_session_refuse(session, reply, &error),
					 OBOL_OK);
}

void fake_owner_serve(struct fake_owner *owner,
					  struct obol_server_session *session)
{
	while (!owner->is_idle)
	{
		switch (obol_server_session_event(session))
		{
			case OBOL_EVENT_NONE:
				return;
			case OBOL_EVENT_LOGIN_START:
				on_login_start(owner, session);
				break;
			case OBOL_EVENT_LOGIN_FINISH:
				on_login_finish(owner, session);
				break;
			case OBOL_EVENT_LOGIN_FAILED:
				owner->n_failed++;
				break;
			case OBOL_EVENT_REQUEST:
				on_request(owner, session);
				break;
			case OBOL_EVENT_CLOSE:
				owner->is_closed = true;
				return;
		}
	}
}
