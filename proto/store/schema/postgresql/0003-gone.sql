-- SPDX-License-Identifier: GPL-2.0-or-later
-- What SQLite's schema 6 has.

CREATE TABLE gone (
	who BYTEA PRIMARY KEY,
	kind BIGINT NOT NULL,
	ksf_id BIGINT NOT NULL,
	ksf_log2_n BIGINT NOT NULL,
	ksf_r BIGINT NOT NULL,
	ksf_p BIGINT NOT NULL,
	key_number BIGINT NOT NULL,
	gone_at BIGINT NOT NULL
);
CREATE INDEX gone_by_age ON gone (gone_at);
