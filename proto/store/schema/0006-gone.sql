-- SPDX-License-Identifier: GPL-2.0-or-later
-- Slots that are gone, so that what a stranger is answered does not fall back.

-- who: keyed hash of kind, name and device, see obol_store_gone_key(); the rest
-- is what the slot was answered with, and when it went
CREATE TABLE gone (
	who BLOB PRIMARY KEY,
	kind INTEGER NOT NULL,
	ksf_id INTEGER NOT NULL,
	ksf_log2_n INTEGER NOT NULL,
	ksf_r INTEGER NOT NULL,
	ksf_p INTEGER NOT NULL,
	key_number INTEGER NOT NULL,
	gone_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX gone_by_age ON gone (gone_at);
