/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The account's own audit trail. */
#include "client/fail_over.h"
#include "client/internal.h"

#include <stdlib.h>

static void take_line(struct obol_history_line *line,
					  const struct obol_history_item *item)
{
	line->id = item->id;
	line->at = item->at;
	line->operation = item->operation;
	line->reply = item->reply;
	line->kind = item->kind;
	obol_copy_text(line->label, sizeof(line->label), item->label);
	obol_copy_text(line->source, sizeof(line->source), item->source);
	obol_copy_text(line->detail, sizeof(line->detail), item->detail);
}

static enum obol_status do_history(struct obol_client *client,
								   const struct obol_request *request,
								   struct obol_history_line **lines,
								   size_t *n_lines)
{
	const struct obol_answer *answer;
	struct obol_history_line *list;
	enum obol_status status = obol_client_ask(client, request, &answer);
	size_t i;

	if (status != OBOL_OK)
	{
		return status;
	}
	list = calloc((size_t)answer->history.n_items + 1, sizeof(*list));
	if (!list)
	{
		return obol_client_fail_internal(client, OBOL_ERR_NOMEM);
	}
	for (i = 0; i < answer->history.n_items; i++)
	{
		take_line(&list[i], &answer->history.items[i]);
	}
	*lines = list;
	*n_lines = answer->history.n_items;
	return OBOL_OK;
}

enum obol_status obol_client_history(struct obol_client *client,
									 uint64_t before, uint16_t limit,
									 struct obol_history_line **lines,
									 size_t *n_lines)
{
	struct obol_request request;
	enum obol_status status;

	obol_client_begin(client);
	memset(&request, 0, sizeof(request));
	request.type = OBOL_HISTORY;
	request.history.before = before;
	request.history.limit = limit;
	obol_fail_over_begin(client);
	do
	{
		status = do_history(client, &request, lines, n_lines);
	} while (obol_fail_over(client, &status));
	return obol_client_settle(client, status);
}

const char *obol_operation_name(uint8_t operation)
{
	static const char *const names[] = {
		[OBOL_OP_LOGIN] = "login",
		[OBOL_OP_GET] = "get",
		[OBOL_OP_PUT] = "put",
		[OBOL_OP_DELETE] = "delete",
		[OBOL_OP_SLOT_NEW] = "slot-new",
		[OBOL_OP_SLOT_DELETE] = "slot-delete",
		[OBOL_OP_REKEY] = "rekey",
		[OBOL_OP_ISSUE] = "issue",
		[OBOL_OP_ACCOUNT_ADD] = "account-add",
		[OBOL_OP_ACCOUNT_DISABLE] = "account-disable",
		[OBOL_OP_ACCOUNT_ENABLE] = "account-enable",
		[OBOL_OP_ACCOUNT_REMOVE] = "account-remove",
		[OBOL_OP_ACCOUNT_RESET] = "account-reset",
		[OBOL_OP_ACCOUNT_UNLOCK] = "account-unlock",
		[OBOL_OP_NEW_CODE] = "new-code",
		[OBOL_OP_ACCOUNT_SET] = "account-set",
		[OBOL_OP_CA_SET] = "ca-set",
		[OBOL_OP_CA_SWITCH] = "ca-switch",
		[OBOL_OP_CA_RETIRE] = "ca-retire",
		[OBOL_OP_ANCHORS] = "anchors",
		[OBOL_OP_REVOKE] = "revoke",
		[OBOL_OP_TUNNEL_UP] = "tunnel-up",
		[OBOL_OP_TUNNEL_DOWN] = "tunnel-down",
		[OBOL_OP_ENROLMENT_ADD] = "enrolment-add",
		[OBOL_OP_ENROLMENT_REVOKE] = "enrolment-revoke",
		[OBOL_OP_ENROL] = "enrol",
		[OBOL_OP_ACCOUNT_APPROVE] = "account-approve",
	};

	if (operation < sizeof(names) / sizeof(names[0]) && names[operation])
	{
		return names[operation];
	}
	return "unknown";
}
