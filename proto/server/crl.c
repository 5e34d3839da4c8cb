/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The revocation list: when one is due, and making it. */
#include "server/crl.h"

#include <stdio.h>
#include <stdlib.h>

static enum obol_status explain(char *why, size_t size, enum obol_status status)
{
	switch (status)
	{
		case OBOL_OK:
			break;
		case OBOL_ERR_DENIED:
			(void)snprintf(why, size,
						   "the CA's certificate does not allow it to sign "
						   "revocation lists (keyUsage cRLSign): gateways do "
						   "not learn by one what is revoked");
			break;
		default:
			(void)snprintf(why, size,
						   "the revocation list cannot be made or stored (%s)",
						   obol_status_name(status));
			break;
	}
	return status;
}

/* A clock that was set back makes the present one count as due. */
static bool is_due(const struct obol_store_crl_get *get, uint64_t now)
{
	const struct obol_store_crl *crl = &get->out.crl;
	uint64_t half =
		crl->this_update + (crl->next_update - crl->this_update) / 2;

	return crl->revocation != get->out.last || now >= half ||
		   now < crl->this_update;
}

/* Numbers grow with time, so that they do so even over a database that was
 * restored from an old backup. */
static uint64_t next_number(const struct obol_store_crl *crl, uint64_t now)
{
	return crl->number < now ? now : crl->number + 1;
}

static enum obol_status make(const struct obol_crl_options *options,
							 const struct obol_store_crl *before, uint64_t now)
{
	struct obol_store_crl_entries entries = { .in = { .now = now } };
	struct obol_store_crl_put put = {
		.in.crl = { .number = next_number(before, now),
					.this_update = now,
					.next_update = now + options->lifetime_s }
	};
	struct obol_crl_parts parts = { .number = put.in.crl.number,
									.this_update = now,
									.next_update = put.in.crl.next_update };
	enum obol_status status;
	uint8_t *der = NULL;
	size_t len = 0;

	status = obol_store_run(options->store, OBOL_STORE_CRL_ENTRIES, &entries);
	if (status != OBOL_OK)
	{
		return status;
	}
	parts.n_entries = entries.out.n_entries;
	parts.entries = entries.out.entries;
	put.in.crl.revocation = entries.out.last;
	status = options->issuer->sign_crl(options->issuer, &parts, &der, &len);
	if (status == OBOL_OK)
	{
		put.in.crl.der = obol_bytes(der, len);
		status = obol_store_run(options->store, OBOL_STORE_CRL_PUT, &put);
	}
	free(der);
	/* somebody else was faster, and knew as much */
	return status == OBOL_ERR_EXISTS ? OBOL_OK : status;
}

enum obol_status obol_crl_refresh(const struct obol_crl_options *options,
								  bool is_forced, bool *made, char *why,
								  size_t size)
{
	struct obol_store_crl_get get = { .in = { .is_brief = true } };
	uint64_t now = obol_now(options->clock);
	enum obol_status status =
		obol_store_run(options->store, OBOL_STORE_CRL_GET, &get);

	*made = false;
	if (status == OBOL_ERR_NOT_FOUND)
	{
		is_forced = true;
		status = OBOL_OK;
	}
	if (status == OBOL_OK && (is_forced || is_due(&get, now)))
	{
		status = make(options, &get.out.crl, now);
		*made = status == OBOL_OK;
	}
	return explain(why, size, status);
}
