/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An account from the operator to its first device. */
#include <stdio.h>
#include <stdlib.h>

#include "seal/code.h"
#include "spec/vector_story.h"
#include "store/store_operator.h"

struct vector_login story_by_password(const struct story *s)
{
	return (struct vector_login){ .kind = OBOL_SLOT_PASSWORD,
								  .name = NAME,
								  .secret = s->password };
}

struct vector_login story_by_device(const struct story *s)
{
	return (struct vector_login){ .kind = OBOL_SLOT_DEVICE,
								  .name = NAME,
								  .device_id = s->device_id,
								  .secret = s->device_secret };
}

struct obol_request story_get_request(const char *name)
{
	struct obol_request request = { .type = OBOL_GET };

	request.get.name = obol_bytes_str(name);
	return request;
}

/*
 * The operator adds the account
 */

static void make_code(struct story *s)
{
	struct obol_secret *text = NULL;
	char line[128];

	vector_rng_expect(&s->world.client_rng, s->out, "code", NULL);
	must(obol_code_new(&s->world.client_rng.rng, OBOL_ACTIVATION_BITS, &s->code,
					   &text) == OBOL_OK);
	(void)snprintf(line, sizeof(line), "the code for people: %s",
				   (const char *)obol_secret_ptr(text));
	vector_comment(s->out, line);
	obol_secret_free(text);
}

static void add_account(struct story *s, const struct vector_slot *slot,
						const struct obol_put_request *credential)
{
	struct vector_world *w = &s->world;
	struct obol_store_account_add arg;

	memset(&arg, 0, sizeof(arg));
	(void)snprintf(arg.in.account.name, sizeof(arg.in.account.name), NAME);
	(void)snprintf(arg.in.account.identity, sizeof(arg.in.account.identity),
				   NAME "@vpn.example.org");
	arg.in.account.state = OBOL_ACCOUNT_ACTIVE;
	arg.in.account.generation = 1;
	(void)snprintf(arg.in.actor.source, sizeof(arg.in.actor.source), "root");
	arg.in.now = obol_now(&w->clock.clock);
	arg.in.activation.kind = OBOL_SLOT_ACTIVATION;
	arg.in.activation.key_number = w->options.current_key;
	arg.in.activation.generation = 1;
	arg.in.activation.expires_at = arg.in.now + (uint64_t)14 * 86400;
	memcpy(arg.in.activation.record, slot->record, sizeof(slot->record));
	/* a wrap has one length */
	arg.in.activation.wrap_len = 156;
	memcpy(arg.in.activation.wrap, slot->wrap, arg.in.activation.wrap_len);
	arg.in.n_credentials = 1;
	arg.in.credentials = credential;
	must(obol_store_run(w->options.store, OBOL_STORE_ACCOUNT_ADD, &arg) ==
		 OBOL_OK);
}

static void operator_adds(struct story *s)
{
	static const char text[] = "ssid=office;psk=example";
	struct obol_secret *body = obol_secret_dup(text, strlen(text));
	struct obol_credential_header header = { obol_bytes_str("wifi"),
											 OBOL_FORMAT_OPAQUE, 1 };
	struct obol_put_request credential = { .format = OBOL_FORMAT_OPAQUE,
										   .generation = 1 };
	struct vector_slot slot = { .login.kind = OBOL_SLOT_ACTIVATION,
								.login.name = NAME,
								.prefix = "activation_" };
	struct obol_account_key key;
	struct obol_writer sealed;

	vector_section(s->out, "the operator adds the account");
	make_code(s);
	slot.login.secret = s->code;
	vector_rng_expect(&s->world.client_rng, s->out, "first_account_id",
					  "first_account_key", NULL);
	must(obol_account_key_new(&s->world.client_rng.rng, &key) == OBOL_OK);
	vector_register_here(&s->world, &slot, &key);
	s->out->prefix = "wifi_";
	vector_seal(&s->world, &key, &header, body, &sealed);
	vector_bytes(s->out, "sealed", obol_writer_view(&sealed));
	s->out->prefix = NULL;
	credential.name = header.name;
	credential.sealed = obol_writer_view(&sealed);
	add_account(s, &slot, &credential);
	obol_writer_clear(&sealed);
	obol_account_key_clear(&key);
	obol_secret_free(body);
}

