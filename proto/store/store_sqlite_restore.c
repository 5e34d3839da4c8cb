/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The embedded store: a backup back in its place, which gives no spent guess
 * back and re-enables nobody. */
#include "store/store_sqlite_private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 1100
/** Where SQLite's shared locks lie. */
#define LOCK_FIRST 0x40000002
#define LOCK_LEN 510
/** The database that the backup becomes, while it is made. */
#define NEW_SUFFIX ".restore"
#define OLD_SUFFIX ".before-restore"

struct restore {
	const struct obol_store_restore_options *options;
	struct obol_store_restored *restored;
	char *why;
	size_t size;
	char new_path[PATH_SIZE];
	char old_path[PATH_SIZE];
	bool has_present;
	/** of the present database, or of its directory */
	struct stat owner;
	struct obol_sqlite_store *store;
};

/** From the present database ("now"), in this order. Both have one schema. */
static const char *const merge_steps[] = {
	/* slots: today's where they open what the backup has, else none */
	"DELETE FROM slot WHERE account_id IN (SELECT a.id FROM account a "
	"JOIN now.account n ON n.id = a.id AND n.name = a.name)",
	"INSERT INTO slot SELECT s.* FROM now.slot s "
	"JOIN now.account n ON n.id = s.account_id "
	"JOIN account a ON a.id = n.id AND a.name = n.name "
	"AND a.generation = n.generation",
	/* numbers of sets never come twice; who holds which is of today, too */
	"INSERT OR REPLACE INTO anchors SELECT * FROM now.anchors",
	"INSERT OR REPLACE INTO anchors_held SELECT h.* FROM now.anchors_held h "
	"JOIN slot s ON s.account_id = h.account_id AND s.kind = h.kind "
	"AND s.device_id = h.device_id",
	/* disabled, removed or ended earlier since */
	"UPDATE account SET state = 2 WHERE state = 1 AND NOT EXISTS "
	"(SELECT 1 FROM now.account n WHERE n.id = account.id "
	"AND n.name = account.name AND n.state = 1)",
	"UPDATE account SET expires_at = n.expires_at FROM now.account n "
	"WHERE n.id = account.id AND n.name = account.name "
	"AND n.expires_at <> 0 AND (account.expires_at = 0 "
	"OR account.expires_at > n.expires_at)",
	"UPDATE account SET n_failures = n.n_failures, "
	"last_failure_at = n.last_failure_at, "
	"last_failure_source = n.last_failure_source, "
	"last_login_at = n.last_login_at FROM now.account n "
	"WHERE n.id = account.id AND n.name = account.name",
	/* guesses: today's count, and those that only the backup has */
	"DELETE FROM guess WHERE guess_key IN (SELECT guess_key FROM now.guess)",
	"INSERT INTO guess SELECT * FROM now.guess",
	"UPDATE counter SET value = (SELECT count(*) FROM guess) "
	"WHERE name = 'guess_rows'",
	"UPDATE counter SET value = max(value, (SELECT value FROM now.counter n "
	"WHERE n.name = counter.name)) "
	"WHERE name IN ('slot_serial', 'unknown_failures', 'revocation')",
	/* codes as they are today: none that was revoked, no use given back */
	"DELETE FROM enrolment",
	"INSERT INTO enrolment SELECT * FROM now.enrolment",
	"DELETE FROM enrolled",
	"INSERT INTO enrolled SELECT * FROM now.enrolled",
	/* what has happened has happened */
	"DELETE FROM audit",
	"INSERT INTO audit SELECT * FROM now.audit",
	/* what is revoked stays so, under today's number; what only the backup
	 * knows of comes behind */
	"UPDATE certificate SET revocation = -revocation",
	"INSERT OR IGNORE INTO certificate SELECT * FROM now.certificate",
	"UPDATE certificate SET revocation = n.revocation, "
	"revoked_at = n.revoked_at, reason = n.reason FROM now.certificate n "
	"WHERE n.serial = certificate.serial AND n.revocation > 0",
	"UPDATE certificate SET revocation = r.n + (SELECT value FROM counter "
	"WHERE name = 'revocation') FROM (SELECT serial AS s, "
	"row_number() OVER (ORDER BY revocation DESC) AS n FROM certificate "
	"WHERE revocation < 0) r WHERE serial = r.s",
	"UPDATE counter SET value = max(value, (SELECT coalesce(max(revocation), "
	"0) FROM certificate)) WHERE name = 'revocation'",
	"DELETE FROM crl WHERE EXISTS (SELECT 1 FROM now.crl)",
	"INSERT INTO crl SELECT * FROM now.crl",
	"DELETE FROM gateway",
	"INSERT INTO gateway SELECT g.* FROM now.gateway g JOIN now.account n "
	"ON n.id = g.account_id JOIN account a ON a.id = n.id AND a.name = n.name",
	"DELETE FROM tunnel",
	"INSERT INTO tunnel SELECT t.* FROM now.tunnel t JOIN now.account n "
	"ON n.id = t.gateway_id JOIN account a ON a.id = n.id AND a.name = n.name",
	/* slots that are gone, as they were answered last */
	"INSERT OR REPLACE INTO gone SELECT * FROM now.gone",
	"UPDATE sqlite_sequence SET seq = max(seq, (SELECT n.seq "
	"FROM now.sqlite_sequence n WHERE n.name = 'account')) "
	"WHERE name = 'account' AND EXISTS (SELECT 1 "
	"FROM now.sqlite_sequence n WHERE n.name = 'account')",
};

