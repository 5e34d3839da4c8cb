/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: a login's steps. */
#include "store/store_sql_private.h"

#include "store/slot_sets.h"

#include <stdio.h>

/* The queries below give one row for every name: what there is, or else a
 * constant row of its shape, that is read likewise. Without it a row that is
 * there takes two microseconds longer in SQLite and fifteen in PostgreSQL, and
 * 10,000 logins tell. */

/** Id 0 for an unknown name, key number 0 where nothing is remembered. In one
 * statement, so that it costs no round trip of its own. */
static enum obol_status find_name(struct obol_sql_store *this,
								  const struct obol_store_login_begin *arg,
								  int64_t *id, struct obol_store_slot_set *past)
{
	uint8_t who[OBOL_GONE_KEY_LEN];
	enum obol_status status = obol_store_gone_key(
		&this->store, arg->in.kind, arg->in.name, arg->in.device_id, who);
	struct obol_sql_query q;

	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(
		this->sql,
		"SELECT coalesce(a.id, 0), coalesce(g.kind, 0), "
		"coalesce(g.ksf_id, 0), coalesce(g.ksf_log2_n, 0), "
		"coalesce(g.ksf_r, 0), coalesce(g.ksf_p, 0), "
		"coalesce(g.key_number, 0) FROM (SELECT 1) AS one "
		"LEFT JOIN account a ON a.name = ? LEFT JOIN gone g ON g.who = ?");
	obol_sql_put_text(&q, arg->in.name);
	obol_sql_put_blob(&q, who, sizeof(who));
	if (obol_sql_row(&q))
	{
		*id = obol_sql_get_int(&q);
		obol_sql_read_set(&q, past);
	}
	return obol_sql_end(&q);
}

#define FIND_SLOT                                                              \
	"SELECT " OBOL_SLOT_COLUMNS " FROM slot "                                  \
	"WHERE account_id = ? AND kind = ? AND device_id = ?"
#define NO_SLOT(id, empty, record, wrap)                                       \
	" UNION ALL SELECT 0, 0, " id ", " empty ", 0, 0, 0, 0, 0, 0, " record     \
	", " wrap ", 0, 0, " empty ", 0 LIMIT 1"
#define NO_SLOT_SQLITE                                                         \
	NO_SLOT("zeroblob(16)", "''", "zeroblob(129)", "zeroblob(172)")
#define NO_SLOT_POSTGRESQL                                                     \
	NO_SLOT("decode(repeat('00', 16), 'hex')", "''::bytea",                    \
			"decode(repeat('00', 129), 'hex')",                                \
			"decode(repeat('00', 172), 'hex')")

/** Serial 0 when there is none. */
static enum obol_status find_slot(struct obol_sql_store *this,
								  int64_t account_id, uint8_t kind,
								  const uint8_t *device_id,
								  struct obol_slot *slot)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, OBOL_SQL_EITHER(this->sql, FIND_SLOT NO_SLOT_SQLITE,
								   FIND_SLOT NO_SLOT_POSTGRESQL));

	obol_sql_put_int(&q, account_id);
	obol_sql_put_int(&q, kind);
	obol_sql_put_blob(&q, device_id, OBOL_DEVICE_ID_LEN);
	memset(slot, 0, sizeof(*slot));
	if (obol_sql_row(&q))
	{
		obol_sql_read_slot(&q, slot);
	}
	return obol_sql_end(&q);
}

/** A slot that has ended is none, but for what it was answered with. */
static void look_at_end(struct obol_store_login_begin *arg)
{
	const struct obol_slot *slot = &arg->out.slot;
	const struct obol_store_slot_set set = {
		.kind = slot->kind,
		.ksf = slot->ksf,
		.key_number = slot->key_number,
	};

	arg->out.found = slot->serial != 0 &&
					 (slot->expires_at == 0 || slot->expires_at > arg->in.now);
	if (!arg->out.found)
	{
		if (obol_slot_set_order(&set, &arg->out.past) < 0)
		{
			arg->out.past = set;
		}
		memset(&arg->out.slot, 0, sizeof(arg->out.slot));
	}
}

static enum obol_status find(struct obol_sql_store *this,
							 struct obol_store_login_begin *arg)
{
	enum obol_status status =
		find_name(this, arg, &arg->out.account_id, &arg->out.past);

	if (status != OBOL_OK)
	{
		return status;
	}
	/* asked for an unknown name too: the same steps for all */
	if (arg->in.kind == OBOL_SLOT_ENROLMENT)
	{
		arg->out.account_id = 0;
		status = obol_sql_find_enrolment(this, arg->in.name, &arg->out.slot);
	}
	else
	{
		status = find_slot(this, arg->out.account_id, arg->in.kind,
						   arg->in.device_id, &arg->out.slot);
	}
	if (status == OBOL_OK)
	{
		look_at_end(arg);
	}
	return status;
}

enum obol_status obol_sql_login_begin(struct obol_sql_store *this,
									  struct obol_store_op *op)
{
	struct obol_store_login_begin *arg = op->arg.login_begin;
	enum obol_status status;

