/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files of the store in PostgreSQL share.
 *
 * An operation is a task: its verb's code runs on a fiber, which yields at each
 * statement and goes on with the result. A group is the tasks of one
 * transaction on one connection (link): what was submitted in one round, so
 * that one commit serves them all, with their statements in one pipeline. No
 * two tasks of a group that run at one time share a key (a guess row, an
 * account), and no two groups of one store do.
 *
 * Nothing is undone within a group. When one of its statements fails, or a
 * refused task leaves something behind, the whole is rolled back and its tasks
 * run again one by one, each in a transaction of its own.
 */
#ifndef OBOL_STORE_STORE_POSTGRESQL_PRIVATE_H_
#define OBOL_STORE_STORE_POSTGRESQL_PRIVATE_H_

#include "store/fiber.h"
#include "store/sql_postgresql.h"
#include "store/store_postgresql.h"
#include "store/store_sql_private.h"

/** Tasks of a group. */
#define OBOL_POSTGRESQL_GROUP_MAX 64
/** Results that a link waits for: a statement and its preparation for each
 * task, and the transaction's own. */
#define OBOL_POSTGRESQL_EXPECTED_MAX 256
/** Addresses of the servers. */
#define OBOL_POSTGRESQL_HOSTS_MAX 16
/** Tasks that wait for a link at most: what comes then is told to try again. */
#define OBOL_POSTGRESQL_QUEUE_MAX 20000

/** How long an operation may wait for a connection, in milliseconds: less than
 * clients wait for an answer. */
#define OBOL_POSTGRESQL_WAIT_MS 5000
/** How long a group may take; its connection is given up then. */
#define OBOL_POSTGRESQL_GROUP_MS 5000
/** How long one server has to accept a connection. */
#define OBOL_POSTGRESQL_CONNECT_MS 2000

/** Whose addresses are known. */
struct obol_postgresql_host {
	/** as configured; also for the check of the server's certificate */
	char name[256];
	/** "" for a socket's folder */
	char address[64];
	char port[8];
};

/** Where the database is. */
struct obol_postgresql_target {
	size_t n_hosts;
	struct obol_postgresql_host hosts[OBOL_POSTGRESQL_HOSTS_MAX];
	/** the other parameters, for PQconnectStartParams(); owned */
	PQconninfoOption *options;
	/** that worked, so that its file is not read again; owned */
	struct obol_secret *password;
};

struct obol_postgresql_store;
struct obol_postgresql_link;

struct obol_postgresql_task {
	struct obol_store_op *op;
	struct obol_postgresql_task *next;
	struct obol_postgresql_store *store;
	struct obol_postgresql_link *link;
	struct obol_fiber *fiber;
	/** of the statement that it waits for */
	PGresult *result;
	/** what no other task may touch meanwhile; 0 for none */
	uint64_t keys[2];
	/** it shares its transaction with nobody */
	bool is_alone;
	bool has_started;
	bool has_ended;
	bool has_written;
	uint64_t deadline_ms;
	unsigned n_tries;
};

enum obol_postgresql_phase {
	/** no group */
	OBOL_POSTGRESQL_IDLE,
	/** its tasks run */
	OBOL_POSTGRESQL_RUNNING,
	OBOL_POSTGRESQL_COMMITTING,
	OBOL_POSTGRESQL_ROLLING_BACK,
};

struct obol_postgresql_group {
	enum obol_postgresql_phase phase;
	size_t n_tasks;
	size_t n_running;
	size_t n_ended;
	struct obol_postgresql_task *tasks[OBOL_POSTGRESQL_GROUP_MAX];
	/** it will be rolled back */
	bool has_failed;
	/** the commit's result was there, and good */
	bool is_committed;
	/** the server said something beside: it may not be durable everywhere */
	bool is_doubtful;
	/** SQLSTATE of the first statement that failed */
	char state[6];
	/** rows of the guess table that it adds */
	int64_t n_guess_rows;
	uint64_t deadline_ms;
};

