/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: which certificates were issued. */
#include "store/store_sql_private.h"

/** Certificates of one answer at most. */
#define LIMIT_MAX 1000
/** How long one is recorded after its end, while its account lives. */
#define KEPT_S ((uint64_t)90 * 86400)
/** How often ended ones are looked for. */
#define DROP_EVERY_S 3600

/** Records go when nobody needs them: some time after the certificate's end,
 * at its end when the account is gone. Where certificates live for minutes many
 * have ended, and looking through them takes its time; so it is seldom done. */
static enum obol_status drop_ended(struct obol_sql_store *this, uint64_t now)
{
	struct obol_sql_query q;

	/* also when the clock was set back */
	if (now >= this->dropped_at && now - this->dropped_at < DROP_EVERY_S)
	{
		return OBOL_OK;
	}
	this->dropped_at = now;
	q = obol_sql_begin(this->sql,
					   "DELETE FROM certificate WHERE (account_id, serial) IN "
					   "(SELECT account_id, serial FROM certificate c "
					   "WHERE c.not_after <= ?1 AND (c.not_after <= ?2 OR NOT "
					   "EXISTS (SELECT 1 FROM account a WHERE a.id = "
					   "c.account_id)) FOR UPDATE SKIP LOCKED)");

	obol_sql_put_time(&q, now);
	obol_sql_put_time(&q, now > KEPT_S ? now - KEPT_S : 0);
	return obol_sql_finish(&q);
}

enum obol_status obol_sql_issued(struct obol_sql_store *this,
								 struct obol_store_op *op)
{
	const struct obol_store_issued *arg = op->arg.issued;
	const struct obol_store_request *request = &arg->in.request;
	struct obol_sql_session session = { 0, "" };
	struct obol_sql_event event = {
		.account_id = request->account_id,
		.now = request->now,
		.actor = &request->actor,
		.operation = OBOL_OP_ISSUE,
		.reply = OBOL_REPLY_OK,
		.detail = arg->in.subject,
	};
	enum obol_status status = OBOL_OK;
	struct obol_sql_query q;

	if (arg->in.serial_len == 0 ||
		arg->in.serial_len > sizeof(arg->in.serial) ||
		arg->in.subject.len > OBOL_TEXT_MAX)
	{
		return OBOL_ERR_ARG;
	}
	/* the gateway's own certificate belongs to no account */
	if (request->account_id != 0)
	{
		status = obol_sql_check(this, op, request, false, &session);
	}
	if (status == OBOL_OK)
	{
		status = drop_ended(this, request->now);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql, "INSERT INTO certificate (account_id, "
								  "serial, device_id, not_before, not_after, "
								  "subject, root, portable) "
								  "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_blob(&q, arg->in.serial, arg->in.serial_len);
	obol_sql_put_blob(&q, request->actor.device_id, OBOL_DEVICE_ID_LEN);
	obol_sql_put_time(&q, arg->in.not_before);
	obol_sql_put_time(&q, arg->in.not_after);
	obol_sql_put_text(&q, arg->in.subject);
	obol_sql_put_blob(&q, arg->in.root, sizeof(arg->in.root));
	obol_sql_put_int(&q, arg->in.is_portable);
	status = obol_sql_finish(&q);
	event.label = session.label;
	return status == OBOL_OK ? obol_sql_audit(this, &event) : status;
}

void obol_sql_read_certificate(struct obol_sql_query *q,
							   struct obol_store_certificate *certificate)
{
	certificate->account_id = obol_sql_get_int(q);
	obol_sql_get_str(q, certificate->name, sizeof(certificate->name));
	obol_sql_get_fixed(q, certificate->device_id,
					   sizeof(certificate->device_id));
	certificate->serial_len = (uint8_t)obol_sql_get_upto(
		q, certificate->serial, sizeof(certificate->serial));
	certificate->not_before = obol_sql_get_time(q);
	certificate->not_after = obol_sql_get_time(q);
	obol_sql_get_str(q, certificate->subject, sizeof(certificate->subject));
	certificate->is_portable = obol_sql_get_uint(q, 1);
	certificate->revoked_at = obol_sql_get_time(q);
	certificate->reason = (uint8_t)obol_sql_get_uint(q, UINT8_MAX);
}

enum obol_status obol_sql_certificates(struct obol_sql_store *this,
									   struct obol_store_op *op)
{
	struct obol_store_certificates *arg = op->arg.certificates;
	size_t limit = arg->in.limit < LIMIT_MAX ? arg->in.limit : LIMIT_MAX;
	struct obol_store_certificate *certificates;
	enum obol_status status;
	struct obol_sql_query q;
	size_t n = 0;

	arg->out.n_certificates = 0;
	certificates = obol_sql_alloc(op, limit * sizeof(*certificates));
	if (!certificates)
	{
		return OBOL_ERR_NOMEM;
	}
	if (arg->in.account_id != 0)
	{
		q = obol_sql_begin(this->sql,
						   "SELECT " OBOL_CERTIFICATE_COLUMNS
						   "WHERE c.account_id = ? AND c.not_after > ? "
						   "ORDER BY c.not_after, c.serial LIMIT ?");
		obol_sql_put_int(&q, arg->in.account_id == OBOL_STORE_NO_ACCOUNT
								 ? 0
								 : arg->in.account_id);
	}
	else
	{
		q = obol_sql_begin(this->sql, "SELECT " OBOL_CERTIFICATE_COLUMNS
									  "WHERE c.not_after > ? "
									  "ORDER BY c.not_after, c.serial LIMIT ?");
	}
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_int(&q, (int64_t)limit);
	while (obol_sql_row(&q))
	{
		obol_sql_read_certificate(&q, &certificates[n++]);
	}
	status = obol_sql_end(&q);
	if (status == OBOL_OK)
	{
		arg->out.certificates = certificates;
		arg->out.n_certificates = n;
	}
	return status;
}
