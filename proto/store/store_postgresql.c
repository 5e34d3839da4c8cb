/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL: opening, closing, and what its loop does. */
#include "store/store_postgresql_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

/** How often time limits are looked at while something is under way. */
#define TICK_MS 50
/** How long _open() tries to reach one of the servers. */
#define OPEN_MS 6000
#define EVENTS_MAX 16

static struct obol_postgresql_store *this_of(const struct obol_store *store)
{
	return (struct obol_postgresql_store *)store;
}

/*
 * The loop's side
 */

static bool is_at_rest(const struct obol_postgresql_store *this)
{
	size_t i;

	for (i = 0; i < this->n_links; i++)
	{
		if (this->links[i].state != OBOL_POSTGRESQL_UP)
		{
			return false;
		}
	}
	return this->n_tasks == 0;
}

static void set_timer(struct obol_postgresql_store *this)
{
	struct itimerspec spec = { .it_value = { 0, 0 } };
	bool wanted = !is_at_rest(this);

	if (wanted == this->timer_is_set)
	{
		return;
	}
	if (wanted)
	{
		spec.it_value.tv_nsec = TICK_MS * 1000000L;
		spec.it_interval.tv_nsec = TICK_MS * 1000000L;
	}
	this->timer_is_set =
		timerfd_settime(this->timer_fd, 0, &spec, NULL) == 0 && wanted;
}

/** What has waited for too long for a connection is told so. */
static void end_late(struct obol_postgresql_store *this)
{
	uint64_t now = obol_postgresql_now_ms(this);
	struct obol_postgresql_task **at = &this->first;
	struct obol_postgresql_task *late = NULL;
	struct obol_postgresql_task **end = &late;

	while (*at)
	{
		struct obol_postgresql_task *task = *at;

		if (now < task->deadline_ms)
		{
			at = &task->next;
			continue;
		}
		*at = task->next;
		this->n_waiting--;
		task->next = NULL;
		*end = task;
		end = &task->next;
	}
	this->end = at;
	while (late)
	{
		struct obol_postgresql_task *task = late;

		late = task->next;
		task->op->status = OBOL_ERR_STORE;
		obol_postgresql_task_finish(task);
	}
}

static void on_timer(struct obol_postgresql_store *this)
{
	uint64_t n;
	size_t i;

	if (read(this->timer_fd, &n, sizeof(n)) < 0)
	{
		return;
	}
	for (i = 0; i < this->n_links; i++)
	{
		obol_postgresql_link_tick(&this->links[i]);
	}
	end_late(this);
}

static void ready(struct obol_store *store)
{
	struct obol_postgresql_store *this = this_of(store);
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(this->epoll_fd, events, EVENTS_MAX, 0);
	int i;

	for (i = 0; i < n; i++)
	{
		if (events[i].data.ptr == this)
		{
			on_timer(this);
		}
		else
		{
			obol_postgresql_link_ready(events[i].data.ptr);
		}
	}
	set_timer(this);
}

static void push(struct obol_store *store)
{
	struct obol_postgresql_store *this = this_of(store);
	size_t i;

	for (i = 0; i < this->n_links; i++)
	{
		obol_postgresql_link_wake(&this->links[i]);
		if (this->first)
		{
			obol_postgresql_group_start(&this->links[i]);
		}
	}
	set_timer(this);
}

static void submit(struct obol_store *store, struct obol_store_op *op)
{
	struct obol_postgresql_store *this = this_of(store);
	struct obol_postgresql_task *task = NULL;

	op->next = NULL;
	op->memory = NULL;
	op->reply = 0;
	obol_sql_free_memory(this->sql_store.kept);
	this->sql_store.kept = NULL;
	if (this->n_waiting < OBOL_POSTGRESQL_QUEUE_MAX)
	{
		task = obol_postgresql_task_new(this, op);
	}
	if (!task)
	{
		op->status = OBOL_ERR_STORE;
		obol_sql_finish_op(&this->sql_store, op);
		return;
	}
	*this->end = task;
	this->end = &task->next;
	this->n_waiting++;
}

/** Those that wait have their time anew. */
static void be_patient(struct obol_postgresql_store *this)
{
	struct obol_postgresql_task *task;

	for (task = this->first; task; task = task->next)
	{
		task->deadline_ms =
			obol_postgresql_now_ms(this) + OBOL_POSTGRESQL_WAIT_MS;
	}
}

