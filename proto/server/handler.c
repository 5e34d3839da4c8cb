/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the handlers share: answers, refusals, rows in the audit trail. */
#include "server/handler.h"

#include "store/store_operator.h"

#include <stdlib.h>

/** Without a failure for so long, the store works again. */
#define STORE_GOOD_MS 5000

struct obol_store_actor
obol_handler_actor(const struct obol_server_connection *conn)
{
	const struct obol_login_start *login =
		obol_server_session_login(conn->session);
	struct obol_store_actor actor = { .kind = login->kind };

	memcpy(actor.device_id, login->device_id, sizeof(actor.device_id));
	memcpy(actor.source, conn->peer.source, sizeof(actor.source));
	return actor;
}

struct obol_store_request
obol_handler_request(const struct obol_server_connection *conn)
{
	struct obol_store_request request = {
		.account_id = conn->account.id,
		.generation = conn->account.generation,
		.actor = obol_handler_actor(conn),
		.now = obol_now(conn->server->options.clock),
	};

	return request;
}

void obol_handler_broken(struct obol_server_connection *conn,
						 enum obol_status status)
{
	obol_handler_log(conn->server, OBOL_LOG_WARN,
					 "connection from %s given up (%s)", conn->peer.source,
					 obol_status_name(status));
	obol_measure_end(conn, OBOL_REPLY_UNAVAILABLE);
	conn->is_done = true;
}

void obol_handler_answer(struct obol_server_connection *conn,
						 const struct obol_answer *answer)
{
	enum obol_status status = obol_server_session_answer(conn->session, answer);

	if (status != OBOL_OK)
	{
		obol_handler_log(conn->server, OBOL_LOG_ERROR,
						 "an answer could not be sent (%s)",
						 obol_status_name(status));
		obol_handler_refuse(conn, OBOL_REPLY_TEMPORARY,
							"the server could not send its answer; get the "
							"present state, then try again",
							0);
	}
	obol_measure_end(conn, OBOL_REPLY_OK);
}

void obol_handler_refuse(struct obol_server_connection *conn,
						 enum obol_reply reply, const char *text,
						 uint64_t version)
{
	struct obol_error_message error = {
		.reply = (uint16_t)reply,
		.version = version,
		.text = obol_bytes_str(text),
	};
	enum obol_status status =
		obol_server_session_refuse(conn->session, reply, &error);

	if (status != OBOL_OK)
	{
		obol_handler_broken(conn, status);
	}
	obol_measure_end(conn, reply);
}

void *obol_handler_argument(struct obol_server_connection *conn, size_t size)
{
	void *argument = calloc(1, size);

	if (!argument)
	{
		obol_handler_refuse(conn, OBOL_REPLY_TEMPORARY,
							"the server is short of memory; nothing was "
							"changed, try again later",
							0);
	}
	return argument;
}

static void given_back(struct obol_server_connection *conn,
					   enum obol_status status)
{
	if (status == OBOL_OK)
	{
		conn->tell(conn, conn->unanswered);
		return;
	}
	obol_measure_end(conn, OBOL_REPLY_TEMPORARY);
	obol_handler_broken(conn, status);
}

void obol_handler_give_back(struct obol_server_connection *conn,
							const uint8_t guess_key[OBOL_GUESS_KEY_LEN],
							uint64_t reservation, enum obol_status why,
							void (*tell)(struct obol_server_connection *conn,
										 enum obol_status why))
{
	struct obol_store_login_undo *arg = calloc(1, sizeof(*arg));

	if (!arg)
	{
		obol_handler_broken(conn, OBOL_ERR_NOMEM);
		return;
	}
	conn->unanswered = why;
	conn->tell = tell;
	memcpy(arg->in.guess_key, guess_key, sizeof(arg->in.guess_key));
	arg->in.reservation = reservation;
	obol_handler_submit(conn, OBOL_STORE_LOGIN_UNDO, arg, given_back);
}

