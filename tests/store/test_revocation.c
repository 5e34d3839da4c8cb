/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Revocation: what goes with a device, an account, a key; numbers; the CRL. */
#include "store/fixture.h"

#include "store/store_revocation.h"

#include <stdio.h>
#include <stdlib.h>

Suite *store_revocation_suite(void);

#define DAY 86400

/** A certificate with serial number 00..seed, issued to device 7 or another. */
static void issue(struct fixture *f, int64_t account_id, uint8_t seed,
				  uint8_t device, bool is_portable, uint64_t not_after)
{
	struct obol_store_issued arg = {
		.in = { .request = account_id
							   ? as_password(account_id)
							   : (struct obol_store_request){ .now = NOW },
				.serial = { 0x4f, 0x2a, 0, seed },
				.serial_len = 4,
				.not_before = NOW,
				.not_after = not_after,
				.subject = obol_bytes_str("CN=alice; email:a@example.org"),
				.is_portable = is_portable }
	};

	if (device)
	{
		arg.in.request = as_device(account_id);
		if (device != 7)
		{
			struct obol_store_slot_put put = {
				.in = { .request = as_password(account_id),
						.slot = make_slot(OBOL_SLOT_DEVICE, device, 2, 9) }
			};

			RUN(f, OBOL_STORE_SLOT_PUT, &put, OBOL_OK);
			arg.in.request.actor = actor_of(OBOL_SLOT_DEVICE, device);
		}
	}
	RUN(f, OBOL_STORE_ISSUED, &arg, OBOL_OK);
}

/** The last bytes of the serial numbers revoked after since, such as "1 3". */
static const char *revoked_since(struct fixture *f, uint64_t since,
								 uint64_t now)
{
	struct obol_store_revocations arg = {
		.in = { .since = since, .now = now, .limit = 100 }
	};
	static char text[256];
	uint64_t number = since;
	size_t i;

	RUN(f, OBOL_STORE_REVOCATIONS, &arg, OBOL_OK);
	text[0] = '\0';
	for (i = 0; i < arg.out.n_items; i++)
	{
		const struct obol_store_revocation *item = &arg.out.items[i];

		ck_assert_uint_gt(item->number, number);
		number = item->number;
		ck_assert_uint_eq(item->serial_len, 4);
		ck_assert(obol_bytes_eq(
			item->subject, obol_bytes_str("CN=alice; email:a@example.org")));
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
					   "%s%d:%d", i ? " " : "", item->serial[3], item->reason);
	}
	ck_assert_uint_ge(arg.out.last, number);
	return text;
}

static void delete_device(struct fixture *f, int64_t id, uint8_t device,
						  struct obol_store_revoked *revoked)
{
	struct obol_store_slot_delete arg = { .in = { .request = as_password(id),
												  .kind = OBOL_SLOT_DEVICE } };

	memcpy(arg.in.device_id, actor_of(OBOL_SLOT_DEVICE, device).device_id,
		   OBOL_DEVICE_ID_LEN);
	RUN(f, OBOL_STORE_SLOT_DELETE, &arg, OBOL_OK);
	*revoked = arg.out.revoked;
}

START_TEST(with_device)
{
	struct obol_store_revoked revoked;
	struct fixture f;
	int64_t id, other;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	other = add_active(&f, "bob");
	issue(&f, id, 1, 7, true, NOW + 30 * DAY);
	issue(&f, id, 2, 7, false, NOW + 31 * DAY);
	issue(&f, id, 3, 8, false, NOW + 32 * DAY);
	issue(&f, id, 4, 8, true, NOW + 33 * DAY);
	issue(&f, id, 5, 7, true, NOW); /* ends just now */
	issue(&f, other, 6, 7, true, NOW + 34 * DAY);
	/* its own, and those that it may hold; none of another device alone */
	delete_device(&f, id, 7, &revoked);
	ck_assert_uint_eq(revoked.n_certificates, 3);
	ck_assert_uint_eq(revoked.before, 0);
	ck_assert_uint_eq(revoked.last, 3);
	ck_assert_str_eq(revoked_since(&f, 0, NOW), "1:1 2:1 4:1");
	ck_assert_str_eq(newest_line(&f, id), "24 200 1 3 certificates: 4f2a0001 "
										  "4f2a0002 4f2a0004");
	/* the second one finds what is left */
	delete_device(&f, id, 8, &revoked);
	ck_assert_uint_eq(revoked.n_certificates, 1);
	ck_assert_uint_eq(revoked.before, 3);
	ck_assert_str_eq(revoked_since(&f, 3, NOW), "3:1");
	ck_assert_str_eq(newest_line(&f, id), "24 200 1 certificate 4f2a0003");
	ck_assert_str_eq(revoked_since(&f, 4, NOW), "");
	/* they leave at their end */
	ck_assert_str_eq(revoked_since(&f, 0, NOW + 31 * DAY), "4:1 3:1");
	fixture_clear(&f);
}
END_TEST