/** What a result belongs to. */
enum obol_postgresql_expected {
	OBOL_POSTGRESQL_PREPARED,
	OBOL_POSTGRESQL_QUERIED,
	/** of the transaction: to be good, and no more */
	OBOL_POSTGRESQL_CONTROL,
	OBOL_POSTGRESQL_COMMITTED,
	OBOL_POSTGRESQL_SYNC,
};

enum obol_postgresql_link_state {
	OBOL_POSTGRESQL_DOWN,
	OBOL_POSTGRESQL_CONNECTING,
	/** connected, and asked how it is set */
	OBOL_POSTGRESQL_ASKING,
	OBOL_POSTGRESQL_UP,
};

struct obol_postgresql_link {
	struct obol_postgresql_store *store;
	enum obol_postgresql_link_state state;
	PGconn *pg;
	/** descriptor and events in the store's epoll, -1 for none */
	int fd;
	unsigned events;
	/** the host tried, and how often all of them were without success */
	size_t host;
	unsigned n_rounds;
	/** when a try ends, or the next one begins */
	uint64_t at_ms;
	bool prepared[OBOL_SQL_STATEMENTS_MAX];
	/** a ring of what the server owes */
	size_t first_expected;
	size_t n_expected;
	struct {
		enum obol_postgresql_expected what;
		struct obol_postgresql_task *task;
		size_t statement;
	} expected[OBOL_POSTGRESQL_EXPECTED_MAX];
	bool is_broken;
	bool has_unsent;
	struct obol_postgresql_group group;
	/** why the last try failed, for people */
	char why[256];
};

struct obol_postgresql_store {
	/** first: the interface */
	struct obol_sql_store sql_store;
	struct obol_sql_postgresql postgresql;
	struct obol_postgresql_target target;
	struct obol_fiber_pool *fibers;
	struct obol_clock *clock;
	/** the task whose fiber runs */
	struct obol_postgresql_task *current;
	/** without a task: a connection that is waited for, for _open() */
	PGconn *direct;
	int epoll_fd;
	int timer_fd;
	bool timer_is_set;
	size_t n_links;
	struct obol_postgresql_link links[OBOL_POSTGRESQL_LINKS_MAX];
	/** tasks that wait for a link */
	struct obol_postgresql_task *first;
	struct obol_postgresql_task **end;
	size_t n_waiting;
	/** tasks under way in all, waiting or in a group */
	size_t n_tasks;
	/** groups that were committed, since it was opened */
	uint64_t n_commits;
	/** rows of the guess table when last asked, and additions since */
	int64_t n_guess_rows;
	unsigned n_guess_asks;
	bool was_lost;
	/** a newer build has changed the database, and that was said */
	bool is_outdated;
};

/* Targets (store_postgresql_target.c). */

/** Read a target and look its hosts up. OK; ARG; NOT_FOUND; NOMEM. */
enum obol_status
obol_postgresql_target_init(struct obol_postgresql_target *target,
							const char *text, char *why,
							size_t size) OBOL_MUST_CHECK;
void obol_postgresql_target_clear(struct obol_postgresql_target *target);

/** Begin to connect to one of the hosts; NULL when memory ran out. */
PGconn *
obol_postgresql_target_connect(const struct obol_postgresql_target *target,
							   size_t host);

/* Links (store_postgresql_link.c). */

uint64_t obol_postgresql_now_ms(const struct obol_postgresql_store *this);

/** Begin to connect, if it is down and not waiting for its next try. */
void obol_postgresql_link_wake(struct obol_postgresql_link *link);

/** Its descriptor is ready: go on with connecting, or take results. */
void obol_postgresql_link_ready(struct obol_postgresql_link *link);

/** Give a try up that takes too long, or begin the next one. */
void obol_postgresql_link_tick(struct obol_postgresql_link *link);

/** Send what is to be sent; events say whether something is left. */
void obol_postgresql_link_send(struct obol_postgresql_link *link);

/** The connection is gone, or given up. Its group's tasks end, or wait for
 * another link. */
void obol_postgresql_link_lose(struct obol_postgresql_link *link);