static void refuse_now(struct obol_server_connection *conn,
					   enum obol_status status)
{
	/* the refusal stands, whether or not there is a row of it */
	if (status != OBOL_OK)
	{
		obol_handler_log(conn->server, OBOL_LOG_ERROR,
						 "a refusal could not be noted in the store (%s)",
						 obol_status_name(status));
	}
	obol_handler_refuse(conn, conn->refusal, conn->refusal_text,
						conn->refusal_version);
}

void obol_handler_refuse_audited(struct obol_server_connection *conn,
								 enum obol_operation operation,
								 enum obol_reply reply, const char *text,
								 uint64_t version)
{
	struct obol_store_audit *arg = obol_handler_argument(conn, sizeof(*arg));

	if (!arg)
	{
		return;
	}
	conn->refusal = reply;
	conn->refusal_text = text;
	conn->refusal_version = version;
	arg->in.account_id = conn->account.id;
	arg->in.actor = obol_handler_actor(conn);
	arg->in.operation = operation;
	arg->in.reply = reply;
	arg->in.detail = obol_bytes_str(text);
	arg->in.now = obol_now(conn->server->options.clock);
	obol_handler_submit(conn, OBOL_STORE_AUDIT, arg, refuse_now);
}

void obol_handler_store_failed(struct obol_server_connection *conn,
							   enum obol_status status)
{
	static const struct obol_log_fields fields = { .id = OBOL_LOG_ID_STORE,
												   .result = "error" };
	const struct obol_server_options *options = &conn->server->options;

	conn->server->n_store_failed++;
	conn->server->store_failed_at_ms = obol_mono_ms(options->clock);
	if (conn->op.is_in_doubt)
	{
		/* 451 says that nothing was changed; without an answer the client
		 * looks for itself */
		obol_handler_broken(conn, status);
		return;
	}
	obol_handler_event(conn->server, OBOL_LOG_ERROR, &fields,
					   "the store failed (%s); clients are told to try again, "
					   "see its own message for the cause",
					   obol_status_name(status));
	obol_handler_refuse(conn, OBOL_REPLY_TEMPORARY,
						"the server cannot store anything at the moment; "
						"nothing was changed, try again later",
						0);
}

void obol_handler_store_works(struct obol_server *server)
{
	/* a disk that is nearly full takes one and refuses the next */
	if (server->n_store_failed > 0 &&
		obol_mono_ms(server->options.clock) - server->store_failed_at_ms >=
			STORE_GOOD_MS)
	{
		obol_handler_log(server, OBOL_LOG_WARN,
						 "the store works again; requests that were put off "
						 "meanwhile: %llu",
						 (unsigned long long)server->n_store_failed);
		server->n_store_failed = 0;
	}
}

static const char *text_of(enum obol_reply reply)
{
	switch (reply)
	{
		case OBOL_REPLY_PARAMETER:
			return "a parameter of the request is out of its bounds";
		case OBOL_REPLY_LOGIN_NEEDED:
			return "the account was changed since this login; log in again";
		case OBOL_REPLY_DISABLED:
			return "this account is disabled or has expired; ask its operator";
		case OBOL_REPLY_NOT_FOUND:
			return "there is no such thing in this account";
		case OBOL_REPLY_QUOTA:
			return "the account's quota is used up; delete what is no longer "
				   "needed";
		case OBOL_REPLY_STALE:
			return "it was changed meanwhile; get the present version first";
		default:
			return "this account or this kind of login may not do that";
	}
}

void obol_handler_not_ok(struct obol_server_connection *conn,
						 enum obol_operation operation, enum obol_status status,
						 uint64_t version)
{
	enum obol_reply reply = conn->op.reply;

	switch (status)
	{
		case OBOL_ERR_AUTH:
		case OBOL_ERR_DENIED:
		case OBOL_ERR_EXISTS:
		case OBOL_ERR_NOT_FOUND:
			break;
		default:
			obol_handler_store_failed(conn, status);
			return;
	}
	if (operation)
	{
		obol_handler_refuse_audited(conn, operation, reply, text_of(reply),
									version);
	}
	else
	{
		obol_handler_refuse(conn, reply, text_of(reply), version);
	}
}