	memset(&arg->out, 0, sizeof(arg->out));
	if (arg->in.only_found)
	{
		status = find(this, arg);
		if (status != OBOL_OK || !arg->out.found)
		{
			return status;
		}
	}
	status = obol_sql_reserve(this, arg->in.guess_key, arg->in.now,
							  &arg->out.later_s, &arg->out.reservation);
	if (status != OBOL_OK || arg->out.later_s > 0)
	{
		return status;
	}
	return arg->in.only_found ? OBOL_OK : find(this, arg);
}

/** A sentence when the login is valid but leads nowhere, else NULL. */
static const char *refusal(const struct obol_account *account, uint64_t now,
						   bool has_slot, enum obol_reply *reply)
{
	*reply = OBOL_REPLY_WAITING;
	if (account->state == OBOL_ACCOUNT_WAITING)
	{
		return "this account waits for its operator's approval";
	}
	*reply = OBOL_REPLY_DISABLED;
	if (account->state != OBOL_ACCOUNT_ACTIVE)
	{
		return "this account is disabled; ask its operator";
	}
	if (account->expires_at != 0 && account->expires_at <= now)
	{
		return "this account has expired; ask its operator";
	}
	if (!has_slot)
	{
		/* the same as a moment later */
		*reply = OBOL_REPLY_AUTH;
		return "this login was replaced or revoked a moment ago; log in again "
			   "with what replaced it";
	}
	return NULL;
}

/** Note the slot's use; found is false when it is not the one that LOGIN_BEGIN
 * found. */
static enum obol_status use_slot(struct obol_sql_store *this,
								 const struct obol_store_login_done *arg,
								 bool *found)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "UPDATE slot SET last_used_at = ?, last_source = ? "
				   "WHERE account_id = ? AND kind = ? AND device_id = ? "
				   "AND serial = ? AND (expires_at = 0 OR expires_at > ?)");
	enum obol_status status;

	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_str(&q, arg->in.actor.source);
	obol_sql_put_int(&q, arg->in.account_id);
	obol_sql_put_int(&q, arg->in.actor.kind);
	obol_sql_put_blob(&q, arg->in.actor.device_id, OBOL_DEVICE_ID_LEN);
	obol_sql_put_int(&q, arg->in.slot_serial);
	obol_sql_put_time(&q, arg->in.now);
	status = obol_sql_finish(&q);
	*found = status == OBOL_OK && obol_sql_changes(this->sql) > 0;
	return status;
}

/** The account, what failed since the last login, and the newest set of CA
 * certificates. NOT_FOUND */
static enum obol_status read_account(struct obol_sql_store *this,
									 struct obol_store_login_done *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT " OBOL_ACCOUNT_COLUMNS_PLAIN ", a.n_failures, "
				   "a.last_failure_at, a.last_failure_source, "
				   "(SELECT coalesce(max(number), 0) FROM anchors) "
				   "FROM account a WHERE a.id = ?");
	enum obol_status status;
	bool found;

	obol_sql_put_int(&q, arg->in.account_id);
	found = obol_sql_row(&q);
	if (found)
	{
		obol_sql_read_account(&q, &arg->out.account);
		arg->out.n_failures = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
		arg->out.last_failure_at = obol_sql_get_time(&q);
		obol_sql_get_str(&q, arg->out.last_failure_source,
						 sizeof(arg->out.last_failure_source));
		arg->out.anchors_number = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
	}
	status = obol_sql_end(&q);
	return status == OBOL_OK && !found ? OBOL_ERR_NOT_FOUND : status;
}

/** A new count of failures from here on. */
static enum obol_status turn_over(struct obol_sql_store *this,
								  const struct obol_store_login_done *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "UPDATE account SET n_failures = 0, "
				   "last_failure_at = 0, last_failure_source = '', "
				   "last_login_at = ? WHERE id = ?");

	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_int(&q, arg->in.account_id);
	return obol_sql_finish(&q);
}

/** What was revoked of what this login's device may hold. */
static enum obol_status list_revoked(struct obol_sql_store *this,
									 struct obol_store_login_done *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT serial FROM certificate WHERE account_id = ? "
				   "AND not_after > ? AND revocation > 0 "
				   "AND (portable = 1 OR device_id = ?) "
				   "ORDER BY revocation DESC LIMIT ?");
	size_t n = 0;

	obol_sql_put_int(&q, arg->in.account_id);
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_blob(&q, arg->in.actor.device_id, OBOL_DEVICE_ID_LEN);
	obol_sql_put_int(&q, OBOL_LOGIN_REVOKED_MAX);
	while (n < OBOL_LOGIN_REVOKED_MAX && obol_sql_row(&q))
	{
		struct obol_serial *serial = &arg->out.revoked[n++];

		serial->len = (uint8_t)obol_sql_get_upto(&q, serial->bytes,
												 sizeof(serial->bytes));
	}
	arg->out.n_revoked = (uint8_t)n;
	return obol_sql_end(&q);
}

