/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A restore gives no spent guess back and re-enables nobody. */
#include "store/fixture.h"

#include "store/store_revocation.h"
#include "store/store_sqlite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *store_restore_suite(void);

static enum obol_status restore(struct fixture *f, bool without_present,
								struct obol_store_restored *restored, char *why)
{
	const struct obol_store_restore_options options = {
		.backup = tempdir_file(&f->dir, "backup.db"),
		.path = tempdir_file(&f->dir, "obol.db"),
		.rng = obol_rng_system(),
		.actor = { .source = "root" },
		.now = NOW,
		.without_present = without_present,
	};

	return obol_store_sqlite_restore(&options, restored, why, 512);
}

static void back_up(struct fixture *f)
{
	ck_assert_int_eq(
		obol_store_sqlite_backup(f->store, tempdir_file(&f->dir, "backup.db")),
		OBOL_OK);
}

/** Stop, restore, start. */
static struct obol_store_restored restored(struct fixture *f)
{
	struct obol_store_restored result;
	char why[512];

	obol_store_close(f->store);
	ck_assert_msg(restore(f, false, &result, why) == OBOL_OK, "%s", why);
	f->store = fixture_open(f);
	return result;
}

static void disable(struct fixture *f, int64_t id)
{
	struct obol_store_account_set_state arg = {
		.in = { .account_id = id, .state = OBOL_ACCOUNT_DISABLED, .now = NOW }
	};

	RUN(f, OBOL_STORE_ACCOUNT_SET_STATE, &arg, OBOL_OK);
}

static void issue(struct fixture *f, int64_t id, uint8_t seed)
{
	struct obol_store_issued arg = { .in = { .request = as_device(id),
											 .serial = { seed },
											 .serial_len = 1,
											 .not_before = NOW,
											 .not_after = NOW + 1000,
											 .subject =
												 obol_bytes_str("CN=alice"),
											 .is_portable = true } };

	RUN(f, OBOL_STORE_ISSUED, &arg, OBOL_OK);
}

static void revoke_one(struct fixture *f, uint8_t seed)
{
	struct obol_store_certificate_revoke arg = {
		.in = { .serial = { seed }, .serial_len = 1, .now = NOW }
	};

	RUN(f, OBOL_STORE_CERTIFICATE_REVOKE, &arg, OBOL_OK);
}

static void put_crl(struct fixture *f, uint64_t number)
{
	struct obol_store_crl_put arg = {
		.in.crl = { .number = number, .der = obol_bytes_str("signed") }
	};

	RUN(f, OBOL_STORE_CRL_PUT, &arg, OBOL_OK);
}

/* Revoked before the backup, since, issued and revoked since, never. */
START_TEST(keeps_revoked)
{
	struct obol_store_revocations list = { .in = { .now = NOW, .limit = 10 } };
	struct obol_store_crl_get get = { .in = { .is_brief = true } };
	struct fixture f;
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	issue(&f, id, 1);
	issue(&f, id, 2);
	issue(&f, id, 3);
	revoke_one(&f, 1);
	put_crl(&f, 5);
	back_up(&f);
	issue(&f, id, 4);
	revoke_one(&f, 4);
	revoke_one(&f, 2);
	put_crl(&f, 6);
	(void)restored(&f);
	RUN(&f, OBOL_STORE_REVOCATIONS, &list, OBOL_OK);
	ck_assert_uint_eq(list.out.last, 3);
	ck_assert_uint_eq(list.out.n_items, 3);
	ck_assert_uint_eq(list.out.items[0].serial[0], 1);
	ck_assert_uint_eq(list.out.items[1].serial[0], 4);
	ck_assert_uint_eq(list.out.items[2].serial[0], 2);
	RUN(&f, OBOL_STORE_CRL_GET, &get, OBOL_OK);
	ck_assert_uint_eq(get.out.crl.number, 6);
	revoke_one(&f, 3);
	RUN(&f, OBOL_STORE_REVOCATIONS, &list, OBOL_OK);
	ck_assert_uint_eq(list.out.last, 4);
	fixture_clear(&f);
}
END_TEST

