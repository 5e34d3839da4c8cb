/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole server in this process. */
#include "server/world_private.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "pake/opaque_registration.h"
#include "seal/account_key.h"
#include "store/store_sqlite.h"

const uint8_t device_one[OBOL_DEVICE_ID_LEN] = { 0xd1, 1 };
const uint8_t device_two[OBOL_DEVICE_ID_LEN] = { 0xd2, 2 };

static char why[512];

/*
 * The world
 */

static void keep_line(struct obol_log *log, enum obol_log_level level,
					  const char *line)
{
	struct world *w = log->ctx;
	int n =
		snprintf(w->logged + w->logged_len, sizeof(w->logged) - w->logged_len,
				 "%d %s\n", (int)level, line);

	if (n > 0 && (size_t)n < sizeof(w->logged) - w->logged_len)
	{
		w->logged_len += (size_t)n;
	}
}

static void open_store(struct world *w)
{
	struct obol_store_sqlite_options options = {
		.path = tempdir_file(&w->dir, "obol.db"),
		.create = true,
		.guess_rows_max = 10000,
		.rng = obol_rng_system(),
		.log = &w->log,
	};

	ck_assert_msg(obol_store_sqlite_open(&options, &w->options.store, why,
										 sizeof(why)) == OBOL_OK,
				  "%s", why);
}

static void load_keys(struct world *w)
{
	ck_assert_int_eq(obol_server_keys_load(tempdir_file(&w->dir, "keys"),
										   &w->keys, why, sizeof(why)),
					 OBOL_OK);
	w->options.keys = obol_server_keys_operations(w->keys);
	w->options.current_key = obol_server_keys_current(w->keys);
}

static void open_keys(struct world *w)
{
	ck_assert_int_eq(obol_server_keys_create(tempdir_file(&w->dir, "keys"),
											 obol_rng_system(), WORLD_NOW, why,
											 sizeof(why)),
					 OBOL_OK);
	load_keys(w);
}

static void open_issuer(struct world *w)
{
	struct obol_issuer_file_options options = {
		.certificate_path = tempdir_file(&w->dir, "ca.crt"),
		.key_path = tempdir_file(&w->dir, "ca.key"),
		.rng = obol_rng_system(),
		.clock = &w->clock.clock,
	};

	ck_assert_int_eq(obol_ca_create("Test CA", 3650 * (uint32_t)DAY,
									options.certificate_path, options.key_path,
									&w->clock.clock, why, sizeof(why)),
					 OBOL_OK);
	ck_assert_msg(
		obol_issuer_file_new(&options, &w->issuer, why, sizeof(why)) == OBOL_OK,
		"%s", why);
	w->options.issuer = w->issuer;
}

void world_init(struct world *w)
{
	world_init_at(w, WORLD_NOW);
}

void world_init_at(struct world *w, uint64_t now)
{
	world_init_with(w, now, NULL);
}

void world_init_with(struct world *w, uint64_t now, struct obol_store *store)
{
	memset(w, 0, sizeof(*w));
	tempdir_init(&w->dir);
	driven_clock_init(&w->clock, now);
	w->log.level = OBOL_LOG_DEBUG;
	w->log.write = keep_line;
	w->log.ctx = w;
	w->options.store = store;
	if (!store)
	{
		open_store(w);
	}
	open_keys(w);
	open_issuer(w);
	strcpy(w->options.policy.server_name, "vpn.example.org");
	w->options.policy.certificate_lifetime_s = 30 * (uint32_t)DAY;
	w->options.policy.mode = OBOL_MODE_PORTABLE;
	w->options.policy.key_type = OBOL_KEY_EC_P256;
	ck_assert(obol_template_subject(
		OBOL_TEMPLATE_SUBJECT, &w->options.policy.subject, why, sizeof(why)));
	ck_assert(obol_template_san(OBOL_TEMPLATE_SAN, &w->options.policy.san, why,
								sizeof(why)));
	w->options.policy.password_ksf = obol_ksf_default;
	w->options.policy.failures_per_source = 1000;
	strcpy(w->options.policy.enrolment.names, "*");
	w->options.policy.enrolment.per_day_max = 100;
	w->options.policy.enrolment.waiting_max = 100;
	w->options.policy.enrolment.attempts_per_source = 1000;
	strcpy(w->options.policy.enrolment.domain, "vpn.example.org");
	w->options.rng = obol_rng_system();
	w->options.clock = &w->clock.clock;
	w->options.log = &w->log;
}

