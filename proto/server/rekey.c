/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stage and ReKey: a new account key, with everything sealed anew. */
#include "server/slot.h"

/*
 * Stage
 */

static void staged(struct obol_server_connection *conn, enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_STAGE_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, OBOL_OP_REKEY, status, 0);
		return;
	}
	obol_handler_answer(conn, &answer);
}

static bool begin_stage(struct obol_server_connection *conn)
{
	if (!conn->has_staged)
	{
		if (obol_rng_fill(conn->server->options.rng, conn->stage_id,
						  sizeof(conn->stage_id)) != OBOL_OK)
		{
			return false;
		}
		conn->has_staged = true;
	}
	return true;
}

void obol_handle_stage(struct obol_server_connection *conn,
					   const struct obol_request *request)
{
	struct obol_store_stage *arg;

	if (request->put.generation != conn->account.generation + 1)
	{
		obol_handler_refuse(conn, OBOL_REPLY_PARAMETER,
							"what is staged must be sealed for the coming "
							"account key",
							0);
		return;
	}
	if (!begin_stage(conn))
	{
		obol_handler_refuse(conn, OBOL_REPLY_TEMPORARY,
							"the server has no randomness at the moment; try "
							"again later",
							0);
		return;
	}
	arg = obol_handler_argument(conn, sizeof(*arg));
	if (arg)
	{
		arg->in.request = obol_handler_request(conn);
		memcpy(arg->in.stage_id, conn->stage_id, sizeof(arg->in.stage_id));
		arg->in.put = request->put;
		obol_handler_submit(conn, OBOL_STORE_STAGE, arg, staged);
	}
}

/*
 * ReKey
 */

/** The store's argument and what it points to, one piece of memory. */
struct rekey_argument {
	struct obol_store_rekey store;
	struct obol_slot slots[];
};

static void rekeyed(struct obol_server_connection *conn,
					enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_REKEY_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, OBOL_OP_REKEY, status, 0);
		return;
	}
	conn->has_staged = false;
	answer.generation = conn->op.arg.rekey->in.generation;
	obol_handler_answer(conn, &answer);
}

static bool is_same_slot(const struct obol_slot_message *a,
						 const struct obol_slot_message *b)
{
	return a->kind == b->kind &&
		   memcmp(a->device_id, b->device_id, sizeof(a->device_id)) == 0;
}

static const char *rekey_fault(const struct obol_server_connection *conn,
							   const struct obol_rekey_request *rekey)
{
	bool has_password = false;
	const char *fault = NULL;
	size_t i, j;

	if (rekey->generation != conn->account.generation + 1)
	{
		return "the new account key must be the next one";
	}
	for (i = 0; !fault && i < rekey->n_slots; i++)
	{
		fault = obol_slot_fault(conn, &rekey->slots[i], rekey->generation);
		has_password |= rekey->slots[i].kind == OBOL_SLOT_PASSWORD;
		for (j = 0; !fault && j < i; j++)
		{
			if (is_same_slot(&rekey->slots[i], &rekey->slots[j]))
			{
				fault = "two of the slots are the same";
			}
		}
	}
	/* else nobody could ever change the account again */
	return fault || has_password ? fault : "a new account key needs a password";
}

void obol_handle_rekey(struct obol_server_connection *conn,
					   const struct obol_request *request)
{
	const struct obol_rekey_request *rekey = &request->rekey;
	const char *fault = rekey_fault(conn, rekey);
	struct rekey_argument *arg;
	size_t i;

	if (fault)
	{
		obol_handler_refuse_audited(conn, OBOL_OP_REKEY, OBOL_REPLY_PARAMETER,
									fault, 0);
		return;
	}
	/* also when nothing was staged: an account can be empty */
	if (!begin_stage(conn))
	{
		obol_handler_refuse(conn, OBOL_REPLY_TEMPORARY,
							"the server has no randomness at the moment; try "
							"again later",
							0);
		return;
	}
	arg = obol_handler_argument(conn, sizeof(*arg) + rekey->n_slots *
														 sizeof(arg->slots[0]));
	if (!arg)
	{
		return;
	}
	arg->store.in.request = obol_handler_request(conn);
	memcpy(arg->store.in.stage_id, conn->stage_id,
		   sizeof(arg->store.in.stage_id));
	arg->store.in.generation = rekey->generation;
	arg->store.in.n_slots = rekey->n_slots;
	for (i = 0; i < rekey->n_slots; i++)
	{
		obol_slot_take(&arg->slots[i], &rekey->slots[i],
					   arg->store.in.request.now);
	}
	arg->store.in.slots = arg->slots;
	obol_handler_submit(conn, OBOL_STORE_REKEY, arg, rekeyed);
}
