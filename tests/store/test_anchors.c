/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of CA certificates, and who holds which. */
#include "store/store_anchors.h"

#include "store/fixture.h"
#include "store/store_sqlite.h"

Suite *store_anchors_suite(void);

static struct obol_store_anchors_put put_of(uint32_t number, const char *cms)
{
	struct obol_store_anchors_put arg = { .in = { .number = number,
												  .created_at = NOW + number,
												  .cms = obol_bytes_str(cms),
												  .actor = { .source = "root" },
												  .operation = OBOL_OP_CA_SET,
												  .detail =
													  obol_bytes_str("a set"),
												  .now = NOW } };

	return arg;
}

static void put_set(struct fixture *f, uint32_t number, const char *cms)
{
	struct obol_store_anchors_put arg = put_of(number, cms);

	RUN(f, OBOL_STORE_ANCHORS_PUT, &arg, OBOL_OK);
}

static struct obol_store_anchors ask(struct fixture *f,
									 struct obol_store_request request,
									 uint32_t held, uint32_t after)
{
	struct obol_store_anchors arg = {
		.in = { .request = request, .held = held, .after = after }
	};

	RUN(f, OBOL_STORE_ANCHORS, &arg, OBOL_OK);
	return arg;
}

static struct obol_store_anchors_lacking lacking(struct fixture *f,
												 uint32_t number)
{
	struct obol_store_anchors_lacking arg = {
		.in = { .number = number, .now = NOW, .limit = 10 }
	};

	RUN(f, OBOL_STORE_ANCHORS_LACKING, &arg, OBOL_OK);
	return arg;
}

START_TEST(numbers_grow)
{
	struct obol_store_anchors_newest newest;
	struct obol_store_anchors_put arg;
	struct fixture f;

	fixture_init(&f, _i);
	RUN(&f, OBOL_STORE_ANCHORS_NEWEST, &newest, OBOL_OK);
	ck_assert_uint_eq(newest.out.number, 0);
	arg = put_of(2, "two");
	RUN(&f, OBOL_STORE_ANCHORS_PUT, &arg, OBOL_ERR_EXISTS);
	put_set(&f, 1, "one");
	ck_assert_str_eq(newest_line(&f, 0), "20 200 0 a set");
	arg = put_of(1, "another");
	RUN(&f, OBOL_STORE_ANCHORS_PUT, &arg, OBOL_ERR_EXISTS);
	arg = put_of(2, "");
	RUN(&f, OBOL_STORE_ANCHORS_PUT, &arg, OBOL_ERR_ARG);
	put_set(&f, 2, "two");
	RUN(&f, OBOL_STORE_ANCHORS_NEWEST, &newest, OBOL_OK);
	ck_assert_uint_eq(newest.out.number, 2);
	ck_assert_uint_eq(newest.out.created_at, NOW + 2);
	ck_assert(obol_bytes_eq(newest.out.cms, obol_bytes_str("two")));
	fixture_clear(&f);
}
END_TEST

START_TEST(login_tells)
{
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct fixture f;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert_uint_eq(done.out.anchors_number, 0);
	put_set(&f, 1, "one");
	put_set(&f, 2, "two");
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert_uint_eq(done.out.anchors_number, 2);
	fixture_clear(&f);
}
END_TEST

/* from set to set, and what is held is noted once */
START_TEST(one_after_the_other)
{
	struct obol_store_anchors arg;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	arg = ask(&f, as_device(id), 0, 0);
	ck_assert_uint_eq(arg.out.number, 0);
	put_set(&f, 1, "one");
	put_set(&f, 2, "two");
	arg = ask(&f, as_device(id), 0, 0);
	ck_assert_uint_eq(arg.out.number, 1);
	ck_assert_uint_eq(arg.out.created_at, NOW + 1);
	ck_assert(obol_bytes_eq(arg.out.cms, obol_bytes_str("one")));
	ck_assert_str_ne(newest_line(&f, id), "23 200 4 holds set 1 of CA "
										  "certificates");
	arg = ask(&f, as_device(id), 1, 1);
	ck_assert_uint_eq(arg.out.number, 2);
	ck_assert_str_eq(newest_line(&f, id), "23 200 4 holds set 1 of CA "
										  "certificates");
	arg = ask(&f, as_device(id), 2, 2);
	ck_assert_uint_eq(arg.out.number, 0);
	ck_assert_str_eq(newest_line(&f, id), "23 200 4 holds set 2 of CA "
										  "certificates");
	/* one that was passed over is not held */
	arg = ask(&f, as_password(id), 0, 1);
	ck_assert_uint_eq(arg.out.number, 2);
	ck_assert_str_eq(newest_line(&f, id), "23 200 4 holds set 2 of CA "
										  "certificates");
	fixture_clear(&f);
}
END_TEST

