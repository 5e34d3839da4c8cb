/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A PostgreSQL server of Debian's package for a test program, in a folder of
 * its own, ended with the program whatever happens to it.
 */
#ifndef TESTS_SUPPORT_POSTGRESQL_H_
#define TESTS_SUPPORT_POSTGRESQL_H_

#include <libpq-fe.h>

/** Start it, once; ends the program on failure. */
void postgresql_start(void);

/** The same below another folder, which any user may pass through, and of at
 * most 32 bytes. */
void postgresql_start_in(const char *parent);

/** End it and remove its folder. */
void postgresql_stop(void);

/** Make an empty database that the user obol owns. */
void postgresql_make_database(const char *name);

/** How a user connects to a database: the superuser "postgres", or "obol". */
const char *postgresql_target(const char *database, const char *user);

/** A connection of the superuser; ends the test on failure. */
PGconn *postgresql_connect(const char *database);

/** Run a statement there; its first value, "" when there is none; the text
 * holds until the next call. Ends the test on failure. */
const char *postgresql_run(const char *database, const char *sql);

/** Kill all its processes (SIGKILL), and start it again. */
void postgresql_kill(void);
void postgresql_restart(void);

#endif /* TESTS_SUPPORT_POSTGRESQL_H_ */