START_TEST(other_slots_revoke_nothing)
{
	struct obol_store_slot_put put = {
		.in = { .slot = make_slot(OBOL_SLOT_RECOVERY, 0, 2, 9) }
	};
	struct obol_store_slot_delete arg = { .in = { .kind =
													  OBOL_SLOT_RECOVERY } };
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	issue(&f, id, 1, 7, true, NOW + DAY);
	put.in.request = as_password(id);
	RUN(&f, OBOL_STORE_SLOT_PUT, &put, OBOL_OK);
	arg.in.request = as_password(id);
	RUN(&f, OBOL_STORE_SLOT_DELETE, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.revoked.n_certificates, 0);
	/* nor does a device that is not there */
	arg.in.kind = OBOL_SLOT_DEVICE;
	arg.in.device_id[0] = 99;
	RUN(&f, OBOL_STORE_SLOT_DELETE, &arg, OBOL_ERR_NOT_FOUND);
	ck_assert_str_eq(revoked_since(&f, 0, NOW), "");
	fixture_clear(&f);
}
END_TEST

START_TEST(with_account)
{
	struct obol_store_account_set_state state = {
		.in = { .state = OBOL_ACCOUNT_DISABLED, .now = NOW }
	};
	struct obol_store_account_remove gone = { .in = { .now = NOW } };
	struct obol_store_account_reset reset = {
		.in = { .generation = 3,
				.activation = make_slot(OBOL_SLOT_ACTIVATION, 0, 3, 40),
				.now = NOW }
	};
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	issue(&f, id, 1, 7, true, NOW + DAY);
	issue(&f, id, 2, 7, false, NOW + DAY);
	state.in.account_id = id;
	RUN(&f, OBOL_STORE_ACCOUNT_SET_STATE, &state, OBOL_OK);
	ck_assert_uint_eq(state.out.revoked.n_certificates, 2);
	ck_assert_str_eq(revoked_since(&f, 0, NOW), "1:9 2:9");
	/* enabled again, it needs new ones; disabled once more, they go too */
	state.in.state = OBOL_ACCOUNT_ACTIVE;
	RUN(&f, OBOL_STORE_ACCOUNT_SET_STATE, &state, OBOL_OK);
	ck_assert_uint_eq(state.out.revoked.n_certificates, 0);
	ck_assert_str_eq(revoked_since(&f, 0, NOW), "1:9 2:9");
	issue(&f, id, 3, 7, true, NOW + DAY);
	reset.in.account_id = id;
	RUN(&f, OBOL_STORE_ACCOUNT_RESET, &reset, OBOL_OK);
	ck_assert_uint_eq(reset.out.revoked.n_certificates, 1);
	ck_assert_str_eq(revoked_since(&f, 2, NOW), "3:5");
	id = add_active(&f, "bob");
	issue(&f, id, 4, 7, true, NOW + DAY);
	gone.in.account_id = id;
	RUN(&f, OBOL_STORE_ACCOUNT_REMOVE, &gone, OBOL_OK);
	ck_assert_uint_eq(gone.out.revoked.n_certificates, 1);
	/* recorded until it ends, though the account is gone */
	ck_assert_str_eq(revoked_since(&f, 3, NOW), "4:5");
	fixture_clear(&f);
}
END_TEST

