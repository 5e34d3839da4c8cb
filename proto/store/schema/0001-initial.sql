-- SPDX-License-Identifier: GPL-2.0-or-later
-- Schema 1. Times are seconds since the epoch, 0 for never. Every table of an
-- account's things has the account's id first in its key.

CREATE TABLE meta (
	name TEXT PRIMARY KEY,
	value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- guess_rows: rows of the guess table; slot_serial: the last one given out;
-- unknown_failures: failed logins of names that do not exist
CREATE TABLE counter (
	name TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value)
	VALUES ('guess_rows', 0), ('slot_serial', 0), ('unknown_failures', 0);

-- ids are never used twice: audit rows keep the id of a removed account
CREATE TABLE account (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	state INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	activated_at INTEGER NOT NULL DEFAULT 0,
	last_login_at INTEGER NOT NULL DEFAULT 0,
	expires_at INTEGER NOT NULL,
	generation INTEGER NOT NULL,
	identity TEXT NOT NULL,
	certificate_lifetime_s INTEGER NOT NULL,
	n_failures INTEGER NOT NULL DEFAULT 0,
	last_failure_at INTEGER NOT NULL DEFAULT 0,
	last_failure_source TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE slot (
	account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	kind INTEGER NOT NULL,
	device_id BLOB NOT NULL,
	serial INTEGER NOT NULL,
	label TEXT NOT NULL,
	ksf_id INTEGER NOT NULL,
	ksf_log2_n INTEGER NOT NULL,
	ksf_r INTEGER NOT NULL,
	ksf_p INTEGER NOT NULL,
	key_number INTEGER NOT NULL,
	generation INTEGER NOT NULL,
	record BLOB NOT NULL,
	wrap BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL DEFAULT 0,
	last_source TEXT NOT NULL DEFAULT '',
	expires_at INTEGER NOT NULL,
	PRIMARY KEY (account_id, kind, device_id)
) STRICT, WITHOUT ROWID;

-- a row for each name and generation; deleted ones are tombstones that keep
-- the version growing
CREATE TABLE credential (
	account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	generation INTEGER NOT NULL,
	name TEXT NOT NULL,
	format INTEGER NOT NULL,
	version INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	deleted INTEGER NOT NULL,
	size INTEGER NOT NULL,
	sealed BLOB NOT NULL,
	PRIMARY KEY (account_id, generation, name)
) STRICT;

CREATE TABLE stage (
	account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	stage_id BLOB NOT NULL,
	name TEXT NOT NULL,
	format INTEGER NOT NULL,
	base_version INTEGER NOT NULL,
	generation INTEGER NOT NULL,
	staged_at INTEGER NOT NULL,
	sealed BLOB NOT NULL,
	PRIMARY KEY (account_id, stage_id, name)
) STRICT;
CREATE INDEX stage_by_age ON stage (staged_at);

-- guesses: see guess_limit.h; n and newest_at repeat what is in it, to find
-- the row that goes when the table is full
CREATE TABLE guess (
	guess_key BLOB PRIMARY KEY,
	n INTEGER NOT NULL,
	newest_at INTEGER NOT NULL,
	guesses BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX guess_by_count ON guess (n, newest_at);
CREATE INDEX guess_by_age ON guess (newest_at);

-- no reference to account: certificates are recorded until they end
CREATE TABLE certificate (
	account_id INTEGER NOT NULL,
	serial BLOB NOT NULL,
	device_id BLOB NOT NULL,
	not_before INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	subject TEXT NOT NULL,
	PRIMARY KEY (account_id, serial)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX certificate_by_serial ON certificate (serial);
CREATE INDEX certificate_by_end ON certificate (not_after);
CREATE INDEX certificate_by_account_end ON certificate (account_id, not_after);

-- no reference to account: the trail outlives it
CREATE TABLE audit (
	account_id INTEGER NOT NULL,
	id INTEGER NOT NULL,
	at INTEGER NOT NULL,
	operation INTEGER NOT NULL,
	reply INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	label TEXT NOT NULL,
	source TEXT NOT NULL,
	detail TEXT NOT NULL,
	PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX audit_by_id ON audit (id);
