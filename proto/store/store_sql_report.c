/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: tunnels that gateways report, joined with logins and
 * certificates. */
#include "store/store_sql_private.h"

#include <stdio.h>

/** How long a tunnel that has ended is kept, in seconds; the audit trail has it
 * for longer. */
#define KEPT_S 86400
#define SERIAL_TEXT_MAX (2 * OBOL_SERIAL_MAX)

/** What a gateway's event is about. */
struct tunnel {
	const struct obol_account *gateway;
	const struct obol_report_event *event;
	/** whose it is, 0 for nobody's; and the device's name, as far as known */
	int64_t account_id;
	char label[OBOL_LABEL_MAX + 1];
	uint64_t started_at;
	/** not in the future */
	uint64_t at;
};

/** By its certificate; that of one device names the device too. */
static enum obol_status find_by_serial(struct obol_sql_store *this,
									   struct tunnel *tunnel)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT c.account_id, coalesce((SELECT s.label FROM slot s "
				   "WHERE s.account_id = c.account_id AND s.kind = 4 "
				   "AND s.device_id = c.device_id AND c.portable = 0), '') "
				   "FROM certificate c WHERE c.serial = ?");

	obol_sql_put_blob(&q, tunnel->event->serial.ptr, tunnel->event->serial.len);
	if (obol_sql_row(&q))
	{
		tunnel->account_id = obol_sql_get_int(&q);
		obol_sql_get_str(&q, tunnel->label, sizeof(tunnel->label));
	}
	return obol_sql_end(&q);
}

static enum obol_status find_by_identity(struct obol_sql_store *this,
										 struct tunnel *tunnel)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT id FROM account WHERE identity = ? LIMIT 2");
	int64_t id = 0;

	obol_sql_put_text(&q, tunnel->event->identity);
	if (obol_sql_row(&q))
	{
		id = obol_sql_get_int(&q);
	}
	/* an identity that several accounts have says nothing */
	tunnel->account_id = obol_sql_row(&q) ? 0 : id;
	return obol_sql_end(&q);
}

/** A certificate that all devices share names none: it is the one that logged
 * in last from the tunnel's address, if any did. */
static enum obol_status find_device(struct obol_sql_store *this,
									struct tunnel *tunnel)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT label FROM slot WHERE account_id = ? AND kind = 4 "
				   "AND last_source = ? ORDER BY last_used_at DESC LIMIT 1");

	obol_sql_put_int(&q, tunnel->account_id);
	obol_sql_put_text(&q, tunnel->event->remote);
	if (obol_sql_row(&q))
	{
		obol_sql_get_str(&q, tunnel->label, sizeof(tunnel->label));
	}
	return obol_sql_end(&q);
}

static enum obol_status find_owner(struct obol_sql_store *this,
								   struct tunnel *tunnel)
{
	enum obol_status status = OBOL_OK;

	if (tunnel->event->serial.len > 0)
	{
		status = find_by_serial(this, tunnel);
	}
	if (status == OBOL_OK && tunnel->account_id == 0)
	{
		status = find_by_identity(this, tunnel);
	}
	if (status == OBOL_OK && tunnel->account_id != 0 && !tunnel->label[0])
	{
		status = find_device(this, tunnel);
	}
	return status;
}

static enum obol_status note(struct obol_sql_store *this,
							 const struct tunnel *tunnel,
							 enum obol_operation operation, const char *detail)
{
	struct obol_store_actor actor = { .kind = OBOL_SLOT_DEVICE };
	struct obol_sql_event event = {
		.account_id = tunnel->account_id,
		.now = tunnel->at,
		.actor = &actor,
		.operation = operation,
		.reply = OBOL_REPLY_OK,
		.label = tunnel->label,
		.detail = obol_bytes_str(detail),
	};

	(void)snprintf(actor.source, sizeof(actor.source), "%.*s",
				   (int)tunnel->event->remote.len,
				   (const char *)tunnel->event->remote.ptr);
	return obol_sql_audit(this, &event);
}

