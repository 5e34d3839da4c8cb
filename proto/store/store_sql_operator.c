/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: what the operator does with accounts. */
#include "store/store_sql_private.h"

#include <stdio.h>

static enum obol_status note(struct obol_sql_store *this, int64_t account_id,
							 const struct obol_store_actor *actor, uint64_t now,
							 enum obol_operation operation, const char *detail)
{
	struct obol_sql_event event = {
		.account_id = account_id,
		.now = now,
		.actor = actor,
		.operation = operation,
		.reply = OBOL_REPLY_OK,
		.label = "",
		.detail = obol_bytes_str(detail),
	};

	return obol_sql_audit(this, &event);
}

static enum obol_status revoke_all(struct obol_sql_store *this,
								   int64_t account_id,
								   enum obol_revocation_reason reason,
								   const struct obol_store_actor *actor,
								   uint64_t now,
								   struct obol_store_revoked *revoked)
{
	struct obol_sql_revoke revoke = {
		.account_id = account_id,
		.reason = reason,
		.actor = actor,
		.label = "",
		.now = now,
	};

	return obol_sql_revoke(this, &revoke, revoked);
}

static enum obol_status insert_account(struct obol_sql_store *this,
									   struct obol_store_account_add *arg)
{
	const struct obol_account *account = &arg->in.account;
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "INSERT INTO account (name, state, created_at, expires_at, "
				   "generation, identity, certificate_lifetime_s, mode, "
				   "key_type, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
				   "RETURNING id");

	obol_sql_put_str(&q, account->name);
	obol_sql_put_int(&q, account->state);
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_time(&q, account->expires_at);
	obol_sql_put_int(&q, account->generation);
	obol_sql_put_str(&q, account->identity);
	obol_sql_put_int(&q, account->certificate_lifetime_s);
	obol_sql_put_int(&q, account->mode);
	obol_sql_put_int(&q, account->key_type);
	obol_sql_put_int(&q, account->kind);
	return obol_sql_finish_id(&q, &arg->out.account_id);
}

/** Credentials of an old PKI, each on the version it names. */
static enum obol_status put_given(struct obol_sql_store *this,
								  struct obol_store_op *op, int64_t account_id,
								  uint32_t generation, size_t n,
								  const struct obol_put_request *credentials,
								  uint64_t now)
{
	enum obol_status status = OBOL_OK;
	size_t i;

	for (i = 0; status == OBOL_OK && i < n; i++)
	{
		uint64_t version = 0;
		bool deleted;

		status = obol_sql_version(this, account_id, generation,
								  credentials[i].name, &version, &deleted);
		if (status == OBOL_ERR_NOT_FOUND)
		{
			status = OBOL_OK;
		}
		if (status == OBOL_OK && credentials[i].base_version != version)
		{
			status = OBOL_ERR_EXISTS;
		}
		if (status == OBOL_OK && credentials[i].generation != generation)
		{
			status = OBOL_ERR_ARG;
		}
		if (status == OBOL_OK)
		{
			status = obol_sql_write_credential(this, account_id,
											   &credentials[i], now);
		}
	}
	return status == OBOL_OK && n > 0
			   ? obol_sql_check_credentials(this, op, account_id, generation)
			   : status;
}

enum obol_status obol_sql_account_add(struct obol_sql_store *this,
									  struct obol_store_op *op)
{
	struct obol_store_account_add *arg = op->arg.account_add;
	enum obol_status status;

	arg->out.account_id = 0;
	if (arg->in.activation.generation != arg->in.account.generation)
	{
		return OBOL_ERR_ARG;
	}
	status = insert_account(this, arg);
	if (status == OBOL_OK)
	{
		status = obol_sql_write_slot(this, arg->out.account_id,
									 &arg->in.activation, arg->in.now);
	}
	if (status == OBOL_OK)
	{
		status =
			put_given(this, op, arg->out.account_id, arg->in.account.generation,
					  arg->in.n_credentials, arg->in.credentials, arg->in.now);
	}
	if (status == OBOL_OK)
	{
		status = note(this, arg->out.account_id, &arg->in.actor, arg->in.now,
					  OBOL_OP_ACCOUNT_ADD,
					  arg->in.n_credentials ? "with a credential that the "
											  "operator has held"
											: "");
	}
	return status;
}

enum obol_status obol_sql_account_set_state(struct obol_sql_store *this,
											struct obol_store_op *op)
{
	struct obol_store_account_set_state *arg = op->arg.account_set_state;
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "UPDATE account SET state = ? WHERE id = ?");
	enum obol_status status;

	obol_sql_put_int(&q, arg->in.state);
	obol_sql_put_int(&q, arg->in.account_id);
	status = obol_sql_finish(&q);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (obol_sql_changes(this->sql) == 0)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	status =
		note(this, arg->in.account_id, &arg->in.actor, arg->in.now,
			 arg->in.state == OBOL_ACCOUNT_DISABLED ? OBOL_OP_ACCOUNT_DISABLE
													: OBOL_OP_ACCOUNT_ENABLE,
			 "");
	memset(&arg->out, 0, sizeof(arg->out));
	if (status == OBOL_OK && arg->in.state == OBOL_ACCOUNT_DISABLED)
	{
		status = revoke_all(this, arg->in.account_id, OBOL_REVOKED_PRIVILEGE,
							&arg->in.actor, arg->in.now, &arg->out.revoked);
	}
	return status;
}

enum obol_status obol_sql_account_remove(struct obol_sql_store *this,
										 struct obol_store_op *op)
{
	struct obol_store_account_remove *arg = op->arg.account_remove;
	enum obol_status status;
	struct obol_sql_query q;

