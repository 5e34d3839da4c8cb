/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: a test write, and how much there is. */
#include "store/store_sql_private.h"

#include "store/store_figures.h"

#define DAY_S 86400

enum obol_status obol_sql_probe(struct obol_sql_store *this,
								struct obol_store_op *op)
{
	struct obol_store_probe *arg = op->arg.probe;
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "INSERT INTO meta (name, value) VALUES ('probed_at', ?) "
				   "ON CONFLICT (name) DO UPDATE SET value = excluded.value");
	uint8_t now[8];
	size_t i;

	for (i = 0; i < sizeof(now); i++)
	{
		now[i] = (uint8_t)(arg->in.now >> (56 - 8 * i));
	}
	obol_sql_put_blob(&q, now, sizeof(now));
	return obol_sql_finish(&q);
}

static enum obol_status count_accounts(struct obol_sql_store *this,
									   struct obol_store_count *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT state, CASE WHEN activated_at > 0 THEN 1 ELSE 0 END, "
		"CASE WHEN expires_at > 0 AND expires_at <= ? THEN 1 ELSE 0 END, "
		"count(*) FROM account WHERE kind = 0 GROUP BY 1, 2, 3");

	obol_sql_put_time(&q, arg->in.now);
	while (obol_sql_row(&q))
	{
		uint64_t state = obol_sql_get_uint(&q, UINT8_MAX);
		bool is_activated = obol_sql_get_int(&q) != 0;
		bool is_expired = obol_sql_get_int(&q) != 0;
		uint64_t n = obol_sql_get_uint(&q, INT64_MAX);

		switch (state)
		{
			case OBOL_ACCOUNT_WAITING:
				arg->out.n_waiting += n;
				break;
			case OBOL_ACCOUNT_ACTIVE:
				*(is_expired     ? &arg->out.n_expired
				  : is_activated ? &arg->out.n_active
								 : &arg->out.n_not_activated) += n;
				break;
			default:
				arg->out.n_disabled += n;
				break;
		}
	}
	return obol_sql_end(&q);
}

static enum obol_status count_devices(struct obol_sql_store *this,
									  struct obol_store_count *arg)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT count(*) FROM slot WHERE kind = ?");

	obol_sql_put_int(&q, OBOL_SLOT_DEVICE);
	if (obol_sql_row(&q))
	{
		arg->out.n_devices = obol_sql_get_uint(&q, INT64_MAX);
	}
	return obol_sql_end(&q);
}

/* Certificates that were replaced end unnoticed: an account's newest counts. */
static enum obol_status count_ending(struct obol_sql_store *this,
									 struct obol_store_count *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT count(*) FILTER (WHERE ends <= ?), count(*) FILTER (WHERE "
		"ends <= ?), count(*) FILTER (WHERE ends <= ?) FROM (SELECT "
		"max(not_after) AS ends FROM certificate WHERE account_id > 0 AND "
		"revoked_at = 0 GROUP BY account_id) AS newest WHERE ends > ?");
	size_t i;

	for (i = 0; i < OBOL_STORE_WITHIN_N; i++)
	{
		obol_sql_put_time(&q, arg->in.now +
								  (uint64_t)DAY_S * obol_store_within_days[i]);
	}
	obol_sql_put_time(&q, arg->in.now);
	if (obol_sql_row(&q))
	{
		for (i = 0; i < OBOL_STORE_WITHIN_N; i++)
		{
			arg->out.n_ending[i] = obol_sql_get_uint(&q, INT64_MAX);
		}
	}
	return obol_sql_end(&q);
}

static enum obol_status find_gateway(struct obol_sql_store *this,
									 struct obol_store_count *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT coalesce(min(ends), 0) FROM (SELECT max(not_after) AS ends "
		"FROM certificate WHERE account_id = 0 AND revoked_at = 0 "
		"GROUP BY subject) AS newest");

	if (obol_sql_row(&q))
	{
		arg->out.gateway_not_after = obol_sql_get_time(&q);
	}
	return obol_sql_end(&q);
}

enum obol_status obol_sql_count_all(struct obol_sql_store *this,
									struct obol_store_op *op)
{
	struct obol_store_count *arg = op->arg.count;
	enum obol_status status;

	memset(&arg->out, 0, sizeof(arg->out));
	status = count_accounts(this, arg);
	if (status == OBOL_OK)
	{
		status = count_devices(this, arg);
	}
	if (status == OBOL_OK)
	{
		status = count_ending(this, arg);
	}
	return status == OBOL_OK ? find_gateway(this, arg) : status;
}
