-- SPDX-License-Identifier: GPL-2.0-or-later
-- Self-enrolment: teams' codes, and what bounds accounts made without one.

-- a code's OPAQUE record, under its team's name; names is a pattern, see
-- account/name_pattern.h; approve: its accounts wait for the operator
CREATE TABLE enrolment (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	names TEXT NOT NULL,
	approve INTEGER NOT NULL,
	uses INTEGER NOT NULL,
	uses_left INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL DEFAULT 0,
	key_number INTEGER NOT NULL,
	record BLOB NOT NULL
) STRICT;

-- when accounts were made without a code, as far back as it is counted
CREATE TABLE enrolled (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL
) STRICT;
CREATE INDEX enrolled_by_age ON enrolled (at);

-- state 3: the account waits for the operator's approval
CREATE INDEX account_waiting ON account (state) WHERE state = 3;
-- nobody may enrol into another one's identity
CREATE INDEX account_by_identity ON account (identity COLLATE NOCASE);
