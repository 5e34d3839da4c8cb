/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a running obold says of itself. */
#include "tools/ctl_running.h"

#include <stdio.h>
#include <stdlib.h>

#include "metrics/reading.h"
#include "tools/ctl_ask.h"

#define HTTP_OK 200

/** What is added up to which figure, and its name in JSON. */
static const struct row {
	const char *json;
	const char *sample;
	/** only of this value; NULL: of all */
	const char *label;
	const char *value;
} rows[OBOL_RUNNING_N] = {
	[OBOL_RUNNING_STARTED_AT] = { "started_at", "obol_start_time_seconds", NULL,
								  NULL },
	[OBOL_RUNNING_OPEN] = { "connections_open", "obol_connections_open", NULL,
							NULL },
	[OBOL_RUNNING_OPEN_MAX] = { "connections_limit", "obol_connections_limit",
								NULL, NULL },
	[OBOL_RUNNING_ACCEPTED] = { "connections_accepted",
								"obol_connections_total", "result",
								"accepted" },
	[OBOL_RUNNING_CONNECTIONS] = { "connections", "obol_connections_total",
								   NULL, NULL },
	[OBOL_RUNNING_LOGINS_OK] = { "logins_ok", "obol_logins_total", "result",
								 "ok" },
	[OBOL_RUNNING_LOGINS_FAILED] = { "logins_failed", "obol_logins_total",
									 "result", "failed" },
	[OBOL_RUNNING_LOGINS_REFUSED] = { "logins_refused", "obol_logins_total",
									  "result", "refused" },
	[OBOL_RUNNING_LOGINS_LATER] = { "logins_put_off", "obol_logins_total",
									"result", "later" },
	[OBOL_RUNNING_LOGINS_ERROR] = { "login_errors", "obol_logins_total",
									"result", "error" },
	[OBOL_RUNNING_REQUESTS] = { "requests", "obol_requests_total", NULL, NULL },
	[OBOL_RUNNING_REQUEST_ERRORS] = { "request_errors", "obol_requests_total",
									  "result", "error" },
	[OBOL_RUNNING_OPERATIONS] = { "store_operations",
								  "obol_store_operations_total", NULL, NULL },
	[OBOL_RUNNING_OPERATION_ERRORS] = { "store_errors",
										"obol_store_operations_total", "result",
										"error" },
	[OBOL_RUNNING_KEY_USES] = { "key_uses", "obol_keeper_operations_total",
								NULL, NULL },
	[OBOL_RUNNING_KEY_REFUSALS] = { "key_uses_refused",
									"obol_keeper_operations_total", "result",
									"refused" },
	[OBOL_RUNNING_SIGNATURES] = { "signatures", "obol_signer_requests_total",
								  NULL, NULL },
	[OBOL_RUNNING_SIGNER_REFUSALS] = { "signatures_refused",
									   "obol_signer_requests_total", "result",
									   "refused" },
	[OBOL_RUNNING_SIGNER_ERRORS] = { "signature_errors",
									 "obol_signer_requests_total", "result",
									 "error" },
	[OBOL_RUNNING_SIGNERS] = { "signers", "obol_processes", "process",
							   "signer" },
	[OBOL_RUNNING_SIGNER_CONNECTED] = { "signer_connected",
										"obol_signer_connected", NULL, NULL },
	[OBOL_RUNNING_RELAYS] = { "relays", "obol_processes", "process", "relay" },
	[OBOL_RUNNING_RELAY_ROOMS] = { "relay_rooms_open", "obol_relay_rooms_open",
								   NULL, NULL },
	[OBOL_RUNNING_RELAY_BYTES] = { "relay_bytes", "obol_relay_bytes_total",
								   NULL, NULL },
	[OBOL_RUNNING_PROCESSES] = { "processes", "obol_processes", NULL, NULL },
	[OBOL_RUNNING_RESTARTS] = { "process_restarts",
								"obol_process_restarts_total", NULL, NULL },
	[OBOL_RUNNING_RELOADS_FAILED] = { "reloads_failed", "obol_reloads_total",
									  "result", "failed" },
	[OBOL_RUNNING_CRL_NUMBER] = { "crl_number", "obol_crl_number", NULL, NULL },
	[OBOL_RUNNING_CRL_ENDS_AT] = { "crl_ends_at",
								   "obol_certificate_expires_timestamp_seconds",
								   "certificate", "crl" },
};

/*
 * Reading
 */

static void add_bucket(struct obol_running_times *times,
					   const struct obol_sample *sample)
{
	const char *le = obol_sample_label(sample, "le");
	double bound_s = strcmp(le, "+Inf") == 0 ? -1 : strtod(le, NULL);
	size_t i;

	for (i = 0; i < times->n && times->buckets[i].bound_s != bound_s; i++)
	{
	}
	if (i == OBOL_RUNNING_BUCKETS_MAX)
	{
		return;
	}
	if (i == times->n)
	{
		times->buckets[i].bound_s = bound_s;
		times->n++;
	}
	times->buckets[i].count += sample->value;
}

