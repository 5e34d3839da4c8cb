/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "exchange/exchange.h"

Suite *impostor_suite(void);

static void login_pinned(struct exchange *x, enum obol_slot_kind kind,
						 const uint8_t *pin)
{
	const char *secret = exchange_secret(kind);
	struct obol_secret *typed = obol_secret_dup(secret, strlen(secret));
	struct obol_client_login login = {
		.kind = kind,
		.name = obol_bytes_str(FAKE_ACCOUNT),
		.secret = typed,
		.pinned_public_key = obol_bytes(pin, OBOL_OPAQUE_NPK),
	};

	if (kind == OBOL_SLOT_DEVICE)
	{
		memcpy(login.device_id, fake_device_id, sizeof(login.device_id));
	}
	ck_assert_int_eq(obol_client_session_login(x->client, &login), OBOL_OK);
	obol_secret_free(typed);
	exchange_run(x);
}

static void check_no_ke3(struct exchange *x, enum obol_session_failure failure)
{
	ck_assert_int_eq(x->status, OBOL_ERR_AUTH);
	ck_assert_int_eq(obol_client_session_state(x->client), OBOL_CLIENT_FAILED);
	ck_assert_int_eq(obol_client_session_failure(x->client), failure);
	ck_assert_uint_eq(obol_client_session_output(x->client).len, 0);
	ck_assert_uint_eq(x->owner.n_finishes + x->owner.n_failed, 0);
}

/* A relay ends the client's TLS and has one of its own to the server: the
 * exporters differ, all else is right. */
START_TEST(relay)
{
	static const uint8_t relayed[OBOL_EXPORTER_LEN] = { 0xe5, 2 };
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	obol_server_session_free(x.server);
	x.server = fake_owner_session(&x.owner, relayed);
	exchange_login(&x, OBOL_SLOT_DEVICE, FAKE_DEVICE_SECRET);
	exchange_run(&x);
	check_no_ke3(&x, OBOL_FAILURE_KE2);
	exchange_clear(&x);
}
END_TEST

START_TEST(pinned)
{
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	login_pinned(&x, OBOL_SLOT_DEVICE, x.owner.public_key);
	ck_assert_int_eq(obol_client_session_state(x.client), OBOL_CLIENT_READY);
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_LIST));
	exchange_clear(&x);
}
END_TEST

/* the secret is right and the key another: no KE3 */
START_TEST(pinned_to_another)
{
	uint8_t other[OBOL_OPAQUE_NPK];
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	memcpy(other, x.owner.public_key, sizeof(other));
	other[20] ^= 4;
	login_pinned(&x, OBOL_SLOT_DEVICE, other);
	check_no_ke3(&x, OBOL_FAILURE_PIN);
	exchange_clear(&x);
}
END_TEST

/* Another machine with keys of its own, that guesses the password. */
static void init_impostor(struct exchange *x, const char *guess)
{
	memset(x, 0, sizeof(*x));
	fake_owner_init(&x->owner);
	fake_owner_add(&x->owner, OBOL_SLOT_PASSWORD, NULL, guess);
	exchange_connect(x);
}

START_TEST(impostor_guesses_wrong)
{
	struct exchange x;

	init_impostor(&x, "password1");
	exchange_login(&x, OBOL_SLOT_PASSWORD, FAKE_PASSWORD);
	exchange_run(&x);
	check_no_ke3(&x, OBOL_FAILURE_KE2);
	exchange_clear(&x);
}
END_TEST

/* the one guess that it has for an attempt, while nothing is pinned */
START_TEST(impostor_guesses_right)
{
	struct exchange x;

	init_impostor(&x, FAKE_PASSWORD);
	exchange_login(&x, OBOL_SLOT_PASSWORD, FAKE_PASSWORD);
	exchange_run(&x);
	ck_assert_int_eq(obol_client_session_state(x.client), OBOL_CLIENT_READY);
	/* it shows by its key, and by an account that is not the client's */
	ck_assert(obol_bytes_eq(obol_client_session_server_key(x.client),
							obol_bytes(x.owner.public_key, OBOL_OPAQUE_NPK)));
	exchange_clear(&x);
}
END_TEST

START_TEST(impostor_after_pins)
{
	struct exchange honest, x;

	exchange_init(&honest, OBOL_SLOT_DEVICE);
	init_impostor(&x, FAKE_PASSWORD);
	login_pinned(&x, OBOL_SLOT_PASSWORD, honest.owner.public_key);
	check_no_ke3(&x, OBOL_FAILURE_PIN);
	exchange_clear(&x);
	exchange_clear(&honest);
}
END_TEST

/* the server's data of one slot given out for another kind */
START_TEST(slots_swapped)
{
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	fake_owner_add(&x.owner, OBOL_SLOT_RECOVERY, NULL, FAKE_RECOVERY);
	memcpy(x.owner.slots[1].record, x.owner.slots[0].record,
		   sizeof(x.owner.slots[1].record));
	exchange_login(&x, OBOL_SLOT_RECOVERY, FAKE_RECOVERY);
	exchange_run(&x);
	check_no_ke3(&x, OBOL_FAILURE_KE2);
	exchange_clear(&x);
}
END_TEST

Suite *impostor_suite(void)
{
	Suite *suite = suite_create("impostor");
	TCase *tc = tcase_create("impostor");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, relay);
	tcase_add_test(tc, pinned);
	tcase_add_test(tc, pinned_to_another);
	tcase_add_test(tc, impostor_guesses_wrong);
	tcase_add_test(tc, impostor_guesses_right);
	tcase_add_test(tc, impostor_after_pins);
	tcase_add_test(tc, slots_swapped);
	suite_add_tcase(suite, tc);
	return suite;
}
