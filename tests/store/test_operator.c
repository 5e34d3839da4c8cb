/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operator does: add, list, disable, remove, unlock, certificates. */
#include "store/fixture.h"

#include <stdio.h>
#include <stdlib.h>

Suite *store_operator_suite(void);

START_TEST(added)
{
	struct obol_store_account_find find = { .in.name = obol_bytes_str("bob") };
	struct obol_store_account_add add = {
		.in = { .account = { .name = "alice",
							 .state = OBOL_ACCOUNT_ACTIVE,
							 .generation = 1 },
				.activation = make_slot(OBOL_SLOT_ACTIVATION, 0, 1, 50) }
	};
	struct obol_account account;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_account(&f, "alice");
	ck_assert_str_eq(newest_line(&f, id), "9 200 0 ");
	account = account_named(&f, "alice");
	ck_assert_int_eq(account.id, id);
	ck_assert_int_eq(account.state, OBOL_ACCOUNT_ACTIVE);
	ck_assert_str_eq(account.identity, "alice@example.org");
	ck_assert_uint_eq(account.created_at, NOW);
	ck_assert_uint_eq(account.activated_at, 0);
	ck_assert_uint_eq(account.generation, 1);
	ck_assert(account.has_activation);
	ck_assert_uint_eq(account.activation_expires_at, NOW + 14 * 86400);
	RUN(&f, OBOL_STORE_ACCOUNT_FIND, &find, OBOL_ERR_NOT_FOUND);
	/* taken: the account and its code stay as they are */
	RUN(&f, OBOL_STORE_ACCOUNT_ADD, &add, OBOL_ERR_EXISTS);
	ck_assert_uint_eq(begin_login(&f, "alice", OBOL_SLOT_ACTIVATION, 0, NOW)
						  .out.slot.record[0],
					  1);
	fixture_clear(&f);
}
END_TEST

START_TEST(changed)
{
	static const char detail[] = "mode device, expires 90d";
	struct obol_account wanted = { .identity = "other@example.org",
								   .certificate_lifetime_s = 600,
								   .expires_at = NOW + 90,
								   .mode = OBOL_MODE_DEVICE,
								   .key_type = OBOL_KEY_ED25519 };
	struct obol_store_account_set arg = {
		.in = { .fields = OBOL_ACCOUNT_MODE | OBOL_ACCOUNT_EXPIRES,
				.account = &wanted,
				.detail = obol_bytes_str(detail),
				.actor = { .source = "root" },
				.now = NOW }
	};
	struct obol_account account;
	struct fixture f;

	fixture_init(&f, _i);
	arg.in.account_id = add_active(&f, "alice");
	RUN(&f, OBOL_STORE_ACCOUNT_SET, &arg, OBOL_OK);
	ck_assert_str_eq(newest_line(&f, arg.in.account_id),
					 "16 200 0 mode device, expires 90d");
	account = account_named(&f, "alice");
	ck_assert_uint_eq(account.mode, OBOL_MODE_DEVICE);
	ck_assert_uint_eq(account.expires_at, NOW + 90);
	/* what was not named stays */
	ck_assert_uint_eq(account.key_type, 0);
	ck_assert_uint_eq(account.certificate_lifetime_s, 0);
	ck_assert_str_eq(account.identity, "alice@example.org");
	arg.in.fields =
		OBOL_ACCOUNT_IDENTITY | OBOL_ACCOUNT_LIFETIME | OBOL_ACCOUNT_KEY_TYPE;
	RUN(&f, OBOL_STORE_ACCOUNT_SET, &arg, OBOL_OK);
	account = account_named(&f, "alice");
	ck_assert_uint_eq(account.key_type, OBOL_KEY_ED25519);
	ck_assert_uint_eq(account.certificate_lifetime_s, 600);
	ck_assert_str_eq(account.identity, "other@example.org");
	arg.in.account_id = 4711;
	RUN(&f, OBOL_STORE_ACCOUNT_SET, &arg, OBOL_ERR_NOT_FOUND);
	fixture_clear(&f);
}
END_TEST

