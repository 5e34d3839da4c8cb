/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command revoked. */
#include "tools/ctl_revoked.h"

#include "store/store_gateway.h"
#include "store/store_revocation.h"

#include <stdlib.h>
#include <time.h>

/** More than so many are only counted. */
#define NAMED_MAX 3
/** How long gateways may take before their tunnels are gone, and how often is
 * looked, in milliseconds. */
#define WAIT_MS 5000
#define LOOK_MS 100

/** The certificates that were revoked; false, with nothing said, when they
 * cannot be read: what was to be done is done. */
static bool list(struct obol_ctl *ctl, const struct obol_store_revoked *revoked,
				 struct obol_store_revocations *out)
{
	out->in.since = revoked->before;
	out->in.now = obol_now(ctl->clock);
	out->in.limit = revoked->n_certificates;
	return obol_store_run(ctl->store, OBOL_STORE_REVOCATIONS, out) == OBOL_OK;
}

static void say_certificates(struct obol_ctl *ctl,
							 const struct obol_store_revoked *revoked)
{
	struct obol_store_revocations arg = { .in = { .since = 0 } };
	char serial[2 * sizeof(((struct obol_store_revocation *)0)->serial) + 1];
	size_t i;

	if (revoked->n_certificates > NAMED_MAX || !list(ctl, revoked, &arg))
	{
		(void)printf("; %lu certificates revoked",
					 (unsigned long)revoked->n_certificates);
		return;
	}
	(void)fputs(arg.out.n_items == 1 ? "; certificate" : "; certificates",
				stdout);
	for (i = 0; i < arg.out.n_items; i++)
	{
		const struct obol_store_revocation *item = &arg.out.items[i];

		obol_output_hex(obol_bytes(item->serial, item->serial_len), serial);
		(void)printf("%s %s", i ? "," : "", serial);
	}
	(void)fputs(" revoked", stdout);
}

/*
 * Gateways
 */

/** One that follows has not yet seen to its tunnels. */
static bool is_behind(const struct obol_store_gateway *gateway,
					  const struct obol_store_revoked *revoked, uint64_t now)
{
	return gateway->seen_at + OBOL_STORE_GATEWAY_LIVE_S > now &&
		   gateway->revocation < revoked->last;
}

static bool some_are_behind(const struct obol_store_gateways *list,
							const struct obol_store_revoked *revoked,
							uint64_t now)
{
	size_t i;

	for (i = 0; i < list->out.n_gateways; i++)
	{
		if (is_behind(&list->out.gateways[i], revoked, now))
		{
			return true;
		}
	}
	return false;
}

/** Wait until the gateways that follow have done it, for a bounded time; NULL,
 * with nothing said, when they cannot be read. */
static struct obol_store_gateways *
wait_for_gateways(struct obol_ctl *ctl,
				  const struct obol_store_revoked *revoked)
{
	static const struct timespec pause = { 0, LOOK_MS * 1000000L };
	struct obol_store_gateways *list = calloc(1, sizeof(*list));
	uint64_t end = obol_mono_ms(ctl->clock) + WAIT_MS;

	if (!list)
	{
		return NULL;
	}
	list->in.since = revoked->before;
	for (;;)
	{
		if (obol_store_run(ctl->store, OBOL_STORE_GATEWAYS, list) != OBOL_OK)
		{
			free(list);
			return NULL;
		}
		if (!some_are_behind(list, revoked, obol_now(ctl->clock)) ||
			obol_mono_ms(ctl->clock) >= end)
		{
			return list;
		}
		(void)nanosleep(&pause, NULL);
	}
}

static void say_gateways(struct obol_ctl *ctl,
						 const struct obol_store_revoked *revoked)
{
	struct obol_store_gateways *list;
	size_t i;

	/* the waiting is to be understood */
	(void)fflush(stdout);
	list = wait_for_gateways(ctl, revoked);
	for (i = 0; list && i < list->out.n_gateways; i++)
	{
		const struct obol_store_gateway *gateway = &list->out.gateways[i];

		if (gateway->n_ended > 0)
		{
			(void)printf("; %lu tunnel%s ended at ",
						 (unsigned long)gateway->n_ended,
						 gateway->n_ended == 1 ? "" : "s");
			obol_output_text(stdout, obol_bytes_str(gateway->name), 0);
		}
		if (is_behind(gateway, revoked, obol_now(ctl->clock)))
		{
			(void)fputs("; ", stdout);
			obol_output_text(stdout, obol_bytes_str(gateway->name), 0);
			(void)fputs(" has not answered yet", stdout);
		}
	}
	free(list);
}

static void gateways_json(struct obol_ctl *ctl, struct obol_json *json,
						  const struct obol_store_revoked *revoked)
{
	struct obol_store_gateways *list = wait_for_gateways(ctl, revoked);
	size_t i;

	obol_json_begin_array(json, "gateways");
	for (i = 0; list && i < list->out.n_gateways; i++)
	{
		const struct obol_store_gateway *gateway = &list->out.gateways[i];

		obol_json_begin_object(json, NULL);
		obol_json_str(json, "name", gateway->name);
		obol_json_number(json, "tunnels_ended", gateway->n_ended);
		obol_json_bool(json, "done", gateway->revocation >= revoked->last);
		obol_json_end_object(json);
	}
	obol_json_end_array(json);
	free(list);
}

void obol_ctl_revoked_say(struct obol_ctl *ctl,
						  const struct obol_store_revoked *revoked)
{
	if (revoked->n_certificates > 0)
	{
		say_certificates(ctl, revoked);
		say_gateways(ctl, revoked);
	}
}

void obol_ctl_revoked_json(struct obol_ctl *ctl, struct obol_json *json,
						   const struct obol_store_revoked *revoked)
{
	struct obol_store_revocations arg = { .in = { .since = 0 } };
	size_t i;

	obol_json_begin_array(json, "revoked");
	if (revoked->n_certificates > 0 && list(ctl, revoked, &arg))
	{
		for (i = 0; i < arg.out.n_items; i++)
		{
			obol_json_hex(json, NULL,
						  obol_bytes(arg.out.items[i].serial,
									 arg.out.items[i].serial_len));
		}
	}
	obol_json_end_array(json);
	if (revoked->n_certificates > 0)
	{
		gateways_json(ctl, json, revoked);
	}
}