START_TEST(with_key)
{
	struct obol_slot slots[2] = { make_slot(OBOL_SLOT_PASSWORD, 0, 3, 60),
								  make_slot(OBOL_SLOT_DEVICE, 7, 3, 61) };
	struct obol_store_rekey arg = {
		.in = { .generation = 3, .n_slots = 2, .slots = slots }
	};
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	issue(&f, id, 1, 7, true, NOW + DAY);
	arg.in.request = as_password(id);
	/* a refused one revokes nothing */
	arg.in.generation = 4;
	RUN(&f, OBOL_STORE_REKEY, &arg, OBOL_ERR_AUTH);
	ck_assert_str_eq(revoked_since(&f, 0, NOW), "");
	arg.in.generation = 3;
	RUN(&f, OBOL_STORE_REKEY, &arg, OBOL_OK);
	ck_assert_str_eq(revoked_since(&f, 0, NOW), "1:1");
	fixture_clear(&f);
}
END_TEST

START_TEST(by_serial)
{
	struct obol_store_certificate_revoke arg = {
		.in = { .serial = { 0x4f, 0x2a, 0, 1 },
				.serial_len = 4,
				.reason = OBOL_REVOKED_KEY_COMPROMISE,
				.now = NOW }
	};
	struct obol_store_certificates list = { .in = { .now = NOW, .limit = 10 } };
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	issue(&f, id, 1, 7, true, NOW + DAY);
	issue(&f, 0, 2, 0, false, NOW + 2 * DAY);
	RUN(&f, OBOL_STORE_CERTIFICATE_REVOKE, &arg, OBOL_OK);
	ck_assert_str_eq(arg.out.certificate.name, "alice");
	ck_assert_uint_eq(arg.out.revoked.n_certificates, 1);
	RUN(&f, OBOL_STORE_CERTIFICATE_REVOKE, &arg, OBOL_ERR_EXISTS);
	/* a gateway's own */
	arg.in.serial[3] = 2;
	RUN(&f, OBOL_STORE_CERTIFICATE_REVOKE, &arg, OBOL_OK);
	ck_assert_int_eq(arg.out.certificate.account_id, 0);
	ck_assert_str_eq(revoked_since(&f, 0, NOW), "1:1 2:1");
	arg.in.serial[3] = 3;
	RUN(&f, OBOL_STORE_CERTIFICATE_REVOKE, &arg, OBOL_ERR_NOT_FOUND);
	arg.in.serial[3] = 2;
	arg.in.now = NOW + 2 * DAY;
	RUN(&f, OBOL_STORE_CERTIFICATE_REVOKE, &arg, OBOL_ERR_NOT_FOUND);
	arg.in.serial_len = 0;
	RUN(&f, OBOL_STORE_CERTIFICATE_REVOKE, &arg, OBOL_ERR_ARG);
	arg.in.serial_len = 21;
	RUN(&f, OBOL_STORE_CERTIFICATE_REVOKE, &arg, OBOL_ERR_ARG);
	RUN(&f, OBOL_STORE_CERTIFICATES, &list, OBOL_OK);
	ck_assert_uint_eq(list.out.n_certificates, 2);
	ck_assert_uint_eq(list.out.certificates[0].revoked_at, NOW);
	ck_assert_uint_eq(list.out.certificates[0].reason, 1);
	ck_assert(list.out.certificates[0].is_portable);
	ck_assert(!list.out.certificates[1].is_portable);
	fixture_clear(&f);
}
END_TEST

START_TEST(in_pages)
{
	struct obol_store_revocations arg = { .in = { .now = NOW, .limit = 2 } };
	struct obol_store_revoked revoked;
	struct fixture f;
	int64_t id;
	uint8_t i;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	for (i = 1; i <= 5; i++)
	{
		issue(&f, id, i, 7, true, NOW + DAY);
	}
	delete_device(&f, id, 7, &revoked);
	RUN(&f, OBOL_STORE_REVOCATIONS, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.n_items, 2);
	ck_assert_uint_eq(arg.out.last, 5);
	arg.in.since = arg.out.items[1].number;
	RUN(&f, OBOL_STORE_REVOCATIONS, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.n_items, 2);
	ck_assert_uint_eq(arg.out.items[0].number, 3);
	fixture_clear(&f);
}
END_TEST