static enum obol_status fail(struct restore *this, enum obol_status status,
							 const char *path, const char *what)
{
	(void)snprintf(this->why, this->size, "%s: %s", path, what);
	return status;
}

static enum obol_status open_store(struct restore *this, const char *path,
								   struct obol_sqlite_store **store)
{
	struct obol_store_sqlite_options options = {
		.path = path,
		.guess_rows_max = UINT32_MAX,
		.rng = this->options->rng,
		.log = this->options->log,
	};
	struct obol_store *opened = NULL;
	enum obol_status status =
		obol_store_sqlite_open(&options, &opened, this->why, this->size);

	*store = (struct obol_sqlite_store *)opened;
	return status;
}

/** One file, without a log; only possible while nobody else has it open. */
static bool close_log(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	bool done = false;

	/* one try: whoever has it open keeps it open */
	(void)sqlite3_busy_timeout(db, 0);
	if (sqlite3_prepare_v2(db, "PRAGMA journal_mode = DELETE", -1, &stmt,
						   NULL) == SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW)
	{
		const char *mode = (const char *)sqlite3_column_text(stmt, 0);

		done = mode && strcmp(mode, "delete") == 0;
	}
	(void)sqlite3_finalize(stmt);
	return done;
}

/** All its pages, not only those that are read here: what is damaged shows
 * before it serves, not after. */
static enum obol_status check_whole(struct restore *this)
{
	struct obol_sql_query q =
		obol_sql_begin(&this->store->sqlite.sql, "PRAGMA integrity_check(1)");
	bool is_whole = false;
	char result[16];

	if (obol_sql_row(&q))
	{
		obol_sql_get_str(&q, result, sizeof(result));
		is_whole = strcmp(result, "ok") == 0;
	}
	return obol_sql_end(&q) == OBOL_OK && is_whole
			   ? OBOL_OK
			   : fail(this, OBOL_ERR_STORE, this->options->backup,
					  "it is damaged");
}

/** A private copy of the backup, with this build's schema. */
static enum obol_status copy_backup(struct restore *this)
{
	const char *backup = this->options->backup;
	sqlite3 *from = NULL, *to = NULL;
	enum obol_status status = OBOL_ERR_STORE;
	int fd;