START_TEST(listed)
{
	struct obol_store_account_list list = { .in.limit = 4 };
	char after[OBOL_NAME_MAX + 1] = "";
	struct fixture f;
	char name[16];
	size_t n = 0;
	int i;

	fixture_init(&f, _i);
	for (i = 9; i >= 0; i--)
	{
		(void)snprintf(name, sizeof(name), "user%d", i);
		(void)add_account(&f, name);
	}
	do
	{
		size_t k;

		list.in.after = obol_bytes_str(after);
		RUN(&f, OBOL_STORE_ACCOUNT_LIST, &list, OBOL_OK);
		for (k = 0; k < list.out.n_accounts; k++)
		{
			(void)snprintf(name, sizeof(name), "user%d", (int)n++);
			ck_assert_str_eq(list.out.accounts[k].name, name);
			strcpy(after, name);
		}
	} while (list.out.n_accounts > 0);
	ck_assert_uint_eq(n, 10);
	fixture_clear(&f);
}
END_TEST

START_TEST(removed)
{
	struct obol_store_account_remove arg = {
		.in = { .actor = { .source = "root" }, .now = NOW }
	};
	struct obol_store_history *history = calloc(1, sizeof(*history));
	struct obol_store_account_find find = { .in.name =
												obol_bytes_str("alice") };
	struct fixture f;
	int64_t id;
	size_t i;
	char name[64];

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_int_eq(put(&f, id, "vpn", 0, "x"), OBOL_OK);
	arg.in.account_id = id;
	RUN(&f, OBOL_STORE_ACCOUNT_REMOVE, &arg, OBOL_OK);
	RUN(&f, OBOL_STORE_ACCOUNT_REMOVE, &arg, OBOL_ERR_NOT_FOUND);
	RUN(&f, OBOL_STORE_ACCOUNT_FIND, &find, OBOL_ERR_NOT_FOUND);
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.found);
	/* the trail stays, and says neither who it was nor what he had */
	history->in.limit = OBOL_HISTORY_MAX;
	RUN(&f, OBOL_STORE_HISTORY, history, OBOL_OK);
	ck_assert_uint_eq(history->out.answer.n_items, 4);
	(void)snprintf(name, sizeof(name), "removed account %lld", (long long)id);
	for (i = 0; i < 4; i++)
	{
		ck_assert_str_eq(history->out.names[i], name);
		ck_assert_uint_eq(history->out.answer.items[i].detail.len, 0);
	}
	/* the next account of this name is another one, with nothing of his */
	ck_assert_int_ne(add_active(&f, "alice"), id);
	ck_assert_uint_eq(account_named(&f, "alice").n_credentials, 0);
	free(history);
	fixture_clear(&f);
}
END_TEST

START_TEST(unlocked)
{
	uint8_t keys[2][OBOL_GUESS_KEY_LEN];
	struct obol_store_account_unlock arg = {
		.in = { .n_keys = 2,
				.guess_keys = (const uint8_t(*)[16])keys,
				.now = NOW }
	};
	uint8_t device[OBOL_DEVICE_ID_LEN];
	struct fixture f;
	size_t i;

	fixture_init(&f, _i);
	arg.in.account_id = add_active(&f, "alice");
	memset(device, 7, sizeof(device));
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		(void)begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
		(void)begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW);
		(void)begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW);
	}
	ck_assert_int_eq(obol_store_guess_key(f.store, OBOL_SLOT_PASSWORD,
										  obol_bytes_str("alice"), NULL,
										  keys[0]),
					 OBOL_OK);
	ck_assert_int_eq(obol_store_guess_key(f.store, OBOL_SLOT_DEVICE,
										  obol_bytes_str("alice"), device,
										  keys[1]),
					 OBOL_OK);
	RUN(&f, OBOL_STORE_ACCOUNT_UNLOCK, &arg, OBOL_OK);
	ck_assert_str_eq(newest_line(&f, arg.in.account_id), "14 200 0 ");
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 0);
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW).out.later_s, 0);
	ck_assert_uint_eq(
		begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 60);
	fixture_clear(&f);
}
END_TEST

