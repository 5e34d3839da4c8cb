-- SPDX-License-Identifier: GPL-2.0-or-later
-- A step that no release has, for tests: one that older obolds cannot live with,
-- as it says itself. While it runs, meta has the number of the step before.
-- longer than an operation may take, as an index over millions does
SELECT pg_sleep(4.5);
ALTER TABLE account ALTER COLUMN test_note DROP DEFAULT;
UPDATE meta SET number =
	1 + (SELECT number FROM meta WHERE name = 'schema')
	WHERE name = 'compatible';
