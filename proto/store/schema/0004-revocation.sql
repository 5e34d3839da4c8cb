-- SPDX-License-Identifier: GPL-2.0-or-later
-- Revocation, the CRL, gateways that follow it, and their tunnels.

-- revocation: number of the revocation, from the counter of that name, 0 for
-- none; reason: as in RFC 5280, 5.3.1; portable: any of the account's devices
-- may hold the key
ALTER TABLE certificate ADD COLUMN portable INTEGER NOT NULL DEFAULT 1;
ALTER TABLE certificate ADD COLUMN revocation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE certificate ADD COLUMN revoked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE certificate ADD COLUMN reason INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX certificate_by_revocation ON certificate (revocation)
	WHERE revocation > 0;
INSERT INTO counter (name, value) VALUES ('revocation', 0);

-- the last one that was signed; it has all revocations up to revocation
CREATE TABLE crl (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	number INTEGER NOT NULL,
	revocation INTEGER NOT NULL,
	this_update INTEGER NOT NULL,
	next_update INTEGER NOT NULL,
	der BLOB NOT NULL
) STRICT;

-- kind 1: a gateway, which follows revocations and does nothing else
ALTER TABLE account ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;

-- revocation: up to where its tunnels have been seen to
CREATE TABLE gateway (
	account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	seen_at INTEGER NOT NULL,
	revocation INTEGER NOT NULL,
	crl_number INTEGER NOT NULL
) STRICT;

-- present tunnels, and for a time those that have ended; no reference to
-- the user's account, which may be gone before its tunnel is. run: of the
-- gateway's program, when it told of it last; revocation: for which it ended
CREATE TABLE tunnel (
	gateway_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	spis BLOB NOT NULL,
	account_id INTEGER NOT NULL,
	serial BLOB NOT NULL,
	label TEXT NOT NULL,
	identity TEXT NOT NULL,
	remote TEXT NOT NULL,
	virtual TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL DEFAULT 0,
	run BLOB NOT NULL,
	revocation INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (gateway_id, spis)
) STRICT, WITHOUT ROWID;
CREATE INDEX tunnel_by_end ON tunnel (ended_at);
CREATE INDEX tunnel_by_revocation ON tunnel (revocation) WHERE revocation > 0;