static enum obol_status note_login(struct obol_sql_store *this,
								   const struct obol_store_login_done *arg,
								   const char *label, enum obol_reply reply)
{
	struct obol_sql_event event = {
		.account_id = arg->in.account_id,
		.now = arg->in.now,
		.actor = &arg->in.actor,
		.operation = OBOL_OP_LOGIN,
		.reply = reply,
		.label = label,
		.detail = obol_bytes_str(arg->out.refusal),
	};

	return obol_sql_audit(this, &event);
}

/** The Get that came along: what a request of its own would have to be checked
 * for, the login just was. */
static void get_along(struct obol_sql_store *this, struct obol_store_op *op,
					  const char *label)
{
	struct obol_store_login_done *arg = op->arg.login_done;
	struct obol_sql_session session = {
		.generation = arg->out.account.generation,
	};

	if (!arg->in.get || arg->out.account.kind == OBOL_ACCOUNT_GATEWAY)
	{
		return;
	}
	(void)snprintf(session.label, sizeof(session.label), "%s", label);
	arg->in.get->in.request.generation = arg->out.generation;
	arg->out.has_get =
		obol_sql_get_checked(this, op, arg->in.get, &session) == OBOL_OK;
}

/** What an accepted login notes, and what its user is told. */
static enum obol_status accept_login(struct obol_sql_store *this,
									 struct obol_store_op *op,
									 const char *label)
{
	struct obol_store_login_done *arg = op->arg.login_done;
	enum obol_status status = turn_over(this, arg);

	if (status == OBOL_OK)
	{
		status = list_revoked(this, arg);
	}
	if (status == OBOL_OK)
	{
		status = note_login(this, arg, label, OBOL_REPLY_OK);
	}
	if (status == OBOL_OK)
	{
		get_along(this, op, label);
	}
	return status;
}

enum obol_status obol_sql_login_done(struct obol_sql_store *this,
									 struct obol_store_op *op)
{
	struct obol_store_login_done *arg = op->arg.login_done;
	enum obol_reply reply = OBOL_REPLY_DISABLED;
	const char *label = "", *text = NULL;
	enum obol_status status;
	bool has_slot = false;

	if (arg->in.actor.kind == OBOL_SLOT_ENROLMENT)
	{
		return obol_sql_enrolment_login(this, op);
	}
	memset(&arg->out, 0, sizeof(arg->out));
	status = obol_sql_give_back(this, arg->in.guess_key, arg->in.reservation);
	if (status == OBOL_OK)
	{
		status = read_account(this, arg);
	}
	if (status == OBOL_ERR_NOT_FOUND)
	{
		(void)snprintf(arg->out.refusal, sizeof(arg->out.refusal),
					   "this account was removed; ask its operator");
		status = note_login(this, arg, label, OBOL_REPLY_DISABLED);
		return status == OBOL_OK
				   ? obol_sql_refuse(op, OBOL_ERR_DENIED, OBOL_REPLY_DISABLED)
				   : status;
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	status = use_slot(this, arg, &has_slot);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (has_slot)
	{
		label = arg->in.slot_label;
		arg->out.generation = arg->in.slot_generation;
	}
	arg->out.last_login_at = arg->out.account.last_login_at;
	text = refusal(&arg->out.account, arg->in.now, has_slot, &reply);
	if (text)
	{
		(void)snprintf(arg->out.refusal, sizeof(arg->out.refusal), "%s", text);
		status = note_login(this, arg, label, reply);
		return status == OBOL_OK ? obol_sql_refuse(op, OBOL_ERR_DENIED, reply)
								 : status;
	}
	return accept_login(this, op, label);
}

enum obol_status obol_sql_login_undo(struct obol_sql_store *this,
									 struct obol_store_op *op)
{
	const struct obol_store_login_undo *arg = op->arg.login_undo;

	return obol_sql_give_back(this, arg->in.guess_key, arg->in.reservation);
}

enum obol_status obol_sql_login_failed(struct obol_sql_store *this,
									   struct obol_store_op *op)
{
	const struct obol_store_login_failed *arg = op->arg.login_failed;
	struct obol_sql_event event = {
		.account_id = arg->in.account_id,
		.now = arg->in.now,
		.actor = &arg->in.actor,
		.operation = OBOL_OP_LOGIN,
		.reply = OBOL_REPLY_AUTH,
	};
	char label[OBOL_LABEL_MAX + 1] = "";
	enum obol_status status;
	struct obol_sql_query q;

	if (arg->in.account_id == 0)
	{
		return obol_sql_count(this, "unknown_failures", 1, NULL);
	}
	q = obol_sql_begin(this->sql,
					   "UPDATE account SET "
					   "n_failures = CASE WHEN n_failures < 4294967295 "
					   "THEN n_failures + 1 ELSE n_failures END, "
					   "last_failure_at = ?, last_failure_source = ? "
					   "WHERE id = ?");
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_str(&q, arg->in.actor.source);
	obol_sql_put_int(&q, arg->in.account_id);
	status = obol_sql_finish(&q);
	if (status != OBOL_OK || obol_sql_changes(this->sql) == 0)
	{
		return status;
	}
	status = obol_sql_label(this, arg->in.account_id, arg->in.actor.kind,
							arg->in.actor.device_id, label);
	event.label = label;
	return status == OBOL_OK ? obol_sql_audit(this, &event) : status;
}
