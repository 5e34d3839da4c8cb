/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's operations as a help desk has them, asked of obold. */
#include "daemon/control_link_private.h"

#include <stdlib.h>

/* Room for a list's items; NULL when there is no memory, or nothing to read. */
static void *take_items(struct control_link *link, struct obol_reader *r,
						size_t max, size_t size, size_t *n)
{
	*n = obol_read_u16(r);
	if (*n > max)
	{
		obol_reader_fail(r);
		*n = 0;
	}
	link->items = calloc(*n + 1, size);
	return link->items;
}

static enum obol_status find(struct control_link *link,
							 struct obol_store_account_find *arg)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_ACCOUNT,
											.name = arg->in.name };
	struct obol_reader r;
	enum obol_status status = obol_control_ask(link, &request, &r);

	if (status == OBOL_OK)
	{
		obol_control_read_account(&r, &link->account);
		status = obol_control_end(&r);
	}
	if (status == OBOL_OK)
	{
		arg->out.account = link->account;
	}
	return status;
}

/* One page of the server's, after the accounts that are there already. */
static enum obol_status list_page(struct control_link *link,
								  struct obol_bytes after,
								  struct obol_account *accounts, size_t *n)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_ACCOUNTS,
											.name = after };
	struct obol_reader r;
	enum obol_status status = obol_control_ask(link, &request, &r);
	size_t i;

	*n = status == OBOL_OK ? obol_read_u16(&r) : 0;
	if (*n > OBOL_CONTROL_ACCOUNTS_MAX)
	{
		return OBOL_ERR_IO;
	}
	for (i = 0; i < *n; i++)
	{
		obol_control_read_account(&r, &accounts[i]);
	}
	return status == OBOL_OK ? obol_control_end(&r) : status;
}

/* The server's pages are smaller than what is asked for here. */
static enum obol_status list(struct control_link *link,
							 struct obol_store_account_list *arg)
{
	size_t room = arg->in.limit + OBOL_CONTROL_ACCOUNTS_MAX, n = 0, page;
	struct obol_account *accounts = calloc(room, sizeof(*accounts));
	struct obol_bytes after = arg->in.after;
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!accounts)
	{
		return status;
	}
	do
	{
		status = list_page(link, after, accounts + n, &page);
		n += page;
		after = obol_bytes_str(n ? accounts[n - 1].name : "");
	} while (status == OBOL_OK && page == OBOL_CONTROL_ACCOUNTS_MAX &&
			 n < arg->in.limit);
	/* the rest comes again with the next page */
	arg->out.n_accounts = n < arg->in.limit ? n : arg->in.limit;
	arg->out.accounts = accounts;
	link->items = accounts;
	return status;
}

static enum obol_status list_slots(struct control_link *link,
								   struct obol_store_slot_list *arg)
{
	struct obol_control_request request =
		obol_control_about(link, OBOL_CONTROL_SLOTS);
	struct obol_reader r;
	enum obol_status status = obol_control_ask(link, &request, &r);
	size_t i;

	arg->out.n_slots = 0;
	if (status != OBOL_OK)
	{
		return status;
	}
	arg->out.n_slots = obol_read_u16(&r);
	if (arg->out.n_slots > OBOL_SLOTS_MAX)
	{
		arg->out.n_slots = 0;
		return OBOL_ERR_IO;
	}
	for (i = 0; i < arg->out.n_slots; i++)
	{
		obol_control_read_slot(&r, &arg->out.slots[i]);
	}
	return obol_control_end(&r);
}

static enum obol_status list_credentials(struct control_link *link,
										 struct obol_store_list *arg)
{
	struct obol_control_request request =
		obol_control_about(link, OBOL_CONTROL_CREDENTIALS);
	struct obol_reader r;
	enum obol_status status = obol_control_ask(link, &request, &r);
	size_t i;

	arg->out.n_items = 0;
	if (status != OBOL_OK)
	{
		return status;
	}
	arg->out.n_items = obol_read_u16(&r);
	if (arg->out.n_items > OBOL_NAMES_MAX)
	{
		arg->out.n_items = 0;
		return OBOL_ERR_IO;
	}
	for (i = 0; i < arg->out.n_items; i++)
	{
		obol_control_read_item(&r, &arg->out.items[i]);
	}
	return obol_control_end(&r);
}

static enum obol_status list_certificates(struct control_link *link,
										  struct obol_store_certificates *arg)
{
	struct obol_control_request request =
		obol_control_about(link, OBOL_CONTROL_CERTIFICATES);
	struct obol_store_certificate *items;
	struct obol_reader r;
	enum obol_status status = obol_control_ask(link, &request, &r);
	size_t i;

	if (status != OBOL_OK)
	{
		return status;
	}
	items = take_items(link, &r, OBOL_CONTROL_CERTIFICATES_MAX, sizeof(*items),
					   &arg->out.n_certificates);
	for (i = 0; items && i < arg->out.n_certificates; i++)
	{
		obol_control_read_certificate(&r, &items[i]);
	}
	arg->out.certificates = items;
	return items ? obol_control_end(&r) : OBOL_ERR_NOMEM;
}

