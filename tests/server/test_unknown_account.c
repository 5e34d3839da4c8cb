/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What unknown names are answered from. */
#include "server/unknown_account.h"

#include <stdio.h>

#include "server/world.h"
#include "support/run.h"

static struct world w;
static struct obol_unknown_account *unknown;
static const uint8_t no_device[OBOL_DEVICE_ID_LEN];
static const struct obol_store_slot_set no_past;

static void setup(void)
{
	world_init(&w);
	ck_assert_int_eq(obol_unknown_account_new(w.options.store,
											  &obol_ksf_default, 5, &unknown),
					 OBOL_OK);
}

static void teardown(void)
{
	obol_unknown_account_free(unknown);
	world_clear(&w);
}

static struct obol_unknown_answer ask(uint8_t kind, const char *name,
									  const uint8_t *device_id)
{
	struct obol_unknown_answer answer;

	ck_assert_int_eq(obol_unknown_account_answer(unknown, kind,
												 obol_bytes_str(name),
												 device_id, &no_past, &answer),
					 OBOL_OK);
	return answer;
}

static struct obol_unknown_answer
ask_with(const struct obol_store_slot_set *past, const char *name)
{
	struct obol_unknown_answer answer;

	ck_assert_int_eq(obol_unknown_account_answer(unknown, OBOL_SLOT_PASSWORD,
												 obol_bytes_str(name),
												 no_device, past, &answer),
					 OBOL_OK);
	return answer;
}

static void set_shares(uint64_t n_new, uint64_t n_old)
{
	struct obol_store_slot_sets sets = { .out.n_sets = 2 };

	sets.out.sets[0].kind = OBOL_SLOT_PASSWORD;
	sets.out.sets[0].ksf = obol_ksf_default;
	sets.out.sets[0].key_number = 1;
	sets.out.sets[0].n_slots = n_old;
	sets.out.sets[1] = sets.out.sets[0];
	sets.out.sets[1].ksf.log2_n = 16;
	sets.out.sets[1].key_number = 2;
	sets.out.sets[1].n_slots = n_new;
	obol_unknown_account_set(unknown, &sets);
}

START_TEST(test_one_record)
{
	struct obol_unknown_answer a = ask(OBOL_SLOT_PASSWORD, "bob", no_device);
	struct obol_unknown_answer b = ask(OBOL_SLOT_PASSWORD, "bob", no_device);
	struct obol_unknown_answer c = ask(OBOL_SLOT_RECOVERY, "boc", no_device);
	struct obol_unknown_answer d = ask(OBOL_SLOT_DEVICE, "bob", device_one);
	struct obol_unknown_account *again = NULL;

	ck_assert_mem_eq(a.record, b.record, sizeof(a.record));
	ck_assert_mem_eq(a.record, c.record, sizeof(a.record));
	ck_assert_mem_eq(a.record, d.record, sizeof(a.record));
	/* of the same store, as after a restart */
	ck_assert_int_eq(
		obol_unknown_account_new(w.options.store, &obol_ksf_default, 5, &again),
		OBOL_OK);
	obol_unknown_account_free(unknown);
	unknown = again;
	b = ask(OBOL_SLOT_PASSWORD, "bob", no_device);
	ck_assert_mem_eq(a.record, b.record, sizeof(a.record));
}
END_TEST

START_TEST(test_before_there_are_real_ones)
{
	struct obol_unknown_answer a = ask(OBOL_SLOT_PASSWORD, "bob", no_device);
	struct obol_unknown_answer b = ask(OBOL_SLOT_RECOVERY, "bob", no_device);

	ck_assert(obol_ksf_params_eq(&a.ksf, &obol_ksf_default));
	ck_assert_uint_eq(a.key_number, 5);
	ck_assert(obol_ksf_params_eq(&b.ksf, &obol_ksf_identity));
	ck_assert_uint_eq(b.key_number, 5);
}
END_TEST

static unsigned count_new(bool *was_new)
{
	unsigned n = 0, i;
	char name[16];

	for (i = 0; i < 1000; i++)
	{
		struct obol_unknown_answer answer;

		(void)snprintf(name, sizeof(name), "name%u", i);
		answer = ask(OBOL_SLOT_PASSWORD, name, no_device);
		ck_assert_uint_eq(answer.key_number == 2, answer.ksf.log2_n == 16);
		/* once moved, never back */
		ck_assert(!was_new[i] || answer.key_number == 2);
		was_new[i] = answer.key_number == 2;
		n += was_new[i];
	}
	return n;
}

START_TEST(test_proportions)
{
	bool was_new[1000] = { false };
	unsigned n;

	set_shares(0, 100);
	ck_assert_uint_eq(count_new(was_new), 0);
	set_shares(25, 75);
	n = count_new(was_new);
	ck_assert_uint_gt(n, 180);
	ck_assert_uint_lt(n, 320);
	set_shares(60, 40);
	n = count_new(was_new);
	ck_assert_uint_gt(n, 520);
	ck_assert_uint_lt(n, 680);
	set_shares(100, 0);
	ck_assert_uint_eq(count_new(was_new), 1000);
}
END_TEST

/* Names whose slots are gone: their share stays, and they do not fall back. */
START_TEST(test_gone)
{
	struct obol_store_slot_sets sets = { .out.n_sets = 2 };
	struct obol_store_slot_set *old = &sets.out.sets[0];
	struct obol_store_slot_set *new = &sets.out.sets[1];
	struct obol_unknown_answer answer;
	bool was_new[1000] = { false };
	char name[16];
	unsigned n;

	set_shares(40, 60);
	n = count_new(was_new);
	*old = (struct obol_store_slot_set){ .kind = OBOL_SLOT_PASSWORD,
										 .ksf = obol_ksf_default,
										 .key_number = 1,
										 .n_slots = 60 };
	*new = *old;
	new->ksf.log2_n = 16;
	new->key_number = 2;
	new->n_slots = 10;
	new->n_gone = 30;
	obol_unknown_account_set(unknown, &sets);
	ck_assert_uint_eq(count_new(was_new), n);
	/* one that would be answered with the old set */
	for (n = 0; was_new[n]; n++)
	{
	}
	(void)snprintf(name, sizeof(name), "name%u", n);
	answer = ask(OBOL_SLOT_PASSWORD, name, no_device);
	ck_assert_uint_eq(answer.key_number, 1);
	answer = ask_with(new, name);
	ck_assert_uint_eq(answer.key_number, 2);
	ck_assert_uint_eq(answer.ksf.log2_n, 16);
	/* and one that has moved on since */
	for (n = 0; !was_new[n]; n++)
	{
	}
	(void)snprintf(name, sizeof(name), "name%u", n);
	answer = ask_with(old, name);
	ck_assert_uint_eq(answer.key_number, 2);
}
END_TEST

Suite *unknown_account_suite(void);

Suite *unknown_account_suite(void)
{
	Suite *s = suite_create("unknown_account");
	TCase *tc = tcase_create("unknown_account");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_one_record);
	tcase_add_test(tc, test_before_there_are_real_ones);
	tcase_add_test(tc, test_proportions);
	tcase_add_test(tc, test_gone);
	suite_add_tcase(s, tc);
	return s;
}