	if (access(backup, R_OK) != 0)
	{
		return fail(this,
					errno == ENOENT ? OBOL_ERR_NOT_FOUND : OBOL_ERR_DENIED,
					backup, strerror(errno));
	}
	(void)unlink(this->new_path);
	fd = open(this->new_path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
	{
		return fail(this, OBOL_ERR_IO, this->new_path, strerror(errno));
	}
	(void)close(fd);
	if (sqlite3_open_v2(backup, &from, SQLITE_OPEN_READONLY, NULL) ==
			SQLITE_OK &&
		sqlite3_open_v2(this->new_path, &to, SQLITE_OPEN_READWRITE, NULL) ==
			SQLITE_OK)
	{
		status = obol_sqlite_copy_pages(from, to);
	}
	(void)sqlite3_close(from);
	(void)sqlite3_close(to);
	if (status != OBOL_OK)
	{
		return fail(this, status, backup,
					"it cannot be copied: it is no database, it is damaged, "
					"or the disk is full");
	}
	status = open_store(this, this->new_path, &this->store);
	return status == OBOL_OK ? check_whole(this) : status;
}

/** The present database: readable, this server's, used by nobody. */
static enum obol_status check_present(struct restore *this)
{
	const char *path = this->options->path;
	struct obol_sqlite_store *present = NULL;
	enum obol_status status = open_store(this, path, &present);

	if (status != OBOL_OK)
	{
		return status;
	}
	if (memcmp(present->sql_store.store.id_key,
			   this->store->sql_store.store.id_key,
			   sizeof(present->sql_store.store.id_key)) != 0)
	{
		status = fail(this, OBOL_ERR_AUTH, this->options->backup,
					  "this is the backup of another server's database");
	}
	else if (!close_log(present->sqlite.db))
	{
		status = fail(this, OBOL_ERR_DENIED, path,
					  "somebody uses it; stop obold first");
	}
	obol_store_close(&present->sql_store.store);
	return status;
}

static enum obol_status count(struct restore *this, const char *text,
							  uint32_t *n)
{
	struct obol_sql_query q = obol_sql_begin(&this->store->sqlite.sql, text);

	*n = obol_sql_row(&q) ? (uint32_t)obol_sql_get_uint(&q, UINT32_MAX) : 0;
	return obol_sql_end(&q);
}

/** What is told afterwards, of both databases before they are merged. */
static enum obol_status compare(struct restore *this)
{
	enum obol_status status;

	status = count(this,
				   "SELECT count(*) FROM account a WHERE a.state = 1 AND NOT "
				   "EXISTS (SELECT 1 FROM now.account n WHERE n.id = a.id "
				   "AND n.name = a.name AND n.state = 1)",
				   &this->restored->n_disabled);
	if (status == OBOL_OK)
	{
		status = count(this,
					   "SELECT count(*) FROM account a JOIN now.account n "
					   "ON n.id = a.id AND n.name = a.name "
					   "WHERE a.generation <> n.generation",
					   &this->restored->n_without_slots);
	}
	if (status == OBOL_OK)
	{
		status = count(this,
					   "SELECT count(*) FROM now.account n WHERE NOT EXISTS "
					   "(SELECT 1 FROM account a WHERE a.id = n.id "
					   "AND a.name = n.name)",
					   &this->restored->n_lost);
	}
	return status;
}

/** Say in the trail who was not re-enabled; before it is done. */
static enum obol_status note_disabled(struct restore *this)
{
	struct obol_sql_query q = obol_sql_begin(
		&this->store->sqlite.sql,
		"INSERT INTO audit (id, account_id, at, operation, reply, kind, label, "
		"source, detail) SELECT (SELECT coalesce(max(id), 0) FROM audit) + "
		"row_number() OVER (ORDER BY a.id), a.id, ?, ?, ?, 0, '', ?, "
		"'by a restore' FROM account a WHERE a.state = 2 AND NOT EXISTS "
		"(SELECT 1 FROM now.account n WHERE n.id = a.id AND n.name = a.name)");

	obol_sql_put_time(&q, this->options->now);
	obol_sql_put_int(&q, OBOL_OP_ACCOUNT_DISABLE);
	obol_sql_put_int(&q, OBOL_REPLY_OK);
	obol_sql_put_str(&q, this->options->actor.source);
	return obol_sql_finish(&q);
}

static enum obol_status attach(struct restore *this)
{
	struct obol_sql_query q =
		obol_sql_begin(&this->store->sqlite.sql, "ATTACH DATABASE ? AS now");

