/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: an account's record, changed by the operator. */
#include "store/store_sql_private.h"

/** The record as it shall be: the named fields of the wish. */
static void apply(struct obol_account *account, const struct obol_account *wish,
				  unsigned fields)
{
	if (fields & OBOL_ACCOUNT_IDENTITY)
	{
		memcpy(account->identity, wish->identity, sizeof(account->identity));
	}
	if (fields & OBOL_ACCOUNT_LIFETIME)
	{
		account->certificate_lifetime_s = wish->certificate_lifetime_s;
	}
	if (fields & OBOL_ACCOUNT_EXPIRES)
	{
		account->expires_at = wish->expires_at;
	}
	if (fields & OBOL_ACCOUNT_MODE)
	{
		account->mode = wish->mode;
	}
	if (fields & OBOL_ACCOUNT_KEY_TYPE)
	{
		account->key_type = wish->key_type;
	}
}

static enum obol_status write_record(struct obol_sql_store *this,
									 const struct obol_account *account)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "UPDATE account SET identity = ?, "
				   "certificate_lifetime_s = ?, expires_at = ?, mode = ?, "
				   "key_type = ? WHERE id = ?");

	obol_sql_put_str(&q, account->identity);
	obol_sql_put_int(&q, account->certificate_lifetime_s);
	obol_sql_put_time(&q, account->expires_at);
	obol_sql_put_int(&q, account->mode);
	obol_sql_put_int(&q, account->key_type);
	obol_sql_put_int(&q, account->id);
	return obol_sql_finish(&q);
}

enum obol_status obol_sql_account_set(struct obol_sql_store *this,
									  struct obol_store_op *op)
{
	const struct obol_store_account_set *arg = op->arg.account_set;
	struct obol_sql_event event = {
		.account_id = arg->in.account_id,
		.now = arg->in.now,
		.actor = &arg->in.actor,
		.operation = OBOL_OP_ACCOUNT_SET,
		.reply = OBOL_REPLY_OK,
		.label = "",
		.detail = arg->in.detail,
	};
	struct obol_account account;
	enum obol_status status;

	if (arg->in.detail.len > OBOL_TEXT_MAX)
	{
		return OBOL_ERR_ARG;
	}
	status = obol_sql_account(this, arg->in.account_id, &account);
	if (status == OBOL_OK)
	{
		apply(&account, arg->in.account, arg->in.fields);
		status = write_record(this, &account);
	}
	return status == OBOL_OK ? obol_sql_audit(this, &event) : status;
}