/*
 * Activation, with a new account key
 */

static void stage(struct story *s, struct vector_link *l,
				  const struct obol_account_key *key,
				  const struct obol_account_key *next,
				  const struct obol_get_item *item)
{
	struct obol_credential_header header = { item->name, item->format,
											 item->version };
	struct obol_request request = { .type = OBOL_STAGE };
	struct obol_secret *body = NULL;
	struct obol_writer sealed;

	s->out->prefix = "got_";
	vector_credential(s->out, key, &header, item->sealed);
	must(obol_credential_open(key, &header, item->sealed, &body) == OBOL_OK);
	header.version++;
	s->out->prefix = "staged_";
	vector_seal(&s->world, next, &header, body, &sealed);
	s->out->prefix = NULL;
	request.put.name = header.name;
	request.put.format = header.format;
	request.put.base_version = item->version;
	request.put.generation = next->generation;
	request.put.sealed = obol_writer_view(&sealed);
	vector_rng_expect(&s->world.server_rng, s->out, "stage_id", NULL);
	(void)vector_link_ask(l, &request);
	obol_writer_clear(&sealed);
	obol_secret_free(body);
}

static void make_device(struct story *s)
{
	uint8_t secret[16];

	vector_rng_draw(&s->world.client_rng, s->out, "new_device_id", s->device_id,
					sizeof(s->device_id));
	vector_rng_draw(&s->world.client_rng, s->out, "new_device_secret", secret,
					sizeof(secret));
	s->device_secret = obol_secret_dup(secret, sizeof(secret));
}

static void rekey(struct story *s, struct vector_link *l,
				  const struct obol_account_key *next)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct vector_slot slots[2] = {
		{ .login = story_by_password(s),
		  .label = "",
		  .prefix = "password_slot_" },
		{ .login = story_by_device(s),
		  .label = "laptop",
		  .prefix = "device_slot_" },
	};

	must(request);
	request->type = OBOL_REKEY;
	request->rekey.generation = next->generation;
	request->rekey.n_slots = 2;
	vector_register(l, &slots[0], next, &request->rekey.slots[0]);
	vector_register(l, &slots[1], next, &request->rekey.slots[1]);
	must(vector_link_ask(l, request)->generation == next->generation);
	free(request);
}

static void activation(struct story *s)
{
	struct vector_login login = { OBOL_SLOT_ACTIVATION, NAME, NULL, NULL };
	struct obol_request get = story_get_request("");
	const struct obol_answer *answer;
	struct obol_account_key next;
	struct vector_link l;

	vector_world_init(&s->world, s->out);
	operator_adds(s);
	login.secret = s->code;
	vector_link_open(&l, &s->world, "activation");
	answer = vector_login(&l, &login, &get);
	must(answer->get.n_items == 1);
	vector_rng_expect(&s->world.client_rng, s->out, "next_account_key", NULL);
	must(obol_account_key_next(&s->world.client_rng.rng,
							   obol_client_session_account_key(l.client),
							   &next) == OBOL_OK);
	stage(s, &l, obol_client_session_account_key(l.client), &next,
		  &answer->get.items[0]);
	make_device(s);
	rekey(s, &l, &next);
	obol_account_key_clear(&next);
	vector_link_close(&l);
}

static void first_login(struct story *s)
{
	struct vector_login login = story_by_device(s);
	struct obol_request list = { .type = OBOL_LIST };
	struct vector_link l;

	vector_link_open(&l, &s->world, "login of the device");
	must(vector_login(&l, &login, &list)->list.n_items == 1);
	vector_link_close(&l);
}

void chapter_activation(struct story *s)
{
	vector_comment(s->out, "An account is made, and activated with its code:");
	vector_comment(s->out, "new account key, password slot, device slot.");
	activation(s);
	first_login(s);
}
