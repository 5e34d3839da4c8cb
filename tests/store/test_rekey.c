/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new account key: staged credentials, slots, an operator's reset. */
#include "store/fixture.h"

#include <stdio.h>
#include <stdlib.h>

Suite *store_rekey_suite(void);

static enum obol_status stage(struct fixture *f, int64_t id, uint8_t stage_id,
							  const char *name, uint64_t base_version,
							  uint32_t generation, uint64_t now)
{
	struct obol_store_stage arg = {
		.in = { .request = as_password(id),
				.put = { .name = obol_bytes_str(name),
						 .format = OBOL_FORMAT_BUNDLE,
						 .base_version = base_version,
						 .generation = generation,
						 .sealed = obol_bytes_str("sealed anew") } }
	};

	memset(arg.in.stage_id, stage_id, sizeof(arg.in.stage_id));
	arg.in.request.now = now;
	return obol_store_run(f->store, OBOL_STORE_STAGE, &arg);
}

static enum obol_status rekey(struct fixture *f, int64_t id, uint8_t stage_id,
							  uint32_t generation, size_t n_slots,
							  const struct obol_slot *slots)
{
	struct obol_store_rekey arg = { .in = { .request = as_password(id),
											.generation = generation,
											.n_slots = n_slots,
											.slots = slots } };

	memset(arg.in.stage_id, stage_id, sizeof(arg.in.stage_id));
	return obol_store_run(f->store, OBOL_STORE_REKEY, &arg);
}

/** "name version" of all credentials seen at a generation, '-' for deleted. */
static const char *listed(struct fixture *f, int64_t id, uint8_t kind,
						  uint32_t generation)
{
	static char text[512];
	struct obol_store_list *list = calloc(1, sizeof(*list));
	size_t i, len = 0;

	list->in = as_password(id);
	list->in.actor = actor_of(kind, 0);
	list->in.generation = generation;
	RUN(f, OBOL_STORE_LIST, list, OBOL_OK);
	text[0] = '\0';
	for (i = 0; i < list->out.n_items; i++)
	{
		const struct obol_list_item *item = &list->out.items[i];

		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "%s%s%.*s %u", i ? ", " : "",
			item->deleted ? "-" : "", (int)item->name.len,
			(const char *)item->name.ptr, (unsigned)item->version);
	}
	free(list);
	return text;
}

START_TEST(all_sealed_anew)
{
	const struct obol_slot slots[] = { make_slot(OBOL_SLOT_PASSWORD, 0, 3,
												 30) };
	struct obol_store_delete del = { .in.delete_ = {
										 .name = { (const uint8_t *)"gone", 4 },
										 .base_version = 1 } };
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_uint_eq(account_named(&f, "alice").generation, 2);
	ck_assert_uint_eq(account_named(&f, "alice").activated_at, NOW);
	ck_assert_int_eq(put(&f, id, "vpn", 0, "old"), OBOL_OK);
	ck_assert_int_eq(put(&f, id, "gone", 0, "old"), OBOL_OK);
	ck_assert_int_eq(put(&f, id, "mail", 0, "old"), OBOL_OK);
	ck_assert_int_eq(put(&f, id, "mail", 1, "old"), OBOL_OK);
	del.in.request = as_password(id);
	RUN(&f, OBOL_STORE_DELETE, &del, OBOL_OK);

	ck_assert_int_eq(stage(&f, id, 1, "vpn", 1, 3, NOW), OBOL_OK);
	/* one is missing */
	ck_assert_int_eq(rekey(&f, id, 1, 3, 1, slots), OBOL_ERR_EXISTS);
	/* one is staged on another version, then on its own */
	ck_assert_int_eq(stage(&f, id, 1, "mail", 1, 3, NOW), OBOL_OK);
	ck_assert_int_eq(rekey(&f, id, 1, 3, 1, slots), OBOL_ERR_EXISTS);
	ck_assert_int_eq(stage(&f, id, 1, "mail", 2, 3, NOW), OBOL_OK);
	/* another connection's staged items do not count */
	ck_assert_int_eq(rekey(&f, id, 2, 3, 1, slots), OBOL_ERR_EXISTS);
	/* nothing has happened so far */
	ck_assert_str_eq(listed(&f, id, OBOL_SLOT_PASSWORD, 2),
					 "-gone 2, mail 2, vpn 1");
	ck_assert_int_eq(rekey(&f, id, 1, 3, 1, slots), OBOL_OK);
	ck_assert_str_eq(newest_line(&f, id), "7 200 1 account key 3, slots: 1");
	ck_assert_str_eq(listed(&f, id, OBOL_SLOT_PASSWORD, 3),
					 "-gone 2, mail 3, vpn 2");
	ck_assert_uint_eq(account_named(&f, "alice").generation, 3);
	/* the device is gone, the password is the new one */
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW).out.found);
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.slot.record[0],
		30);
	/* what is logged in with the old key is refused */
	ck_assert_int_eq(put(&f, id, "vpn", 2, "x"), OBOL_ERR_AUTH);
	fixture_clear(&f);
}
END_TEST