/* The present database knows less than the backup: its predecessor came back
 * once already. */
START_TEST(renumbers_revoked)
{
	struct obol_store_revocations list = { .in = { .now = NOW, .limit = 10 } };
	struct obol_store_restored result;
	struct fixture f;
	char why[512];
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	issue(&f, id, 1);
	issue(&f, id, 2);
	ck_assert_int_eq(
		obol_store_sqlite_backup(f.store, tempdir_file(&f.dir, "early.db")),
		OBOL_OK);
	revoke_one(&f, 1);
	back_up(&f);
	obol_store_close(f.store);
	ck_assert_int_eq(rename(tempdir_file(&f.dir, "early.db"),
							tempdir_file(&f.dir, "obol.db")),
					 0);
	f.store = fixture_open(&f);
	revoke_one(&f, 2);
	obol_store_close(f.store);
	ck_assert_msg(restore(&f, false, &result, why) == OBOL_OK, "%s", why);
	f.store = fixture_open(&f);
	RUN(&f, OBOL_STORE_REVOCATIONS, &list, OBOL_OK);
	ck_assert_uint_eq(list.out.n_items, 2);
	ck_assert_uint_eq(list.out.last, 2);
	ck_assert_uint_eq(list.out.items[0].serial[0], 2);
	ck_assert_uint_eq(list.out.items[1].serial[0], 1);
	fixture_clear(&f);
}
END_TEST

START_TEST(brings_back)
{
	struct obol_store_get *get = calloc(1, sizeof(*get));
	struct obol_store_delete del = { .in = { .delete_ = { obol_bytes_str("vpn"),
														  1 } } };
	struct obol_store_restored result;
	struct fixture f;
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	ck_assert_int_eq(put(&f, id, "vpn", 0, "sealed"), OBOL_OK);
	back_up(&f);
	del.in.request = as_password(id);
	RUN(&f, OBOL_STORE_DELETE, &del, OBOL_OK);
	(void)add_account(&f, "later");
	result = restored(&f);
	ck_assert_uint_eq(result.n_accounts, 1);
	ck_assert_uint_eq(result.n_disabled, 0);
	ck_assert_uint_eq(result.n_lost, 1);
	get->in.request = as_password(id);
	get->in.get.name = obol_bytes_str("vpn");
	get->in.size_max = 100;
	RUN(&f, OBOL_STORE_GET, get, OBOL_OK);
	ck_assert(
		obol_bytes_eq(get->out.items[0].sealed, obol_bytes_str("sealed")));
	/* ids are not used again */
	ck_assert_int_eq(add_account(&f, "next"), id + 2);
	free(get);
	fixture_clear(&f);
}
END_TEST

