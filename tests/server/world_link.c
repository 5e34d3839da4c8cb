/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients of the server in this process. */
#include "server/world_private.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "pake/opaque_registration.h"
#include "seal/account_key.h"

static void set_address(struct obol_server_peer *peer, const char *source)
{
	peer->address.is_v6 = strchr(source, ':') != NULL;
	ck_assert_int_eq(inet_pton(peer->address.is_v6 ? AF_INET6 : AF_INET, source,
							   peer->address.bytes),
					 1);
	(void)snprintf(peer->source, sizeof(peer->source), "%s", source);
}

void link_open(struct link *l, struct world *w, const char *source)
{
	struct obol_client_session_config config = { .rng = obol_rng_system() };
	struct obol_server_peer peer;

	memset(l, 0, sizeof(*l));
	memset(&peer, 0, sizeof(peer));
	l->world = w;
	ck_assert_int_eq(
		obol_rng_fill(obol_rng_system(), l->exporter, sizeof(l->exporter)),
		OBOL_OK);
	memcpy(config.exporter, l->exporter, sizeof(l->exporter));
	memcpy(peer.exporter, l->exporter, sizeof(l->exporter));
	set_address(&peer, source ? source : "192.0.2.1");
	ck_assert_int_eq(obol_client_session_new(&config, &l->client), OBOL_OK);
	ck_assert_int_eq(
		obol_server_connection_new(w->server, &peer, NULL, NULL, &l->conn),
		OBOL_OK);
}

void link_close(struct link *l)
{
	obol_client_session_free(l->client);
	obol_server_connection_close(l->conn);
	obol_store_flush(l->world->options.store);
	obol_account_key_clear(&l->key);
	memset(l, 0, sizeof(*l));
}

static bool to_server(struct link *l)
{
	struct obol_bytes out = obol_client_session_output(l->client);
	size_t room = obol_server_connection_room(l->conn);
	size_t len = out.len < room ? out.len : room;
	uint8_t *bytes;

	if (!len)
	{
		return false;
	}
	bytes = malloc(len);
	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, out.ptr, len);
	obol_client_session_sent(l->client, len);
	obol_server_connection_input(l->conn, obol_bytes(bytes, len));
	free(bytes);
	return true;
}

static bool to_client(struct link *l)
{
	struct obol_bytes out = obol_server_connection_output(l->conn);
	uint8_t *bytes;

	if (!out.len)
	{
		return false;
	}
	bytes = malloc(out.len);
	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, out.ptr, out.len);
	l->status =
		obol_client_session_input(l->client, obol_bytes(bytes, out.len));
	free(bytes);
	obol_server_connection_sent(l->conn, out.len);
	return true;
}

void link_run(struct link *l)
{
	bool moved = true;

	while (moved)
	{
		moved = to_server(l);
		obol_store_flush(l->world->options.store);
		moved = to_client(l) || moved;
	}
}

bool link_start(struct link *l, const char *name, enum obol_slot_kind kind,
				const uint8_t *device_id, const char *secret)
{
	struct obol_secret *typed = obol_secret_dup(secret, strlen(secret));
	struct obol_client_login login = {
		.kind = kind,
		.name = obol_bytes_str(name),
		.secret = typed,
	};

	(void)snprintf(l->name, sizeof(l->name), "%s", name);
	world_note_name(l->world, name, false);
	if (device_id)
	{
		memcpy(login.device_id, device_id, sizeof(login.device_id));
	}
	ck_assert_int_eq(obol_client_session_login(l->client, &login), OBOL_OK);
	obol_secret_free(typed);
	link_run(l);
	return obol_client_session_state(l->client) == OBOL_CLIENT_READY;
}

static void copy_key(struct link *l)
{
	const struct obol_account_key *key =
		obol_client_session_account_key(l->client);

	ck_assert_ptr_nonnull(key);
	l->key = *key;
	l->key.key = obol_secret_dup(obol_secret_view(key->key).ptr,
								 obol_secret_len(key->key));
}

bool link_login(struct link *l, const char *name, enum obol_slot_kind kind,
				const uint8_t *device_id, const char *secret)
{
	if (!link_start(l, name, kind, device_id, secret) ||
		!link_ask_type(l, OBOL_INFO))
	{
		return false;
	}
	world_note_name(l->world, name, true);
	copy_key(l);
	return true;
}

const struct obol_answer *link_ask(struct link *l,
								   const struct obol_request *request)
{
	ck_assert_int_eq(obol_client_session_request(l->client, request), OBOL_OK);
	link_run(l);
	switch (obol_client_session_state(l->client))
	{
		case OBOL_CLIENT_READY:
		case OBOL_CLIENT_START:
			break;
		default:
			return NULL;
	}
	return obol_client_session_answer(l->client);
}