void world_start(struct world *w)
{
	ck_assert_int_eq(obol_server_new(&w->options, &w->server), OBOL_OK);
}

void world_stop(struct world *w)
{
	obol_store_flush(w->options.store);
	ck_assert_uint_eq(obol_server_n_connections(w->server), 0);
	obol_server_free(w->server);
	w->server = NULL;
}

void world_new_key(struct world *w)
{
	uint32_t number;

	world_stop(w);
	obol_server_keys_free(w->keys);
	ck_assert_int_eq(obol_server_keys_add(tempdir_file(&w->dir, "keys"),
										  obol_rng_system(),
										  obol_now(&w->clock.clock), 0, &number,
										  why, sizeof(why)),
					 OBOL_OK);
	load_keys(w);
	world_start(w);
}

/*
 * What was logged, at the highest level
 */

void world_note_name(struct world *w, const char *name, bool is_known)
{
	size_t i;

	for (i = 0; i < w->n_typed && strcmp(w->typed[i].name, name) != 0; i++)
	{
	}
	if (i == w->n_typed && i < TYPED_MAX)
	{
		(void)snprintf(w->typed[i].name, sizeof(w->typed[i].name), "%s", name);
		w->n_typed++;
	}
	if (i < w->n_typed)
	{
		w->typed[i].is_known |= is_known;
	}
}

void world_know(struct world *w, const char *name)
{
	world_note_name(w, name, true);
}

static bool is_account(struct world *w, const char *name)
{
	struct obol_store_account_find arg = { .in.name = obol_bytes_str(name) };

	return obol_store_run(w->options.store, OBOL_STORE_ACCOUNT_FIND, &arg) ==
		   OBOL_OK;
}