START_TEST(guesses_stay_spent)
{
	struct fixture f;
	int i;

	fixture_init(&f, 0);
	(void)add_active(&f, "alice");
	(void)begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	back_up(&f);
	for (i = 1; i < OBOL_GUESS_FREE; i++)
	{
		(void)begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
		(void)begin_login(&f, "nobody", OBOL_SLOT_PASSWORD, 0, NOW);
	}
	(void)restored(&f);
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 60);
	ck_assert_uint_eq(
		begin_login(&f, "nobody", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 0);
	ck_assert_uint_eq(
		begin_login(&f, "nobody", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 60);
	fixture_clear(&f);
}
END_TEST

START_TEST(nobody_is_enabled)
{
	struct obol_store_account_remove removal = { .in.now = NOW };
	struct obol_store_slot_delete revoke = { .in.kind = OBOL_SLOT_DEVICE };
	struct obol_store_slot_put password;
	struct obol_store_restored result;
	struct fixture f;
	int64_t alice, bob, carol;

	fixture_init(&f, 0);
	alice = add_active(&f, "alice");
	bob = add_active(&f, "bob");
	carol = add_active(&f, "carol");
	back_up(&f);
	disable(&f, alice);
	removal.in.account_id = bob;
	RUN(&f, OBOL_STORE_ACCOUNT_REMOVE, &removal, OBOL_OK);
	revoke.in.request = as_password(carol);
	memset(revoke.in.device_id, 7, sizeof(revoke.in.device_id));
	RUN(&f, OBOL_STORE_SLOT_DELETE, &revoke, OBOL_OK);
	password.in.request = as_password(carol);
	password.in.slot = make_slot(OBOL_SLOT_PASSWORD, 0, 2, 77);
	RUN(&f, OBOL_STORE_SLOT_PUT, &password, OBOL_OK);
	result = restored(&f);
	ck_assert_uint_eq(result.n_accounts, 3);
	ck_assert_uint_eq(result.n_disabled, 2);
	ck_assert_int_eq(account_named(&f, "alice").state, OBOL_ACCOUNT_DISABLED);
	/* one that was removed is back, for the operator to enable */
	ck_assert_int_eq(account_named(&f, "bob").state, OBOL_ACCOUNT_DISABLED);
	ck_assert_str_eq(newest_line(&f, bob), "10 200 0 by a restore");
	/* neither the revoked device nor the replaced password is */
	ck_assert_int_eq(account_named(&f, "carol").state, OBOL_ACCOUNT_ACTIVE);
	ck_assert(!begin_login(&f, "carol", OBOL_SLOT_DEVICE, 7, NOW).out.found);
	ck_assert_uint_eq(
		begin_login(&f, "carol", OBOL_SLOT_PASSWORD, 0, NOW).out.slot.record[0],
		77);
	fixture_clear(&f);
}
END_TEST

/** Re-keyed since: no slot of today opens what the backup has. */
START_TEST(rekeyed)
{
	const struct obol_slot slots[] = { make_slot(OBOL_SLOT_PASSWORD, 0, 3, 9) };
	struct obol_store_rekey rekey = {
		.in = { .generation = 3, .n_slots = 1, .slots = slots }
	};
	struct obol_store_restored result;
	struct fixture f;

	fixture_init(&f, 0);
	rekey.in.request = as_password(add_active(&f, "alice"));
	back_up(&f);
	RUN(&f, OBOL_STORE_REKEY, &rekey, OBOL_OK);
	result = restored(&f);
	ck_assert_uint_eq(result.n_without_slots, 1);
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.found);
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW).out.found);
	ck_assert_uint_eq(account_named(&f, "alice").generation, 2);
	fixture_clear(&f);
}
END_TEST

/** Another process that has the database open. */
static pid_t use(struct fixture *f)
{
	int fds[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		f->store = fixture_open(f);
		(void)account_named(f, "alice");
		(void)write(fds[1], "x", 1);
		for (;;)
		{
			(void)pause();
		}
	}
	ck_assert_int_eq(read(fds[0], &byte, 1), 1);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return pid;
}

START_TEST(refused)
{
	pid_t user;
	struct obol_store_restored result;
	struct fixture f, other;
	char why[512];
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	obol_store_close(f.store);
	user = use(&f);
	ck_assert_int_eq(restore(&f, false, &result, why), OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "stop obold"));
	ck_assert_int_eq(restore(&f, true, &result, why), OBOL_ERR_DENIED);
	ck_assert_int_eq(kill(user, SIGKILL), 0);
	ck_assert_int_eq(waitpid(user, NULL, 0), user);
	ck_assert_int_eq(restore(&f, false, &result, why), OBOL_ERR_NOT_FOUND);
	tempdir_write(&f.dir, "backup.db", "no database at all, by any means", 32,
				  0600);
	ck_assert_int_eq(restore(&f, false, &result, why), OBOL_ERR_STORE);
	(void)unlink(tempdir_file(&f.dir, "backup.db"));
	/* another server's */
	fixture_init(&other, 0);
	ck_assert_int_eq(obol_store_sqlite_backup(
						 other.store, tempdir_file(&f.dir, "backup.db")),
					 OBOL_OK);
	fixture_clear(&other);
	ck_assert_int_eq(restore(&f, false, &result, why), OBOL_ERR_AUTH);
	ck_assert_ptr_nonnull(strstr(why, "another server"));
	/* nothing was changed by any of these, nothing is left lying about */
	ck_assert_int_ne(access(tempdir_file(&f.dir, "obol.db.restore"), F_OK), 0);
	ck_assert_int_ne(
		access(tempdir_file(&f.dir, "obol.db.before-restore"), F_OK), 0);
	f.store = fixture_open(&f);
	ck_assert_int_eq(account_named(&f, "alice").id, id);
	fixture_clear(&f);
}
END_TEST

