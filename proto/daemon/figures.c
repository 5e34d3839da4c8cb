/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the publisher finds out for the monitor. */
#include "daemon/figures.h"

#include <time.h>

#include "daemon/health.h"
#include "issue/pem.h"
#include "store/store_figures.h"

#define CERTIFICATES_MAX 16
/** Counting goes over the whole database: seldom, and in one part of this many
 * of the time at most. */
#define COUNT_MS 60000
#define COUNT_SHARE 200

static int64_t end_of(const X509 *certificate)
{
	struct tm tm;

	return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) == 1
			   ? (int64_t)timegm(&tm)
			   : 0;
}

/* The first of a file is the one meant, and others lead up to the root. */
static void note_file(const char *path, enum obol_metric_certificate first,
					  struct obol_meter *meter, int64_t *chain_end)
{
	X509 *chain[CERTIFICATES_MAX];
	char why[256];
	size_t n, i;

	/* one that cannot be read has been told by who needs it */
	if (!*path || obol_pem_read_certificates(path, CERTIFICATES_MAX, chain, &n,
											 why, sizeof(why)) != OBOL_OK)
	{
		return;
	}
	for (i = 0; i < n; i++)
	{
		int64_t end = end_of(chain[i]);

		if (i == 0)
		{
			obol_meter_set(meter, OBOL_METRIC_CERTIFICATE_ENDS, first, end);
		}
		else if (!*chain_end || end < *chain_end)
		{
			*chain_end = end;
		}
		X509_free(chain[i]);
	}
}

void obol_figures_certificates(const struct obol_assets *assets,
							   struct obol_meter *meter)
{
	const struct obol_config *config = assets->config;
	int64_t chain_end = 0;

	note_file(config->tls.certificate, OBOL_ENDS_TLS, meter, &chain_end);
	note_file(config->ca.certificate, OBOL_ENDS_CA, meter, &chain_end);
	if (chain_end)
	{
		obol_meter_set(meter, OBOL_METRIC_CERTIFICATE_ENDS, OBOL_ENDS_CHAIN,
					   chain_end);
	}
}

static void write_something(struct obol_figures *figures)
{
	struct obol_store_probe probe = { .in = { .now =
												  obol_now(figures->clock) } };
	bool is_ok =
		obol_store_run(figures->store, OBOL_STORE_PROBE, &probe) == OBOL_OK;
	int64_t now = (int64_t)obol_mono_ms(figures->clock);

	obol_meter_set(figures->meter, OBOL_METRIC_WRITE_FAILED, 0, !is_ok);
	if (is_ok)
	{
		obol_meter_set(figures->meter, OBOL_METRIC_WRITTEN, 0, now);
	}
}

static void show(struct obol_meter *meter, const struct obol_store_count *count)
{
	const uint64_t accounts[OBOL_ACCOUNTS_N] = {
		[OBOL_ACCOUNTS_ACTIVE] = count->out.n_active,
		[OBOL_ACCOUNTS_NOT_ACTIVATED] = count->out.n_not_activated,
		[OBOL_ACCOUNTS_DISABLED] = count->out.n_disabled,
		[OBOL_ACCOUNTS_EXPIRED] = count->out.n_expired,
		[OBOL_ACCOUNTS_WAITING] = count->out.n_waiting,
	};
	unsigned i;

	for (i = 0; i < OBOL_ACCOUNTS_N; i++)
	{
		obol_meter_set(meter, OBOL_METRIC_ACCOUNTS, i, (int64_t)accounts[i]);
	}
	obol_meter_set(meter, OBOL_METRIC_DEVICES, 0,
				   (int64_t)count->out.n_devices);
	for (i = 0; i < OBOL_STORE_WITHIN_N; i++)
	{
		obol_meter_set(meter, OBOL_METRIC_ENDING, i,
					   (int64_t)count->out.n_ending[i]);
	}
	if (count->out.gateway_not_after)
	{
		obol_meter_set(meter, OBOL_METRIC_CERTIFICATE_ENDS, OBOL_ENDS_GATEWAY,
					   (int64_t)count->out.gateway_not_after);
	}
	obol_meter_set(meter, OBOL_METRIC_COUNTED, 0, (int64_t)count->in.now);
}

static void count_all(struct obol_figures *figures)
{
	struct obol_store_count count = { .in = { .now =
												  obol_now(figures->clock) } };
	uint64_t began = obol_mono_ms(figures->clock), pause;

	if (obol_store_run(figures->store, OBOL_STORE_COUNT, &count) == OBOL_OK)
	{
		show(figures->meter, &count);
	}
	pause = (obol_mono_ms(figures->clock) - began) * COUNT_SHARE;
	figures->count_at_ms =
		obol_mono_ms(figures->clock) + (pause > COUNT_MS ? pause : COUNT_MS);
}

void obol_figures_tick(struct obol_figures *figures)
{
	if (obol_mono_ms(figures->clock) >= figures->write_at_ms)
	{
		write_something(figures);
		figures->write_at_ms = obol_mono_ms(figures->clock) + OBOL_WRITE_MS;
	}
	if (obol_mono_ms(figures->clock) >= figures->count_at_ms)
	{
		count_all(figures);
	}
}