START_TEST(refused)
{
	struct obol_store_anchors arg = { .in = { .held = 0 } };
	struct obol_store_slot_delete gone;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	put_set(&f, 1, "one");
	/* a number that was never given out counts for nothing */
	(void)ask(&f, as_device(id), 7, 7);
	ck_assert_uint_eq(lacking(&f, 1).out.n_lacking, 1);
	/* a device that is gone gets no more */
	memset(&gone, 0, sizeof(gone));
	gone.in.request = as_password(id);
	gone.in.kind = OBOL_SLOT_DEVICE;
	memcpy(gone.in.device_id, as_device(id).actor.device_id,
		   OBOL_DEVICE_ID_LEN);
	RUN(&f, OBOL_STORE_SLOT_DELETE, &gone, OBOL_OK);
	arg.in.request = as_device(id);
	RUN(&f, OBOL_STORE_ANCHORS, &arg, OBOL_ERR_AUTH);
	fixture_clear(&f);
}
END_TEST

START_TEST(who_lacks_it)
{
	struct obol_store_anchors_lacking arg;
	struct obol_store_slot_put another;
	struct obol_store_account_set_state disable;
	struct fixture f;
	int64_t alice, bob;

	fixture_init(&f, _i);
	alice = add_active(&f, "alice");
	bob = add_active(&f, "bob");
	(void)add_account(&f, "not-activated");
	put_set(&f, 1, "one");
	arg = lacking(&f, 1);
	ck_assert_uint_eq(arg.out.n_accounts, 2);
	ck_assert_uint_eq(arg.out.n_lacking, 2);
	ck_assert_uint_eq(arg.out.n_items, 2);
	ck_assert_str_eq(arg.out.items[0].name, "alice");
	ck_assert_uint_eq(arg.out.items[0].n_devices, 1);
	ck_assert_uint_eq(arg.out.items[0].n_lacking, 1);
	/* the password is not the device */
	(void)ask(&f, as_password(alice), 1, 1);
	ck_assert_uint_eq(lacking(&f, 1).out.n_lacking, 2);
	(void)ask(&f, as_device(alice), 1, 1);
	arg = lacking(&f, 1);
	ck_assert_uint_eq(arg.out.n_lacking, 1);
	ck_assert_str_eq(arg.out.items[0].name, "bob");
	/* a second device lacks it again */
	memset(&another, 0, sizeof(another));
	another.in.request = as_password(alice);
	another.in.slot = make_slot(OBOL_SLOT_DEVICE, 8, 2, 5);
	RUN(&f, OBOL_STORE_SLOT_PUT, &another, OBOL_OK);
	arg = lacking(&f, 1);
	ck_assert_uint_eq(arg.out.n_lacking, 2);
	ck_assert_uint_eq(arg.out.items[0].n_devices, 2);
	ck_assert_uint_eq(arg.out.items[0].n_lacking, 1);
	/* who is disabled is not waited for */
	memset(&disable, 0, sizeof(disable));
	disable.in.account_id = bob;
	disable.in.state = OBOL_ACCOUNT_DISABLED;
	RUN(&f, OBOL_STORE_ACCOUNT_SET_STATE, &disable, OBOL_OK);
	arg = lacking(&f, 1);
	ck_assert_uint_eq(arg.out.n_accounts, 1);
	ck_assert_uint_eq(arg.out.n_lacking, 1);
	ck_assert_uint_eq(lacking(&f, 2).out.n_lacking, 1);
	fixture_clear(&f);
}
END_TEST

/* without devices the password counts; what a slot held goes with it, and
 * stays when it is written again */
START_TEST(slots_that_go)
{
	struct obol_store_slot_delete gone;
	struct obol_store_slot_put again;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	put_set(&f, 1, "one");
	(void)ask(&f, as_device(id), 1, 1);
	memset(&again, 0, sizeof(again));
	again.in.request = as_password(id);
	again.in.slot = make_slot(OBOL_SLOT_DEVICE, 7, 2, 9);
	RUN(&f, OBOL_STORE_SLOT_PUT, &again, OBOL_OK);
	ck_assert_uint_eq(lacking(&f, 1).out.n_lacking, 0);
	memset(&gone, 0, sizeof(gone));
	gone.in.request = as_password(id);
	gone.in.kind = OBOL_SLOT_DEVICE;
	memcpy(gone.in.device_id, as_device(id).actor.device_id,
		   OBOL_DEVICE_ID_LEN);
	RUN(&f, OBOL_STORE_SLOT_DELETE, &gone, OBOL_OK);
	ck_assert_uint_eq(lacking(&f, 1).out.n_lacking, 1);
	(void)ask(&f, as_password(id), 1, 1);
	ck_assert_uint_eq(lacking(&f, 1).out.n_lacking, 0);
	RUN(&f, OBOL_STORE_SLOT_PUT, &again, OBOL_OK);
	ck_assert_uint_eq(lacking(&f, 1).out.n_lacking, 1);
	fixture_clear(&f);
}
END_TEST

