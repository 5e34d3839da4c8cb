/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor: /metrics and /health. */
#include "daemon/monitor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/health.h"
#include "daemon/http.h"
#include "daemon/sandbox.h"
#include "metrics/text.h"

/** Bounds HTTP's connections, as in publisher.c. */
#define DESCRIPTORS_MAX 128
#define DAY_S 86400

struct monitor {
	const struct obol_crew_options *options;
	/** the parent: gets a byte when this serves; its end is ours */
	int parent_fd;
	struct event_base *base;
	struct event *parent;
	struct event *sigterm;
	struct obol_http *http;
	struct obol_readings readings;
	struct obol_health health;
	bool is_over;
};

/*
 * What it says
 */

/* Whole days, rounded down: what ends today has 0 left, what has ended -1. */
static int64_t days_left(int64_t end, int64_t now)
{
	int64_t left = end - now;

	return left >= 0 ? left / DAY_S : -((-left + DAY_S - 1) / DAY_S);
}

static void set_days_left(struct monitor *monitor)
{
	int64_t now = (int64_t)obol_now(monitor->options->clock), end;
	unsigned i;

	for (i = 0; i < OBOL_ENDS_N; i++)
	{
		if (obol_readings_gauge(&monitor->readings,
								OBOL_METRIC_CERTIFICATE_ENDS, i, &end))
		{
			obol_readings_set(&monitor->readings, OBOL_METRIC_CERTIFICATE_DAYS,
							  i, days_left(end, now));
		}
	}
}

/* Look at all meters, and work out what none of them has. */
static void look(struct monitor *monitor)
{
	struct obol_readings *readings = &monitor->readings;
	struct obol_health *health = &monitor->health;

	obol_board_read(monitor->options->board, readings);
	obol_health_check(monitor->options->board, readings,
					  obol_mono_ms(monitor->options->clock), health);
	obol_readings_set(readings, OBOL_METRIC_BUILD, 0, 1);
	obol_readings_set(readings, OBOL_METRIC_HEALTHY, 0, health->is_good);
	obol_readings_set(readings, OBOL_METRIC_DATABASE_WRITABLE, 0,
					  health->database_is_writable);
	obol_readings_set(readings, OBOL_METRIC_HEARTBEAT_AGE, 0,
					  (int64_t)(health->heartbeat_age_ms / 1000));
	set_days_left(monitor);
}

static int answer_metrics(void *ctx, struct obol_writer *body)
{
	struct monitor *monitor = ctx;

	look(monitor);
	obol_metrics_write(body, &monitor->readings);
	return OBOL_HTTP_OK;
}

static int answer_health(void *ctx, struct obol_writer *body)
{
	struct monitor *monitor = ctx;

	look(monitor);
	obol_write_bytes(body, obol_bytes_str(monitor->health.why));
	obol_write_bytes(body, obol_bytes_str("\n"));
	return monitor->health.is_good ? OBOL_HTTP_OK : OBOL_HTTP_UNAVAILABLE;
}

/*
 * Beginning and end
 */

static void on_sigterm(evutil_socket_t fd, short what, void *arg)
{
	struct monitor *monitor = arg;

	(void)fd;
	(void)what;
	monitor->is_over = true;
}

/* The parent never writes: what can be read is its end. */
static void on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct monitor *monitor = arg;
	char byte;

	(void)what;
	if (read(fd, &byte, 1) == 0)
	{
		monitor->is_over = true;
	}
}

static bool open_events(struct monitor *monitor)
{
	monitor->parent = event_new(monitor->base, monitor->parent_fd,
								EV_READ | EV_PERSIST, on_parent, monitor);
	monitor->sigterm =
		evsignal_new(monitor->base, SIGTERM, on_sigterm, monitor);
	return monitor->parent && monitor->sigterm &&
		   event_add(monitor->parent, NULL) == 0 &&
		   event_add(monitor->sigterm, NULL) == 0 &&
		   obol_http_new(monitor->base, monitor->options->metrics_fd,
						 DESCRIPTORS_MAX, &monitor->http) == OBOL_OK &&
		   obol_http_answer(monitor->http, "/metrics",
							OBOL_METRICS_CONTENT_TYPE, answer_metrics,
							monitor) == OBOL_OK &&
		   obol_http_answer(monitor->http, "/health",
							"text/plain; charset=utf-8", answer_health,
							monitor) == OBOL_OK;
}

static bool open_all(struct monitor *monitor)
{
	static const struct rlimit limit = { DESCRIPTORS_MAX, DESCRIPTORS_MAX };
	const struct obol_crew_options *options = monitor->options;
	char why[512];

	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (obol_privileges_drop(&options->identity) != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_ERROR, "daemon",
				 "the monitor cannot give up its privileges: %s",
				 strerror(errno));
		return false;
	}
	/* libevent asks who it is run by, which nobody may in the sandbox */
	monitor->base = event_base_new();
	if (obol_sandbox_enter(OBOL_SANDBOX_MONITOR, NULL, why, sizeof(why)) !=
		OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_ERROR, "daemon",
				 "the monitor cannot be confined: %s", why);
		return false;
	}
	if (!monitor->base || !open_events(monitor))
	{
		obol_log(options->log, OBOL_LOG_ERROR, "daemon",
				 "the monitor cannot start: out of memory or descriptors");
		return false;
	}
	return true;
}

static void close_all(struct monitor *monitor)
{
	obol_http_free(monitor->http);
	if (monitor->parent)
	{
		event_free(monitor->parent);
	}
	if (monitor->sigterm)
	{
		event_free(monitor->sigterm);
	}
	if (monitor->base)
	{
		event_base_free(monitor->base);
	}
	free(monitor);
}

/* Until SIGTERM or the parent's end; the process's exit code. */
static int run(const struct obol_crew_options *options, int parent_fd)
{
	struct monitor *monitor = calloc(1, sizeof(*monitor));

	if (!monitor)
	{
		return EXIT_FAILURE;
	}
	monitor->options = options;
	monitor->parent_fd = parent_fd;
	if (!open_all(monitor))
	{
		close_all(monitor);
		return EXIT_FAILURE;
	}
	if (write(parent_fd, "R", 1) != 1)
	{
		monitor->is_over = true;
	}
	while (!monitor->is_over)
	{
		(void)event_base_loop(monitor->base, EVLOOP_ONCE);
	}
	obol_http_finish(monitor->http);
	close_all(monitor);
	return EXIT_SUCCESS;
}

static void become_monitor(const struct obol_crew_options *options,
						   obol_board_slot slot, int fd)
{
	int keep[2] = { fd, options->metrics_fd };

	obol_crew_enter(options, "obold-monitor", keep, 2);
	(void)obol_board_watch(options->board, slot);
	_exit(run(options, fd));
}

bool obol_monitor_start(const struct obol_crew_options *options,
						struct obol_pair *pair)
{
	obol_board_slot slot;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
	{
		return false;
	}
	slot = obol_board_take(options->board, OBOL_PROCESS_MONITOR);
	pair->worker = fork();
	if (pair->worker == 0)
	{
		become_monitor(options, slot, fds[1]);
	}
	obol_board_forked(options->board, slot, pair->worker);
	(void)close(fds[1]);
	if (pair->worker < 0)
	{
		(void)close(fds[0]);
		pair->worker = 0;
		return false;
	}
	pair->fd = fds[0];
	return true;
}
