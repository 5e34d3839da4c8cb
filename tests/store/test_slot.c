/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots in the store: replacing, quota, lists. */
#include "store/fixture.h"

#include <stdlib.h>

Suite *store_slot_suite(void);

static enum obol_status put_slot(struct fixture *f, int64_t id, uint8_t kind,
								 uint8_t device, uint8_t seed)
{
	struct obol_store_slot_put arg = { .in = { .request = as_password(id),
											   .slot = make_slot(kind, device,
																 2, seed) } };

	return obol_store_run(f->store, OBOL_STORE_SLOT_PUT, &arg);
}

static enum obol_status delete_slot(struct fixture *f, int64_t id, uint8_t kind,
									uint8_t device)
{
	struct obol_store_slot_delete arg = { .in = { .request = as_password(id),
												  .kind = kind } };

	memcpy(arg.in.device_id, actor_of(kind, device).device_id,
		   OBOL_DEVICE_ID_LEN);
	return obol_store_run(f->store, OBOL_STORE_SLOT_DELETE, &arg);
}

START_TEST(replaced)
{
	struct obol_store_login_begin before, after;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	before = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	ck_assert_int_eq(put_slot(&f, id, OBOL_SLOT_PASSWORD, 0, 9), OBOL_OK);
	ck_assert_str_eq(newest_line(&f, id), "5 200 1 password");
	after = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	ck_assert_uint_eq(after.out.slot.record[0], 9);
	ck_assert_int_ne(after.out.slot.serial, before.out.slot.serial);
	fixture_clear(&f);
}
END_TEST

START_TEST(generation)
{
	struct obol_store_slot_put arg;
	struct fixture f;

	fixture_init(&f, _i);
	arg.in.request = as_password(add_active(&f, "alice"));
	arg.in.slot = make_slot(OBOL_SLOT_PASSWORD, 0, 1, 9);
	RUN(&f, OBOL_STORE_SLOT_PUT, &arg, OBOL_ERR_AUTH);
	arg.in.slot.generation = 3;
	RUN(&f, OBOL_STORE_SLOT_PUT, &arg, OBOL_ERR_AUTH);
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.slot.record[0],
		2);
	fixture_clear(&f);
}
END_TEST

START_TEST(quota)
{
	struct fixture f;
	int64_t id;
	int i;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	for (i = 1; i < OBOL_DEVICES_MAX; i++)
	{
		ck_assert_int_eq(
			put_slot(&f, id, OBOL_SLOT_DEVICE, (uint8_t)(i + 50), 4), OBOL_OK);
	}
	ck_assert_int_eq(put_slot(&f, id, OBOL_SLOT_DEVICE, 200, 4),
					 OBOL_ERR_DENIED);
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_DEVICE, 200, NOW).out.found);
	/* in place of one there is room, and a password is no device */
	ck_assert_int_eq(put_slot(&f, id, OBOL_SLOT_DEVICE, 7, 5), OBOL_OK);
	ck_assert_int_eq(put_slot(&f, id, OBOL_SLOT_RECOVERY, 0, 5), OBOL_OK);
	ck_assert_int_eq(delete_slot(&f, id, OBOL_SLOT_DEVICE, 60), OBOL_OK);
	ck_assert_int_eq(put_slot(&f, id, OBOL_SLOT_DEVICE, 200, 4), OBOL_OK);
	fixture_clear(&f);
}
END_TEST

START_TEST(deleted)
{
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_int_eq(delete_slot(&f, id, OBOL_SLOT_DEVICE, 8),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(delete_slot(&f, id, OBOL_SLOT_DEVICE, 7), OBOL_OK);
	ck_assert_str_eq(newest_line(&f, id), "6 200 1 device laptop 7");
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW).out.found);
	ck_assert(begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.found);
	ck_assert_int_eq(delete_slot(&f, id, OBOL_SLOT_DEVICE, 7),
					 OBOL_ERR_NOT_FOUND);
	fixture_clear(&f);
}
END_TEST