static void on_sample(void *ctx, const struct obol_sample *sample)
{
	struct obol_running *running = ctx;
	size_t i;

	for (i = 0; i < OBOL_RUNNING_N; i++)
	{
		const struct row *row = &rows[i];

		if (strcmp(row->sample, sample->name) == 0 &&
			(!row->label ||
			 strcmp(obol_sample_label(sample, row->label), row->value) == 0))
		{
			running->figures[i] += sample->value;
		}
	}
	if (strcmp(sample->name, "obol_build_info") == 0)
	{
		(void)snprintf(running->version, sizeof(running->version), "%s",
					   obol_sample_label(sample, "version"));
	}
	if (strcmp(sample->name, "obol_request_duration_seconds_bucket") == 0)
	{
		add_bucket(&running->requests, sample);
	}
	if (strcmp(sample->name, "obol_store_operation_duration_seconds_bucket") ==
		0)
	{
		add_bucket(&running->operations, sample);
	}
	if (strcmp(sample->name, "obol_signer_request_duration_seconds_bucket") ==
		0)
	{
		add_bucket(&running->signatures, sample);
	}
}

enum obol_status obol_running_read(struct obol_bytes text,
								   struct obol_running *running)
{
	enum obol_status status = obol_metrics_read(text, on_sample, NULL, running);

	/* whatever else answers there */
	return status == OBOL_OK && !*running->version ? OBOL_ERR_FORMAT : status;
}

double obol_running_within(const struct obol_running_times *times, double share)
{
	double all = times->n ? times->buckets[times->n - 1].count : 0;
	size_t i;

	for (i = 0; i < times->n && all > 0; i++)
	{
		if (times->buckets[i].count >= share * all)
		{
			return times->buckets[i].bound_s;
		}
	}
	return -1;
}

static enum obol_status ask_health(const char *address,
								   struct obol_running *running)
{
	struct obol_writer body;
	struct obol_bytes text;
	enum obol_status status;
	int code = 0;

	obol_writer_init(&body);
	status = obol_ctl_ask(address, "/health", &code, &body, running->why,
						  sizeof(running->why));
	if (status == OBOL_OK)
	{
		text = obol_writer_view(&body);
		text.len -= text.len && text.ptr[text.len - 1] == '\n';
		(void)snprintf(running->why, sizeof(running->why), "%.*s",
					   (int)(text.len < 200 ? text.len : 200),
					   text.ptr ? (const char *)text.ptr : "");
		running->is_well = code == HTTP_OK;
	}
	obol_writer_clear(&body);
	return status;
}

void obol_running_ask(const char *address, struct obol_running *running)
{
	struct obol_writer body;
	enum obol_status status;
	int code = 0;

	memset(running, 0, sizeof(*running));
	running->is_asked = *address != '\0';
	if (!running->is_asked || ask_health(address, running) != OBOL_OK)
	{
		return;
	}
	obol_writer_init(&body);
	status = obol_ctl_ask(address, "/metrics", &code, &body, running->why,
						  sizeof(running->why));
	if (status == OBOL_OK)
	{
		running->answers =
			code == HTTP_OK &&
			obol_running_read(obol_writer_view(&body), running) == OBOL_OK;
		if (!running->answers)
		{
			(void)snprintf(running->why, sizeof(running->why),
						   "what answers on %s is not obold", address);
		}
	}
	running->is_well = running->is_well && running->answers;
	obol_writer_clear(&body);
}

/*
 * Showing
 */

static unsigned long long of(const struct obol_running *running,
							 enum obol_running_figure figure)
{
	return (unsigned long long)running->figures[figure];
}

static void print_times(const struct obol_running_times *times)
{
	double within_s = obol_running_within(times, 0.99);

	if (within_s >= 0)
	{
		(void)printf("; 99 %% within %g s", within_s);
	}
	(void)putchar('\n');
}

