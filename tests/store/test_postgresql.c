/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the store in PostgreSQL has: a server that refuses, goes, comes. */
#include "store/fixture.h"

#include "store/store_open.h"
#include "support/postgresql.h"

#include <poll.h>
#include <stdio.h>

Suite *store_postgresql_suite(void);

/** Of backends[]. */
#define POSTGRESQL 1

static const char *database_of(const struct fixture *f)
{
	return strrchr(f->dir.path, '/') + 1;
}

static enum obol_status try_open(const char *target, bool create, char *why,
								 size_t size)
{
	struct obol_store_options options = {
		.database = target,
		.create = create,
		.guess_rows_max = 10,
		.rng = obol_rng_system(),
	};
	struct obol_store *store = NULL;
	enum obol_status status = obol_store_open(&options, &store, why, size);

	obol_store_close(store);
	return status;
}

START_TEST(targets)
{
	static const struct {
		const char *text;
		const char *why;
	} rows[] = {
		{ "host=db dbname=obol", NULL },
		{ "postgresql://obol@db1,db2/obol?passfile=/etc/obol/pgpass", NULL },
		{ "host=db password=secret", "passfile=" },
		{ "postgresql://obol:secret@db/obol", "passfile=" },
		{ "service=obol", "service" },
		{ "host=db nonsense=1", "no connection string" },
		{ "postgresql://[db/obol", "no connection string" },
	};
	char why[256];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		ck_assert(obol_store_is_remote(rows[i].text));
		ck_assert_msg(
			(obol_store_check_target(rows[i].text, why, sizeof(why)) ==
			 OBOL_OK) == !rows[i].why,
			"%s", rows[i].text);
		ck_assert(!rows[i].why || strstr(why, rows[i].why));
		ck_assert(!rows[i].why || !strstr(why, "secret"));
	}
	ck_assert(!obol_store_is_remote("/var/lib/obol/a=b.db"));
	ck_assert(!obol_store_is_remote(""));
	ck_assert_int_eq(try_open("dbname=obol", false, why, sizeof(why)),
					 OBOL_ERR_ARG);
	ck_assert_ptr_nonnull(strstr(why, "no host"));
	ck_assert_int_eq(
		try_open("host=name.invalid dbname=obol", false, why, sizeof(why)),
		OBOL_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(why, "name.invalid"));
}
END_TEST

START_TEST(refused)
{
	struct fixture f;
	char target[256];
	char why[512];

	fixture_init(&f, POSTGRESQL);
	/* a database that is not there, and one without Obol's tables */
	ck_assert_int_eq(
		try_open(postgresql_target("nowhere", "obol"), false, why, sizeof(why)),
		OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "does not exist"));
	ck_assert_int_eq(
		try_open(postgresql_target("obol", "obol"), false, why, sizeof(why)),
		OBOL_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(why, "obolctl init"));
	/* what is there is left alone */
	ck_assert_int_eq(try_open(postgresql_target(database_of(&f), "obol"), true,
							  why, sizeof(why)),
					 OBOL_ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(why, "not empty"));
	/* a user whose password is not in the file */
	(void)snprintf(target, sizeof(target), "%s passfile=/dev/null",
				   postgresql_target(database_of(&f), "obol"));
	ck_assert_int_eq(try_open(target, false, why, sizeof(why)),
					 OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "password"));
	fixture_clear(&f);
}
END_TEST

START_TEST(schemas)
{
	struct fixture f;
	const char *target;
	char why[512];

	fixture_init(&f, POSTGRESQL);
	target = postgresql_target(database_of(&f), "obol");
	/* newer by steps that this build can live with */
	(void)postgresql_run(database_of(&f), "UPDATE meta SET number = 77 "
										  "WHERE name = 'schema'");
	ck_assert_msg(try_open(target, false, why, sizeof(why)) == OBOL_OK, "%s",
				  why);
	(void)postgresql_run(database_of(&f), "UPDATE meta SET number = 76 "
										  "WHERE name = 'compatible'");
	target = postgresql_target(database_of(&f), "obol");
	ck_assert_int_eq(try_open(target, false, why, sizeof(why)),
					 OBOL_ERR_VERSION);
	ck_assert_ptr_nonnull(strstr(why, "schema 77"));
	ck_assert_ptr_nonnull(strstr(why, "newer"));
	fixture_clear(&f);
}
END_TEST