unsigned link_reply(const struct link *l)
{
	return obol_client_session_failure(l->client) == OBOL_FAILURE_REPLY
			   ? obol_client_session_error(l->client)->reply
			   : 0;
}

unsigned link_refused(struct link *l, const struct obol_request *request)
{
	ck_assert_ptr_null(link_ask(l, request));
	return link_reply(l);
}

const struct obol_answer *link_ask_type(struct link *l,
										enum obol_frame_type type)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	const struct obol_answer *answer;

	ck_assert_ptr_nonnull(request);
	request->type = type;
	answer = link_ask(l, request);
	free(request);
	return answer;
}

void link_register(struct link *l, enum obol_slot_kind kind,
				   const uint8_t *device_id, const char *secret,
				   uint32_t generation, struct obol_slot_message *slot)
{
	struct obol_secret *input = world_oprf_input(l->name, secret),
					   *export_key = NULL;
	struct obol_opaque_identities ids = { .client = obol_bytes_str(l->name) };
	struct obol_opaque_registration *state = NULL;
	struct obol_request request = { .type = OBOL_SLOT_START };
	const struct obol_answer *answer;
	size_t i = l->n_records++ % 4, wrap_len = 0;
	uint8_t server_key[OBOL_OPAQUE_NPK];
	struct obol_account_key key = l->key;
	struct obol_ksf ksf;

	memset(slot, 0, sizeof(*slot));
	request.slot_start.kind = kind;
	slot->kind = kind;
	if (device_id)
	{
		memcpy(request.slot_start.device_id, device_id, OBOL_DEVICE_ID_LEN);
		memcpy(slot->device_id, device_id, OBOL_DEVICE_ID_LEN);
	}
	ck_assert_int_eq(obol_opaque_registration_start(obol_rng_system(), input,
													request.slot_start.request,
													&state),
					 OBOL_OK);
	answer = link_ask(l, &request);
	ck_assert_msg(answer != NULL, "SlotStart refused: %u", link_reply(l));
	slot->ksf = answer->slot_start.ksf;
	slot->key_number = answer->slot_start.key_number;
	ck_assert_int_eq(obol_ksf_init(&ksf, &slot->ksf), OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_finish(
						 state,
						 obol_bytes(answer->slot_start.response,
									OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN),
						 &ids, &ksf, l->record[i], &export_key, server_key),
					 OBOL_OK);
	key.generation = generation;
	world_take_wrap(export_key, kind, &key, l->wrap[i], &wrap_len);
	slot->label = obol_bytes_str(kind == OBOL_SLOT_DEVICE ? "laptop" : "");
	slot->generation = generation;
	slot->record = obol_bytes(l->record[i], OBOL_OPAQUE_RECORD_LEN);
	slot->wrap = obol_bytes(l->wrap[i], wrap_len);
	obol_secret_free(export_key);
	obol_secret_free(input);
	obol_opaque_registration_free(state);
}

bool link_finish(struct link *l, const struct obol_slot_message *slot)
{
	struct obol_request request = { .type = OBOL_SLOT_FINISH, .slot = *slot };

	return link_ask(l, &request) != NULL;
}

uint64_t link_put(struct link *l, const char *name, uint64_t base_version,
				  uint32_t generation, const char *sealed)
{
	struct obol_request request = { .type = OBOL_PUT };
	const struct obol_answer *answer;

	request.put.name = obol_bytes_str(name);
	request.put.format = OBOL_FORMAT_OPAQUE;
	request.put.base_version = base_version;
	request.put.generation = generation;
	request.put.sealed = obol_bytes_str(sealed);
	answer = link_ask(l, &request);
	return answer ? answer->put.version : 0;
}

void world_activate(struct world *w, const char *name)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	const struct obol_answer *answer;
	struct link l;

	ck_assert_ptr_nonnull(request);
	link_open(&l, w, NULL);
	ck_assert(link_login(&l, name, OBOL_SLOT_ACTIVATION, NULL, CODE));
	request->type = OBOL_REKEY;
	request->rekey.generation = 2;
	request->rekey.n_slots = 2;
	link_register(&l, OBOL_SLOT_PASSWORD, NULL, PASSWORD, 2,
				  &request->rekey.slots[0]);
	link_register(&l, OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET, 2,
				  &request->rekey.slots[1]);
	answer = link_ask(&l, request);
	ck_assert_msg(answer != NULL, "ReKey refused: %u", link_reply(&l));
	ck_assert_uint_eq(answer->generation, 2);
	free(request);
	link_close(&l);
}

void link_by_password(struct link *l, struct world *w, const char *name)
{
	link_open(l, w, NULL);
	ck_assert(link_login(l, name, OBOL_SLOT_PASSWORD, NULL, PASSWORD));
}

void link_by_device(struct link *l, struct world *w, const char *name)
{
	link_open(l, w, NULL);
	ck_assert(link_login(l, name, OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
}