/* Whoever flushes has no clients that go away meanwhile: as long as the server
 * gets on with what was submitted together, the rest may wait for it. */
static void flush(struct obol_store *store)
{
	struct obol_postgresql_store *this = this_of(store);
	struct pollfd fd = { .fd = this->epoll_fd, .events = POLLIN };
	uint64_t before;

	while (this->n_tasks > 0)
	{
		before = this->n_commits;
		push(store);
		(void)poll(&fd, 1, TICK_MS);
		ready(store);
		if (this->n_commits != before)
		{
			be_patient(this);
		}
	}
}

static int descriptor(const struct obol_store *store)
{
	return this_of(store)->epoll_fd;
}

static void close_store(struct obol_store *store)
{
	struct obol_postgresql_store *this = this_of(store);
	size_t i;

	flush(store);
	for (i = 0; i < this->n_links; i++)
	{
		obol_postgresql_link_close(&this->links[i]);
	}
	PQfinish(this->direct);
	if (this->epoll_fd >= 0)
	{
		(void)close(this->epoll_fd);
	}
	if (this->timer_fd >= 0)
	{
		(void)close(this->timer_fd);
	}
	obol_fiber_pool_free(this->fibers);
	obol_sql_free_memory(this->sql_store.kept);
	obol_sql_postgresql_clear(&this->postgresql);
	obol_postgresql_target_clear(&this->target);
	obol_wipe(store->id_key, sizeof(store->id_key));
	free(this);
}

static const struct obol_store_backend backend = {
	.submit = submit,
	.flush = flush,
	.close = close_store,
	.push = push,
	.descriptor = descriptor,
	.ready = ready,
};

/*
 * Opening
 */

/** Wait for a connection to one host. */
static bool wait_connected(PGconn *pg)
{
	struct obol_clock *clock = obol_clock_system();
	uint64_t end = obol_mono_ms(clock) + OBOL_POSTGRESQL_CONNECT_MS;
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	/* has the server's SQLSTATE in the message of a failure */
	(void)PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
	while (PQstatus(pg) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
		   state != PGRES_POLLING_FAILED && obol_mono_ms(clock) < end)
	{
		struct pollfd fd = {
			.fd = PQsocket(pg),
			.events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT,
		};

		if (poll(&fd, 1, TICK_MS) > 0)
		{
			state = PQconnectPoll(pg);
		}
	}
	(void)PQsetErrorVerbosity(pg, PQERRORS_DEFAULT);
	return PQstatus(pg) == CONNECTION_OK;
}

/** Refused, and not only now: no such user, or not from here, or with another
 * password (28), no such database (3D), no right to it (42). */
static bool is_refusal_state(const char *state)
{
	static const char *const refusals[] = { "28", "3D", "42" };
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
	{
		if (memcmp(state, refusals[i], 2) == 0)
		{
			return true;
		}
	}
	return false;
}

/** libpq tells the SQLSTATE of a connection that failed in its message alone,
 * behind the severity: "FATAL:  28P01: ...", whatever language the rest is in.
 * There is a line for each of its attempts. */