static enum obol_status issue(struct fixture *f, int64_t id, uint8_t serial,
							  uint64_t not_after, uint64_t now)
{
	struct obol_store_issued arg = { .in = { .request = as_device(id),
											 .serial = { serial, 1 },
											 .serial_len = 2,
											 .not_before = now - 3600,
											 .not_after = not_after,
											 .subject =
												 obol_bytes_str("CN=alice") } };

	arg.in.request.now = now;
	return obol_store_run(f->store, OBOL_STORE_ISSUED, &arg);
}

START_TEST(certificates)
{
	struct obol_store_certificates arg = { .in = { .now = NOW, .limit = 10 } };
	struct obol_store_account_remove removal = { .in.now = NOW + 50 };
	struct fixture f;
	int64_t alice, bob;

	fixture_init(&f, _i);
	alice = add_active(&f, "alice");
	bob = add_active(&f, "bob");
	ck_assert_int_eq(issue(&f, alice, 1, NOW + 200, NOW), OBOL_OK);
	ck_assert_str_eq(newest_line(&f, alice), "8 200 4 CN=alice");
	ck_assert_int_eq(issue(&f, alice, 1, NOW + 300, NOW), OBOL_ERR_EXISTS);
	ck_assert_int_eq(issue(&f, bob, 1, NOW + 300, NOW), OBOL_ERR_EXISTS);
	ck_assert_int_eq(issue(&f, alice, 2, NOW + 100, NOW), OBOL_OK);
	ck_assert_int_eq(issue(&f, bob, 3, NOW + 150, NOW), OBOL_OK);
	ck_assert_uint_eq(account_named(&f, "alice").certificate_not_after,
					  NOW + 200);

	RUN(&f, OBOL_STORE_CERTIFICATES, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.n_certificates, 3);
	ck_assert_uint_eq(arg.out.certificates[0].serial[0], 2);
	ck_assert_uint_eq(arg.out.certificates[0].serial_len, 2);
	ck_assert_uint_eq(arg.out.certificates[0].device_id[3], 7);
	ck_assert_uint_eq(arg.out.certificates[1].serial[0], 3);
	ck_assert_str_eq(arg.out.certificates[1].name, "bob");
	ck_assert_uint_eq(arg.out.certificates[2].serial[0], 1);
	arg.in.account_id = alice;
	arg.in.now = NOW + 100;
	RUN(&f, OBOL_STORE_CERTIFICATES, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.n_certificates, 1);
	ck_assert_uint_eq(arg.out.certificates[0].not_after, NOW + 200);

	/* they outlive their account, until they end */
	removal.in.account_id = alice;
	RUN(&f, OBOL_STORE_ACCOUNT_REMOVE, &removal, OBOL_OK);
	arg.in.now = NOW;
	RUN(&f, OBOL_STORE_CERTIFICATES, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.n_certificates, 2);
	ck_assert_str_eq(arg.out.certificates[0].name, "");
	ck_assert_str_eq(arg.out.certificates[0].subject, "CN=alice");
	ck_assert_int_eq(issue(&f, bob, 4, NOW + 9000, NOW + 100), OBOL_OK);
	RUN(&f, OBOL_STORE_CERTIFICATES, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.n_certificates, 2);
	/* once an hour they are looked for */
	ck_assert_int_eq(issue(&f, bob, 5, NOW + 9000, NOW + 3600), OBOL_OK);
	RUN(&f, OBOL_STORE_CERTIFICATES, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.n_certificates, 0);
	fixture_clear(&f);
}
END_TEST

Suite *store_operator_suite(void)
{
	Suite *suite = suite_create("store: operator");
	TCase *tc = tcase_create("operator");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, added, 0, N_BACKENDS);
	tcase_add_loop_test(tc, changed, 0, N_BACKENDS);
	tcase_add_loop_test(tc, listed, 0, N_BACKENDS);
	tcase_add_loop_test(tc, removed, 0, N_BACKENDS);
	tcase_add_loop_test(tc, unlocked, 0, N_BACKENDS);
	tcase_add_loop_test(tc, certificates, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