static enum obol_status note_up(struct obol_sql_store *this,
								const struct tunnel *tunnel)
{
	const struct obol_report_event *event = tunnel->event;
	char serial[SERIAL_TEXT_MAX + 1] = "";
	char detail[OBOL_TEXT_MAX + 1];
	size_t i;

	for (i = 0; i < event->serial.len; i++)
	{
		(void)snprintf(serial + 2 * i, 3, "%02x", event->serial.ptr[i]);
	}
	(void)snprintf(detail, sizeof(detail), "gateway %s%s%s%s%.*s",
				   tunnel->gateway->name, *serial ? ", certificate " : "",
				   serial, event->virtual_ip.len ? ", " : "",
				   (int)event->virtual_ip.len,
				   (const char *)event->virtual_ip.ptr);
	return note(this, tunnel, OBOL_OP_TUNNEL_UP, detail);
}

static enum obol_status note_down(struct obol_sql_store *this,
								  const struct tunnel *tunnel)
{
	const struct obol_report_event *event = tunnel->event;
	char detail[OBOL_TEXT_MAX + 1];

	(void)snprintf(
		detail, sizeof(detail), "gateway %s, %llu s, %llu bytes in, %llu out%s",
		tunnel->gateway->name,
		(unsigned long long)(tunnel->at > tunnel->started_at
								 ? tunnel->at - tunnel->started_at
								 : 0),
		(unsigned long long)event->bytes_in,
		(unsigned long long)event->bytes_out,
		event->revocation ? ", ended because its certificate was revoked" : "");
	return note(this, tunnel, OBOL_OP_TUNNEL_DOWN, detail);
}

/** A row for it; is_new is false when there was one, which belongs to this run
 * now. */
static enum obol_status put_tunnel(struct obol_sql_store *this,
								   const struct tunnel *tunnel,
								   const uint8_t run[8], bool *is_new)
{
	const struct obol_report_event *event = tunnel->event;
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "UPDATE tunnel SET run = ? "
								  "WHERE gateway_id = ? AND spis = ?");
	enum obol_status status;

	obol_sql_put_blob(&q, run, 8);
	obol_sql_put_int(&q, tunnel->gateway->id);
	obol_sql_put_blob(&q, event->spis, sizeof(event->spis));
	status = obol_sql_finish(&q);
	*is_new = status == OBOL_OK && obol_sql_changes(this->sql) == 0;
	if (!*is_new)
	{
		return status;
	}
	q = obol_sql_begin(this->sql,
					   "INSERT INTO tunnel (gateway_id, spis, account_id, "
					   "serial, label, identity, remote, virtual, started_at, "
					   "run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	obol_sql_put_int(&q, tunnel->gateway->id);
	obol_sql_put_blob(&q, event->spis, sizeof(event->spis));
	obol_sql_put_int(&q, tunnel->account_id);
	obol_sql_put_blob(&q, event->serial.ptr, event->serial.len);
	obol_sql_put_str(&q, tunnel->label);
	obol_sql_put_text(&q, event->identity);
	obol_sql_put_text(&q, event->remote);
	obol_sql_put_text(&q, event->virtual_ip);
	obol_sql_put_time(&q, tunnel->at);
	obol_sql_put_blob(&q, run, 8);
	return obol_sql_finish(&q);
}

/** NOT_FOUND when it is not there, or has ended before. */
static enum obol_status find_tunnel(struct obol_sql_store *this,
									struct tunnel *tunnel)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT account_id, label, started_at FROM tunnel "
				   "WHERE gateway_id = ? AND spis = ? AND ended_at = 0");
	enum obol_status status;
	bool found;

	obol_sql_put_int(&q, tunnel->gateway->id);
	obol_sql_put_blob(&q, tunnel->event->spis, sizeof(tunnel->event->spis));
	found = obol_sql_row(&q);
	if (found)
	{
		tunnel->account_id = obol_sql_get_int(&q);
		obol_sql_get_str(&q, tunnel->label, sizeof(tunnel->label));
		tunnel->started_at = obol_sql_get_time(&q);
	}
	status = obol_sql_end(&q);
	return status == OBOL_OK && !found ? OBOL_ERR_NOT_FOUND : status;
}