/** A server that loses what it acknowledged is not good enough. */
START_TEST(not_durable)
{
	struct fixture f;
	char why[512];

	fixture_init(&f, POSTGRESQL);
	(void)postgresql_run("postgres", "ALTER SYSTEM SET fsync = off");
	(void)postgresql_run("postgres", "SELECT pg_reload_conf()");
	while (strcmp(postgresql_run("postgres", "SHOW fsync"), "off") != 0)
	{
		(void)poll(NULL, 0, 10);
	}
	ck_assert_int_eq(try_open(postgresql_target(database_of(&f), "obol"), false,
							  why, sizeof(why)),
					 OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "fsync"));
	(void)postgresql_run("postgres", "ALTER SYSTEM RESET fsync");
	(void)postgresql_run("postgres", "SELECT pg_reload_conf()");
	fixture_clear(&f);
}
END_TEST

struct one_put {
	struct obol_store_op op;
	struct obol_store_put arg;
	int n_called;
	enum obol_status status;
};

static void note_call(struct obol_store_op *op)
{
	struct one_put *this = op->ctx;

	this->n_called++;
	this->status = op->status;
}

/** PUT under way, as far as it goes by itself. */
static void begin_put(struct fixture *f, struct one_put *this, int64_t id,
					  const char *name, uint64_t base_version)
{
	memset(this, 0, sizeof(*this));
	this->op.verb = OBOL_STORE_PUT;
	this->op.done = note_call;
	this->op.ctx = this;
	this->op.arg.put = &this->arg;
	this->arg.in.request = as_password(id);
	this->arg.in.put.name = obol_bytes_str(name);
	this->arg.in.put.generation = 2;
	this->arg.in.put.base_version = base_version;
	this->arg.in.put.sealed = obol_bytes_str("sealed");
	obol_store_submit(f->store, &this->op);
	obol_store_push(f->store);
}

/** Give a store its turns until a question to the server is answered so. */
static void turn_until(struct fixture *f, const char *sql, const char *answer)
{
	int i;

	for (i = 0; strcmp(postgresql_run(database_of(f), sql), answer) != 0; i++)
	{
		struct pollfd fd = { .fd = obol_store_descriptor(f->store),
							 .events = POLLIN };

		ck_assert_int_lt(i, 6000);
		if (poll(&fd, 1, 10) > 0)
		{
			obol_store_ready(f->store);
		}
	}
}

#define END_CONNECTIONS                                                        \
	"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "           \
	"WHERE usename = 'obol' AND datname = current_database()"

/** A connection that ends between operations costs none of them. */
START_TEST(ended_idle)
{
	struct fixture f;
	int64_t id;
	uint64_t i;

	fixture_init(&f, POSTGRESQL);
	id = add_active(&f, "alice");
	for (i = 0; i < 3; i++)
	{
		(void)postgresql_run(database_of(&f), END_CONNECTIONS);
		ck_assert_int_eq(put(&f, id, "vpn", i, "x"), OBOL_OK);
	}
	fixture_clear(&f);
}
END_TEST

/** A newer build makes a change that this one cannot live with, and ends its
 * connections: it does not come back in. */
START_TEST(outdated)
{
	struct fixture f;
	int64_t id;

	fixture_init(&f, POSTGRESQL);
	id = add_active(&f, "alice");
	(void)postgresql_run(database_of(&f), "UPDATE meta SET number = 77 "
										  "WHERE name = 'compatible'");
	(void)postgresql_run(database_of(&f), END_CONNECTIONS);
	ck_assert_int_eq(put(&f, id, "vpn", 0, "x"), OBOL_ERR_STORE);
	ck_assert_str_eq(
		postgresql_run(database_of(&f), "SELECT count(*) FROM credential"),
		"0");
	(void)postgresql_run(database_of(&f), "UPDATE meta SET number = 1 "
										  "WHERE name = 'compatible'");
	ck_assert_int_eq(put(&f, id, "vpn", 0, "x"), OBOL_OK);
	fixture_clear(&f);
}
END_TEST

