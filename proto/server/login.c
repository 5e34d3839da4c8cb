/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The login: a guess is reserved before anything is computed, unknown names
 * take the same way as known ones, and what an account's state is shows only
 * behind a valid KE3. */
#include "server/handler.h"

#include "store/store_enrol.h"

#include <stdio.h>
#include <stdlib.h>

#define QUOTED_MAX (OBOL_NAME_MAX + 32)

static const char *kind_name(uint8_t kind)
{
	switch (kind)
	{
		case OBOL_SLOT_PASSWORD:
			return "password";
		case OBOL_SLOT_ACTIVATION:
			return "activation code";
		case OBOL_SLOT_RECOVERY:
			return "recovery code";
		case OBOL_SLOT_DEVICE:
			return "device";
		case OBOL_SLOT_ENROLMENT:
			return "enrolment code";
	}
	return "unknown kind";
}

/* A name that is known to exist as it is, any other as a keyed hash: people
 * type passwords where a name is asked for. */
static const char *name_for_log(const struct obol_server_connection *conn,
								bool is_known, char out[QUOTED_MAX])
{
	struct obol_bytes name = obol_server_session_login(conn->session)->name;
	char masked[17];

	/* for known names too: so it takes the same time */
	if (obol_store_masked_name(conn->server->options.store, name, masked) !=
		OBOL_OK)
	{
		masked[0] = '\0'; /* without memory: never the name itself */
	}
	if (is_known)
	{
		return obol_log_quote(out, QUOTED_MAX, name);
	}
	(void)snprintf(out, QUOTED_MAX, "unknown-%s", masked);
	return out;
}

/* Of an entry in the log; account as name_for_log() has it. */
static struct obol_log_fields
fields_of(const struct obol_server_connection *conn, const char *result,
		  const char *account)
{
	struct obol_log_fields fields = {
		.id = OBOL_LOG_ID_LOGIN,
		.operation = "login",
		.result = result,
		.source = conn->peer.source,
		.account = account,
	};

	return fields;
}

static void give_source_back(struct obol_server_connection *conn)
{
	if (conn->source_is_taken)
	{
		conn->source_is_taken = false;
		obol_source_limit_give_back(conn->server->sources, &conn->peer.address,
									obol_mono_ms(conn->server->options.clock));
	}
}

/*
 * LoginStart
 */

/* Both kinds of names are computed for in the same way, so that time does not
 * tell them apart; only then is one of the records taken. */