/* One account's: all of them together are the operator's to see. */
static enum obol_status list_events(struct control_link *link,
									struct obol_store_history *arg)
{
	struct obol_control_request request =
		obol_control_about(link, OBOL_CONTROL_HISTORY);
	struct obol_history_answer *answer = &arg->out.answer;
	struct obol_reader r;
	enum obol_status status;
	size_t i;

	answer->n_items = 0;
	if (arg->in.account_id == 0 || arg->in.account_id != link->account.id)
	{
		return OBOL_ERR_DENIED;
	}
	request.since = arg->in.before;
	status = obol_control_ask(link, &request, &r);
	if (status != OBOL_OK)
	{
		return status;
	}
	answer->n_items = obol_read_u16(&r);
	if (answer->n_items > OBOL_HISTORY_MAX)
	{
		answer->n_items = 0;
		return OBOL_ERR_IO;
	}
	for (i = 0; i < answer->n_items; i++)
	{
		obol_control_read_event(&r, &answer->items[i]);
		memcpy(arg->out.names[i], link->account.name,
			   sizeof(arg->out.names[i]));
	}
	return obol_control_end(&r);
}

static enum obol_status list_revocations(struct control_link *link,
										 struct obol_store_revocations *arg)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_REVOCATIONS,
											.since = arg->in.since };
	struct obol_store_revocation *items;
	struct obol_reader r;
	enum obol_status status = obol_control_ask(link, &request, &r);
	size_t i;

	if (status != OBOL_OK)
	{
		return status;
	}
	arg->out.last = obol_read_u64(&r);
	items = take_items(link, &r, OBOL_STORE_REVOCATIONS_MAX, sizeof(*items),
					   &arg->out.n_items);
	for (i = 0; items && i < arg->out.n_items; i++)
	{
		obol_control_read_revocation(&r, &items[i]);
	}
	if (arg->out.n_items > arg->in.limit)
	{
		arg->out.n_items = arg->in.limit;
	}
	arg->out.items = items;
	return items ? obol_control_end(&r) : OBOL_ERR_NOMEM;
}

static enum obol_status list_gateways(struct control_link *link,
									  struct obol_store_gateways *arg)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_GATEWAYS,
											.since = arg->in.since };
	struct obol_reader r;
	enum obol_status status = obol_control_ask(link, &request, &r);
	size_t i;

	arg->out.n_gateways = 0;
	if (status != OBOL_OK)
	{
		return status;
	}
	arg->out.n_gateways = obol_read_u16(&r);
	if (arg->out.n_gateways > OBOL_STORE_GATEWAYS_MAX)
	{
		arg->out.n_gateways = 0;
		return OBOL_ERR_IO;
	}
	for (i = 0; i < arg->out.n_gateways; i++)
	{
		obol_control_read_gateway(&r, &arg->out.gateways[i]);
	}
	return obol_control_end(&r);
}

/* A device's; other slots are not a help desk's to end. */
static enum obol_status revoke_device(struct control_link *link,
									  struct obol_store_slot_delete *arg)
{
	struct obol_control_request request =
		obol_control_about(link, OBOL_CONTROL_REVOKE);
	struct obol_reader r;
	enum obol_status status;

	if (arg->in.kind != OBOL_SLOT_DEVICE)
	{
		return OBOL_ERR_DENIED;
	}
	memcpy(request.device_id, arg->in.device_id, sizeof(request.device_id));
	status = obol_control_ask(link, &request, &r);
	if (status == OBOL_OK)
	{
		obol_control_read_revoked(&r, &arg->out.revoked);
		status = obol_control_end(&r);
	}
	return status;
}

enum obol_status obol_control_run(struct control_link *link,
								  struct obol_store_op *op)
{
	switch (op->verb)
	{
		case OBOL_STORE_ACCOUNT_FIND:
			return find(link, op->arg.account_find);
		case OBOL_STORE_ACCOUNT_LIST:
			return list(link, op->arg.account_list);
		case OBOL_STORE_SLOT_LIST:
			return list_slots(link, op->arg.slot_list);
		case OBOL_STORE_LIST:
			return list_credentials(link, op->arg.list);
		case OBOL_STORE_CERTIFICATES:
			return list_certificates(link, op->arg.certificates);
		case OBOL_STORE_REVOCATIONS:
			return list_revocations(link, op->arg.revocations);
		case OBOL_STORE_GATEWAYS:
			return list_gateways(link, op->arg.gateways);
		case OBOL_STORE_HISTORY:
			return list_events(link, op->arg.history);
		case OBOL_STORE_SLOT_DELETE:
			return revoke_device(link, op->arg.slot_delete);
		default:
			return OBOL_ERR_DENIED;
	}
}
