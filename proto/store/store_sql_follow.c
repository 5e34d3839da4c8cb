/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: what gateways are told. */
#include "store/store_sql_private.h"

/** How often it is noted that a gateway is there, in seconds. */
#define SEEN_S 5

enum obol_status
obol_sql_check_gateway(struct obol_sql_store *this, struct obol_store_op *op,
					   const struct obol_store_request *request,
					   struct obol_account *gateway)
{
	struct obol_sql_session session;
	enum obol_status status =
		obol_sql_check(this, op, request, false, &session);

	if (status == OBOL_OK)
	{
		status = obol_sql_account(this, request->account_id, gateway);
	}
	return status == OBOL_OK && gateway->kind != OBOL_ACCOUNT_GATEWAY
			   ? obol_sql_refuse(op, OBOL_ERR_DENIED, OBOL_REPLY_NOT_ALLOWED)
			   : status;
}

/** Where it is; written when it has changed, or now and then. */
static enum obol_status note_gateway(struct obol_sql_store *this,
									 const struct obol_store_follow *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"INSERT INTO gateway (account_id, seen_at, revocation, crl_number) "
		"VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account_id) DO UPDATE SET "
		"seen_at = ?2, revocation = ?3, crl_number = ?4 "
		"WHERE gateway.revocation <> ?3 OR gateway.crl_number <> ?4 "
		"OR gateway.seen_at + ?5 <= ?2 OR gateway.seen_at > ?2");

	obol_sql_put_int(&q, arg->in.request.account_id);
	obol_sql_put_time(&q, arg->in.request.now);
	obol_sql_put_time(&q, arg->in.follow.since);
	obol_sql_put_time(&q, arg->in.follow.crl_number);
	obol_sql_put_int(&q, SEEN_S);
	return obol_sql_finish(&q);
}

/** Up to which number revocations are told: all, as far as they are on the
 * list or have waited for it long enough. */
static enum obol_status find_cutoff(struct obol_sql_store *this, uint64_t now,
									uint64_t *cutoff)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT coalesce((SELECT coalesce((SELECT max(revocation) "
				   "FROM certificate WHERE revocation > 0 "
				   "AND revocation > crl.revocation AND revoked_at <= ?), "
				   "crl.revocation) FROM crl), (SELECT value FROM counter "
				   "WHERE name = 'revocation'))");

	obol_sql_put_time(
		&q, now > OBOL_STORE_CRL_WAIT_S ? now - OBOL_STORE_CRL_WAIT_S : 0);
	*cutoff = obol_sql_row(&q) ? obol_sql_get_time(&q) : 0;
	return obol_sql_end(&q);
}

static enum obol_status read_item(struct obol_store_op *op,
								  struct obol_sql_query *q,
								  struct obol_follow_item *item)
{
	enum obol_status status;

	item->number = obol_sql_get_time(q);
	item->reason = (uint8_t)obol_sql_get_uint(q, UINT8_MAX);
	item->revoked_at = obol_sql_get_time(q);
	status = obol_sql_copy(op, obol_sql_get_bytes(q), &item->serial);
	return status == OBOL_OK
			   ? obol_sql_copy(op, obol_sql_get_bytes(q), &item->subject)
			   : status;
}

static enum obol_status list_revoked(struct obol_sql_store *this,
									 struct obol_store_op *op, uint64_t since,
									 uint64_t cutoff)
{
	struct obol_store_follow *arg = op->arg.follow;
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT revocation, reason, revoked_at, serial, subject "
		"FROM certificate WHERE revocation > 0 AND revocation > ? AND "
		"revocation <= ? AND not_after > ? "
		"ORDER BY revocation LIMIT ?");
	enum obol_status status = OBOL_OK, ended;
	size_t n = 0;

	obol_sql_put_time(&q, since);
	obol_sql_put_time(&q, cutoff);
	obol_sql_put_time(&q, arg->in.request.now);
	obol_sql_put_int(&q, OBOL_FOLLOW_ITEMS_MAX + 1);
	while (status == OBOL_OK && n < OBOL_FOLLOW_ITEMS_MAX && obol_sql_row(&q))
	{
		status = read_item(op, &q, &arg->out.items[n++]);
	}
	arg->out.more = n == OBOL_FOLLOW_ITEMS_MAX && obol_sql_row(&q);
	arg->out.n_items = (uint16_t)n;
	arg->out.sequence = arg->out.more ? arg->out.items[n - 1].number : cutoff;
	ended = obol_sql_end(&q);
	return status == OBOL_OK ? ended : status;
}

static enum obol_status get_part(struct obol_sql_store *this,
								 struct obol_store_op *op)
{
	struct obol_store_follow *arg = op->arg.follow;
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT number, length(der), CASE WHEN number = ?1 "
				   "THEN x'' ELSE substr(der, CAST(?2 AS INTEGER) + 1, "
				   "CAST(?3 AS INTEGER)) END FROM crl");
	enum obol_status status = OBOL_OK, ended;

	obol_sql_put_time(&q, arg->in.follow.crl_number);
	/* substr() takes 31 bits */
	obol_sql_put_int(&q, arg->in.follow.crl_offset < INT32_MAX
							 ? arg->in.follow.crl_offset
							 : INT32_MAX - 1);
	obol_sql_put_int(&q, OBOL_FOLLOW_PART_MAX);
	if (obol_sql_row(&q))
	{
		arg->out.crl_number = obol_sql_get_time(&q);
		arg->out.crl_len = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
		status = obol_sql_copy(op, obol_sql_get_bytes(&q), &arg->out.crl_part);
	}
	ended = obol_sql_end(&q);
	return status == OBOL_OK ? ended : status;
}