	obol_sql_put_str(&q, this->options->path);
	return obol_sql_finish(&q);
}

/** Slots that there are today and not in what is restored: they are gone too.
 */
static enum obol_status note_gone(struct restore *this)
{
	struct obol_sql_store *store = &this->store->sql_store;
	struct obol_sql_query q = obol_sql_begin(
		store->sql,
		"SELECT n.name, s.device_id, s.kind, s.ksf_id, s.ksf_log2_n, s.ksf_r, "
		"s.ksf_p, s.key_number FROM now.slot s "
		"JOIN now.account n ON n.id = s.account_id WHERE NOT EXISTS "
		"(SELECT 1 FROM account a JOIN slot t ON t.account_id = a.id "
		"WHERE a.name = n.name AND t.kind = s.kind "
		"AND t.device_id = s.device_id)");
	uint8_t device_id[OBOL_DEVICE_ID_LEN] = { 0 };
	enum obol_status status = OBOL_OK, end;
	struct obol_store_slot_set set;
	char name[OBOL_NAME_MAX + 1];

	while (status == OBOL_OK && obol_sql_row(&q))
	{
		size_t len = obol_sql_get_upto(&q, name, OBOL_NAME_MAX);

		memset(&set, 0, sizeof(set));
		obol_sql_get_fixed(&q, device_id, sizeof(device_id));
		obol_sql_read_set(&q, &set);
		status = obol_sql_note_gone(store, obol_bytes(name, len), device_id,
									&set, this->options->now);
	}
	end = obol_sql_end(&q);
	return status == OBOL_OK ? end : status;
}

static enum obol_status merge(struct restore *this)
{
	struct obol_sql *sql = &this->store->sqlite.sql;
	enum obol_status status;
	size_t i;

	status = attach(this);
	if (status == OBOL_OK)
	{
		status = obol_sql_run(sql, "BEGIN IMMEDIATE");
	}
	if (status == OBOL_OK)
	{
		status = compare(this);
	}
	for (i = 0;
		 status == OBOL_OK && i < sizeof(merge_steps) / sizeof(merge_steps[0]);
		 i++)
	{
		status = obol_sql_run(sql, merge_steps[i]);
	}
	if (status == OBOL_OK)
	{
		status = note_disabled(this);
	}
	if (status == OBOL_OK)
	{
		status = note_gone(this);
	}
	if (status == OBOL_OK)
	{
		status = obol_sql_run(sql, "COMMIT");
	}
	if (status == OBOL_OK)
	{
		status = obol_sql_run(sql, "DETACH DATABASE now");
	}
	if (status != OBOL_OK)
	{
		return fail(this, OBOL_ERR_STORE, this->options->path,
					"it could not be taken over; is the disk full?");
	}
	return OBOL_OK;
}

/** Every connection holds a read lock on these bytes of a database with a
 * write-ahead log (SQLite's file format, 2.3.1 of its locking page). */
static bool is_in_use(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK,
						  .l_whence = SEEK_SET,
						  .l_start = LOCK_FIRST,
						  .l_len = LOCK_LEN };
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool used;

	if (fd < 0)
	{
		return false;
	}
	used = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	(void)close(fd);
	return used;
}

/** Names are durable when their directory is. */
static bool sync_directory(const char *path)
{
	char copy[PATH_SIZE];
	bool done;
	int fd;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
	{
		return false;
	}
	done = fsync(fd) == 0;
	(void)close(fd);
	return done;
}

static bool move_log(const struct restore *this)
{
	char from[PATH_SIZE + 8], to[PATH_SIZE + 8];

	(void)snprintf(from, sizeof(from), "%s-shm", this->options->path);
	(void)unlink(from);
	(void)snprintf(from, sizeof(from), "%s-wal", this->options->path);
	(void)snprintf(to, sizeof(to), "%s-wal", this->old_path);
	return access(from, F_OK) != 0 || rename(from, to) == 0;
}

/** The new one to its place; the present one is kept beside it. */
static enum obol_status put_in_place(struct restore *this)
{
	const char *path = this->options->path;