static void issue(struct fixture *f, int64_t account_id, uint8_t serial,
				  uint8_t root, uint64_t not_after)
{
	struct obol_store_issued arg = { .in = { .request = as_password(account_id),
											 .serial = { serial },
											 .serial_len = 1,
											 .not_after = not_after,
											 .subject =
												 obol_bytes_str("CN=x") } };

	if (account_id == 0)
	{
		arg.in.request.actor.kind = 0;
	}
	memset(arg.in.root, root, sizeof(arg.in.root));
	RUN(f, OBOL_STORE_ISSUED, &arg, OBOL_OK);
}

START_TEST(under_a_root)
{
	struct obol_store_root_count arg = { .in = { .now = NOW } };
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	issue(&f, id, 1, 0xaa, NOW + 100);
	issue(&f, id, 2, 0xaa, NOW + 200);
	issue(&f, id, 3, 0xbb, NOW + 300);
	issue(&f, id, 4, 0xaa, NOW);
	issue(&f, 0, 5, 0xaa, NOW + 150);
	memset(arg.in.root, 0xaa, sizeof(arg.in.root));
	RUN(&f, OBOL_STORE_ROOT_COUNT, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.n_accounts, 2);
	ck_assert_uint_eq(arg.out.n_gateways, 1);
	ck_assert_uint_eq(arg.out.last_not_after, NOW + 200);
	memset(arg.in.root, 0xcc, sizeof(arg.in.root));
	RUN(&f, OBOL_STORE_ROOT_COUNT, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.n_accounts, 0);
	ck_assert_uint_eq(arg.out.last_not_after, 0);
	fixture_clear(&f);
}
END_TEST

/* an older backup brings neither numbers back nor forgets who holds what */
START_TEST(restored)
{
	const struct obol_store_restore_options options = {
		.rng = obol_rng_system(),
		.actor = { .source = "root" },
		.now = NOW,
	};
	struct obol_store_restore_options with = options;
	struct obol_store_restored result;
	struct obol_store_anchors arg;
	struct fixture f;
	char why[512];
	int64_t id;

	fixture_init(&f, 0);
	id = add_active(&f, "alice");
	put_set(&f, 1, "one");
	(void)ask(&f, as_device(id), 1, 1);
	ck_assert_int_eq(
		obol_store_sqlite_backup(f.store, tempdir_file(&f.dir, "backup.db")),
		OBOL_OK);
	put_set(&f, 2, "two");
	(void)ask(&f, as_device(id), 2, 2);
	obol_store_close(f.store);
	with.backup = tempdir_file(&f.dir, "backup.db");
	with.path = tempdir_file(&f.dir, "obol.db");
	ck_assert_msg(obol_store_sqlite_restore(&with, &result, why, sizeof(why)) ==
					  OBOL_OK,
				  "%s", why);
	f.store = fixture_open(&f);
	ck_assert_uint_eq(lacking(&f, 2).out.n_lacking, 0);
	arg = ask(&f, as_device(id), 1, 1);
	ck_assert_uint_eq(arg.out.number, 2);
	fixture_clear(&f);
}
END_TEST

Suite *store_anchors_suite(void)
{
	Suite *suite = suite_create("store: anchors");
	TCase *tcase = tcase_create("anchors");

	tcase_add_loop_test(tcase, numbers_grow, 0, N_BACKENDS);
	tcase_add_loop_test(tcase, login_tells, 0, N_BACKENDS);
	tcase_add_loop_test(tcase, one_after_the_other, 0, N_BACKENDS);
	tcase_add_loop_test(tcase, refused, 0, N_BACKENDS);
	tcase_add_loop_test(tcase, who_lacks_it, 0, N_BACKENDS);
	tcase_add_loop_test(tcase, slots_that_go, 0, N_BACKENDS);
	tcase_add_loop_test(tcase, under_a_root, 0, N_BACKENDS);
	tcase_add_test(tcase, restored);
	suite_add_tcase(suite, tcase);
	return suite;
}
