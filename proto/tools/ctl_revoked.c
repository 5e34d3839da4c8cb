/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command revoked. */
#include "tools/ctl_revoked.h"

#include "store/store_revocation.h"

/** More than so many are only counted. */
#define NAMED_MAX 3

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

void obol_ctl_revoked_say(struct obol_ctl *ctl,
						  const struct obol_store_revoked *revoked)
{
	if (revoked->n_certificates > 0)
	{
		say_certificates(ctl, revoked);
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
}
