/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AccountStart, AccountCreate, AccountDelete: accounts that their users make,
 * with a team's code or, where the operator lets them, without one. */
#include "server/slot.h"

#include <stdlib.h>
#include <strings.h>

#include "base/precis.h"
#include "issue/identity.h"
#include "store/store_enrol.h"

/** Where nobody knows when there is room again: how soon it is worth a try. */
#define BUSY_S 3600
#define QUOTED_MAX (OBOL_NAME_MAX + 32)

/** The store's argument and what it points to, one piece of memory. */
struct enrol_argument {
	struct obol_store_enrol store;
	char name[OBOL_NAME_MAX + 1];
	char identity[OBOL_NAME_MAX + 1];
	struct obol_slot slots[OBOL_FIRST_SLOTS_MAX];
};

/*
 * Refusals
 */

static void refuse(struct obol_server_connection *conn, enum obol_reply reply,
				   const char *text, uint32_t retry_after_s)
{
	struct obol_error_message error = {
		.retry_after_s = retry_after_s,
		.text = obol_bytes_str(text),
	};
	const struct obol_log_fields fields = { .id = OBOL_LOG_ID_ACCOUNT,
											.operation = "enrol",
											.result = "refused",
											.source = conn->peer.source };

	obol_handler_event(conn->server, OBOL_LOG_INFO, &fields,
					   "enrolment from %s refused (%u): %s", conn->peer.source,
					   (unsigned)reply, text);
	if (obol_server_session_refuse(conn->session, reply, &error) != OBOL_OK)
	{
		obol_handler_broken(conn, OBOL_ERR_NOMEM);
	}
	obol_measure_end(conn, reply);
}

/* Who has a code has a trail; strangers would only fill one. */
static void refuse_enrolment(struct obol_server_connection *conn,
							 enum obol_reply reply, const char *text)
{
	if (conn->enrolment_id)
	{
		obol_handler_refuse_audited(conn, OBOL_OP_ENROL, reply, text, 0);
		return;
	}
	refuse(conn, reply, text, 0);
}

static void not_ok(struct obol_server_connection *conn, enum obol_status status)
{
	const struct obol_store_enrol *arg = conn->op.arg.enrol;

	switch (status)
	{
		case OBOL_ERR_AUTH:
			refuse_enrolment(conn, OBOL_REPLY_LOGIN_NEEDED,
							 "this enrolment code has ended; ask its operator "
							 "for another one");
			break;
		case OBOL_ERR_EXISTS:
			refuse_enrolment(conn, OBOL_REPLY_TAKEN,
							 "this name belongs to another account; choose "
							 "another one");
			break;
		case OBOL_ERR_DENIED:
			if (conn->op.reply == OBOL_REPLY_BUSY)
			{
				refuse(conn, OBOL_REPLY_BUSY, arg->out.refusal,
					   arg->out.later_s ? arg->out.later_s : BUSY_S);
				break;
			}
			refuse_enrolment(conn, conn->op.reply, arg->out.refusal);
			break;
		default:
			obol_handler_store_failed(conn, status);
			break;
	}
}

/*
 * Names
 */

/* A stranger chooses it, and identities and subjects are made of it: no signs
 * that mean something there, such as a wildcard. */
