-- SPDX-License-Identifier: GPL-2.0-or-later
-- A step that no release has, for tests: one that older obolds can live with.
-- It touches the tables that every login, activation and Put needs, fills what
-- is there, and adds a table and an index.
ALTER TABLE account ADD COLUMN test_note BYTEA NOT NULL DEFAULT '';
ALTER TABLE slot ADD COLUMN test_note BYTEA NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN test_note BYTEA NOT NULL DEFAULT '';
ALTER TABLE guess ADD COLUMN test_note BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN test_note BIGINT NOT NULL DEFAULT 0;
UPDATE account SET test_note = name;
CREATE INDEX audit_by_test ON audit (at);
CREATE TABLE test (
	account_id BIGINT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
	note BYTEA NOT NULL
);
INSERT INTO test (account_id, note) SELECT id, name FROM account;