enum obol_status obol_sql_follow(struct obol_sql_store *this,
								 struct obol_store_op *op)
{
	struct obol_store_follow *arg = op->arg.follow;
	uint64_t since = arg->in.follow.since, cutoff = 0;
	struct obol_account gateway;
	enum obol_status status;

	memset(&arg->out, 0, sizeof(arg->out));
	status = obol_sql_check_gateway(this, op, &arg->in.request, &gateway);
	if (status == OBOL_OK)
	{
		status = note_gateway(this, arg);
	}
	if (status == OBOL_OK)
	{
		status = find_cutoff(this, arg->in.request.now, &cutoff);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	/* a database that was restored from an old backup: all of it again */
	since = since > cutoff ? 0 : since;
	status = list_revoked(this, op, since, cutoff);
	return status == OBOL_OK ? get_part(this, op) : status;
}

enum obol_status obol_sql_gateways(struct obol_sql_store *this,
								   struct obol_store_op *op)
{
	struct obol_store_gateways *arg = op->arg.gateways;
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT a.name, coalesce(g.seen_at, 0), coalesce(g.revocation, 0), "
		"coalesce(g.crl_number, 0), (SELECT count(*) FROM tunnel t "
		"WHERE t.gateway_id = a.id AND t.ended_at = 0), "
		"(SELECT count(*) FROM tunnel t WHERE t.gateway_id = a.id "
		"AND t.revocation > 0 AND t.revocation > ?) FROM account a LEFT JOIN "
		"gateway g "
		"ON g.account_id = a.id WHERE a.kind = 1 ORDER BY a.name LIMIT ?");
	size_t n = 0;

	obol_sql_put_time(&q, arg->in.since);
	obol_sql_put_int(&q, OBOL_STORE_GATEWAYS_MAX);
	while (n < OBOL_STORE_GATEWAYS_MAX && obol_sql_row(&q))
	{
		struct obol_store_gateway *gateway = &arg->out.gateways[n++];

		obol_sql_get_str(&q, gateway->name, sizeof(gateway->name));
		gateway->seen_at = obol_sql_get_time(&q);
		gateway->revocation = obol_sql_get_time(&q);
		gateway->crl_number = obol_sql_get_time(&q);
		gateway->n_tunnels = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
		gateway->n_ended = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
	}
	arg->out.n_gateways = n;
	return obol_sql_end(&q);
}