START_TEST(crl)
{
	struct obol_store_crl_entries entries = { .in = { .now = NOW } };
	struct obol_store_crl_get get = { .in = { .is_brief = false } };
	struct obol_store_crl_put put_ = { .in.crl = {
										   .number = 9,
										   .this_update = NOW,
										   .next_update = NOW + DAY,
										   .der = obol_bytes_str("signed") } };
	struct obol_store_revoked revoked;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	RUN(&f, OBOL_STORE_CRL_GET, &get, OBOL_ERR_NOT_FOUND);
	RUN(&f, OBOL_STORE_CRL_ENTRIES, &entries, OBOL_OK);
	ck_assert_uint_eq(entries.out.n_entries, 0);
	id = add_active(&f, "alice");
	issue(&f, id, 1, 7, true, NOW + DAY);
	issue(&f, id, 2, 7, true, NOW + 2 * DAY);
	delete_device(&f, id, 7, &revoked);
	RUN(&f, OBOL_STORE_CRL_ENTRIES, &entries, OBOL_OK);
	ck_assert_uint_eq(entries.out.n_entries, 2);
	ck_assert_uint_eq(entries.out.last, 2);
	ck_assert_uint_eq(entries.out.entries[0].serial[3], 1);
	ck_assert_uint_eq(entries.out.entries[0].revoked_at, NOW);
	ck_assert_uint_eq(entries.out.entries[0].reason, 1);
	put_.in.crl.revocation = 2;
	RUN(&f, OBOL_STORE_CRL_PUT, &put_, OBOL_OK);
	/* the same number, an older number, an older state */
	RUN(&f, OBOL_STORE_CRL_PUT, &put_, OBOL_ERR_EXISTS);
	put_.in.crl.number = 8;
	RUN(&f, OBOL_STORE_CRL_PUT, &put_, OBOL_ERR_EXISTS);
	put_.in.crl.number = 10;
	put_.in.crl.revocation = 1;
	RUN(&f, OBOL_STORE_CRL_PUT, &put_, OBOL_ERR_EXISTS);
	RUN(&f, OBOL_STORE_CRL_GET, &get, OBOL_OK);
	ck_assert_uint_eq(get.out.crl.number, 9);
	ck_assert_uint_eq(get.out.crl.revocation, 2);
	ck_assert_uint_eq(get.out.crl.next_update, NOW + DAY);
	ck_assert(obol_bytes_eq(get.out.crl.der, obol_bytes_str("signed")));
	ck_assert_uint_eq(get.out.last, 2);
	get.in.is_brief = true;
	RUN(&f, OBOL_STORE_CRL_GET, &get, OBOL_OK);
	ck_assert_uint_eq(get.out.crl.der.len, 0);
	/* the first one has ended, the second is there still */
	entries.in.now = NOW + DAY;
	RUN(&f, OBOL_STORE_CRL_ENTRIES, &entries, OBOL_OK);
	ck_assert_uint_eq(entries.out.n_entries, 1);
	fixture_clear(&f);
}
END_TEST

Suite *store_revocation_suite(void)
{
	Suite *suite = suite_create("store: revocation");
	TCase *tc = tcase_create("revocation");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, with_device, 0, N_BACKENDS);
	tcase_add_loop_test(tc, other_slots_revoke_nothing, 0, N_BACKENDS);
	tcase_add_loop_test(tc, with_account, 0, N_BACKENDS);
	tcase_add_loop_test(tc, with_key, 0, N_BACKENDS);
	tcase_add_loop_test(tc, by_serial, 0, N_BACKENDS);
	tcase_add_loop_test(tc, in_pages, 0, N_BACKENDS);
	tcase_add_loop_test(tc, crl, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
