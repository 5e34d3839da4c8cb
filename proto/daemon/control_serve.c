/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a help desk may ask for, answered from the store. */
#include "daemon/control_serve.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/activation.h"
#include "server/operator.h"

/** All changes together; a person's own bound is far below. */
#define PER_SECOND 1000
#define MASK_LEN 17

/** One request being answered. */
struct turn {
	struct obol_control_server *server;
	struct obol_control_person *person;
	struct obol_control_request request;
	struct obol_account account;
	struct obol_writer *answer;
	uint64_t now;
};

void obol_control_person_init(struct obol_control_person *person, uint32_t uid,
							  const char *name)
{
	char *source = person->actor.source;

	memset(person, 0, sizeof(*person));
	person->uid = uid;
	if (name)
	{
		(void)snprintf(source, sizeof(person->actor.source),
					   "helpdesk %.32s (uid %lu)", name, (unsigned long)uid);
	}
	else
	{
		(void)snprintf(source, sizeof(person->actor.source),
					   "helpdesk (uid %lu)", (unsigned long)uid);
	}
}

static void ok(struct turn *turn)
{
	obol_control_write_status(turn->answer, OBOL_OK);
}

/*
 * Who is meant, and whether it may be
 */

static void log_turn(struct turn *turn, enum obol_log_level level,
					 const char *what)
{
	obol_log(turn->server->log, level, "control", "%s %s account '%s'",
			 turn->person->actor.source, what, turn->account.name);
}

static void log_unknown(struct turn *turn)
{
	char mask[MASK_LEN] = "?";

	if (obol_store_masked_name(turn->server->store, turn->request.name, mask) ==
		OBOL_OK)
	{
		obol_log(turn->server->log, OBOL_LOG_INFO, "control",
				 "%s asked for an unknown account (%s)",
				 turn->person->actor.source, mask);
	}
}

/* The account of the request's name. */
static enum obol_status find(struct turn *turn)
{
	struct obol_store_account_find arg = { .in = { .name =
													   turn->request.name } };
	enum obol_status status =
		obol_store_run(turn->server->store, OBOL_STORE_ACCOUNT_FIND, &arg);

	if (status == OBOL_ERR_NOT_FOUND)
	{
		log_unknown(turn);
	}
	if (status == OBOL_OK)
	{
		turn->account = arg.out.account;
	}
	return status;
}

/* The same, and that it is the one that the person has seen. */
static enum obol_status find_seen(struct turn *turn)
{
	enum obol_status status = find(turn);

	return status == OBOL_OK && turn->account.id != turn->request.account_id
			   ? OBOL_ERR_NOT_FOUND
			   : status;
}

/* Whoever looks at an account is noted once. */
static enum obol_status look(struct turn *turn)
{
	enum obol_status status = find_seen(turn);

	if (status == OBOL_OK && turn->person->looked_up != turn->account.id)
	{
		turn->person->looked_up = turn->account.id;
		log_turn(turn, OBOL_LOG_INFO, "looked up");
	}
	return status;
}

/* One change more of this person today. */
static enum obol_status count_change(struct turn *turn)
{
	const struct obol_control_server *server = turn->server;
	struct obol_ceiling_rates rates = {
		.per_slot = server->config->control.changes_per_day,
		.per_second = PER_SECOND,
	};
	uint8_t identifier[OBOL_CEILING_ID_LEN] = { 0 };
	uint32_t uid = turn->person->uid;
	enum obol_status status;

	memcpy(identifier, &uid, sizeof(uid));
	status = obol_keeper_table_take(server->table, &rates, identifier,
									obol_mono_ms(server->clock));
	if (status == OBOL_ERR_DENIED)
	{
		log_turn(turn, OBOL_LOG_WARN, "has made too many changes to touch");
	}
	return status;
}

static struct obol_store_request store_request(const struct turn *turn)
{
	struct obol_store_request request = {
		.account_id = turn->account.id,
		.generation = turn->account.generation,
		.actor = turn->person->actor,
		.now = turn->now,
	};

	return request;
}

/*
 * Looking up
 */

