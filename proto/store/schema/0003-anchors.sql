-- SPDX-License-Identifier: GPL-2.0-or-later
-- Sets of CA certificates, as they were signed; numbers only grow.
CREATE TABLE anchors (
	number INTEGER PRIMARY KEY,
	created_at INTEGER NOT NULL,
	cms BLOB NOT NULL
) STRICT;

-- the set that a slot's user has said he holds, and when he said it first
CREATE TABLE anchors_held (
	account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	kind INTEGER NOT NULL,
	device_id BLOB NOT NULL,
	number INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (account_id, kind, device_id)
) STRICT, WITHOUT ROWID;

-- a slot that is written again keeps its row
CREATE TRIGGER slot_is_gone AFTER DELETE ON slot BEGIN
	DELETE FROM anchors_held WHERE account_id = old.account_id
		AND kind = old.kind AND device_id = old.device_id;
END;

-- SHA-256 of the self-signed certificate that it was issued under; empty for
-- those from before this was recorded
ALTER TABLE certificate ADD COLUMN root BLOB NOT NULL DEFAULT x'';