static bool is_refusal(const char *text)
{
	static const char state_chars[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	while ((text = strstr(text, ":  ")))
	{
		text += 3;
		if (strspn(text, state_chars) == 5 && text[5] == ':' &&
			is_refusal_state(text))
		{
			return true;
		}
	}
	return false;
}

/**
 * What a connection that failed comes to: DENIED when the server has refused
 * it and would do so again, else NOT_FOUND.
 *
 * @param why	receives libpq's first line
 */
static enum obol_status judge(const PGconn *pg, char *why, size_t size)
{
	const char *text = PQerrorMessage(pg);

	(void)snprintf(why, size, "%.*s", (int)strcspn(text, "\n"),
				   *text ? text : "no answer in time");
	return PQconnectionNeedsPassword(pg) || is_refusal(text)
			   ? OBOL_ERR_DENIED
			   : OBOL_ERR_NOT_FOUND;
}

static enum obol_status connect_direct(struct obol_postgresql_store *this,
									   char *why, size_t size)
{
	struct timespec pause = { 0, 100 * 1000000L };
	uint64_t end = obol_postgresql_now_ms(this) + OPEN_MS;
	enum obol_status status = OBOL_ERR_NOT_FOUND;
	char text[256] = "memory ran out";
	size_t i;

	do
	{
		for (i = 0; i < this->target.n_hosts; i++)
		{
			this->direct = obol_postgresql_target_connect(&this->target, i);
			if (this->direct && wait_connected(this->direct))
			{
				return OBOL_OK;
			}
			if (this->direct)
			{
				status = judge(this->direct, text, sizeof(text));
			}
			PQfinish(this->direct);
			this->direct = NULL;
		}
		(void)nanosleep(&pause, NULL);
	} while (status != OBOL_ERR_DENIED && obol_postgresql_now_ms(this) < end);
	(void)snprintf(why, size, "the database cannot be reached: %s", text);
	return status;
}

/** The password that was good, for when its file cannot be read any more; with
 * the zero behind it, as libpq wants it. */
static enum obol_status keep_password(struct obol_postgresql_store *this)
{
	const char *password = PQpass(this->direct);

	if (password && *password)
	{
		this->target.password = obol_secret_dup(password, strlen(password) + 1);
		return this->target.password ? OBOL_OK : OBOL_ERR_NOMEM;
	}
	return OBOL_OK;
}

static enum obol_status open_loop(struct obol_postgresql_store *this)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = this };

	this->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	this->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (this->epoll_fd < 0 || this->timer_fd < 0 ||
		epoll_ctl(this->epoll_fd, EPOLL_CTL_ADD, this->timer_fd, &event) != 0)
	{
		return OBOL_ERR_IO;
	}
	return obol_fiber_pool_new(
		(unsigned)this->n_links * OBOL_POSTGRESQL_GROUP_MAX, &this->fibers);
}

static struct obol_postgresql_store *
store_new(const struct obol_store_postgresql_options *options)
{
	struct obol_postgresql_store *this = calloc(1, sizeof(*this));
	size_t i;

	if (!this)
	{
		return NULL;
	}
	this->sql_store = (struct obol_sql_store){
		.store.backend = &backend,
		.sql = &this->postgresql.sql,
		.count = obol_postgresql_count,
		.log = options->log,
		.rng = options->rng,
		.guess_rows_max = options->guess_rows_max,
		.history_rows_max = options->history_rows_max,
	};
	obol_sql_postgresql_init(&this->postgresql, options->log);
	this->postgresql.execute = obol_postgresql_execute;
	this->clock = obol_clock_system();
	this->epoll_fd = -1;
	this->timer_fd = -1;
	this->end = &this->first;
	this->n_links = options->n_links ? options->n_links : 1;
	if (this->n_links > OBOL_POSTGRESQL_LINKS_MAX)
	{
		this->n_links = OBOL_POSTGRESQL_LINKS_MAX;
	}
	for (i = 0; i < this->n_links; i++)
	{
		this->links[i].store = this;
		this->links[i].fd = -1;
	}
	return this;
}

enum obol_status
obol_postgresql_open(const struct obol_store_postgresql_options *options,
					 const uint8_t *id_key, obol_postgresql_fill fill,
					 void *ctx, struct obol_store **store, char *why,
					 size_t size)
{
	struct obol_postgresql_store *this = store_new(options);
	enum obol_status status;

	(void)snprintf(why, size, "memory ran out");
	if (!this)
	{
		return OBOL_ERR_NOMEM;
	}
	status =
		obol_postgresql_target_init(&this->target, options->target, why, size);
	if (status == OBOL_OK)
	{
		status = connect_direct(this, why, size);
	}
	if (status == OBOL_OK)
	{
		status = keep_password(this);
	}
	if (status == OBOL_OK)
	{
		status = obol_postgresql_schema(this, options->create, id_key, fill,
										ctx, why, size);
	}
	if (status == OBOL_OK)
	{
		status = open_loop(this);
	}
	if (status != OBOL_OK)
	{
		close_store(&this->sql_store.store);
		return status;
	}
	PQfinish(this->direct);
	this->direct = NULL;
	push(&this->sql_store.store);
	why[0] = '\0';
	*store = &this->sql_store.store;
	return OBOL_OK;
}

enum obol_status
obol_store_postgresql_open(const struct obol_store_postgresql_options *options,
						   struct obol_store **store, char *why, size_t size)
{
	return obol_postgresql_open(options, NULL, NULL, NULL, store, why, size);
}