static enum obol_status hello(struct turn *turn)
{
	const struct obol_config *config = turn->server->config;
	struct obol_control_hello hello = {
		.lifetime_s = config->ca.lifetime_s,
		.mode = config->ca.mode,
		.key_type = config->ca.key_type,
		.changes_per_day = config->control.changes_per_day,
	};

	memcpy(hello.server_name, config->server_name, sizeof(hello.server_name));
	memcpy(hello.domain, config->domain, sizeof(hello.domain));
	ok(turn);
	obol_control_write_hello(turn->answer, &hello);
	return OBOL_OK;
}

static enum obol_status show(struct turn *turn)
{
	enum obol_status status = find(turn);

	if (status == OBOL_OK)
	{
		turn->person->looked_up = turn->account.id;
		log_turn(turn, OBOL_LOG_INFO, "looked up");
		ok(turn);
		obol_control_write_account(turn->answer, &turn->account);
	}
	return status;
}

static enum obol_status list(struct turn *turn)
{
	struct obol_store_account_list arg = {
		.in = { .after = turn->request.name,
				.limit = OBOL_CONTROL_ACCOUNTS_MAX }
	};
	enum obol_status status =
		obol_store_run(turn->server->store, OBOL_STORE_ACCOUNT_LIST, &arg);
	size_t i;

	if (status != OBOL_OK)
	{
		return status;
	}
	if (turn->request.name.len == 0)
	{
		obol_log(turn->server->log, OBOL_LOG_INFO, "control",
				 "%s listed the accounts", turn->person->actor.source);
	}
	ok(turn);
	obol_write_u16(turn->answer, (uint16_t)arg.out.n_accounts);
	for (i = 0; i < arg.out.n_accounts; i++)
	{
		obol_control_write_account(turn->answer, &arg.out.accounts[i]);
	}
	return OBOL_OK;
}

static enum obol_status slots(struct turn *turn)
{
	struct obol_store_slot_list *arg = calloc(1, sizeof(*arg));
	enum obol_status status = arg ? look(turn) : OBOL_ERR_NOMEM;
	size_t i;

	if (status == OBOL_OK)
	{
		arg->in = store_request(turn);
		status = obol_store_run(turn->server->store, OBOL_STORE_SLOT_LIST, arg);
	}
	if (status == OBOL_OK)
	{
		ok(turn);
		obol_write_u16(turn->answer, (uint16_t)arg->out.n_slots);
	}
	for (i = 0; status == OBOL_OK && i < arg->out.n_slots; i++)
	{
		obol_control_write_slot(turn->answer, &arg->out.slots[i]);
	}
	free(arg);
	return status;
}

static enum obol_status credentials(struct turn *turn)
{
	struct obol_store_list *arg = calloc(1, sizeof(*arg));
	enum obol_status status = arg ? look(turn) : OBOL_ERR_NOMEM;
	size_t i;

	if (status == OBOL_OK)
	{
		arg->in = store_request(turn);
		status = obol_store_run(turn->server->store, OBOL_STORE_LIST, arg);
	}
	if (status == OBOL_OK)
	{
		ok(turn);
		obol_write_u16(turn->answer, arg->out.n_items);
	}
	for (i = 0; status == OBOL_OK && i < arg->out.n_items; i++)
	{
		obol_control_write_item(turn->answer, &arg->out.items[i]);
	}
	free(arg);
	return status;
}

static enum obol_status certificates(struct turn *turn)
{
	struct obol_store_certificates arg = {
		.in = { .now = turn->now, .limit = OBOL_CONTROL_CERTIFICATES_MAX }
	};
	enum obol_status status = look(turn);
	size_t i;

	if (status == OBOL_OK)
	{
		arg.in.account_id = turn->account.id;
		status =
			obol_store_run(turn->server->store, OBOL_STORE_CERTIFICATES, &arg);
	}
	if (status == OBOL_OK)
	{
		ok(turn);
		obol_write_u16(turn->answer, (uint16_t)arg.out.n_certificates);
	}
	for (i = 0; status == OBOL_OK && i < arg.out.n_certificates; i++)
	{
		obol_control_write_certificate(turn->answer, &arg.out.certificates[i]);
	}
	return status;
}

