/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: revoking certificates, and who asks what was revoked. */
#include "store/store_sql_private.h"

#include <stdio.h>

/** Hexadecimal digits of a serial number. */
#define SERIAL_TEXT_MAX 40

enum obol_status obol_sql_last_revocation(struct obol_sql_store *this,
										  uint64_t *number)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT value FROM counter WHERE name = 'revocation'");

	*number = obol_sql_row(&q) ? obol_sql_get_time(&q) : 0;
	return obol_sql_end(&q);
}

/** The same, and the next one is this transaction's to give: numbers become
 * visible in their order. */
static enum obol_status lock_revocations(struct obol_sql_store *this,
										 uint64_t *number)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT value FROM counter WHERE name = 'revocation' FOR UPDATE");

	*number = obol_sql_row(&q) ? obol_sql_get_time(&q) : 0;
	return obol_sql_end(&q);
}

/** Two statements of it, so that one serial number is found by its index. */
#define MARK                                                                   \
	"UPDATE certificate SET revoked_at = ?1, reason = ?2, "                    \
	"revocation = r.n + (SELECT value FROM counter "                           \
	"WHERE name = 'revocation') FROM (SELECT serial AS s, "                    \
	"row_number() OVER (ORDER BY not_after, serial) AS n "                     \
	"FROM certificate WHERE account_id = ?3 AND not_after > ?1 "               \
	"AND revocation = 0 "
#define MARK_END                                                               \
	"AND (?5 = x'' OR portable = 1 OR device_id = ?5)) r "                     \
	"WHERE certificate.serial = r.s"

/** Number and mark what may be revoked; how many there were. A serial or a
 * device that is not asked for is given as an empty one. */
static enum obol_status mark(struct obol_sql_store *this,
							 const struct obol_sql_revoke *revoke,
							 struct obol_bytes serial, uint32_t *n)
{
	struct obol_sql_query q =
		serial.len > 0
			? obol_sql_begin(this->sql, MARK "AND serial = ?4 " MARK_END)
			: obol_sql_begin(this->sql, MARK "AND ?4 = x'' " MARK_END);
	enum obol_status status;
	int64_t last;

	obol_sql_put_time(&q, revoke->now);
	obol_sql_put_int(&q, revoke->reason);
	obol_sql_put_int(&q, revoke->account_id);
	obol_sql_put_blob(&q, serial.ptr, serial.len);
	obol_sql_put_blob(&q, revoke->device_id ? revoke->device_id : serial.ptr,
					  revoke->device_id ? OBOL_DEVICE_ID_LEN : 0);
	status = obol_sql_finish(&q);
	if (status != OBOL_OK)
	{
		return status;
	}
	*n = (uint32_t)obol_sql_changes(this->sql);
	return *n > 0 ? obol_sql_count(this, "revocation", *n, &last) : OBOL_OK;
}

static void hex(struct obol_bytes bytes, char text[SERIAL_TEXT_MAX + 1])
{
	size_t i;

	text[0] = '\0';
	for (i = 0; i < bytes.len && 2 * i < SERIAL_TEXT_MAX; i++)
	{
		(void)snprintf(text + 2 * i, 3, "%02x", bytes.ptr[i]);
	}
}

/** "certificate 4f2a", "2 certificates: 4f2a 77c0"; as many as fit. */
static enum obol_status describe(struct obol_sql_store *this,
								 const struct obol_store_revoked *revoked,
								 char *text, size_t size)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT serial FROM certificate WHERE "
								  "revocation > 0 AND revocation > ? "
								  "ORDER BY revocation");
	char serial[SERIAL_TEXT_MAX + 1];
	size_t used;

	if (revoked->n_certificates == 1)
	{
		(void)snprintf(text, size, "certificate");
	}
	else
	{
		(void)snprintf(text, size, "%lu certificates:",
					   (unsigned long)revoked->n_certificates);
	}
	used = strlen(text);
	obol_sql_put_time(&q, revoked->before);
	while (used + SERIAL_TEXT_MAX + 1 < size && obol_sql_row(&q))
	{
		hex(obol_sql_get_bytes(&q), serial);
		(void)snprintf(text + used, size - used, " %s", serial);
		used += strlen(text + used);
	}
	return obol_sql_end(&q);
}

static enum obol_status revoke_some(struct obol_sql_store *this,
									const struct obol_sql_revoke *revoke,
									struct obol_bytes serial,
									struct obol_store_revoked *revoked)
{
	char detail[OBOL_TEXT_MAX + 1];
	struct obol_sql_event event = {
		.account_id = revoke->account_id,
		.now = revoke->now,
		.actor = revoke->actor,
		.operation = OBOL_OP_REVOKE,
		.reply = OBOL_REPLY_OK,
		.label = revoke->label,
	};
	enum obol_status status;