static enum obol_status end_tunnel(struct obol_sql_store *this,
								   struct tunnel *tunnel)
{
	enum obol_status status = find_tunnel(this, tunnel);
	struct obol_sql_query q;

	if (status != OBOL_OK)
	{
		return status == OBOL_ERR_NOT_FOUND ? OBOL_OK : status;
	}
	q = obol_sql_begin(this->sql,
					   "UPDATE tunnel SET ended_at = ?, revocation = ? "
					   "WHERE gateway_id = ? AND spis = ?");
	obol_sql_put_time(&q, tunnel->at);
	obol_sql_put_time(&q, tunnel->event->revocation);
	obol_sql_put_int(&q, tunnel->gateway->id);
	obol_sql_put_blob(&q, tunnel->event->spis, sizeof(tunnel->event->spis));
	status = obol_sql_finish(&q);
	return status == OBOL_OK ? note_down(this, tunnel) : status;
}

static enum obol_status take_event(struct obol_sql_store *this,
								   struct tunnel *tunnel, const uint8_t run[8])
{
	enum obol_status status;
	bool is_new = false;

	if (tunnel->event->what == OBOL_TUNNEL_DOWN)
	{
		return end_tunnel(this, tunnel);
	}
	status = find_owner(this, tunnel);
	if (status != OBOL_OK || tunnel->account_id == 0)
	{
		return status;
	}
	status = put_tunnel(this, tunnel, run, &is_new);
	return status == OBOL_OK && is_new ? note_up(this, tunnel) : status;
}

/** One that ended while nobody watched; how much it carried nobody knows. */
static enum obol_status sweep_one(struct obol_sql_store *this,
								  const struct obol_account *gateway,
								  const uint8_t run[8], uint64_t now,
								  bool *found)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT spis, remote FROM tunnel WHERE gateway_id = ? "
				   "AND ended_at = 0 AND run <> ? LIMIT 1");
	struct obol_report_event event = { .what = OBOL_TUNNEL_DOWN };
	struct tunnel tunnel = { .gateway = gateway, .event = &event, .at = now };
	char remote[OBOL_SOURCE_MAX + 1] = "";
	enum obol_status status;

	obol_sql_put_int(&q, gateway->id);
	obol_sql_put_blob(&q, run, 8);
	*found = obol_sql_row(&q);
	if (*found)
	{
		obol_sql_get_fixed(&q, event.spis, sizeof(event.spis));
		obol_sql_get_str(&q, remote, sizeof(remote));
	}
	status = obol_sql_end(&q);
	event.remote = obol_bytes_str(remote);
	return status == OBOL_OK && *found ? end_tunnel(this, &tunnel) : status;
}

static enum obol_status drop_old(struct obol_sql_store *this, uint64_t now)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "DELETE FROM tunnel WHERE ended_at > 0 "
								  "AND ended_at <= ?");

	obol_sql_put_time(&q, now > KEPT_S ? now - KEPT_S : 0);
	return obol_sql_finish(&q);
}

static void write_run(uint64_t number, uint8_t run[8])
{
	size_t i;

	for (i = 0; i < 8; i++)
	{
		run[i] = (uint8_t)(number >> 8 * (7 - i));
	}
}

enum obol_status obol_sql_report(struct obol_sql_store *this,
								 struct obol_store_op *op)
{
	const struct obol_store_report *arg = op->arg.report;
	const struct obol_report_request *report = arg->in.report;
	uint64_t now = arg->in.request.now;
	struct obol_account gateway;
	enum obol_status status;
	bool found = report->sweep;
	uint8_t run[8];
	size_t i;

	status = obol_sql_check_gateway(this, op, &arg->in.request, &gateway);
	write_run(report->run, run);
	for (i = 0; status == OBOL_OK && i < report->n_events; i++)
	{
		const struct obol_report_event *event = &report->events[i];
		struct tunnel tunnel = { .gateway = &gateway,
								 .event = event,
								 .at = event->at < now ? event->at : now };

		status = take_event(this, &tunnel, run);
	}
	while (status == OBOL_OK && found)
	{
		status = sweep_one(this, &gateway, run, now, &found);
	}
	return status == OBOL_OK ? drop_old(this, now) : status;
}