START_TEST(refusals)
{
	struct obol_slot slots[] = { make_slot(OBOL_SLOT_PASSWORD, 0, 3, 30),
								 make_slot(OBOL_SLOT_DEVICE, 1, 3, 31),
								 make_slot(OBOL_SLOT_DEVICE, 1, 3, 32) };
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_int_eq(rekey(&f, id, 1, 2, 2, slots), OBOL_ERR_AUTH);
	ck_assert_int_eq(rekey(&f, id, 1, 4, 2, slots), OBOL_ERR_AUTH);
	/* one slot twice; a slot of another generation */
	ck_assert_int_eq(rekey(&f, id, 1, 3, 3, slots), OBOL_ERR_ARG);
	slots[0].generation = 2;
	ck_assert_int_eq(rekey(&f, id, 1, 3, 1, slots), OBOL_ERR_ARG);
	ck_assert_int_eq(stage(&f, id, 1, "vpn", 0, 2, NOW), OBOL_ERR_AUTH);
	ck_assert_int_eq(stage(&f, id, 1, "vpn", 0, 4, NOW), OBOL_ERR_AUTH);
	/* something is staged over a version that is not there */
	ck_assert_int_eq(stage(&f, id, 1, "vpn", 5, 3, NOW), OBOL_OK);
	slots[0].generation = 3;
	ck_assert_int_eq(rekey(&f, id, 1, 3, 2, slots), OBOL_ERR_EXISTS);
	ck_assert_uint_eq(account_named(&f, "alice").generation, 2);
	ck_assert(begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW).out.found);
	fixture_clear(&f);
}
END_TEST

START_TEST(staged_items_end)
{
	const struct obol_slot slots[] = { make_slot(OBOL_SLOT_PASSWORD, 0, 3,
												 30) };
	struct obol_store_unstage unstage = { 0 };
	struct fixture f;
	char name[16];
	int64_t id;
	int i;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_int_eq(put(&f, id, "vpn", 0, "old"), OBOL_OK);
	ck_assert_int_eq(stage(&f, id, 1, "vpn", 1, 3, NOW), OBOL_OK);
	unstage.in.account_id = id;
	memset(unstage.in.stage_id, 1, sizeof(unstage.in.stage_id));
	RUN(&f, OBOL_STORE_UNSTAGE, &unstage, OBOL_OK);
	ck_assert_int_eq(rekey(&f, id, 1, 3, 1, slots), OBOL_ERR_EXISTS);
	/* an hour later another connection's stage sweeps */
	ck_assert_int_eq(stage(&f, id, 1, "vpn", 1, 3, NOW), OBOL_OK);
	ck_assert_int_eq(stage(&f, id, 2, "x", 0, 3, NOW + 3600), OBOL_OK);
	ck_assert_int_eq(rekey(&f, id, 1, 3, 1, slots), OBOL_ERR_EXISTS);
	/* and what is staged is bounded */
	for (i = 1; i < 2 * OBOL_CREDENTIALS_MAX; i++)
	{
		(void)snprintf(name, sizeof(name), "c%d", i);
		ck_assert_int_eq(stage(&f, id, 2, name, 0, 3, NOW + 3600), OBOL_OK);
	}
	ck_assert_int_eq(stage(&f, id, 2, "more", 0, 3, NOW + 3600),
					 OBOL_ERR_DENIED);
	fixture_clear(&f);
}
END_TEST

static void reset(struct fixture *f, int64_t id, uint32_t generation,
				  enum obol_status expected)
{
	struct obol_store_account_reset arg = {
		.in = { .account_id = id,
				.generation = generation,
				.activation =
					make_slot(OBOL_SLOT_ACTIVATION, 0, generation, 40),
				.actor = { .source = "root" },
				.now = NOW }
	};

	RUN(f, OBOL_STORE_ACCOUNT_RESET, &arg, expected);
}

/** An operator's reset: a code and a new key; what was sealed is there for the
 * recovery code, until a new one takes its place. */
