/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The embedded store: making, opening and closing the file. */
#include "store/store_sqlite_private.h"

#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/** How long a writer waits for the others, in milliseconds. */
#define BUSY_TIMEOUT_MS 10000
/** Pause between its tries, in microseconds: a commit takes some of these. */
#define BUSY_PAUSE_US 500

/* temp_store: a worker may not open other files, and what a statement must be
 * able to undo is no more than an account; journal_size_limit: what the
 * write-ahead log is cut to, in bytes. */
#define SETTINGS                                                               \
	"PRAGMA journal_mode = WAL;"                                               \
	"PRAGMA synchronous = FULL;"                                               \
	"PRAGMA foreign_keys = ON;"                                                \
	"PRAGMA secure_delete = ON;"                                               \
	"PRAGMA trusted_schema = OFF;"                                             \
	"PRAGMA temp_store = MEMORY;"                                              \
	"PRAGMA journal_size_limit = 8388608"

static void explain(char *why, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void explain(char *why, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, size, fmt, args);
	va_end(args);
}

/** Others hold the database: wait a moment, up to a limit. */
static int wait_busy(void *ctx, int n_tries)
{
	struct timespec pause = { 0, BUSY_PAUSE_US * 1000L };
	const struct obol_sqlite_store *this = ctx;

	if (!n_tries)
	{
		obol_meter_add(this->sql_store.store.meter, OBOL_METRIC_STORE_BUSY, 0,
					   0, 1);
	}
	if ((long)n_tries * BUSY_PAUSE_US > BUSY_TIMEOUT_MS * 1000L)
	{
		return 0;
	}
	(void)nanosleep(&pause, NULL);
	return 1;
}

static enum obol_status make_file(const char *path, char *why, size_t size)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
	{
		(void)close(fd);
		return OBOL_OK;
	}
	if (errno == EEXIST)
	{
		explain(why, size,
				"the database %s is there already and is left as it is", path);
		return OBOL_ERR_EXISTS;
	}
	explain(why, size, "the database %s cannot be made: %s", path,
			strerror(errno));
	return errno == EACCES ? OBOL_ERR_DENIED : OBOL_ERR_STORE;
}

static enum obol_status check_file(const char *path, char *why, size_t size)
{
	struct stat st;

	if (stat(path, &st) != 0)
	{
		explain(why, size, "the database %s cannot be opened: %s%s", path,
				strerror(errno),
				errno == ENOENT ? "; obolctl init makes one" : "");
		return errno == ENOENT   ? OBOL_ERR_NOT_FOUND
			   : errno == EACCES ? OBOL_ERR_DENIED
								 : OBOL_ERR_STORE;
	}
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
	{
		explain(why, size,
				"the database %s can be used by others than its owner; "
				"chmod 600 it",
				path);
		return OBOL_ERR_DENIED;
	}
	if (access(path, R_OK | W_OK) != 0)
	{
		explain(why, size, "the database %s cannot be opened: %s", path,
				strerror(errno));
		return OBOL_ERR_DENIED;
	}
	return OBOL_OK;
}

static enum obol_status migrate(struct obol_sqlite_store *this,
								const char *path, char *why, size_t size)
{
	unsigned version = 0;
	enum obol_status status =
		obol_schema_migrate(this->sqlite.db, obol_schema_migrations,
							obol_schema_n_migrations, &version);

	if (status == OBOL_ERR_VERSION)
	{
		explain(why, size,
				"the database %s has schema %u, and this build knows up to "
				"%u: it was written by a newer Obol; install that version",
				path, version, obol_schema_n_migrations);
	}
	else if (status != OBOL_OK)
	{
		explain(why, size,
				"the database %s is no Obol database, or damaged: %s", path,
				sqlite3_errmsg(this->sqlite.db));
	}
	return status;
}

static void close_store(struct obol_store *store)
{
	struct obol_sqlite_store *this = (struct obol_sqlite_store *)store;

	obol_sqlite_flush(store);
	obol_sql_free_memory(this->sql_store.kept);
	obol_sql_sqlite_clear(&this->sqlite);
	obol_wipe(store->id_key, sizeof(store->id_key));
	free(this);
}

static const struct obol_store_backend backend = {
	.submit = obol_sqlite_submit,
	.flush = obol_sqlite_flush,
	.close = close_store,
};

/* Each process here has one thread that uses databases, so that SQLite's locks
 * guard nothing, and nobody asks how much memory it has. Only the first call of
 * a process counts. */
static void tune(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum obol_status connect_store(struct obol_sqlite_store *this,
									  const char *path, char *why, size_t size)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

	tune();
	if (sqlite3_open_v2(path, &this->sqlite.db, flags, NULL) != SQLITE_OK ||
		sqlite3_busy_handler(this->sqlite.db, wait_busy, this) != SQLITE_OK ||
		sqlite3_extended_result_codes(this->sqlite.db, 1) != SQLITE_OK ||
		sqlite3_exec(this->sqlite.db, SETTINGS, NULL, NULL, NULL) != SQLITE_OK)
	{
		explain(why, size, "the database %s cannot be opened: %s", path,
				this->sqlite.db ? sqlite3_errmsg(this->sqlite.db)
								: "no memory");
		return OBOL_ERR_STORE;
	}
	return OBOL_OK;
}

enum obol_status
obol_store_sqlite_open(const struct obol_store_sqlite_options *options,
					   struct obol_store **store, char *why, size_t size)
{
	struct obol_sqlite_store *this = calloc(1, sizeof(*this));
	enum obol_status status = OBOL_ERR_NOMEM;
	bool made = false;

	explain(why, size, "memory ran out");
	if (!this)
	{
		goto out;
	}
	this->sql_store = (struct obol_sql_store){
		.store.backend = &backend,
		.sql = &this->sqlite.sql,
		.count = obol_sqlite_count,
		.log = options->log,
		.rng = options->rng,
		.guess_rows_max = options->guess_rows_max,
		.history_rows_max = options->history_rows_max,
	};
	obol_sql_sqlite_init(&this->sqlite, options->log);
	status = options->create ? make_file(options->path, why, size)
							 : check_file(options->path, why, size);
	if (status != OBOL_OK)
	{
		goto out;
	}
	made = options->create;
	status = connect_store(this, options->path, why, size);
	if (status == OBOL_OK)
	{
		status = migrate(this, options->path, why, size);
	}
	if (status == OBOL_OK)
	{
		status = options->create ? obol_sql_make_id_key(&this->sql_store, NULL)
								 : obol_sql_load_id_key(&this->sql_store);
		explain(why, size, "the database %s has no usable id key: restore it",
				options->path);
	}
	if (status != OBOL_OK)
	{
		goto out;
	}
	why[0] = '\0';
	*store = &this->sql_store.store;
	this = NULL; /* moved to the caller */
out:
	if (this)
	{
		close_store(&this->sql_store.store);
		if (made)
		{
			(void)unlink(options->path);
		}
	}
	return status;
}