static bool is_plain(const char *name)
{
	static const char signs[] = "._+-";

	for (; *name; name++)
	{
		bool is_ascii = (unsigned char)*name < 0x80;
		bool is_letter =
			(*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9');

		if (is_ascii && !is_letter && !strchr(signs, *name))
		{
			return false;
		}
	}
	return true;
}

static bool is_ours(const struct obol_server_connection *conn, const char *name)
{
	const struct obol_server_policy *policy = &conn->server->options.policy;

	return strcasecmp(name, policy->server_name) == 0 ||
		   strcasecmp(name, policy->enrolment.domain) == 0;
}

/* NULL when the name can be an account's, else a sentence. */
static const char *take_name(const struct obol_server_connection *conn,
							 struct obol_bytes name, struct enrol_argument *arg)
{
	if (obol_precis_username(name, arg->name, sizeof(arg->name)) != OBOL_OK ||
		!obol_bytes_eq(obol_bytes_str(arg->name), name))
	{
		return "the name is none, or not in its normal form: update the client";
	}
	if (!is_plain(arg->name))
	{
		return "a name has letters, digits and the signs . _ + - in it; choose "
			   "another one";
	}
	if (is_ours(conn, arg->name) ||
		!obol_identity_for(arg->name,
						   conn->server->options.policy.enrolment.domain,
						   arg->identity))
	{
		return "no account can have this name; choose another one";
	}
	return NULL;
}

/* Zeroed but for what both steps need; NULL when it was refused. */
static struct enrol_argument *new_argument(struct obol_server_connection *conn,
										   struct obol_bytes name)
{
	const struct obol_server_options *options = &conn->server->options;
	const struct obol_enrolment_policy *policy = &options->policy.enrolment;
	struct enrol_argument *arg = obol_handler_argument(conn, sizeof(*arg));
	const char *fault;

	if (!arg)
	{
		return NULL;
	}
	fault = take_name(conn, name, arg);
	if (fault)
	{
		free(arg);
		refuse_enrolment(conn, OBOL_REPLY_NO_ENROLMENT, fault);
		return NULL;
	}
	arg->store.in.name = obol_bytes_str(arg->name);
	arg->store.in.identity = arg->identity;
	arg->store.in.enrolment_id = conn->enrolment_id;
	arg->store.in.open.names = policy->names;
	arg->store.in.open.approve = policy->approve;
	arg->store.in.open.per_day_max = policy->is_open ? policy->per_day_max : 0;
	arg->store.in.waiting_max = policy->waiting_max;
	arg->store.in.now = obol_now(options->clock);
	if (conn->enrolment_id)
	{
		arg->store.in.actor = obol_handler_actor(conn);
		return arg;
	}
	/* there is no login; the password is what the account begins with */
	arg->store.in.actor.kind = OBOL_SLOT_PASSWORD;
	memcpy(arg->store.in.actor.source, conn->peer.source,
		   sizeof(arg->store.in.actor.source));
	return arg;
}

/*
 * AccountStart
 */

/* Nothing was sent, and the guess has been given back. */
static void tell_unanswered(struct obol_server_connection *conn,
							enum obol_status why)
{
	if (why == OBOL_ERR_DENIED)
	{
		refuse(conn, OBOL_REPLY_BUSY,
			   "the server's keys are used as much as they may be",
			   OBOL_CEILING_WAIT_S);
		return;
	}
	obol_slot_refuse(conn, why);
}

static void answer_start(struct obol_server_connection *conn)
{
	const struct obol_store_enrol *arg = conn->op.arg.enrol;
	const struct obol_account_start_request *start =
		&obol_server_session_request(conn->session)->account_start;
	struct obol_answer answer = { .type = OBOL_ACCOUNT_START_ANSWER };
	enum obol_status status = OBOL_OK;
	size_t i;

	answer.account_start.n_slots = start->n_slots;
	for (i = 0; status == OBOL_OK && i < start->n_slots; i++)
	{
		status = obol_slot_respond(conn, start->name, &start->slots[i],
								   &answer.account_start.slots[i]);
	}
	if (status == OBOL_OK)
	{
		obol_handler_answer(conn, &answer);
	}
	else if (status == OBOL_ERR_FORMAT)
	{
		/* the client's doing, and counted as at a login */
		obol_slot_refuse(conn, status);
	}
	else
	{
		obol_handler_give_back(conn, arg->in.guess_key, arg->out.reservation,
							   status, tell_unanswered);
	}
}

static void checked(struct obol_server_connection *conn,
					enum obol_status status)
{
	uint32_t later_s = conn->op.arg.enrol->out.later_s;

	if (status != OBOL_OK)
	{
		not_ok(conn, status);
	}
	else if (later_s)
	{
		refuse(conn, OBOL_REPLY_BUSY,
			   "this name was tried too often; choose another one, or wait",
			   later_s);
	}
	else
	{
		answer_start(conn);
	}
}

void obol_handle_account_start(struct obol_server_connection *conn,
							   const struct obol_request *request)
{
	const struct obol_server_options *options = &conn->server->options;
	struct enrol_argument *arg;
	enum obol_status status;
	uint32_t wait_s;

	if (!conn->enrolment_id && !options->policy.enrolment.is_open)
	{
		refuse(conn, OBOL_REPLY_NO_ENROLMENT,
			   "nobody may enrol here without a code; ask the operator for one",
			   0);
		return;
	}
	/* never given back: each one tells whether a name is taken */
	wait_s =
		obol_source_limit_take(conn->server->enrolments, &conn->peer.address,
							   obol_mono_ms(options->clock));
	if (wait_s)
	{
		refuse(conn, OBOL_REPLY_BUSY,
			   "too many tries to enrol from your network", wait_s);
		return;
	}
	arg = new_argument(conn, request->account_start.name);
	if (!arg)
	{
		return;
	}
	status =
		obol_store_guess_key(options->store, OBOL_SLOT_PASSWORD,
							 arg->store.in.name, NULL, arg->store.in.guess_key);
	if (status != OBOL_OK)
	{
		free(arg);
		obol_handler_store_failed(conn, status);
		return;
	}
	obol_handler_submit(conn, OBOL_STORE_ENROL_CHECK, arg, checked);
}

/*
 * AccountCreate
 */

static void created(struct obol_server_connection *conn,
					enum obol_status status)
{
	const struct obol_store_enrol *arg = conn->op.arg.enrol;
	struct obol_answer answer = { .type = OBOL_ACCOUNT_CREATE_ANSWER };
	char name[QUOTED_MAX];
	const struct obol_log_fields fields = { .id = OBOL_LOG_ID_ACCOUNT,
											.operation = "enrol",
											.result = "ok",
											.source = conn->peer.source,
											.account = name };

	if (status != OBOL_OK)
	{
		not_ok(conn, status);
		return;
	}
	obol_log_event(conn->server->options.log, OBOL_LOG_INFO, "server", &fields,
				   "account '%s' enrolled from %s %s%s",
				   obol_log_quote(name, sizeof(name), arg->in.name),
				   conn->peer.source,
				   conn->enrolment_id ? "with a team's code" : "without a code",
				   arg->out.waits ? ", waits for approval" : "");
	answer.waits = arg->out.waits;
	obol_handler_answer(conn, &answer);
}

void obol_handle_account_create(struct obol_server_connection *conn,
								const struct obol_request *request)
{
	const struct obol_account_create_request *create = &request->account_create;
	struct enrol_argument *arg;
	const char *fault = NULL;
	size_t i;

	for (i = 0; !fault && i < create->n_slots; i++)
	{
		fault = obol_slot_fault(conn, &create->slots[i], 1);
	}
	if (fault)
	{
		refuse(conn, OBOL_REPLY_PARAMETER, fault, 0);
		return;
	}
	arg = new_argument(conn, create->name);
	if (!arg)
	{
		return;
	}
	for (i = 0; i < create->n_slots; i++)
	{
		obol_slot_take(&arg->slots[i], &create->slots[i], arg->store.in.now);
	}
	arg->store.in.n_slots = create->n_slots;
	arg->store.in.slots = arg->slots;
	obol_handler_submit(conn, OBOL_STORE_ENROL, arg, created);
}

/*
 * AccountDelete
 */

static void deleted(struct obol_server_connection *conn,
					enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_ACCOUNT_DELETE_ANSWER };
	char name[QUOTED_MAX];
	const struct obol_log_fields fields = { .id = OBOL_LOG_ID_ACCOUNT,
											.operation = "delete",
											.result = "ok",
											.source = conn->peer.source,
											.account = name };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, OBOL_OP_ACCOUNT_REMOVE, status, 0);
		return;
	}
	obol_log_event(
		conn->server->options.log, OBOL_LOG_INFO, "server", &fields,
		"account '%s' deleted by its user from %s",
		obol_log_quote(name, sizeof(name),
					   obol_server_session_login(conn->session)->name),
		conn->peer.source);
	obol_handler_answer(conn, &answer);
}

void obol_handle_account_delete(struct obol_server_connection *conn,
								const struct obol_request *request)
{
	struct obol_store_account_delete *arg =
		obol_handler_argument(conn, sizeof(*arg));

	(void)request;
	if (arg)
	{
		arg->in = obol_handler_request(conn);
		obol_handler_submit(conn, OBOL_STORE_ACCOUNT_DELETE, arg, deleted);
	}
}