START_TEST(operators_reset)
{
	struct obol_slot slots[] = { make_slot(OBOL_SLOT_PASSWORD, 0, 4, 30),
								 make_slot(OBOL_SLOT_RECOVERY, 0, 4, 31) };
	struct obol_store_slot_put recovery;
	struct obol_store_rekey activate = { 0 };
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_int_eq(put(&f, id, "vpn", 0, "old"), OBOL_OK);
	recovery.in.request = as_password(id);
	recovery.in.slot = make_slot(OBOL_SLOT_RECOVERY, 0, 2, 20);
	RUN(&f, OBOL_STORE_SLOT_PUT, &recovery, OBOL_OK);

	reset(&f, id, 4, OBOL_ERR_EXISTS);
	reset(&f, id, 3, OBOL_OK);
	ck_assert_str_eq(newest_line(&f, id), "13 200 0 ");
	reset(&f, id, 3, OBOL_ERR_EXISTS);
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.found);
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW).out.found);
	/* the new key's connection sees a tombstone, the recovery code the rest */
	ck_assert_str_eq(listed(&f, id, OBOL_SLOT_ACTIVATION, 3), "-vpn 1");
	ck_assert_str_eq(listed(&f, id, OBOL_SLOT_RECOVERY, 2), "vpn 1");
	/* but the old key cannot write */
	recovery.in.request.actor = actor_of(OBOL_SLOT_RECOVERY, 0);
	RUN(&f, OBOL_STORE_SLOT_PUT, &recovery, OBOL_ERR_AUTH);

	activate.in.request = as_password(id);
	activate.in.request.actor = actor_of(OBOL_SLOT_ACTIVATION, 0);
	activate.in.request.generation = 3;
	activate.in.generation = 4;
	activate.in.n_slots = 1;
	activate.in.slots = slots;
	RUN(&f, OBOL_STORE_REKEY, &activate, OBOL_OK);
	ck_assert_str_eq(listed(&f, id, OBOL_SLOT_PASSWORD, 4), "-vpn 1");
	ck_assert_str_eq(listed(&f, id, OBOL_SLOT_RECOVERY, 2), "vpn 1");
	ck_assert(
		!begin_login(&f, "alice", OBOL_SLOT_ACTIVATION, 0, NOW).out.found);

	recovery.in.request = as_password(id);
	recovery.in.request.generation = 4;
	recovery.in.slot = slots[1];
	RUN(&f, OBOL_STORE_SLOT_PUT, &recovery, OBOL_OK);
	ck_assert_str_eq(listed(&f, id, OBOL_SLOT_RECOVERY, 4), "-vpn 1");
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_RECOVERY, 0, NOW).out.slot.record[0],
		31);
	fixture_clear(&f);
}
END_TEST

/** A code that was lost before its use, with an old PKI's credential. */
START_TEST(new_code)
{
	struct obol_put_request credential = {
		.name = obol_bytes_str("vpn"),
		.format = OBOL_FORMAT_BUNDLE,
		.generation = 1,
		.sealed = obol_bytes_str("one"),
	};
	struct obol_store_account_add add = {
		.in = { .account = { .name = "alice",
							 .state = OBOL_ACCOUNT_ACTIVE,
							 .generation = 1 },
				.activation = make_slot(OBOL_SLOT_ACTIVATION, 0, 1, 1),
				.n_credentials = 1,
				.credentials = &credential,
				.now = NOW }
	};
	struct obol_store_account_reset arg = {
		.in = { .generation = 2,
				.activation = make_slot(OBOL_SLOT_ACTIVATION, 0, 2, 40),
				.n_credentials = 1,
				.credentials = &credential,
				.now = NOW }
	};
	struct fixture f;

	fixture_init(&f, _i);
	RUN(&f, OBOL_STORE_ACCOUNT_ADD, &add, OBOL_OK);
	ck_assert_uint_eq(account_named(&f, "alice").n_credentials, 1);
	arg.in.account_id = add.out.account_id;
	/* sealed for the old key, or on another version than there is */
	RUN(&f, OBOL_STORE_ACCOUNT_RESET, &arg, OBOL_ERR_EXISTS);
	credential.base_version = 1;
	RUN(&f, OBOL_STORE_ACCOUNT_RESET, &arg, OBOL_ERR_ARG);
	ck_assert_uint_eq(account_named(&f, "alice").generation, 1);
	credential.generation = 2;
	RUN(&f, OBOL_STORE_ACCOUNT_RESET, &arg, OBOL_OK);
	ck_assert_str_eq(newest_line(&f, add.out.account_id), "15 200 0 ");
	ck_assert_str_eq(listed(&f, add.out.account_id, OBOL_SLOT_ACTIVATION, 2),
					 "vpn 2");
	ck_assert_uint_eq(account_named(&f, "alice").n_credentials, 1);
	fixture_clear(&f);
}
END_TEST

Suite *store_rekey_suite(void)
{
	Suite *suite = suite_create("store: rekey");
	TCase *tc = tcase_create("rekey");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, all_sealed_anew, 0, N_BACKENDS);
	tcase_add_loop_test(tc, refusals, 0, N_BACKENDS);
	tcase_add_loop_test(tc, staged_items_end, 0, N_BACKENDS);
	tcase_add_loop_test(tc, operators_reset, 0, N_BACKENDS);
	tcase_add_loop_test(tc, new_code, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
