/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: accounts, looked up and listed. */
#include "store/store_sql_private.h"

/** Accounts of one page of ACCOUNT_LIST at most. */
#define PAGE_MAX 1000

void obol_sql_read_account(struct obol_sql_query *q,
						   struct obol_account *account)
{
	int64_t activation_expires_at;

	account->id = obol_sql_get_int(q);
	obol_sql_get_str(q, account->name, sizeof(account->name));
	account->state = (enum obol_account_state)obol_sql_get_uint(q, UINT8_MAX);
	account->created_at = obol_sql_get_time(q);
	account->activated_at = obol_sql_get_time(q);
	account->last_login_at = obol_sql_get_time(q);
	account->expires_at = obol_sql_get_time(q);
	account->generation = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
	obol_sql_get_str(q, account->identity, sizeof(account->identity));
	account->certificate_lifetime_s =
		(uint32_t)obol_sql_get_uint(q, UINT32_MAX);
	account->mode = (uint8_t)obol_sql_get_uint(q, OBOL_MODE_DEVICE);
	account->key_type = (uint8_t)obol_sql_get_uint(q, OBOL_KEY_ED25519);
	account->certificate_not_after = obol_sql_get_time(q);
	account->n_devices = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
	account->n_credentials = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
	activation_expires_at = obol_sql_get_int(q);
	account->has_activation = activation_expires_at >= 0;
	account->activation_expires_at =
		account->has_activation ? (uint64_t)activation_expires_at : 0;
	account->kind = (enum obol_account_kind)obol_sql_get_uint(q, UINT8_MAX);
}

enum obol_status obol_sql_account(struct obol_sql_store *this, int64_t id,
								  struct obol_account *account)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT " OBOL_ACCOUNT_COLUMNS
								  " FROM account a WHERE a.id = ? FOR UPDATE");
	enum obol_status status;
	bool found;

	obol_sql_put_int(&q, id);
	found = obol_sql_row(&q);
	if (found)
	{
		obol_sql_read_account(&q, account);
	}
	status = obol_sql_end(&q);
	return status == OBOL_OK && !found ? OBOL_ERR_NOT_FOUND : status;
}

/** What the account allows its connections at all. */
static enum obol_status check_account(struct obol_sql_store *this,
									  struct obol_store_op *op,
									  const struct obol_store_request *request,
									  struct obol_sql_session *session)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT state, expires_at, generation FROM account WHERE id = ? "
		"FOR UPDATE");
	enum obol_status status;
	uint64_t state = 0, expires_at = 0;

	obol_sql_put_int(&q, request->account_id);
	if (obol_sql_row(&q))
	{
		state = obol_sql_get_uint(&q, UINT8_MAX);
		expires_at = obol_sql_get_time(&q);
		session->generation = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
	}
	status = obol_sql_end(&q);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (request->actor.kind == 0)
	{
		return state != 0 ? OBOL_OK : OBOL_ERR_NOT_FOUND;
	}
	if (state != OBOL_ACCOUNT_ACTIVE ||
		(expires_at != 0 && expires_at <= request->now))
	{
		return obol_sql_refuse(op, OBOL_ERR_AUTH, OBOL_REPLY_DISABLED);
	}
	return OBOL_OK;
}

enum obol_status obol_sql_check(struct obol_sql_store *this,
								struct obol_store_op *op,
								const struct obol_store_request *request,
								bool is_write, struct obol_sql_session *session)
{
	enum obol_status status;
	struct obol_sql_query q;
	bool found;

	session->label[0] = '\0';
	status = check_account(this, op, request, session);
	if (status != OBOL_OK || request->actor.kind == 0)
	{
		return status;
	}
	q = obol_sql_begin(this->sql,
					   "SELECT label FROM slot WHERE account_id = ? "
					   "AND kind = ? AND device_id = ? AND generation = ?");
	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_int(&q, request->actor.kind);
	obol_sql_put_blob(&q, request->actor.device_id, OBOL_DEVICE_ID_LEN);
	obol_sql_put_int(&q, request->generation);
	found = obol_sql_row(&q);
	if (found)
	{
		obol_sql_get_str(&q, session->label, sizeof(session->label));
	}
	status = obol_sql_end(&q);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (!found || (is_write && request->generation != session->generation))
	{
		return obol_sql_refuse(op, OBOL_ERR_AUTH, OBOL_REPLY_LOGIN_NEEDED);
	}
	return OBOL_OK;
}

enum obol_status obol_sql_account_find(struct obol_sql_store *this,
									   struct obol_store_op *op)
{
	struct obol_store_account_find *arg = op->arg.account_find;
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT " OBOL_ACCOUNT_COLUMNS
								  " FROM account a WHERE a.name = ?");
	enum obol_status status;
	bool found;

	obol_sql_put_text(&q, arg->in.name);
	found = obol_sql_row(&q);
	if (found)
	{
		obol_sql_read_account(&q, &arg->out.account);
	}
	status = obol_sql_end(&q);
	return status == OBOL_OK && !found ? OBOL_ERR_NOT_FOUND : status;
}

enum obol_status obol_sql_account_list(struct obol_sql_store *this,
									   struct obol_store_op *op)
{
	struct obol_store_account_list *arg = op->arg.account_list;
	size_t limit = arg->in.limit < PAGE_MAX ? arg->in.limit : PAGE_MAX;
	struct obol_account *accounts;
	enum obol_status status;
	struct obol_sql_query q;
	size_t n = 0;

	arg->out.n_accounts = 0;
	accounts = obol_sql_alloc(op, limit * sizeof(*accounts));
	if (!accounts)
	{
		return OBOL_ERR_NOMEM;
	}
	q = obol_sql_begin(this->sql, "SELECT " OBOL_ACCOUNT_COLUMNS
								  " FROM account a WHERE a.name > ? "
								  "ORDER BY a.name LIMIT ?");
	obol_sql_put_text(&q, arg->in.after);
	obol_sql_put_int(&q, (int64_t)limit);
	while (obol_sql_row(&q))
	{
		obol_sql_read_account(&q, &accounts[n++]);
	}
	status = obol_sql_end(&q);
	if (status == OBOL_OK)
	{
		arg->out.accounts = accounts;
		arg->out.n_accounts = n;
	}
	return status;
}