static enum obol_status history(struct turn *turn)
{
	struct obol_store_history *arg = calloc(1, sizeof(*arg));
	enum obol_status status = arg ? look(turn) : OBOL_ERR_NOMEM;
	size_t i;

	if (status == OBOL_OK)
	{
		arg->in.account_id = turn->account.id;
		arg->in.before = turn->request.since;
		arg->in.limit = OBOL_HISTORY_MAX;
		status = obol_store_run(turn->server->store, OBOL_STORE_HISTORY, arg);
	}
	if (status == OBOL_OK)
	{
		ok(turn);
		obol_write_u16(turn->answer, arg->out.answer.n_items);
	}
	for (i = 0; status == OBOL_OK && i < arg->out.answer.n_items; i++)
	{
		obol_control_write_event(turn->answer, &arg->out.answer.items[i]);
	}
	free(arg);
	return status;
}

static enum obol_status revocations(struct turn *turn)
{
	struct obol_store_revocations arg = {
		.in = { .since = turn->request.since,
				.now = turn->now,
				.limit = OBOL_STORE_REVOCATIONS_MAX }
	};
	enum obol_status status =
		obol_store_run(turn->server->store, OBOL_STORE_REVOCATIONS, &arg);
	size_t i;

	if (status == OBOL_OK)
	{
		ok(turn);
		obol_write_u64(turn->answer, arg.out.last);
		obol_write_u16(turn->answer, (uint16_t)arg.out.n_items);
	}
	for (i = 0; status == OBOL_OK && i < arg.out.n_items; i++)
	{
		obol_control_write_revocation(turn->answer, &arg.out.items[i]);
	}
	return status;
}

static enum obol_status gateways(struct turn *turn)
{
	struct obol_store_gateways *arg = calloc(1, sizeof(*arg));
	enum obol_status status = OBOL_ERR_NOMEM;
	size_t i;

	if (arg)
	{
		arg->in.since = turn->request.since;
		status = obol_store_run(turn->server->store, OBOL_STORE_GATEWAYS, arg);
	}
	if (status == OBOL_OK)
	{
		ok(turn);
		obol_write_u16(turn->answer, (uint16_t)arg->out.n_gateways);
	}
	for (i = 0; status == OBOL_OK && i < arg->out.n_gateways; i++)
	{
		obol_control_write_gateway(turn->answer, &arg->out.gateways[i]);
	}
	free(arg);
	return status;
}

/*
 * Changes
 */

/* A gateway's account is the operator's alone to change. */
static enum obol_status find_user(struct turn *turn)
{
	enum obol_status status = find_seen(turn);

	return status == OBOL_OK && turn->account.kind != OBOL_ACCOUNT_USER
			   ? OBOL_ERR_ARG
			   : status;
}

/* Counted before it is tried: what fails has still been asked for. */
static enum obol_status begin_change(struct turn *turn)
{
	enum obol_status status = find_user(turn);

	return status == OBOL_OK ? count_change(turn) : status;
}

static enum obol_status unlock(struct turn *turn)
{
	enum obol_status status = begin_change(turn);

	if (status == OBOL_OK)
	{
		status = obol_operator_unlock(turn->server->store, &turn->account,
									  &turn->person->actor, turn->now);
	}
	if (status == OBOL_OK)
	{
		log_turn(turn, OBOL_LOG_INFO, "unlocked");
		ok(turn);
	}
	return status;
}

static enum obol_status revoke(struct turn *turn)
{
	struct obol_store_slot_delete arg = { .in = { .kind = OBOL_SLOT_DEVICE } };
	enum obol_status status = begin_change(turn);

	if (status == OBOL_OK)
	{
		arg.in.request = store_request(turn);
		memcpy(arg.in.device_id, turn->request.device_id,
			   sizeof(arg.in.device_id));
		status =
			obol_store_run(turn->server->store, OBOL_STORE_SLOT_DELETE, &arg);
	}
	if (status == OBOL_OK)
	{
		log_turn(turn, OBOL_LOG_INFO, "revoked a device of");
		ok(turn);
		obol_control_write_revoked(turn->answer, &arg.out.revoked);
	}
	return status;
}