static void print_work(const struct obol_running *running)
{
	(void)printf(
		"logins           %llu ok, %llu failed, %llu refused, %llu put "
		"off, %llu errors\n",
		of(running, OBOL_RUNNING_LOGINS_OK),
		of(running, OBOL_RUNNING_LOGINS_FAILED),
		of(running, OBOL_RUNNING_LOGINS_REFUSED),
		of(running, OBOL_RUNNING_LOGINS_LATER),
		of(running, OBOL_RUNNING_LOGINS_ERROR));
	(void)printf("requests         %llu, %llu errors",
				 of(running, OBOL_RUNNING_REQUESTS),
				 of(running, OBOL_RUNNING_REQUEST_ERRORS));
	print_times(&running->requests);
	(void)printf("store            %llu operations, %llu errors",
				 of(running, OBOL_RUNNING_OPERATIONS),
				 of(running, OBOL_RUNNING_OPERATION_ERRORS));
	print_times(&running->operations);
	(void)printf("keys             used %llu times, %llu refused; %llu "
				 "signatures, %llu refused\n",
				 of(running, OBOL_RUNNING_KEY_USES),
				 of(running, OBOL_RUNNING_KEY_REFUSALS),
				 of(running, OBOL_RUNNING_SIGNATURES),
				 of(running, OBOL_RUNNING_SIGNER_REFUSALS));
}

/* What is not there for all. */
static void print_helpers(const struct obol_running *running)
{
	if (running->figures[OBOL_RUNNING_SIGNERS] > 0)
	{
		(void)printf("signer           %s; %llu errors",
					 running->figures[OBOL_RUNNING_SIGNER_CONNECTED] > 0
						 ? "there"
						 : "NOT THERE: certificates wait",
					 of(running, OBOL_RUNNING_SIGNER_ERRORS));
		print_times(&running->signatures);
	}
	if (running->figures[OBOL_RUNNING_RELAYS] > 0)
	{
		(void)printf("relay            %llu rooms open; %llu bytes passed on\n",
					 of(running, OBOL_RUNNING_RELAY_ROOMS),
					 of(running, OBOL_RUNNING_RELAY_BYTES));
	}
}

void obol_running_print(const struct obol_running *running)
{
	char text[OBOL_TIME_TEXT_MAX];

	if (!running->is_asked)
	{
		/* nothing is wrong: most servers have no such address */
		(void)puts("obold            how it does is shown once obold.conf "
				   "has listen in section metrics");
		return;
	}
	if (!running->answers)
	{
		(void)printf("obold            NOT THERE: %s\n", running->why);
		return;
	}
	(void)fputs("obold            ", stdout);
	obol_output_text(stdout, obol_bytes_str(running->version), 0);
	(void)printf(
		" since %s, ",
		obol_output_time((uint64_t)running->figures[OBOL_RUNNING_STARTED_AT],
						 text));
	(void)fputs(running->is_well ? "well" : "NOT WELL: ", stdout);
	if (!running->is_well)
	{
		obol_output_text(stdout, obol_bytes_str(running->why), 0);
	}
	(void)printf("\nprocesses        %llu; %llu were replaced, %llu reloads "
				 "failed\n",
				 of(running, OBOL_RUNNING_PROCESSES),
				 of(running, OBOL_RUNNING_RESTARTS),
				 of(running, OBOL_RUNNING_RELOADS_FAILED));
	(void)printf("connections      %llu of %llu open; %llu served, %llu "
				 "refused\n",
				 of(running, OBOL_RUNNING_OPEN),
				 of(running, OBOL_RUNNING_OPEN_MAX),
				 of(running, OBOL_RUNNING_ACCEPTED),
				 of(running, OBOL_RUNNING_CONNECTIONS) -
					 of(running, OBOL_RUNNING_ACCEPTED));
	print_work(running);
	print_helpers(running);
	if (running->figures[OBOL_RUNNING_CRL_NUMBER] > 0)
	{
		(void)printf(
			"revocation list  %llu, to %s\n",
			of(running, OBOL_RUNNING_CRL_NUMBER),
			obol_output_time(
				(uint64_t)running->figures[OBOL_RUNNING_CRL_ENDS_AT], text));
	}
}

/* Microseconds; -1 for none. */
static void json_times(struct obol_json *json, const char *key,
					   const struct obol_running_times *times)
{
	double within_s = obol_running_within(times, 0.99);

	obol_json_number(json, key, within_s < 0 ? -1 : (int64_t)(within_s * 1e6));
}

void obol_running_json(const struct obol_running *running,
					   struct obol_json *json)
{
	size_t i;

	obol_json_begin_object(json, "obold");
	obol_json_bool(json, "asked", running->is_asked);
	if (running->is_asked)
	{
		obol_json_bool(json, "answers", running->answers);
		obol_json_bool(json, "well", running->is_well);
		obol_json_str(json, "why", running->why);
	}
	if (running->answers)
	{
		obol_json_str(json, "version", running->version);
		for (i = 0; i < OBOL_RUNNING_N; i++)
		{
			obol_json_number(json, rows[i].json, (int64_t)running->figures[i]);
		}
		json_times(json, "requests_p99_us", &running->requests);
		json_times(json, "store_p99_us", &running->operations);
		json_times(json, "signatures_p99_us", &running->signatures);
	}
	obol_json_end_object(json);
}
