/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker has. */
#include "server/server.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/handler.h"
#include "store/slot_sets.h"

/** Networks whose failures are counted; 32 bytes each. */
#define SOURCE_ROWS 16384
/** Of a line that may be logged, a thousand make one. */
#define LOG_FULL (OBOL_LOG_BURST * (uint64_t)1000)

static void have_dropped(struct obol_store_op *op)
{
	struct obol_server *server = op->ctx;

	server->sets_are_pending = false;
	if (op->status != OBOL_OK)
	{
		obol_log(server->options.log, OBOL_LOG_ERROR, "server",
				 "the store cannot forget slots that are gone (%s); it is "
				 "tried again",
				 obol_status_name(op->status));
	}
}

static void ask_about_sets(struct obol_server *server,
						   enum obol_store_verb verb, void *arg,
						   obol_store_done done)
{
	server->sets_are_pending = true;
	memset(&server->sets_op, 0, sizeof(server->sets_op));
	server->sets_op.verb = verb;
	server->sets_op.arg.any = arg;
	server->sets_op.done = done;
	server->sets_op.ctx = server;
	obol_store_submit(server->options.store, &server->sets_op);
}

static void have_sets(struct obol_store_op *op)
{
	struct obol_server *server = op->ctx;

	server->sets_are_pending = false;
	if (op->status == OBOL_OK)
	{
		obol_unknown_account_set(server->unknown, &server->sets);
		server->drop.in.sets = &server->sets;
		if (obol_slot_sets_can_drop(&server->sets))
		{
			ask_about_sets(server, OBOL_STORE_GONE_DROP, &server->drop,
						   have_dropped);
		}
	}
	else
	{
		obol_log(server->options.log, OBOL_LOG_ERROR, "server",
				 "the store cannot count its slots (%s); names without an "
				 "account are answered as before",
				 obol_status_name(op->status));
	}
}

void obol_server_tick(struct obol_server *server)
{
	if (!server->sets_are_pending)
	{
		ask_about_sets(server, OBOL_STORE_SLOT_SETS, &server->sets, have_sets);
	}
}

enum obol_status obol_server_new(const struct obol_server_options *options,
								 struct obol_server **out)
{
	struct obol_server *server = calloc(1, sizeof(*server));
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!server)
	{
		return status;
	}
	server->options = *options;
	server->credit.left = LOG_FULL;
	server->credit.at_ms = obol_mono_ms(options->clock);
	server->error_credit = server->credit;
	status = obol_source_limit_new(options->policy.failures_per_source,
								   SOURCE_ROWS, options->rng, &server->sources);
	if (status == OBOL_OK)
	{
		status = obol_source_limit_new(
			options->policy.enrolment.attempts_per_source, SOURCE_ROWS,
			options->rng, &server->enrolments);
	}
	if (status == OBOL_OK)
	{
		status = obol_unknown_account_new(
			options->store, &options->policy.password_ksf, options->current_key,
			&server->unknown);
	}
	if (status != OBOL_OK)
	{
		obol_server_free(server);
		return status;
	}
	obol_server_tick(server);
	obol_store_flush(options->store);
	*out = server;
	return OBOL_OK;
}

void obol_server_free(struct obol_server *server)
{
	if (!server)
	{
		return;
	}
	obol_unknown_account_free(server->unknown);
	obol_source_limit_free(server->enrolments);
	obol_source_limit_free(server->sources);
	free(server);
}

size_t obol_server_n_connections(const struct obol_server *server)
{
	return server->n_connections;
}

/* Refill, and take one line's worth. */
static bool may_log(struct obol_log_credit *credit, uint64_t now)
{
	uint64_t passed = now > credit->at_ms ? now - credit->at_ms : 0;

	credit->at_ms = now;
	credit->left =
		passed > LOG_FULL ? LOG_FULL : credit->left + passed * OBOL_LOG_RATE;
	if (credit->left > LOG_FULL)
	{
		credit->left = LOG_FULL;
	}
	if (credit->left < 1000)
	{
		credit->n_dropped++;
		return false;
	}
	credit->left -= 1000;
	return true;
}

/* Whether it may be logged; and what could not be before. */
static bool begin_line(struct obol_server *server, enum obol_log_level level)
{
	struct obol_log_credit *credit =
		level == OBOL_LOG_ERROR ? &server->error_credit : &server->credit;

	if (!may_log(credit, obol_mono_ms(server->options.clock)))
	{
		return false;
	}
	if (credit->n_dropped)
	{
		obol_log(server->options.log, OBOL_LOG_WARN, "server",
				 "%llu lines like the next ones were left out",
				 (unsigned long long)credit->n_dropped);
		credit->n_dropped = 0;
	}
	return true;
}

void obol_handler_log(struct obol_server *server, enum obol_log_level level,
					  const char *fmt, ...)
{
	char line[512];
	va_list args;

	if (begin_line(server, level))
	{
		va_start(args, fmt);
		(void)vsnprintf(line, sizeof(line), fmt, args);
		va_end(args);
		obol_log(server->options.log, level, "server", "%s", line);
	}
}

void obol_handler_event(struct obol_server *server, enum obol_log_level level,
						const struct obol_log_fields *fields, const char *fmt,
						...)
{
	char line[512];
	va_list args;

	if (begin_line(server, level))
	{
		va_start(args, fmt);
		(void)vsnprintf(line, sizeof(line), fmt, args);
		va_end(args);
		obol_log_event(server->options.log, level, "server", fields, "%s",
					   line);
	}
}
