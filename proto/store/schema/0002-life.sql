-- SPDX-License-Identifier: GPL-2.0-or-later
-- How an account's certificates live: mode and key type, see wire/registry.h;
-- 0 for the server's default.

ALTER TABLE account ADD COLUMN mode INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN key_type INTEGER NOT NULL DEFAULT 0;