/* An account that was added with an old PKI's file would lose it. */
static enum obol_status check_reset(struct turn *turn)
{
	const struct obol_account *account = &turn->account;
	enum obol_status status = find_user(turn);

	if (status != OBOL_OK)
	{
		return status;
	}
	if (account->generation != turn->request.generation)
	{
		return OBOL_ERR_EXISTS;
	}
	if (turn->request.seconds == 0 ||
		turn->request.seconds > OBOL_CONTROL_CODE_MAX_S ||
		(account->activated_at == 0 && account->n_credentials > 0))
	{
		return OBOL_ERR_ARG;
	}
	return count_change(turn);
}

static enum obol_status make_code(struct turn *turn,
								  struct obol_activation_code *code)
{
	struct obol_activation_server server = {
		.rng = turn->server->rng,
		.store = turn->server->store,
		.keys = turn->server->keys,
		.key_number = turn->server->key_number,
	};
	uint8_t account_id[OBOL_ACCOUNT_ID_LEN];
	bool found = false;
	enum obol_status status = obol_operator_account_id(
		turn->server->store, &turn->account, account_id, &found);

	return status == OBOL_OK
			   ? obol_activation_code_new(
					 &server, turn->account.name, found ? account_id : NULL,
					 turn->account.generation + 1,
					 turn->now + turn->request.seconds, code)
			   : status;
}

static enum obol_status reset(struct turn *turn)
{
	struct obol_store_account_reset arg = {
		.in = { .actor = turn->person->actor, .now = turn->now }
	};
	struct obol_activation_code code = { .secret = NULL };
	struct obol_control_code answer;
	enum obol_status status = check_reset(turn);

	if (status == OBOL_OK)
	{
		status = make_code(turn, &code);
	}
	if (status == OBOL_OK)
	{
		arg.in.account_id = turn->account.id;
		arg.in.generation = turn->account.generation + 1;
		arg.in.activation = code.slot;
		status =
			obol_store_run(turn->server->store, OBOL_STORE_ACCOUNT_RESET, &arg);
	}
	if (status == OBOL_OK)
	{
		log_turn(turn, OBOL_LOG_INFO, "reset");
		answer.text = code.text;
		answer.expires_at = code.slot.expires_at;
		answer.revoked = arg.out.revoked;
		ok(turn);
		obol_control_write_code(turn->answer, &answer);
	}
	obol_activation_code_clear(&code);
	return status;
}

/*
 * One request
 */

static enum obol_status (*const verbs[])(struct turn *turn) = {
	[OBOL_CONTROL_HELLO] = hello,
	[OBOL_CONTROL_ACCOUNT] = show,
	[OBOL_CONTROL_ACCOUNTS] = list,
	[OBOL_CONTROL_SLOTS] = slots,
	[OBOL_CONTROL_CREDENTIALS] = credentials,
	[OBOL_CONTROL_CERTIFICATES] = certificates,
	[OBOL_CONTROL_REVOCATIONS] = revocations,
	[OBOL_CONTROL_GATEWAYS] = gateways,
	[OBOL_CONTROL_UNLOCK] = unlock,
	[OBOL_CONTROL_RESET] = reset,
	[OBOL_CONTROL_REVOKE] = revoke,
	[OBOL_CONTROL_HISTORY] = history,
};

enum obol_status obol_control_serve(struct obol_control_server *server,
									struct obol_control_person *person,
									struct obol_bytes request,
									struct obol_writer *answer)
{
	struct turn turn = { .server = server,
						 .person = person,
						 .answer = answer,
						 .now = obol_now(server->clock) };
	enum obol_status status = obol_control_read_request(request, &turn.request);

	if (status != OBOL_OK)
	{
		return status;
	}
	status = verbs[turn.request.verb](&turn);
	if (status != OBOL_OK)
	{
		obol_control_write_status(answer, status);
	}
	return obol_writer_status(answer) == OBOL_OK &&
				   obol_writer_view(answer).len <= OBOL_CONTROL_ANSWER_MAX
			   ? OBOL_OK
			   : OBOL_ERR_NOMEM;
}