START_TEST(without_present)
{
	struct obol_store_restored result;
	struct fixture f;
	struct stat st;
	char why[512];
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	back_up(&f);
	obol_store_close(f.store);
	(void)unlink(tempdir_file(&f.dir, "obol.db"));
	ck_assert_int_eq(restore(&f, false, &result, why), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(restore(&f, true, &result, why), OBOL_OK);
	ck_assert_int_eq(stat(tempdir_file(&f.dir, "obol.db"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	/* damaged, with a log that must not be replayed */
	tempdir_write(&f.dir, "obol.db", "damaged", 7, 0600);
	tempdir_write(&f.dir, "obol.db-wal", "log", 3, 0600);
	ck_assert_int_eq(restore(&f, false, &result, why), OBOL_ERR_STORE);
	ck_assert_int_eq(restore(&f, true, &result, why), OBOL_OK);
	ck_assert_int_eq(
		access(tempdir_file(&f.dir, "obol.db.before-restore"), F_OK), 0);
	f.store = fixture_open(&f);
	ck_assert_int_eq(account_named(&f, "alice").id, id);
	obol_store_close(f.store);
	/* what an earlier restore kept is not overwritten */
	ck_assert_int_eq(restore(&f, false, &result, why), OBOL_ERR_EXISTS);
	f.store = fixture_open(&f);
	fixture_clear(&f);
}
END_TEST

#define PAGE 4096

/* Each page in turn written over: what is damaged is told, and never serves.
 * Pages that nothing is in may be anything. */
START_TEST(damaged)
{
	struct obol_store_restored result;
	struct fixture f;
	static char bytes[1 << 20];
	char why[512];
	size_t len, at, n_refused = 0, n = 0;
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	back_up(&f);
	obol_store_close(f.store);
	len = tempdir_read(&f.dir, "backup.db", bytes, sizeof(bytes));
	ck_assert_uint_lt(len, sizeof(bytes));
	for (at = 0; at < len; at += PAGE, n++)
	{
		char page[PAGE];

		memcpy(page, bytes + at, PAGE);
		memset(bytes + at, 0xa5, PAGE);
		tempdir_write(&f.dir, "backup.db", bytes, len, 0600);
		memcpy(bytes + at, page, PAGE);
		why[0] = '\0';
		if (restore(&f, false, &result, why) != OBOL_OK)
		{
			ck_assert_uint_gt(strlen(why), 20);
			n_refused++;
		}
		(void)unlink(tempdir_file(&f.dir, "obol.db.before-restore"));
		f.store = fixture_open(&f);
		ck_assert_int_eq(account_named(&f, "alice").id, id);
		obol_store_close(f.store);
	}
	ck_assert_uint_gt(n, 20);
	ck_assert_uint_gt(n_refused, n - n / 8);
	/* and a whole one is not damaged */
	tempdir_write(&f.dir, "backup.db", bytes, len, 0600);
	ck_assert_int_eq(restore(&f, false, &result, why), OBOL_OK);
	f.store = fixture_open(&f);
	fixture_clear(&f);
}
END_TEST

Suite *store_restore_suite(void)
{
	Suite *suite = suite_create("store: restore");
	TCase *tc = tcase_create("restore");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, brings_back);
	tcase_add_test(tc, guesses_stay_spent);
	tcase_add_test(tc, nobody_is_enabled);
	tcase_add_test(tc, rekeyed);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, damaged);
	tcase_add_test(tc, keeps_revoked);
	tcase_add_test(tc, renumbers_revoked);
	tcase_add_test(tc, without_present);
	suite_add_tcase(suite, tc);
	return suite;
}
