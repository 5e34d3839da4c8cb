/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user does who makes an account, step by step. */
#include "server/enrol_fixture.h"

#include <stdlib.h>

#include "pake/opaque_registration.h"
#include "store/store_enrol.h"

struct world w;
struct link l;

void enrol_setup(void)
{
	world_init(&w);
}

void enrol_teardown(void)
{
	link_close(&l);
	world_clear(&w);
}

static struct obol_secret *input_of(const char *name, const char *secret)
{
	struct obol_secret *typed = obol_secret_dup(secret, strlen(secret));
	struct obol_secret *input = NULL;

	ck_assert_int_eq(obol_login_oprf_input(obol_bytes_str(name), typed, &input),
					 OBOL_OK);
	obol_secret_free(typed);
	return input;
}

/* As obolctl does it: both sides of a registration in one place. */
static void register_code(const char *team, uint8_t record[])
{
	struct obol_secret *input = input_of(team, CODE), *export_key = NULL;
	struct obol_opaque_identities ids = { .client = obol_bytes_str(team) };
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	struct obol_opaque_registration *state = NULL;
	uint8_t server_key[OBOL_OPAQUE_NPK];
	uint8_t identifier[32];
	struct obol_ksf ksf;

	ck_assert_int_eq(obol_store_credential_identifier(
						 w.options.store, OBOL_SLOT_ENROLMENT,
						 obol_bytes_str(team), NULL, identifier),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_start(obol_rng_system(), input,
													request, &state),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_respond(
						 w.options.keys, 1, obol_bytes(identifier, 32),
						 obol_bytes(request, sizeof(request)), response),
					 OBOL_OK);
	ck_assert_int_eq(obol_ksf_init(&ksf, &obol_ksf_identity), OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_finish(
						 state, obol_bytes(response, sizeof(response)), &ids,
						 &ksf, record, &export_key, server_key),
					 OBOL_OK);
	obol_secret_free(export_key);
	obol_secret_free(input);
	obol_opaque_registration_free(state);
}

void add_code(const char *team, const char *names, uint32_t uses, bool approve)
{
	struct obol_store_enrolment_add add = {
		.in = { .enrolment = { .approve = approve,
							   .uses = uses,
							   .expires_at = WORLD_NOW + 7 * DAY,
							   .key_number = 1 },
				.actor = { .source = "root" },
				.now = WORLD_NOW }
	};

	strcpy(add.in.enrolment.name, team);
	strcpy(add.in.enrolment.names, names);
	register_code(team, add.in.enrolment.record);
	world_run(&w, OBOL_STORE_ENROLMENT_ADD, &add);
	world_know(&w, team);
}

void by_code(void)
{
	world_start(&w);
	add_code("sales", "*", 5, false);
	link_open(&l, &w, NULL);
	ck_assert(link_start(&l, "sales", OBOL_SLOT_ENROLMENT, NULL, CODE));
	ck_assert_ptr_nonnull(link_ask_type(&l, OBOL_INFO));
}

void without_login(void)
{
	w.options.policy.enrolment.is_open = true;
	world_start(&w);
	link_open(&l, &w, NULL);
}

static const uint8_t *const devices[OBOL_FIRST_SLOTS_MAX] = { NULL,
															  device_one };
static const uint8_t kinds[OBOL_FIRST_SLOTS_MAX] = { OBOL_SLOT_PASSWORD,
													 OBOL_SLOT_DEVICE };
static const char *const secrets[OBOL_FIRST_SLOTS_MAX] = { PASSWORD,
														   DEVICE_SECRET };

void draft_init(struct draft *d)
{
	memset(d, 0, sizeof(*d));
	d->request = calloc(1, sizeof(*d->request));
	ck_assert_ptr_nonnull(d->request);
	ck_assert_int_eq(obol_account_key_new(obol_rng_system(), &d->key), OBOL_OK);
}

void draft_clear(struct draft *d)
{
	size_t i;

	for (i = 0; i < OBOL_FIRST_SLOTS_MAX; i++)
	{
		obol_opaque_registration_free(d->states[i]);
	}
	obol_account_key_clear(&d->key);
	free(d->request);
}

