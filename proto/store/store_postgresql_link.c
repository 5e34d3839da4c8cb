/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL: one connection, its beginning and its end. */
#include "store/store_postgresql_private.h"

#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

/** Pause after all hosts were tried in vain, in milliseconds; it doubles. */
#define PAUSE_MS 100
#define PAUSE_MAX_MS 500

/* A commit that is acknowledged must outlive power loss here, and is never
 * weaker than the server's own default. A newer build may have changed the
 * tables since this one began. */
#define ASK                                                                    \
	"SELECT current_setting('fsync'), "                                        \
	"(SELECT number FROM meta WHERE name = 'compatible'), "                    \
	"CASE WHEN current_setting('synchronous_commit') = 'off' "                 \
	"THEN set_config('synchronous_commit', 'on', false) END"

uint64_t obol_postgresql_now_ms(const struct obol_postgresql_store *this)
{
	return obol_mono_ms(this->clock);
}

/** Watch the connection's present socket for these events. */
static void watch(struct obol_postgresql_link *link, unsigned events)
{
	struct epoll_event event = { .events = events, .data.ptr = link };
	int fd = PQsocket(link->pg);

	if (fd == link->fd && events == link->events &&
		link->state != OBOL_POSTGRESQL_CONNECTING)
	{
		return;
	}
	/* libpq may have closed one socket and opened the next one under its
	 * number */
	if (epoll_ctl(link->store->epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0 &&
		errno == ENOENT)
	{
		(void)epoll_ctl(link->store->epoll_fd, EPOLL_CTL_ADD, fd, &event);
	}
	link->fd = fd;
	link->events = events;
}

static void drop(struct obol_postgresql_link *link)
{
	if (link->pg && PQsocket(link->pg) >= 0)
	{
		(void)epoll_ctl(link->store->epoll_fd, EPOLL_CTL_DEL,
						PQsocket(link->pg), NULL);
	}
	PQfinish(link->pg);
	link->pg = NULL;
	link->fd = -1;
	link->events = 0;
	link->state = OBOL_POSTGRESQL_DOWN;
	link->is_broken = false;
	link->has_unsent = false;
	link->n_expected = 0;
	memset(link->prepared, 0, sizeof(link->prepared));
}

/** A try was in vain: the next host at once, and after the last one a pause. */
static void failed(struct obol_postgresql_link *link, const char *why)
{
	struct obol_postgresql_store *this = link->store;
	uint64_t pause = PAUSE_MS;
	unsigned i;

	(void)snprintf(link->why, sizeof(link->why), "%.*s",
				   (int)strcspn(why, "\n"), why);
	drop(link);
	link->at_ms = obol_postgresql_now_ms(this);
	if (++link->host < this->target.n_hosts)
	{
		return;
	}
	link->host = 0;
	for (i = 0; i < link->n_rounds && pause < PAUSE_MAX_MS; i++)
	{
		pause *= 2;
	}
	link->n_rounds++;
	link->at_ms += pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
}

/** Warnings while a commit is under way say that it may not be everywhere. */
static void on_notice(void *arg, const PGresult *result)
{
	struct obol_postgresql_link *link = arg;
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (link->group.phase == OBOL_POSTGRESQL_COMMITTING)
	{
		link->group.is_doubtful = true;
		obol_log(link->store->sql_store.log, OBOL_LOG_WARN, "store",
				 "database: %s", text ? text : "warning at a commit");
	}
}

void obol_postgresql_link_wake(struct obol_postgresql_link *link)
{
	struct obol_postgresql_store *this = link->store;

	if (link->state != OBOL_POSTGRESQL_DOWN ||
		obol_postgresql_now_ms(this) < link->at_ms)
	{
		return;
	}
	link->pg = obol_postgresql_target_connect(&this->target, link->host);
	if (!link->pg || PQstatus(link->pg) == CONNECTION_BAD)
	{
		failed(link, link->pg ? PQerrorMessage(link->pg) : "memory ran out");
		return;
	}
	(void)PQsetNoticeReceiver(link->pg, on_notice, link);
	link->state = OBOL_POSTGRESQL_CONNECTING;
	link->at_ms = obol_postgresql_now_ms(this) + OBOL_POSTGRESQL_CONNECT_MS;
	watch(link, EPOLLOUT);
}

#define OUTDATED                                                               \
	"the database was changed by a newer Obol, and this build cannot use it "  \
	"any more: install that version"

/** Why a server with this answer to ASK is not to be used; NULL when it is.
 * That nothing but a newer build helps is an error, said once. */
static const char *objection(struct obol_postgresql_store *this,
							 const PGresult *answer)
{
	if (PQresultStatus(answer) != PGRES_TUPLES_OK || PQntuples(answer) != 1)
	{
		return "the server does not say how it is set";
	}
	if (strcmp(PQgetvalue(answer, 0, 0), "on") != 0)
	{
		return "the server runs with fsync off";
	}
	if (strtol(PQgetvalue(answer, 0, 1), NULL, 10) <=
		(long)obol_schema_n_postgresql)
	{
		return NULL;
	}
	if (!this->is_outdated)
	{
		this->is_outdated = true;
		obol_log(this->sql_store.log, OBOL_LOG_ERROR, "store", "%s", OUTDATED);
	}
	return OUTDATED;
}

/** The answer to ASK; the link is up when the server keeps its word. */
static void answered(struct obol_postgresql_link *link)
{
	struct obol_postgresql_store *this = link->store;
	PGresult *result, *last = NULL;
	const char *why;

	if (!PQconsumeInput(link->pg))
	{
		failed(link, PQerrorMessage(link->pg));
		return;
	}
	while (!PQisBusy(link->pg) && (result = PQgetResult(link->pg)))
	{
		PQclear(last);
		last = result;
	}
	if (!last || PQisBusy(link->pg))
	{
		PQclear(last);
		return;
	}
	why = objection(this, last);
	PQclear(last);
	if (!why && PQenterPipelineMode(link->pg) != 1)
	{
		why = PQerrorMessage(link->pg);
	}
	if (why)
	{
		failed(link, why);
		return;
	}
	this->is_outdated = false;
	link->state = OBOL_POSTGRESQL_UP;
	link->n_rounds = 0;
	watch(link, EPOLLIN);
	if (this->was_lost)
	{
		this->was_lost = false;
		obol_meter_add(this->sql_store.store.meter,
					   OBOL_METRIC_STORE_RECONNECTS, 0, 0, 1);
		obol_log(this->sql_store.log, OBOL_LOG_INFO, "store",
				 "database: connected again, to %s",
				 this->target.hosts[link->host].name);
	}
}

static void connected(struct obol_postgresql_link *link)
{
	(void)PQsetnonblocking(link->pg, 1);
	link->state = OBOL_POSTGRESQL_ASKING;
	if (!PQsendQuery(link->pg, ASK))
	{
		failed(link, PQerrorMessage(link->pg));
		return;
	}
	watch(link, PQflush(link->pg) == 1 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void go_on(struct obol_postgresql_link *link)
{
	switch (PQconnectPoll(link->pg))
	{
		case PGRES_POLLING_READING:
			watch(link, EPOLLIN);
			return;
		case PGRES_POLLING_WRITING:
			watch(link, EPOLLOUT);
			return;
		case PGRES_POLLING_OK:
			connected(link);
			return;
		default:
			failed(link, PQerrorMessage(link->pg));
			return;
	}
}

void obol_postgresql_link_send(struct obol_postgresql_link *link)
{
	int left;

	if (link->state != OBOL_POSTGRESQL_UP)
	{
		return;
	}
	if (link->has_unsent && !PQsendFlushRequest(link->pg))
	{
		link->is_broken = true;
	}
	link->has_unsent = false;
	left = PQflush(link->pg);
	if (left < 0 || link->is_broken)
	{
		obol_postgresql_link_lose(link);
		return;
	}
	watch(link, left ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void obol_postgresql_link_ready(struct obol_postgresql_link *link)
{
	switch (link->state)
	{
		case OBOL_POSTGRESQL_CONNECTING:
			go_on(link);
			return;
		case OBOL_POSTGRESQL_ASKING:
			(void)PQflush(link->pg);
			watch(link, EPOLLIN);
			answered(link);
			return;
		case OBOL_POSTGRESQL_UP:
			if (!PQconsumeInput(link->pg))
			{
				link->is_broken = true;
			}
			obol_postgresql_pipeline_take(link);
			obol_postgresql_link_send(link);
			return;
		default:
			return;
	}
}

void obol_postgresql_link_lose(struct obol_postgresql_link *link)
{
	struct obol_postgresql_store *this = link->store;
	char why[256];

	(void)snprintf(why, sizeof(why), "%s", PQerrorMessage(link->pg));
	if (!this->was_lost)
	{
		this->was_lost = true;
		obol_log(this->sql_store.log, OBOL_LOG_WARN, "store",
				 "database: the connection to %s is lost: %.*s",
				 this->target.hosts[link->host].name, (int)strcspn(why, "\n"),
				 *why ? why : "no answer");
	}
	drop(link);
	link->at_ms = 0;
	obol_postgresql_group_lose(link);
	obol_postgresql_link_wake(link);
}

void obol_postgresql_link_tick(struct obol_postgresql_link *link)
{
	uint64_t now = obol_postgresql_now_ms(link->store);

	switch (link->state)
	{
		case OBOL_POSTGRESQL_DOWN:
			obol_postgresql_link_wake(link);
			return;
		case OBOL_POSTGRESQL_CONNECTING:
		case OBOL_POSTGRESQL_ASKING:
			if (now >= link->at_ms)
			{
				failed(link, "no answer in time");
				obol_postgresql_link_wake(link);
			}
			return;
		case OBOL_POSTGRESQL_UP:
			if (link->group.phase != OBOL_POSTGRESQL_IDLE &&
				now >= link->group.deadline_ms)
			{
				obol_postgresql_link_lose(link);
			}
			return;
		default:
			return;
	}
}

void obol_postgresql_link_close(struct obol_postgresql_link *link)
{
	drop(link);
}