	memset(revoked, 0, sizeof(*revoked));
	status = lock_revocations(this, &revoked->before);
	if (status == OBOL_OK)
	{
		status = mark(this, revoke, serial, &revoked->n_certificates);
	}
	revoked->last = revoked->before + revoked->n_certificates;
	if (status != OBOL_OK || revoked->n_certificates == 0)
	{
		return status;
	}
	status = describe(this, revoked, detail, sizeof(detail));
	event.detail = obol_bytes_str(detail);
	return status == OBOL_OK ? obol_sql_audit(this, &event) : status;
}

enum obol_status obol_sql_revoke(struct obol_sql_store *this,
								 const struct obol_sql_revoke *revoke,
								 struct obol_store_revoked *revoked)
{
	return revoke_some(this, revoke, obol_bytes("", 0), revoked);
}

static enum obol_status
find_certificate(struct obol_sql_store *this, struct obol_bytes serial,
				 uint64_t now, struct obol_store_certificate *certificate)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT " OBOL_CERTIFICATE_COLUMNS
								  "WHERE c.serial = ? AND c.not_after > ?");
	enum obol_status status;
	bool found;

	obol_sql_put_blob(&q, serial.ptr, serial.len);
	obol_sql_put_time(&q, now);
	found = obol_sql_row(&q);
	if (found)
	{
		obol_sql_read_certificate(&q, certificate);
	}
	status = obol_sql_end(&q);
	return status == OBOL_OK && !found ? OBOL_ERR_NOT_FOUND : status;
}

enum obol_status obol_sql_certificate_revoke(struct obol_sql_store *this,
											 struct obol_store_op *op)
{
	struct obol_store_certificate_revoke *arg = op->arg.certificate_revoke;
	struct obol_store_certificate *certificate = &arg->out.certificate;
	struct obol_bytes serial = obol_bytes(arg->in.serial, arg->in.serial_len);
	struct obol_sql_revoke revoke = {
		.reason = arg->in.reason,
		.actor = &arg->in.actor,
		.label = "",
		.now = arg->in.now,
	};
	enum obol_status status;

	memset(&arg->out, 0, sizeof(arg->out));
	if (serial.len == 0 || serial.len > sizeof(arg->in.serial))
	{
		return OBOL_ERR_ARG;
	}
	status = find_certificate(this, serial, arg->in.now, certificate);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (certificate->revoked_at != 0)
	{
		return OBOL_ERR_EXISTS;
	}
	revoke.account_id = certificate->account_id;
	certificate->revoked_at = arg->in.now;
	certificate->reason = (uint8_t)arg->in.reason;
	return revoke_some(this, &revoke, serial, &arg->out.revoked);
}

static enum obol_status read_revocation(struct obol_store_op *op,
										struct obol_sql_query *q,
										struct obol_store_revocation *item)
{
	item->number = obol_sql_get_time(q);
	item->serial_len =
		(uint8_t)obol_sql_get_upto(q, item->serial, sizeof(item->serial));
	item->reason = (uint8_t)obol_sql_get_uint(q, UINT8_MAX);
	item->revoked_at = obol_sql_get_time(q);
	return obol_sql_copy(op, obol_sql_get_bytes(q), &item->subject);
}

enum obol_status obol_sql_revocations(struct obol_sql_store *this,
									  struct obol_store_op *op)
{
	struct obol_store_revocations *arg = op->arg.revocations;
	size_t limit = arg->in.limit < OBOL_STORE_REVOCATIONS_MAX
					   ? arg->in.limit
					   : OBOL_STORE_REVOCATIONS_MAX;
	struct obol_store_revocation *items;
	enum obol_status status, ended;
	struct obol_sql_query q;
	size_t n = 0;

	memset(&arg->out, 0, sizeof(arg->out));
	items = obol_sql_alloc(op, limit * sizeof(*items));
	if (!items)
	{
		return OBOL_ERR_NOMEM;
	}
	status = obol_sql_last_revocation(this, &arg->out.last);
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(
		this->sql, "SELECT revocation, serial, reason, revoked_at, subject "
				   "FROM certificate WHERE revocation > 0 AND revocation > ? "
				   "AND not_after > ? ORDER BY revocation LIMIT ?");
	obol_sql_put_time(&q, arg->in.since);
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_int(&q, (int64_t)limit);
	while (status == OBOL_OK && obol_sql_row(&q))
	{
		status = read_revocation(op, &q, &items[n++]);
	}
	ended = obol_sql_end(&q);
	status = status == OBOL_OK ? ended : status;
	if (status == OBOL_OK)
	{
		arg->out.items = items;
		arg->out.n_items = n;
	}
	return status;
}