START_TEST(listed)
{
	struct obol_store_slot_list *list = calloc(1, sizeof(*list));
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_int_eq(put_slot(&f, id, OBOL_SLOT_RECOVERY, 0, 5), OBOL_OK);
	list->in = as_device(id);
	RUN(&f, OBOL_STORE_SLOT_LIST, list, OBOL_OK);
	ck_assert_uint_eq(list->out.n_slots, 3);
	ck_assert_uint_eq(list->out.slots[0].kind, OBOL_SLOT_PASSWORD);
	ck_assert_uint_eq(list->out.slots[1].kind, OBOL_SLOT_RECOVERY);
	ck_assert_uint_eq(list->out.slots[2].kind, OBOL_SLOT_DEVICE);
	ck_assert_str_eq(list->out.slots[2].label, "laptop 7");
	ck_assert_uint_eq(list->out.slots[2].device_id[0], 7);
	ck_assert_uint_eq(list->out.slots[2].created_at, NOW);
	free(list);
	fixture_clear(&f);
}
END_TEST

START_TEST(counted)
{
	struct obol_store_slot_sets *sets = calloc(1, sizeof(*sets));
	struct obol_store_slot_put arg;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	RUN(&f, OBOL_STORE_SLOT_SETS, sets, OBOL_OK);
	ck_assert_uint_eq(sets->out.n_sets, 0);
	(void)add_active(&f, "alice");
	(void)add_active(&f, "bob");
	id = add_active(&f, "carol");
	arg.in.request = as_password(id);
	arg.in.slot = make_slot(OBOL_SLOT_PASSWORD, 0, 2, 9);
	arg.in.slot.ksf.log2_n = 17;
	arg.in.slot.key_number = 4;
	RUN(&f, OBOL_STORE_SLOT_PUT, &arg, OBOL_OK);
	RUN(&f, OBOL_STORE_SLOT_SETS, sets, OBOL_OK);
	ck_assert_uint_eq(sets->out.n_sets, 4);
	ck_assert_uint_eq(sets->out.sets[0].kind, OBOL_SLOT_PASSWORD);
	ck_assert_uint_eq(sets->out.sets[0].n_slots, 2);
	ck_assert_uint_eq(sets->out.sets[0].ksf.log2_n, 15);
	ck_assert_uint_eq(sets->out.sets[1].kind, OBOL_SLOT_PASSWORD);
	ck_assert_uint_eq(sets->out.sets[1].n_slots, 1);
	ck_assert_uint_eq(sets->out.sets[1].ksf.log2_n, 17);
	ck_assert_uint_eq(sets->out.sets[1].key_number, 4);
	/* codes that have been used are no slots, but are remembered */
	ck_assert_uint_eq(sets->out.sets[2].kind, OBOL_SLOT_ACTIVATION);
	ck_assert_uint_eq(sets->out.sets[2].n_slots, 0);
	ck_assert_uint_eq(sets->out.sets[2].n_gone, 3);
	ck_assert_uint_eq(sets->out.sets[3].kind, OBOL_SLOT_DEVICE);
	ck_assert_uint_eq(sets->out.sets[3].n_slots, 3);
	ck_assert_uint_eq(sets->out.sets[3].n_gone, 0);
	free(sets);
	fixture_clear(&f);
}
END_TEST

Suite *store_slot_suite(void)
{
	Suite *suite = suite_create("store: slot");
	TCase *tc = tcase_create("slot");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, replaced, 0, N_BACKENDS);
	tcase_add_loop_test(tc, generation, 0, N_BACKENDS);
	tcase_add_loop_test(tc, quota, 0, N_BACKENDS);
	tcase_add_loop_test(tc, deleted, 0, N_BACKENDS);
	tcase_add_loop_test(tc, listed, 0, N_BACKENDS);
	tcase_add_loop_test(tc, counted, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