	if (this->has_present && link(path, this->old_path) != 0)
	{
		return fail(this, errno == EEXIST ? OBOL_ERR_EXISTS : OBOL_ERR_IO,
					this->old_path,
					errno == EEXIST
						? "it is there from an earlier restore; move it away"
						: strerror(errno));
	}
	/* a damaged one's log must not be taken for the new one's */
	if (this->has_present && !move_log(this))
	{
		(void)unlink(this->old_path);
		return fail(this, OBOL_ERR_IO, path, strerror(errno));
	}
	if (chown(this->new_path, this->owner.st_uid, this->owner.st_gid) != 0 ||
		rename(this->new_path, path) != 0)
	{
		(void)fail(this, OBOL_ERR_IO, path, strerror(errno));
		if (this->has_present)
		{
			(void)unlink(this->old_path);
		}
		return OBOL_ERR_IO;
	}
	this->restored->is_kept = this->has_present;
	return sync_directory(path)
			   ? OBOL_OK
			   : fail(this, OBOL_ERR_IO, path, "its directory is not durable");
}

static enum obol_status look(struct restore *this)
{
	const char *path = this->options->path;
	char copy[PATH_SIZE];

	if (strlen(path) + sizeof(OLD_SUFFIX) > PATH_SIZE)
	{
		return fail(this, OBOL_ERR_ARG, path, "the name is too long");
	}
	(void)snprintf(this->new_path, PATH_SIZE, "%s" NEW_SUFFIX, path);
	(void)snprintf(this->old_path, PATH_SIZE, "%s" OLD_SUFFIX, path);
	this->has_present = stat(path, &this->owner) == 0;
	(void)snprintf(copy, sizeof(copy), "%s", path);
	if (!this->has_present && !this->options->without_present)
	{
		return fail(this, OBOL_ERR_NOT_FOUND, path,
					"it is gone, and with it spent guesses and what was "
					"disabled since the backup; to go on without it say so");
	}
	if (!this->has_present && stat(dirname(copy), &this->owner) != 0)
	{
		return fail(this, OBOL_ERR_IO, path, strerror(errno));
	}
	if (this->has_present && is_in_use(path))
	{
		return fail(this, OBOL_ERR_DENIED, path,
					"somebody uses it; stop obold first");
	}
	if (access(this->old_path, F_OK) == 0)
	{
		return fail(this, OBOL_ERR_EXISTS, this->old_path,
					"it is there from an earlier restore; move it away");
	}
	return OBOL_OK;
}

/** What was staged is of connections that are gone. */
static enum obol_status tidy(struct restore *this)
{
	enum obol_status status =
		obol_sql_run(&this->store->sqlite.sql, "DELETE FROM stage");

	if (status == OBOL_OK)
	{
		status = count(this, "SELECT count(*) FROM account",
					   &this->restored->n_accounts);
	}
	return status == OBOL_OK
			   ? OBOL_OK
			   : fail(this, OBOL_ERR_STORE, this->options->backup,
					  "it cannot be made ready; is the disk full?");
}

enum obol_status
obol_store_sqlite_restore(const struct obol_store_restore_options *options,
						  struct obol_store_restored *restored, char *why,
						  size_t size)
{
	struct restore this = {
		.options = options,
		.restored = restored,
		.why = why,
		.size = size,
	};
	enum obol_status status;

	memset(restored, 0, sizeof(*restored));
	status = look(&this);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = copy_backup(&this);
	if (status == OBOL_OK && this.has_present && !options->without_present)
	{
		status = check_present(&this);
		status = status == OBOL_OK ? merge(&this) : status;
	}
	if (status == OBOL_OK)
	{
		status = tidy(&this);
	}
	if (status == OBOL_OK && !close_log(this.store->sqlite.db))
	{
		status = fail(&this, OBOL_ERR_STORE, this.new_path,
					  "it cannot be written; is the disk full?");
	}
	if (this.store)
	{
		obol_store_close(&this.store->sql_store.store);
	}
	if (status == OBOL_OK)
	{
		status = put_in_place(&this);
	}
	(void)unlink(this.new_path);
	return status;
}
