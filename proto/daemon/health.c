/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether obold does its work. */
#include "daemon/health.h"

#include <stdio.h>
#include <string.h>

static uint64_t age_of(uint64_t then_ms, uint64_t now_ms)
{
	return now_ms > then_ms ? now_ms - then_ms : 0;
}

/* The first that is found is told. */
static void complain(struct obol_health *health, const char *text)
{
	if (health->is_good)
	{
		health->is_good = false;
		(void)snprintf(health->why, sizeof(health->why), "%s", text);
	}
}

static void check_workers(const struct obol_board *board, uint64_t now_ms,
						  struct obol_health *health)
{
	struct obol_board_process process;
	char text[120];
	size_t i = 0;

	while (obol_board_next(board, &i, &process))
	{
		uint64_t age;

		/* one that starts is not missed yet; one that ends is not any more */
		if (process.process != OBOL_PROCESS_WORKER || process.is_retired ||
			!process.heartbeat_ms)
		{
			continue;
		}
		health->n_workers++;
		age = age_of(process.heartbeat_ms, now_ms);
		if (age > health->heartbeat_age_ms)
		{
			health->heartbeat_age_ms = age;
		}
		if (age > OBOL_HEARTBEAT_MAX_MS)
		{
			(void)snprintf(text, sizeof(text),
						   "worker %d has not gone round its loop for %llu s",
						   (int)process.pid, (unsigned long long)(age / 1000));
			complain(health, text);
		}
	}
	if (!health->n_workers)
	{
		complain(health, "no worker serves");
	}
}

static void check_database(const struct obol_readings *readings,
						   uint64_t now_ms, struct obol_health *health)
{
	int64_t written_ms, has_failed;
	char text[120];
	uint64_t age;

	if (obol_readings_gauge(readings, OBOL_METRIC_WRITE_FAILED, 0,
							&has_failed) &&
		has_failed)
	{
		complain(health, "the database cannot be written; obold's log has why");
		return;
	}
	if (!obol_readings_gauge(readings, OBOL_METRIC_WRITTEN, 0, &written_ms))
	{
		complain(health, "the database has not been written yet");
		return;
	}
	age = age_of((uint64_t)written_ms, now_ms);
	if (age > OBOL_WRITE_MAX_MS)
	{
		(void)snprintf(text, sizeof(text),
					   "the database could not be written for %llu s",
					   (unsigned long long)(age / 1000));
		complain(health, text);
		return;
	}
	health->database_is_writable = true;
}

void obol_health_check(const struct obol_board *board,
					   const struct obol_readings *readings, uint64_t now_ms,
					   struct obol_health *health)
{
	memset(health, 0, sizeof(*health));
	health->is_good = true;
	check_workers(board, now_ms, health);
	check_database(readings, now_ms, health);
	if (health->is_good)
	{
		(void)snprintf(health->why, sizeof(health->why), "ok");
	}
}