/** Close for good. */
void obol_postgresql_link_close(struct obol_postgresql_link *link);

/* Pipelines (store_postgresql_pipeline.c). */

/** Send a statement with the bound parameters, prepared before if need be. */
enum obol_status obol_postgresql_pipeline_query(
	struct obol_postgresql_link *link,
	struct obol_sql_postgresql_statement *statement,
	enum obol_postgresql_expected what,
	struct obol_postgresql_task *task) OBOL_MUST_CHECK;

/** Send a statement of the transaction's own; failure breaks the link. */
void obol_postgresql_pipeline_control(struct obol_postgresql_link *link,
									  const char *text,
									  enum obol_postgresql_expected what);

/** End the pipeline's present part. */
void obol_postgresql_pipeline_sync(struct obol_postgresql_link *link);

/** Take the results that are there. */
void obol_postgresql_pipeline_take(struct obol_postgresql_link *link);

/* Groups (store_postgresql_group.c). */

/** Start a transaction for tasks off the store's queue, if there are any that
 * may run now. */
void obol_postgresql_group_start(struct obol_postgresql_link *link);

/** A task's result is there. */
void obol_postgresql_group_result(struct obol_postgresql_link *link,
								  struct obol_postgresql_task *task,
								  PGresult *result);

/** A statement has failed. */
void obol_postgresql_group_fail(struct obol_postgresql_link *link,
								const PGresult *result);

/** Go on: commit or roll back what has run, end what is over. */
void obol_postgresql_group_advance(struct obol_postgresql_link *link);

/** Its connection is gone. */
void obol_postgresql_group_lose(struct obol_postgresql_link *link);

/* Tasks (store_postgresql_task.c). */

/** Make a task, with its keys; NULL when memory ran out. */
struct obol_postgresql_task *
obol_postgresql_task_new(struct obol_postgresql_store *this,
						 struct obol_store_op *op);

/** Run a task until it waits for a result, or ends. */
void obol_postgresql_task_step(struct obol_postgresql_task *task);

/** Put it back in front of the queue, to run anew. */
void obol_postgresql_task_again(struct obol_postgresql_task *task);

/** End it with the status in its operation, and free it. */
void obol_postgresql_task_finish(struct obol_postgresql_task *task);

bool obol_postgresql_tasks_share(const struct obol_postgresql_task *a,
								 const struct obol_postgresql_task *b);

/** The cursor's execute(). */
enum obol_status
obol_postgresql_execute(struct obol_sql_postgresql *postgresql,
						struct obol_sql_postgresql_statement *statement,
						PGresult **result) OBOL_MUST_CHECK;

/** Counters (store_postgresql_count.c), see obol_sql_count(). */
enum obol_status obol_postgresql_count(struct obol_sql_store *store,
									   const char *name, int64_t by,
									   int64_t *value) OBOL_MUST_CHECK;

/* Schema (store_postgresql_schema.c). */

/** What goes into new tables, by the direct connection, before they are seen;
 * on failure it has said why. */
typedef enum obol_status (*obol_postgresql_fill)(
	struct obol_postgresql_store *this, void *ctx);

/**
 * Make or migrate the schema by the direct connection, in one transaction.
 *
 * @param id_key	32 bytes for new tables, NULL to make it
 * @param fill		may be NULL
 * @return			OK; NOT_FOUND; EXISTS; VERSION; STORE; DENIED
 */
enum obol_status obol_postgresql_schema(struct obol_postgresql_store *this,
										bool create, const uint8_t *id_key,
										obol_postgresql_fill fill, void *ctx,
										char *why, size_t size) OBOL_MUST_CHECK;

/** obol_store_postgresql_open(), and new tables have that id key and are filled
 * so, unless these are NULL. */
enum obol_status
obol_postgresql_open(const struct obol_store_postgresql_options *options,
					 const uint8_t *id_key, obol_postgresql_fill fill,
					 void *ctx, struct obol_store **store, char *why,
					 size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_STORE_POSTGRESQL_PRIVATE_H_ */