static bool is_letter(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* As a word: not a part of another one. */
static bool is_logged(const struct world *w, const char *text)
{
	const char *at = w->logged;
	size_t len = strlen(text);

	for (; len > 0 && (at = strstr(at, text)); at += len)
	{
		if ((at == w->logged || !is_letter(at[-1])) && !is_letter(at[len]))
		{
			return true;
		}
	}
	return false;
}

static void check_log(struct world *w)
{
	static const char *const secrets[] = { CODE, PASSWORD, DEVICE_SECRET };
	char hex[2 * 32 + 1];
	size_t i, j;

	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
	{
		for (j = 0; secrets[i][j] && j < 32; j++)
		{
			(void)snprintf(hex + 2 * j, 3, "%02x", (uint8_t)secrets[i][j]);
		}
		ck_assert_msg(!strstr(w->logged, secrets[i]) && !strstr(w->logged, hex),
					  "a secret was logged: %s", w->logged);
	}
	for (i = 0; i < w->n_typed; i++)
	{
		ck_assert_msg(w->typed[i].is_known || !is_logged(w, w->typed[i].name) ||
						  is_account(w, w->typed[i].name),
					  "the unknown name '%s' was logged: %s", w->typed[i].name,
					  w->logged);
	}
}

void world_clear(struct world *w)
{
	check_log(w);
	if (w->server)
	{
		world_stop(w);
	}
	obol_issuer_free(w->issuer);
	obol_server_keys_free(w->keys);
	obol_store_close(w->options.store);
	tempdir_clear(&w->dir);
}

void world_begin(struct world *w)
{
	world_init(w);
	world_start(w);
}

void world_run(struct world *w, enum obol_store_verb verb, void *arg)
{
	ck_assert_str_eq(
		obol_status_name(obol_store_run(w->options.store, verb, arg)),
		obol_status_name(OBOL_OK));
}

/*
 * The operator
 */

static const struct obol_store_actor operator_ = { .source = "root" };

struct obol_secret *world_oprf_input(const char *name, const char *secret)
{
	struct obol_secret *typed = obol_secret_dup(secret, strlen(secret));
	struct obol_secret *input = NULL;

	ck_assert_int_eq(obol_login_oprf_input(obol_bytes_str(name), typed, &input),
					 OBOL_OK);
	obol_secret_free(typed);
	return input;
}

void world_take_wrap(const struct obol_secret *export_key,
					 enum obol_slot_kind kind,
					 const struct obol_account_key *key, uint8_t *wrap,
					 size_t *wrap_len)
{
	struct obol_writer w;

	obol_writer_init(&w);
	ck_assert_int_eq(
		obol_slot_wrap(obol_rng_system(), export_key, kind, key, &w), OBOL_OK);
	*wrap_len = obol_writer_view(&w).len;
	memcpy(wrap, obol_writer_view(&w).ptr, *wrap_len);
	obol_writer_clear(&w);
}

/* As obolctl does it: both sides of a registration in one place. */
static void make_activation(struct world *w, const char *name,
							struct obol_slot *slot)
{
	struct obol_secret *input = world_oprf_input(name, CODE),
					   *export_key = NULL;
	struct obol_opaque_identities ids = { .client = obol_bytes_str(name) };
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint8_t identifier[32], device[OBOL_DEVICE_ID_LEN] = { 0 };
	uint8_t server_key[OBOL_OPAQUE_NPK];
	struct obol_opaque_registration *state = NULL;
	struct obol_account_key key;
	struct obol_ksf ksf;
	size_t wrap_len;

	ck_assert_int_eq(obol_store_credential_identifier(
						 w->options.store, OBOL_SLOT_ACTIVATION,
						 obol_bytes_str(name), device, identifier),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_start(obol_rng_system(), input,
													request, &state),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_respond(
						 w->options.keys, w->options.current_key,
						 obol_bytes(identifier, 32),
						 obol_bytes(request, sizeof(request)), response),
					 OBOL_OK);
	ck_assert_int_eq(obol_ksf_init(&ksf, &obol_ksf_identity), OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_finish(
						 state, obol_bytes(response, sizeof(response)), &ids,
						 &ksf, slot->record, &export_key, server_key),
					 OBOL_OK);
	ck_assert_int_eq(obol_account_key_new(obol_rng_system(), &key), OBOL_OK);
	world_take_wrap(export_key, OBOL_SLOT_ACTIVATION, &key, slot->wrap,
					&wrap_len);
	slot->kind = OBOL_SLOT_ACTIVATION;
	slot->wrap_len = (uint16_t)wrap_len;
	slot->key_number = w->options.current_key;
	slot->generation = 1;
	slot->expires_at = obol_now(&w->clock.clock) + 14 * DAY;
	obol_account_key_clear(&key);
	obol_secret_free(export_key);
	obol_secret_free(input);
	obol_opaque_registration_free(state);
}

static int64_t add(struct world *w, const char *name,
				   enum obol_account_kind kind)
{
	struct obol_store_account_add arg;

	memset(&arg, 0, sizeof(arg));
	(void)snprintf(arg.in.account.name, sizeof(arg.in.account.name), "%s",
				   name);
	(void)snprintf(arg.in.account.identity, sizeof(arg.in.account.identity),
				   "%.200s@vpn.example.org", name);
	arg.in.account.state = OBOL_ACCOUNT_ACTIVE;
	arg.in.account.kind = kind;
	arg.in.account.generation = 1;
	arg.in.actor = operator_;
	arg.in.now = obol_now(&w->clock.clock);
	world_note_name(w, name, true);
	make_activation(w, name, &arg.in.activation);
	world_run(w, OBOL_STORE_ACCOUNT_ADD, &arg);
	return arg.out.account_id;
}

int64_t world_add(struct world *w, const char *name)
{
	return add(w, name, OBOL_ACCOUNT_USER);
}

int64_t world_add_gateway(struct world *w, const char *name)
{
	return add(w, name, OBOL_ACCOUNT_GATEWAY);
}

struct obol_account world_account(struct world *w, const char *name)
{
	struct obol_store_account_find arg = { .in.name = obol_bytes_str(name) };

	world_run(w, OBOL_STORE_ACCOUNT_FIND, &arg);
	return arg.out.account;
}

void world_set_state(struct world *w, const char *name,
					 enum obol_account_state state)
{
	struct obol_store_account_set_state arg = {
		.in.account_id = world_account(w, name).id,
		.in.state = state,
		.in.actor = operator_,
		.in.now = obol_now(&w->clock.clock),
	};

	world_run(w, OBOL_STORE_ACCOUNT_SET_STATE, &arg);
}

const char *newest_line(struct world *w, const char *name)
{
	static char line[OBOL_TEXT_MAX + 64];
	struct obol_store_history *arg = calloc(1, sizeof(*arg));
	const struct obol_history_item *item;

	ck_assert_ptr_nonnull(arg);
	arg->in.account_id = world_account(w, name).id;
	arg->in.limit = 1;
	world_run(w, OBOL_STORE_HISTORY, arg);
	ck_assert_uint_eq(arg->out.answer.n_items, 1);
	item = &arg->out.answer.items[0];
	(void)snprintf(line, sizeof(line), "%u %u %u %.*s", item->operation,
				   item->reply, item->kind, (int)item->detail.len,
				   (const char *)item->detail.ptr);
	free(arg);
	return line;
}