/** One that ends before the commit was sent: it is run again, once. */
START_TEST(ended_before_commit)
{
	struct one_put one;
	struct fixture f;
	PGconn *other;
	int64_t id;

	fixture_init(&f, POSTGRESQL);
	id = add_active(&f, "alice");
	other = postgresql_connect(database_of(&f));
	PQclear(PQexec(other, "BEGIN"));
	PQclear(PQexec(other, "SELECT 1 FROM account FOR UPDATE"));
	begin_put(&f, &one, id, "vpn", 0);
	turn_until(&f,
			   "SELECT count(*) FROM pg_stat_activity WHERE usename = 'obol' "
			   "AND wait_event_type = 'Lock' AND datname = current_database()",
			   "1");
	(void)postgresql_run(database_of(&f), END_CONNECTIONS);
	PQclear(PQexec(other, "ROLLBACK"));
	PQfinish(other);
	obol_store_flush(f.store);
	ck_assert_int_eq(one.n_called, 1);
	ck_assert_int_eq(one.status, OBOL_OK);
	ck_assert_uint_eq(one.arg.out.version, 1);
	fixture_clear(&f);
}
END_TEST

/** One that ends while the commit waits for a standby: nobody knows, so it is
 * neither told as done nor run again. */
START_TEST(ended_at_commit)
{
	struct obol_store_list list;
	struct one_put one;
	struct fixture f;
	int64_t id;

	fixture_init(&f, POSTGRESQL);
	id = add_active(&f, "alice");
	(void)postgresql_run(
		"postgres", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
	(void)postgresql_run("postgres", "SELECT pg_reload_conf()");
	turn_until(&f, "SHOW synchronous_standby_names", "nobody");
	begin_put(&f, &one, id, "vpn", 0);
	turn_until(&f,
			   "SELECT count(*) FROM pg_stat_activity WHERE usename = 'obol' "
			   "AND wait_event = 'SyncRep'",
			   "1");
	(void)postgresql_run(database_of(&f), END_CONNECTIONS);
	(void)postgresql_run("postgres",
						 "ALTER SYSTEM RESET synchronous_standby_names");
	(void)postgresql_run("postgres", "SELECT pg_reload_conf()");
	obol_store_flush(f.store);
	ck_assert_int_eq(one.n_called, 1);
	ck_assert_int_eq(one.status, OBOL_ERR_STORE);
	ck_assert_int_eq(one.op.reply, OBOL_REPLY_TEMPORARY);
	list.in = as_password(id);
	RUN(&f, OBOL_STORE_LIST, &list, OBOL_OK);
	ck_assert_uint_eq(list.out.n_items, 1);
	ck_assert_uint_eq(list.out.items[0].version, 1);
	fixture_clear(&f);
}
END_TEST

/** A server that is killed and comes back costs nothing; one that stays away is
 * not waited for beyond measure. */
START_TEST(server_killed)
{
	struct one_put one;
	struct fixture f;
	int64_t id;

	fixture_init(&f, POSTGRESQL);
	id = add_active(&f, "alice");
	postgresql_kill();
	postgresql_restart();
	/* its connections are those of the server that was */
	begin_put(&f, &one, id, "vpn", 0);
	obol_store_flush(f.store);
	ck_assert_int_eq(one.status, OBOL_OK);
	postgresql_kill();
	begin_put(&f, &one, id, "vpn", 1);
	obol_store_flush(f.store);
	ck_assert_int_eq(one.status, OBOL_ERR_STORE);
	ck_assert_int_eq(one.op.reply, OBOL_REPLY_TEMPORARY);
	postgresql_restart();
	ck_assert_int_eq(put(&f, id, "vpn", 1, "x"), OBOL_OK);
	fixture_clear(&f);
}
END_TEST

#define N_LOGINS 50

static void count_call(struct obol_store_op *op)
{
	++*(int *)op->ctx;
}

static void begin_login_op(struct obol_store *store, struct obol_store_op *op,
						   struct obol_store_login_begin *begin,
						   struct obol_bytes name)
{
	memset(begin, 0, sizeof(*begin));
	begin->in.name = name;
	begin->in.kind = OBOL_SLOT_PASSWORD;
	begin->in.now = NOW;
	ck_assert_int_eq(obol_store_guess_key(store, OBOL_SLOT_PASSWORD, name, NULL,
										  begin->in.guess_key),
					 OBOL_OK);
	*op = (struct obol_store_op){ .verb = OBOL_STORE_LOGIN_BEGIN,
								  .arg.login_begin = begin };
	obol_store_submit(store, op);
}

/** Two stores, one account, fifty guesses at once: as many as one would give.
 */
START_TEST(guesses_of_two)
{
	struct obol_store_login_begin begins[N_LOGINS];
	struct obol_store_op ops[N_LOGINS];
	struct obol_store *stores[2];
	struct fixture f;
	int n_called = 0, n = 0;
	int i;

	fixture_init(&f, POSTGRESQL);
	(void)add_active(&f, "alice");
	stores[0] = f.store;
	stores[1] = fixture_open(&f);
	for (i = 0; i < N_LOGINS; i++)
	{
		begin_login_op(stores[i % 2], &ops[i], &begins[i],
					   obol_bytes_str("alice"));
		ops[i].done = count_call;
		ops[i].ctx = &n_called;
		obol_store_push(stores[i % 2]);
	}
	/* neither may wait for the other one: it holds locks meanwhile */
	for (i = 0; n_called < N_LOGINS; i++)
	{
		struct pollfd fds[2] = {
			{ .fd = obol_store_descriptor(stores[0]), .events = POLLIN },
			{ .fd = obol_store_descriptor(stores[1]), .events = POLLIN },
		};

		ck_assert_int_lt(i, 10000);
		(void)poll(fds, 2, 50);
		obol_store_ready(stores[0]);
		obol_store_ready(stores[1]);
		obol_store_push(stores[0]);
		obol_store_push(stores[1]);
	}
	for (i = 0; i < N_LOGINS; i++)
	{
		ck_assert_int_eq(ops[i].status, OBOL_OK);
		n += begins[i].out.later_s == 0;
	}
	ck_assert_int_eq(n, OBOL_GUESS_FREE);
	obol_store_close(stores[1]);
	fixture_clear(&f);
}
END_TEST

/** What is submitted in one round is one transaction, whatever its names. */
START_TEST(one_commit)
{
	static const char *const names[] = { "bob", "\xff\xfe", "no\\such", "'; --",
										 "carol" };
	struct obol_store_login_begin begins[6];
	struct obol_store_op ops[6];
	struct fixture f;
	int i;

	fixture_init(&f, POSTGRESQL);
	(void)add_active(&f, "alice");
	for (i = 0; i < 5; i++)
	{
		begin_login_op(f.store, &ops[i], &begins[i], obol_bytes_str(names[i]));
	}
	begin_login_op(f.store, &ops[5], &begins[5], obol_bytes("alice\0x", 7));
	obol_store_flush(f.store);
	for (i = 0; i < 6; i++)
	{
		ck_assert_int_eq(ops[i].status, OBOL_OK);
		ck_assert(!begins[i].out.found);
	}
	ck_assert_str_eq(postgresql_run(database_of(&f),
									"SELECT count(*) || ' ' || "
									"count(DISTINCT xmin::text) FROM guess"),
					 "6 1");
	ck_assert_str_eq(postgresql_run(database_of(&f),
									"SELECT sum(value) FROM counter "
									"WHERE name = 'guess_rows'"),
					 "6");
	fixture_clear(&f);
}
END_TEST

/** A refusal that had written takes nothing of the others with it. */
START_TEST(refused_among_others)
{
	struct one_put ops[20];
	struct fixture f;
	int64_t ids[20];
	char name[16];
	int i;

	fixture_init(&f, POSTGRESQL);
	for (i = 0; i < 20; i++)
	{
		(void)snprintf(name, sizeof(name), "user%d", i);
		ids[i] = add_active(&f, name);
	}
	/* behind the store's back: what LOGIN_BEGIN and PUT read is damaged for
	 * one of them, so a statement of its fails in the group */
	(void)postgresql_run(database_of(&f),
						 "ALTER TABLE credential ADD CHECK (name <> 'bad')");
	for (i = 0; i < 20; i++)
	{
		begin_put(&f, &ops[i], ids[i], i == 7 ? "bad" : "vpn", 0);
	}
	obol_store_flush(f.store);
	for (i = 0; i < 20; i++)
	{
		ck_assert_int_eq(ops[i].n_called, 1);
		ck_assert_int_eq(ops[i].status, i == 7 ? OBOL_ERR_STORE : OBOL_OK);
	}
	ck_assert_str_eq(postgresql_run(database_of(&f),
									"SELECT count(*) FROM credential "
									"WHERE version = 1"),
					 "19");
	fixture_clear(&f);
}
END_TEST

/** The commit itself is refused: nobody is told OK whose write is not there,
 * and the connection goes on. */
START_TEST(commit_refused)
{
	struct one_put good, bad;
	struct fixture f;
	int64_t ids[2];

	fixture_init(&f, POSTGRESQL);
	ids[0] = add_active(&f, "alice");
	ids[1] = add_active(&f, "bob");
	(void)postgresql_run(
		database_of(&f),
		"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
		"$$BEGIN IF new.name = 'bad' THEN RAISE 'bad'; END IF; "
		"RETURN NULL; END$$");
	(void)postgresql_run(database_of(&f),
						 "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON "
						 "credential DEFERRABLE INITIALLY DEFERRED FOR EACH "
						 "ROW EXECUTE FUNCTION refuse()");
	begin_put(&f, &good, ids[0], "good", 0);
	begin_put(&f, &bad, ids[1], "bad", 0);
	obol_store_flush(f.store);
	ck_assert_int_eq(good.status, OBOL_OK);
	ck_assert_int_eq(bad.status, OBOL_ERR_STORE);
	ck_assert_int_eq(bad.n_called, 1);
	ck_assert_str_eq(
		postgresql_run(database_of(&f), "SELECT count(*) FROM credential"),
		"1");
	ck_assert_int_eq(put(&f, ids[1], "vpn", 0, "x"), OBOL_OK);
	fixture_clear(&f);
}
END_TEST

/** A lock that somebody holds is not waited for beyond measure. */
START_TEST(lock_held)
{
	struct fixture f;
	PGconn *other;
	int64_t id;

	fixture_init(&f, POSTGRESQL);
	id = add_active(&f, "alice");
	other = postgresql_connect(database_of(&f));
	PQclear(PQexec(other, "BEGIN"));
	PQclear(PQexec(other, "SELECT 1 FROM account FOR UPDATE"));
	ck_assert_int_eq(put(&f, id, "vpn", 0, "x"), OBOL_ERR_STORE);
	PQclear(PQexec(other, "ROLLBACK"));
	PQfinish(other);
	ck_assert_int_eq(put(&f, id, "vpn", 0, "x"), OBOL_OK);
	fixture_clear(&f);
}
END_TEST

Suite *store_postgresql_suite(void)
{
	Suite *suite = suite_create("store: postgresql");
	TCase *tc = tcase_create("postgresql");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, targets);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, schemas);
	tcase_add_test(tc, not_durable);
	tcase_add_test(tc, ended_idle);
	tcase_add_test(tc, outdated);
	tcase_add_test(tc, ended_before_commit);
	tcase_add_test(tc, ended_at_commit);
	tcase_add_test(tc, server_killed);
	tcase_add_test(tc, guesses_of_two);
	tcase_add_test(tc, one_commit);
	tcase_add_test(tc, refused_among_others);
	tcase_add_test(tc, commit_refused);
	tcase_add_test(tc, lock_held);
	suite_add_tcase(suite, tc);
	return suite;
}