	q = obol_sql_begin(this->sql, "DELETE FROM slot WHERE account_id = "
								  "? " OBOL_GONE_RETURNING);
	obol_sql_put_int(&q, arg->in.account_id);
	status = obol_sql_end_gone(this, &q, arg->in.account_id, arg->in.now, NULL);
	if (status != OBOL_OK)
	{
		return status;
	}
	/* credentials and staged items go with it */
	q = obol_sql_begin(this->sql, "DELETE FROM account WHERE id = ?");
	obol_sql_put_int(&q, arg->in.account_id);
	status = obol_sql_finish(&q);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (obol_sql_changes(this->sql) == 0)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	q = obol_sql_begin(this->sql, "UPDATE audit SET label = '', detail = '' "
								  "WHERE account_id = ?");
	obol_sql_put_int(&q, arg->in.account_id);
	status = obol_sql_finish(&q);
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql, "DELETE FROM certificate "
								  "WHERE account_id = ? AND not_after <= ?");
	obol_sql_put_int(&q, arg->in.account_id);
	obol_sql_put_time(&q, arg->in.now);
	status = obol_sql_finish(&q);
	if (status == OBOL_OK)
	{
		status = note(this, arg->in.account_id, &arg->in.actor, arg->in.now,
					  OBOL_OP_ACCOUNT_REMOVE, "");
	}
	if (status == OBOL_OK)
	{
		status = revoke_all(this, arg->in.account_id, OBOL_REVOKED_CESSATION,
							&arg->in.actor, arg->in.now, &arg->out.revoked);
	}
	return status;
}

/** Tombstones of a new generation: versions never restart. */
static enum obol_status bury(struct obol_sql_store *this, int64_t account_id,
							 uint32_t generation, uint64_t now)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"INSERT INTO credential (account_id, generation, name, format, "
		"version, changed_at, deleted, size, sealed) "
		"SELECT account_id, ?1, name, format, version, ?2, 1, 0, x'' "
		"FROM credential WHERE account_id = ?3 AND generation = ?1 - 1");

	obol_sql_put_int(&q, generation);
	obol_sql_put_time(&q, now);
	obol_sql_put_int(&q, account_id);
	return obol_sql_finish(&q);
}

/** A new generation for the account; EXISTS when it is not the next one. */
static enum obol_status advance(struct obol_sql_store *this, int64_t account_id,
								uint32_t generation)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "UPDATE account SET generation = ?1 "
								  "WHERE id = ?2 AND generation = ?1 - 1");
	enum obol_status status;

	obol_sql_put_int(&q, generation);
	obol_sql_put_int(&q, account_id);
	status = obol_sql_finish(&q);
	return status == OBOL_OK && obol_sql_changes(this->sql) == 0
			   ? OBOL_ERR_EXISTS
			   : status;
}

static enum obol_status reset_slots(struct obol_sql_store *this,
									const struct obol_store_account_reset *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "DELETE FROM slot WHERE account_id = ? AND kind <> "
				   "? " OBOL_GONE_RETURNING);
	enum obol_status status;

	obol_sql_put_int(&q, arg->in.account_id);
	obol_sql_put_int(&q, OBOL_SLOT_RECOVERY);
	status = obol_sql_end_gone(this, &q, arg->in.account_id, arg->in.now, NULL);
	return status == OBOL_OK
			   ? obol_sql_write_slot(this, arg->in.account_id,
									 &arg->in.activation, arg->in.now)
			   : status;
}

enum obol_status obol_sql_account_reset(struct obol_sql_store *this,
										struct obol_store_op *op)
{
	struct obol_store_account_reset *arg = op->arg.account_reset;
	struct obol_account account;
	enum obol_status status;

	if (arg->in.activation.generation != arg->in.generation)
	{
		return OBOL_ERR_ARG;
	}
	status = obol_sql_account(this, arg->in.account_id, &account);
	if (status == OBOL_OK)
	{
		status = advance(this, arg->in.account_id, arg->in.generation);
	}
	if (status == OBOL_OK)
	{
		status =
			bury(this, arg->in.account_id, arg->in.generation, arg->in.now);
	}
	if (status == OBOL_OK)
	{
		status = reset_slots(this, arg);
	}
	if (status == OBOL_OK)
	{
		status =
			put_given(this, op, arg->in.account_id, arg->in.generation,
					  arg->in.n_credentials, arg->in.credentials, arg->in.now);
	}
	if (status == OBOL_OK)
	{
		status = note(this, arg->in.account_id, &arg->in.actor, arg->in.now,
					  account.activated_at ? OBOL_OP_ACCOUNT_RESET
										   : OBOL_OP_NEW_CODE,
					  "");
	}
	if (status == OBOL_OK)
	{
		status = revoke_all(this, arg->in.account_id, OBOL_REVOKED_CESSATION,
							&arg->in.actor, arg->in.now, &arg->out.revoked);
	}
	return status;
}

enum obol_status obol_sql_account_unlock(struct obol_sql_store *this,
										 struct obol_store_op *op)
{
	const struct obol_store_account_unlock *arg = op->arg.account_unlock;
	enum obol_status status = OBOL_OK;
	size_t i;

	for (i = 0; status == OBOL_OK && i < arg->in.n_keys; i++)
	{
		status = obol_sql_forget_guesses(this, arg->in.guess_keys[i]);
	}
	if (status == OBOL_OK)
	{
		status = note(this, arg->in.account_id, &arg->in.actor, arg->in.now,
					  OBOL_OP_ACCOUNT_UNLOCK, "");
	}
	return status;
}
