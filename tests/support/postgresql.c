/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PostgreSQL server for a test program. */
#include "support/postgresql.h"

#include <check.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void run_script(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

static void run_script(const char *fmt, ...)
{
	char command[512] = SRCDIR "/testing/lib/";
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(command + strlen(command),
					sizeof(command) - strlen(command), fmt, args);
	va_end(args);
	if (system(command) != 0)
	{
		(void)fprintf(stderr, "failed: %s\n", command);
		exit(EXIT_FAILURE);
	}
}

void postgresql_start(void)
{
	postgresql_start_in("/tmp");
}

void postgresql_start_in(const char *parent)
{
	(void)snprintf(folder, sizeof(folder), "%.32s/obol-pg-XXXXXX", parent);
	/* the server's user is another one than root, and passes through it */
	if (!mkdtemp(folder) || chmod(folder, 0755) != 0)
	{
		exit(EXIT_FAILURE);
	}
	run_script("start-postgresql -w %ld %s/pg >/dev/null", (long)getpid(),
			   folder);
}

void postgresql_stop(void)
{
	char command[96];

	run_script("stop-postgresql %s/pg immediate", folder);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
	{
		(void)fprintf(stderr, "%s is left\n", folder);
	}
}

const char *postgresql_target(const char *database, const char *user)
{
	static char text[256];

	(void)snprintf(text, sizeof(text),
				   "host=%s/pg/socket dbname=%s user=%s passfile=%s/pg/pgpass",
				   folder, database, user, folder);
	return text;
}

PGconn *postgresql_connect(const char *database)
{
	const char *target = postgresql_target(database, "postgres");
	PGconn *pg = PQconnectdb(target);
	bool is_to_serve = true;
	unsigned i;

	/* one that is starting, or recovers, is waited for */
	for (i = 0; i < 600 && PQstatus(pg) != CONNECTION_OK && is_to_serve; i++)
	{
		PQfinish(pg);
		(void)poll(NULL, 0, 100);
		is_to_serve = PQping(target) == PQPING_REJECT;
		pg = PQconnectdb(target);
	}
	ck_assert_msg(PQstatus(pg) == CONNECTION_OK, "%s", PQerrorMessage(pg));
	return pg;
}

const char *postgresql_run(const char *database, const char *sql)
{
	static char value[256];
	PGconn *pg = postgresql_connect(database);
	PGresult *result = PQexec(pg, sql);

	ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK ||
					  PQresultStatus(result) == PGRES_COMMAND_OK,
				  "%s: %s", sql, PQerrorMessage(pg));
	(void)snprintf(value, sizeof(value), "%s",
				   PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(pg);
	return value;
}

void postgresql_make_database(const char *name)
{
	char sql[160];

	(void)snprintf(sql, sizeof(sql), "CREATE DATABASE \"%s\" OWNER obol", name);
	(void)postgresql_run("postgres", sql);
}

void postgresql_kill(void)
{
	run_script("stop-postgresql %s/pg kill", folder);
}

void postgresql_restart(void)
{
	run_script("start-postgresql %s/pg >/dev/null", folder);
}