void make_start(struct draft *d, const char *name)
{
	struct obol_account_start_request *start = &d->request->account_start;
	size_t i;

	memset(d->request, 0, sizeof(*d->request));
	d->request->type = OBOL_ACCOUNT_START;
	start->name = obol_bytes_str(name);
	start->n_slots = OBOL_FIRST_SLOTS_MAX;
	for (i = 0; i < OBOL_FIRST_SLOTS_MAX; i++)
	{
		struct obol_secret *input = input_of(name, secrets[i]);

		start->slots[i].kind = kinds[i];
		if (devices[i])
		{
			memcpy(start->slots[i].device_id, devices[i], OBOL_DEVICE_ID_LEN);
		}
		obol_opaque_registration_free(d->states[i]);
		d->states[i] = NULL;
		ck_assert_int_eq(obol_opaque_registration_start(
							 obol_rng_system(), input, start->slots[i].request,
							 &d->states[i]),
						 OBOL_OK);
		obol_secret_free(input);
	}
}

static void take_slot(struct draft *d, const char *name, size_t i,
					  const struct obol_slot_start_answer *begun,
					  struct obol_slot_message *slot)
{
	struct obol_opaque_identities ids = { .client = obol_bytes_str(name) };
	struct obol_secret *export_key = NULL;
	uint8_t server_key[OBOL_OPAQUE_NPK];
	struct obol_writer wrap;
	struct obol_ksf ksf;

	ck_assert_int_eq(obol_ksf_init(&ksf, &begun->ksf), OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_finish(
						 d->states[i],
						 obol_bytes(begun->response, sizeof(begun->response)),
						 &ids, &ksf, l.record[i], &export_key, server_key),
					 OBOL_OK);
	obol_writer_init(&wrap);
	ck_assert_int_eq(
		obol_slot_wrap(obol_rng_system(), export_key, kinds[i], &d->key, &wrap),
		OBOL_OK);
	memset(slot, 0, sizeof(*slot));
	memcpy(l.wrap[i], obol_writer_view(&wrap).ptr, obol_writer_view(&wrap).len);
	slot->wrap = obol_bytes(l.wrap[i], obol_writer_view(&wrap).len);
	slot->kind = kinds[i];
	slot->label = obol_bytes_str(devices[i] ? "laptop" : "");
	if (devices[i])
	{
		memcpy(slot->device_id, devices[i], OBOL_DEVICE_ID_LEN);
	}
	slot->ksf = begun->ksf;
	slot->key_number = begun->key_number;
	slot->generation = 1;
	slot->record = obol_bytes(l.record[i], OBOL_OPAQUE_RECORD_LEN);
	obol_writer_clear(&wrap);
	obol_secret_free(export_key);
}

unsigned begin(struct draft *d, const char *name)
{
	const struct obol_answer *answer;
	struct obol_account_start_answer begun;
	size_t i;

	make_start(d, name);
	answer = link_ask(&l, d->request);
	if (!answer)
	{
		return link_reply(&l);
	}
	begun = answer->account_start;
	ck_assert_uint_eq(begun.n_slots, OBOL_FIRST_SLOTS_MAX);
	memset(d->request, 0, sizeof(*d->request));
	d->request->type = OBOL_ACCOUNT_CREATE;
	d->request->account_create.name = obol_bytes_str(name);
	d->request->account_create.n_slots = OBOL_FIRST_SLOTS_MAX;
	for (i = 0; i < OBOL_FIRST_SLOTS_MAX; i++)
	{
		take_slot(d, name, i, &begun.slots[i],
				  &d->request->account_create.slots[i]);
	}
	return 0;
}

unsigned enrol(const char *name, bool *waits)
{
	const struct obol_answer *answer;
	struct draft d;
	unsigned reply;

	draft_init(&d);
	reply = begin(&d, name);
	if (!reply)
	{
		answer = link_ask(&l, d.request);
		reply = answer ? 0 : link_reply(&l);
		*waits = answer && answer->waits;
	}
	draft_clear(&d);
	return reply;
}

bool can_log_in(const char *name, enum obol_slot_kind kind,
				const uint8_t *device_id, const char *secret)
{
	struct link other;
	bool in;

	link_open(&other, &w, NULL);
	in = link_login(&other, name, kind, device_id, secret);
	link_close(&other);
	return in;
}

bool exists(const char *name)
{
	struct obol_store_account_find arg = { .in.name = obol_bytes_str(name) };

	return obol_store_run(w.options.store, OBOL_STORE_ACCOUNT_FIND, &arg) ==
		   OBOL_OK;
}