static enum obol_status
send_challenge(struct obol_server_connection *conn,
			   const struct obol_store_login_begin *begin)
{
	const struct obol_login_start *login =
		obol_server_session_login(conn->session);
	struct obol_server_challenge challenge;
	struct obol_unknown_answer made_up;
	uint8_t identifier[32];
	enum obol_status status = obol_unknown_account_answer(
		conn->server->unknown, login->kind, login->name, login->device_id,
		&begin->out.past, &made_up);

	if (status == OBOL_OK)
	{
		status = obol_store_credential_identifier(conn->server->options.store,
												  login->kind, login->name,
												  login->device_id, identifier);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	challenge.credential_identifier = obol_bytes(identifier, 32);
	challenge.ksf = begin->out.found ? begin->out.slot.ksf : made_up.ksf;
	challenge.key_number =
		begin->out.found ? begin->out.slot.key_number : made_up.key_number;
	challenge.record =
		obol_bytes(begin->out.found ? begin->out.slot.record : made_up.record,
				   OBOL_OPAQUE_RECORD_LEN);
	return obol_server_session_challenge(conn->session, &challenge);
}

static void tell_later(struct obol_server_connection *conn, uint32_t seconds,
					   enum obol_metric_limit limit, const char *why)
{
	const struct obol_log_fields fields = fields_of(conn, "later", NULL);

	obol_handler_event(conn->server, OBOL_LOG_INFO, &fields,
					   "login from %s put off for %u s: %s", conn->peer.source,
					   (unsigned)seconds, why);
	obol_server_session_later(conn->session, seconds);
	obol_measure_later(conn, limit);
}

/* The answer is the same for an unknown name that was given that key. */
static void tell_missing_key(struct obol_server_connection *conn,
							 const struct obol_store_login_begin *begin)
{
	if (begin->out.found)
	{
		obol_handler_log(
			conn->server, OBOL_LOG_ERROR,
			"key %u, which slots were made with, is not in the key "
			"file or has ended; bring it back from the backup of "
			"the keys, or reset those accounts",
			(unsigned)begin->out.slot.key_number);
	}
}

static void tell_unanswered(struct obol_server_connection *conn,
							enum obol_status why)
{
	obol_server_session_unanswered(conn->session, why);
	if (why != OBOL_ERR_DENIED)
	{
		obol_measure_end(conn, OBOL_REPLY_TEMPORARY);
		obol_handler_broken(conn, why);
		return;
	}
	obol_measure_later(conn, OBOL_LIMIT_KEEPER);
	obol_handler_log(conn->server, OBOL_LOG_WARN,
					 "login from %s put off: the server's keys are used "
					 "more than their ceilings allow",
					 conn->peer.source);
}

static const char full_network[] = "too many failed logins from its network";

static void begun(struct obol_server_connection *conn, enum obol_status status)
{
	struct obol_store_login_begin *begin = conn->op.arg.login_begin;

	if (status != OBOL_OK)
	{
		give_source_back(conn);
		obol_measure_login(conn, OBOL_LOGIN_ERROR);
		obol_handler_store_failed(conn, status);
		return;
	}
	obol_handler_store_works(conn->server);
	if (begin->out.later_s)
	{
		give_source_back(conn);
		tell_later(conn, begin->out.later_s, OBOL_LIMIT_NAME,
				   "too many failed logins of one "
				   "name");
		return;
	}
	if (conn->source_wait_s && !begin->out.found)
	{
		tell_later(conn, conn->source_wait_s, OBOL_LIMIT_NETWORK, full_network);
		return;
	}
	conn->begin = malloc(sizeof(*conn->begin));
	if (!conn->begin)
	{
		obol_handler_broken(conn, OBOL_ERR_NOMEM);
		return;
	}
	*conn->begin = *begin;
	status = send_challenge(conn, begin);
	if (status == OBOL_OK || status == OBOL_ERR_FORMAT)
	{
		conn->login_is_open = true;
		obol_measure_end(conn,
						 status == OBOL_OK ? OBOL_REPLY_OK : OBOL_REPLY_AUTH);
		return;
	}
	if (status == OBOL_ERR_NOT_FOUND)
	{
		tell_missing_key(conn, begin);
	}
	give_source_back(conn);
	obol_handler_give_back(conn, conn->begin->in.guess_key,
						   conn->begin->out.reservation, status,
						   tell_unanswered);
}

/* Whoever fills the bucket of a network that he shares would keep all others in
 * it from logging in. Devices that are known go on: nobody guesses a device's
 * random id, let alone its secret, so that this tells nothing, and there is
 * nothing to be won by it. */
static bool may_begin(struct obol_server_connection *conn, uint8_t kind)
{
	conn->source_wait_s =
		obol_source_limit_take(conn->server->sources, &conn->peer.address,
							   obol_mono_ms(conn->server->options.clock));
	conn->source_is_taken = !conn->source_wait_s;
	if (conn->source_wait_s && kind != OBOL_SLOT_DEVICE)
	{
		tell_later(conn, conn->source_wait_s, OBOL_LIMIT_NETWORK, full_network);
		return false;
	}
	return true;
}

void obol_login_begin(struct obol_server_connection *conn)
{
	const struct obol_server_options *options = &conn->server->options;
	const struct obol_login_start *login =
		obol_server_session_login(conn->session);
	struct obol_store_login_begin *arg;
	enum obol_status status;

	if (!may_begin(conn, login->kind))
	{
		return;
	}
	arg = obol_handler_argument(conn, sizeof(*arg));
	if (!arg)
	{
		return;
	}
	arg->in.name = login->name;
	arg->in.kind = login->kind;
	arg->in.only_found = conn->source_wait_s != 0;
	memcpy(arg->in.device_id, login->device_id, sizeof(arg->in.device_id));
	status = obol_store_guess_key(options->store, login->kind, login->name,
								  login->device_id, arg->in.guess_key);
	if (status != OBOL_OK)
	{
		free(arg);
		give_source_back(conn);
		obol_measure_login(conn, OBOL_LOGIN_ERROR);
		obol_handler_store_failed(conn, status);
		return;
	}
	arg->in.now = obol_now(options->clock);
	obol_handler_submit(conn, OBOL_STORE_LOGIN_BEGIN, arg, begun);
}

/*
 * LoginFinish
 */

/* A slot that stretches less than new ones must, or whose key has a successor,
 * is registered anew by the client. Codes that end are not. */
static bool is_old(const struct obol_server_connection *conn)
{
	const struct obol_server_options *options = &conn->server->options;
	const struct obol_slot *slot = &conn->begin->out.slot;
	const struct obol_ksf_params *least = &options->policy.password_ksf;

	if (slot->kind == OBOL_SLOT_ACTIVATION || slot->kind == OBOL_SLOT_ENROLMENT)
	{
		return false;
	}
	return slot->key_number != options->current_key ||
		   (slot->kind == OBOL_SLOT_PASSWORD &&
			(slot->ksf.id != least->id ||
			 ((uint64_t)slot->ksf.r << slot->ksf.log2_n) <
				 ((uint64_t)least->r << least->log2_n) ||
			 slot->ksf.p < least->p));
}

static bool take_account(struct obol_server_connection *conn,
						 const struct obol_store_login_done *arg)
{
	const struct obol_server_policy *policy = &conn->server->options.policy;
	const struct obol_slot *slot = &conn->begin->out.slot;

	conn->account.id = conn->begin->out.account_id;
	if (conn->begin->in.kind == OBOL_SLOT_ENROLMENT)
	{
		conn->enrolment_id = conn->begin->out.slot.serial;
		conn->account.id = OBOL_STORE_TEAM(conn->enrolment_id);
	}
	conn->account.kind = arg->out.account.kind;
	conn->account.generation = arg->out.generation;
	conn->account.certificate_lifetime_s =
		arg->out.account.certificate_lifetime_s;
	conn->account.expires_at = arg->out.account.expires_at;
	conn->account.mode =
		arg->out.account.mode ? arg->out.account.mode : policy->mode;
	conn->account.key_type = arg->out.account.key_type
								 ? arg->out.account.key_type
								 : policy->key_type;
	if (slot->kind == OBOL_SLOT_DEVICE)
	{
		(void)snprintf(conn->account.label, sizeof(conn->account.label), "%s",
					   slot->label);
	}
	conn->account.identity = strdup(arg->out.account.identity);
	return conn->account.identity != NULL;
}

/* The keys that this slot can move to: who pins the server must know them
 * before they turn up in a KE2. Newest first. */
static void add_successors(const struct obol_server_connection *conn,
						   struct obol_login_done *done)
{
	const struct obol_server_options *options = &conn->server->options;
	uint32_t number = options->current_key;

	for (; number > conn->begin->out.slot.key_number &&
		   done->n_pins < OBOL_PINS_MAX;
		 number--)
	{
		struct obol_pin *pin = &done->pins[done->n_pins];

		if (options->keys->public_key(options->keys, number,
									  pin->opaque_public_key) == OBOL_OK)
		{
			memcpy(pin->tls_key_hash, options->tls_key_hash,
				   sizeof(pin->tls_key_hash));
			done->n_pins++;
		}
	}
}

static void accept_login(struct obol_server_connection *conn,
						 const struct obol_store_login_done *arg)
{
	const struct obol_slot *slot = &conn->begin->out.slot;
	struct obol_login_done done = {
		.wrap = obol_bytes(slot->wrap, slot->wrap_len),
		.n_failures = arg->out.n_failures,
		.last_failure_at = arg->out.last_failure_at,
		.last_failure_source = obol_bytes_str(arg->out.last_failure_source),
		.last_login_at = arg->out.last_login_at,
		.server_time = obol_now(conn->server->options.clock),
		.migrate = is_old(conn),
		.anchors_number = arg->out.anchors_number,
		.n_revoked = arg->out.n_revoked,
	};
	enum obol_status status = OBOL_ERR_NOMEM;
	struct obol_log_fields fields;
	char name[QUOTED_MAX];

	add_successors(conn, &done);
	memcpy(done.revoked, arg->out.revoked, sizeof(done.revoked));
	if (take_account(conn, arg))
	{
		done.mode = conn->account.mode;
		done.key_type =
			conn->server->options.issuer ? conn->account.key_type : 0;
		done.account_expires_at = conn->account.expires_at;
		status = obol_server_session_accept(conn->session, &done);
	}
	if (status != OBOL_OK)
	{
		obol_measure_login(conn, OBOL_LOGIN_ERROR);
		obol_handler_broken(conn, status);
		return;
	}
	obol_measure_login(conn, OBOL_LOGIN_OK);
	obol_measure_end(conn, OBOL_REPLY_OK);
	fields = fields_of(conn, "ok", name_for_log(conn, true, name));
	obol_log_event(conn->server->options.log, OBOL_LOG_INFO, "server", &fields,
				   "login of %s '%s' by %s from %s",
				   conn->enrolment_id ? "team" : "account", name,
				   kind_name(slot->kind), conn->peer.source);
}

static void refuse_login(struct obol_server_connection *conn,
						 const struct obol_store_login_done *arg)
{
	struct obol_log_fields fields;
	char name[QUOTED_MAX];

	obol_measure_login(conn, OBOL_LOGIN_REFUSED);
	fields = fields_of(conn, "refused", name_for_log(conn, true, name));
	obol_log_event(conn->server->options.log, OBOL_LOG_INFO, "server", &fields,
				   "login of '%s' from %s refused: %s", name, conn->peer.source,
				   arg->out.refusal);
	obol_handler_refuse(conn, conn->op.reply, arg->out.refusal, 0);
}

static void finished(struct obol_server_connection *conn,
					 enum obol_status status)
{
	const struct obol_store_login_done *arg = conn->op.arg.login_done;

	conn->login_is_open = false;
	give_source_back(conn);
	switch (status)
	{
		case OBOL_OK:
			accept_login(conn, arg);
			if (!arg->out.has_get)
			{
				obol_get_forget(conn);
			}
			break;
		case OBOL_ERR_DENIED:
			obol_get_forget(conn);
			refuse_login(conn, arg);
			break;
		default:
			obol_get_forget(conn);
			obol_measure_login(conn, OBOL_LOGIN_ERROR);
			obol_handler_store_failed(conn, status);
			break;
	}
	free(conn->begin);
	conn->begin = NULL;
}

void obol_login_finish(struct obol_server_connection *conn)
{
	const struct obol_slot *slot = &conn->begin->out.slot;
	struct obol_store_login_done *arg =
		obol_handler_argument(conn, sizeof(*arg));

	if (!arg)
	{
		return;
	}
	arg->in.account_id = conn->begin->out.account_id;
	arg->in.actor = obol_handler_actor(conn);
	memcpy(arg->in.guess_key, conn->begin->in.guess_key,
		   sizeof(arg->in.guess_key));
	arg->in.reservation = conn->begin->out.reservation;
	arg->in.slot_serial = slot->serial;
	arg->in.slot_generation = slot->generation;
	memcpy(arg->in.slot_label, slot->label, sizeof(arg->in.slot_label));
	arg->in.now = obol_now(conn->server->options.clock);
	arg->in.get = obol_get_early(conn);
	obol_handler_submit(conn, OBOL_STORE_LOGIN_DONE, arg, finished);
}

/*
 * A login that did not succeed
 */

void obol_login_failed(struct obol_server_connection *conn)
{
	struct obol_store_login_failed *arg = calloc(1, sizeof(*arg));
	bool is_known = conn->begin && conn->begin->out.found;
	struct obol_log_fields fields;
	char name[QUOTED_MAX];

	obol_measure_login(conn, OBOL_LOGIN_FAILED);
	if (!arg)
	{
		obol_server_connection_close(conn);
		return;
	}
	fields = fields_of(conn, "failed", name_for_log(conn, is_known, name));
	obol_handler_event(
		conn->server, OBOL_LOG_INFO, &fields,
		"login of account '%s' by %s from %s "
		"failed",
		name, kind_name(obol_server_session_login(conn->session)->kind),
		conn->peer.source);
	arg->in.account_id = is_known ? conn->begin->out.account_id : 0;
	arg->in.actor = obol_handler_actor(conn);
	arg->in.now = obol_now(conn->server->options.clock);
	obol_handler_submit(conn, OBOL_STORE_LOGIN_FAILED, arg, NULL);
}
