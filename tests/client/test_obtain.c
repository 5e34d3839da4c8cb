/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VPN certificate in both modes, renewed, and from one to the other. */
#include "client/gateway.h"
#include "support/run.h"

#include <openssl/x509.h>

#include <stdlib.h>
#include <time.h>

#define LIFE_S 600

static struct gateway gateway;
static struct obol_client *client;
static struct obol_device device;
static struct obol_held held;
static struct obol_obtained got;

static void setup(void)
{
	gateway_init(&gateway);
	gateway.mode = OBOL_MODE_PORTABLE;
	gateway.key_type = OBOL_KEY_EC_P256;
	gateway.issue_life_s = LIFE_S;
	gateway_add_device(&gateway, &device);
	client = gateway_client(&gateway, NULL);
	memset(&held, 0, sizeof(held));
	memset(&got, 0, sizeof(got));
}

static void teardown(void)
{
	obol_bundle_free(got.bundle);
	obol_device_clear(&device);
	obol_client_free(client);
	gateway_clear(&gateway);
}

static unsigned n_of(enum obol_frame_type type)
{
	return gateway.n_requests[type];
}

/* A login and what is obtained with it. */
static enum obol_status obtain(void)
{
	memset(gateway.n_requests, 0, sizeof(gateway.n_requests));
	obol_bundle_free(got.bundle);
	memset(&got, 0, sizeof(got));
	check_ok(client, obol_client_login_device(client, &device));
	return obol_client_obtain(client, OBOL_CLIENT_VPN, &held, &got);
}

/* What was got is held from now on. */
static void hold(void)
{
	held.mode = got.mode;
	held.version = got.version;
	held.not_after = obol_bundle_not_after(got.bundle);
}

/* The account's first certificate, as an activation makes it. */
static void store_first(void)
{
	check_ok(client, obol_client_login_device(client, &device));
	check_ok(client, obol_client_issue(client, OBOL_CLIENT_VPN, NULL));
	check_ok(client, obtain());
	ck_assert_ptr_nonnull(got.bundle);
	hold();
}

static bool same(const struct obol_bundle *a, const struct obol_bundle *b)
{
	return obol_bytes_eq(obol_bundle_chain(a, 0), obol_bundle_chain(b, 0));
}

/*
 * Portable
 */

START_TEST(portable_nothing_stored)
{
	ck_assert_int_eq(obtain(), OBOL_ERR_NOT_FOUND);
	check_cause(client, OBOL_CAUSE_NOT_FOUND);
	ck_assert_ptr_null(got.bundle);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
}
END_TEST

START_TEST(portable_fetched)
{
	store_first();
	ck_assert_uint_eq(got.mode, OBOL_CLIENT_MODE_PORTABLE);
	ck_assert_uint_eq(got.version, 1);
	ck_assert_uint_eq(n_of(OBOL_GET), 1);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
	check_ok(client, obtain());
	ck_assert_ptr_null(got.bundle);
	ck_assert_uint_eq(got.version, 1);
	ck_assert_uint_eq(n_of(OBOL_GET), 1);
	ck_assert_uint_eq(obol_client_login_info(client)->mode,
					  OBOL_CLIENT_MODE_PORTABLE);
	ck_assert_uint_eq(obol_client_login_info(client)->key_type,
					  OBOL_CLIENT_KEY_EC_P256);
}
END_TEST

START_TEST(portable_renewed)
{
	struct obol_bundle *first;

	store_first();
	first = got.bundle;
	got.bundle = NULL;
	held.renew = true;
	check_ok(client, obtain());
	ck_assert_ptr_nonnull(got.bundle);
	ck_assert_uint_eq(got.version, 2);
	ck_assert(!same(first, got.bundle));
	ck_assert(!obol_bytes_eq(obol_secret_view(obol_bundle_key(first)),
							 obol_secret_view(obol_bundle_key(got.bundle))));
	ck_assert_uint_eq(n_of(OBOL_GET), 1);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
	ck_assert_uint_eq(n_of(OBOL_PUT), 1);
	/* whoever comes later takes that one */
	check_ok(client, obtain());
	ck_assert_uint_eq(got.version, 2);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
	obol_bundle_free(first);
}
END_TEST

/* What is stored is due as well: nobody has renewed it. */
START_TEST(portable_due_elsewhere)
{
	gateway.issue_life_s = LIFE_S;
	gateway.clock_off_s = -500;
	store_first();
	held.version = 0;
	held.mode = 0;
	held.renew = true;
	gateway.clock_off_s = 0;
	check_ok(client, obtain());
	ck_assert_uint_eq(got.version, 2);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
}
END_TEST

static const struct {
	const char *why;
	/** of the account, in seconds after that of the certificate; 0 for none */
	int64_t end;
	uint8_t key_type;
	/** the held one is of no use any more */
	bool is_revoked;
	bool is_renewed;
} gains[] = {
	{ "no end", 0, OBOL_KEY_EC_P256, false, true },
	{ "a later end", 1, OBOL_KEY_EC_P256, false, true },
	{ "the same end", -1, OBOL_KEY_EC_P256, false, false },
	{ "the same end, revoked", -1, OBOL_KEY_EC_P256, true, true },
	{ "no CA", 0, 0, false, false },
};

START_TEST(what_is_gained)
{
	int mode;

	for (mode = OBOL_MODE_PORTABLE; mode <= OBOL_MODE_DEVICE; mode++)
	{
		gateway.mode = (uint8_t)mode;
		gateway.key_type = OBOL_KEY_EC_P256;
		gateway.account_expires_at = 0;
		memset(&held, 0, sizeof(held));
		store_first();
		held.renew = true;
		if (gains[_i].end)
		{
			gateway.account_expires_at =
				held.not_after + (uint64_t)(gains[_i].end > 0);
		}
		if (gains[_i].is_revoked)
		{
			held.not_after = 0;
		}
		gateway.key_type = gains[_i].key_type;
		check_ok(client, obtain());
		ck_assert_msg((got.bundle != NULL) == gains[_i].is_renewed,
					  "%s, mode %d", gains[_i].why, mode);
		ck_assert_uint_eq(got.mode, mode);
		ck_assert_uint_eq(n_of(OBOL_ISSUE), gains[_i].is_renewed);
	}
}
END_TEST

/* Expired while all devices were off. */
START_TEST(portable_expired)
{
	struct obol_held nothing = { 0 };

	gateway.clock_off_s = -2 * LIFE_S;
	check_ok(client, obol_client_login_device(client, &device));
	ck_assert_int_eq(obol_client_issue(client, OBOL_CLIENT_VPN, NULL),
					 OBOL_ERR_FORMAT);
	gateway.clock_off_s = 0;
	held = nothing;
	/* without a CA it stays so */
	gateway.key_type = 0;
	ck_assert_int_eq(obtain(), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_EXPIRED);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
	gateway.key_type = OBOL_KEY_EC_P256;
	check_ok(client, obtain());
	ck_assert_ptr_nonnull(got.bundle);
	ck_assert_uint_eq(got.version, 2);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
}
END_TEST

/* For the server it is good: this clock is wrong, and a new one would be no
 * better. */
START_TEST(portable_clock_wrong)
{
	gateway.clock_off_s = -2 * LIFE_S;
	check_ok(client, obol_client_login_device(client, &device));
	ck_assert_int_eq(obol_client_issue(client, OBOL_CLIENT_VPN, NULL),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(obtain(), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_CLOCK);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
}
END_TEST

/* A key that the operator has brought is of another PKI. */
START_TEST(portable_expired_shared)
{
	struct obol_bundle *bundle = NULL, *shared = NULL;
	struct obol_bundle_parts parts = { .key_was_shared = true,
									   .n_chain = 1,
									   .n_cas = 1 };
	struct obol_secret *body = NULL;
	uint64_t version;

	gateway.clock_off_s = -2 * LIFE_S;
	check_ok(client, obol_client_login_device(client, &device));
	check_ok(client, obol_client_issue_own(client, &bundle));
	parts.key = obol_bundle_key(bundle);
	parts.chain[0] = obol_bundle_chain(bundle, 0);
	parts.cas[0] = obol_bundle_ca(bundle, 0);
	ck_assert_int_eq(obol_bundle_new(&parts, &shared), OBOL_OK);
	ck_assert_int_eq(obol_bundle_encode(shared, &body), OBOL_OK);
	check_ok(client, obol_client_put(client, OBOL_CLIENT_VPN,
									 OBOL_FORMAT_BUNDLE, 0, body, &version));
	gateway.clock_off_s = 0;
	ck_assert_int_eq(obtain(), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_EXPIRED);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
	obol_secret_free(body);
	obol_bundle_free(shared);
	obol_bundle_free(bundle);
}
END_TEST

/* The server fails in the middle: nothing is got, and nothing is lost. */
START_TEST(portable_renewal_fails)
{
	static const uint8_t at[] = { OBOL_GET, OBOL_ISSUE, OBOL_PUT };

	store_first();
	held.renew = true;
	gateway.cut_before = at[_i];
	ck_assert_int_ne(obtain(), OBOL_OK);
	ck_assert_ptr_null(got.bundle);
	gateway.cut_before = 0;
	check_ok(client, obtain());
	ck_assert_uint_eq(got.version, 2);
}
END_TEST

/* The put took place and its answer was lost: the next time it is there. */
START_TEST(portable_answer_lost)
{
	store_first();
	held.renew = true;
	gateway.cut_after = OBOL_PUT;
	ck_assert_int_ne(obtain(), OBOL_OK);
	gateway.cut_after = 0;
	check_ok(client, obtain());
	ck_assert_uint_eq(got.version, 2);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
}
END_TEST

/*
 * Device
 */

static uint8_t type_of(const struct obol_bundle *bundle)
{
	struct obol_bytes der = obol_secret_view(obol_bundle_key(bundle));
	const uint8_t *pos = der.ptr;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &pos, (long)der.len);
	uint8_t type;

	ck_assert_ptr_nonnull(key);
	type = EVP_PKEY_is_a(key, "ED25519")   ? OBOL_KEY_ED25519
		   : EVP_PKEY_is_a(key, "RSA")     ? OBOL_KEY_RSA_3072
		   : EVP_PKEY_get_bits(key) == 384 ? OBOL_KEY_EC_P384
										   : OBOL_KEY_EC_P256;
	EVP_PKEY_free(key);
	return type;
}

/* Once the mode is known, also to another run of the program, the request goes
 * with KE3: no round trip more than a fetch. */
START_TEST(device_issued)
{
	struct obol_bundle *first;

	gateway.mode = OBOL_MODE_DEVICE;
	check_ok(client, obtain());
	ck_assert_uint_eq(n_of(OBOL_GET), 1);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
	first = got.bundle;
	got.bundle = NULL;
	obol_client_free(client);
	client = gateway_client(&gateway, NULL);
	check_ok(client, obtain());
	ck_assert_uint_eq(got.mode, OBOL_CLIENT_MODE_DEVICE);
	ck_assert_uint_eq(n_of(OBOL_GET), 0);
	ck_assert_uint_eq(n_of(OBOL_INFO), 0);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
	ck_assert(!obol_bytes_eq(obol_secret_view(obol_bundle_key(first)),
							 obol_secret_view(obol_bundle_key(got.bundle))));
	/* stored nowhere */
	ck_assert_uint_eq(n_of(OBOL_PUT), 0);
	ck_assert_uint_eq(gateway.owner.n_credentials, 0);
	obol_bundle_free(first);
	/* what is held serves on until it is due */
	hold();
	check_ok(client, obtain());
	ck_assert_ptr_null(got.bundle);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
	held.renew = true;
	check_ok(client, obtain());
	ck_assert_ptr_nonnull(got.bundle);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
}
END_TEST

START_TEST(device_key_types)
{
	int type;

	gateway.mode = OBOL_MODE_DEVICE;
	for (type = OBOL_KEY_EC_P256; type <= OBOL_KEY_ED25519; type++)
	{
		gateway.key_type = (uint8_t)type;
		check_ok(client, obtain());
		ck_assert_uint_eq(type_of(got.bundle), type);
		/* the first time a request for the former type was refused */
		ck_assert_uint_eq(n_of(OBOL_ISSUE), type == OBOL_KEY_EC_P256 ? 1 : 2);
		check_ok(client, obtain());
		ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
	}
	gateway.key_type = OBOL_KEY_ED25519 + 1;
	ck_assert_int_eq(obtain(), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_CREDENTIAL);
	ck_assert_ptr_null(got.bundle);
}
END_TEST

START_TEST(device_clock_wrong)
{
	gateway.mode = OBOL_MODE_DEVICE;
	gateway.clock_off_s = -3 * 3600;
	ck_assert_int_eq(obtain(), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_CLOCK);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
	/* another one would be no better */
	ck_assert_int_eq(obtain(), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_CLOCK);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
	gateway.clock_off_s = 0;
	check_ok(client, obtain());
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
	/* half an hour is no matter: they are dated back an hour */
	gateway.clock_off_s = 1800;
	check_ok(client, obtain());
	ck_assert_ptr_nonnull(got.bundle);
}
END_TEST

/*
 * From one mode to the other
 */

START_TEST(portable_to_device)
{
	store_first();
	gateway.mode = OBOL_MODE_DEVICE;
	check_ok(client, obtain());
	ck_assert_uint_eq(got.mode, OBOL_CLIENT_MODE_DEVICE);
	ck_assert_ptr_nonnull(got.bundle);
	ck_assert_uint_eq(gateway.owner.credentials[0].version, 1);
}
END_TEST

/* The first device stores what it has just made, the others fetch that. */
START_TEST(device_to_portable)
{
	struct obol_bundle *mine;

	gateway.mode = OBOL_MODE_DEVICE;
	check_ok(client, obtain());
	gateway.mode = OBOL_MODE_PORTABLE;
	check_ok(client, obtain());
	ck_assert_uint_eq(got.mode, OBOL_CLIENT_MODE_PORTABLE);
	ck_assert_uint_eq(got.version, 1);
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 1);
	mine = got.bundle;
	got.bundle = NULL;
	gateway.mode = OBOL_MODE_DEVICE;
	check_ok(client, obtain());
	hold();
	gateway.mode = OBOL_MODE_PORTABLE;
	check_ok(client, obtain());
	ck_assert_uint_eq(got.mode, OBOL_CLIENT_MODE_PORTABLE);
	ck_assert(same(mine, got.bundle));
	ck_assert_uint_eq(n_of(OBOL_ISSUE), 0);
	obol_bundle_free(mine);
}
END_TEST

/* What its user has deleted does not come back by itself. */
START_TEST(device_to_portable_deleted)
{
	struct obol_secret *code = gateway_add_code(&gateway, OBOL_SLOT_RECOVERY);

	store_first();
	check_ok(client, obol_client_login_recovery(client, code));
	check_ok(client, obol_client_delete(client, OBOL_CLIENT_VPN, 1));
	gateway.mode = OBOL_MODE_DEVICE;
	memset(&held, 0, sizeof(held));
	check_ok(client, obtain());
	gateway.mode = OBOL_MODE_PORTABLE;
	ck_assert_int_eq(obtain(), OBOL_ERR_NOT_FOUND);
	check_cause(client, OBOL_CAUSE_NOT_FOUND);
	obol_secret_free(code);
}
END_TEST

Suite *obtain_suite(void);

Suite *obtain_suite(void)
{
	Suite *suite = suite_create("obtain");
	TCase *tcase = tcase_create("obtain");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, portable_nothing_stored);
	tcase_add_test(tcase, portable_fetched);
	tcase_add_test(tcase, portable_renewed);
	tcase_add_test(tcase, portable_due_elsewhere);
	tcase_add_loop_test(tcase, what_is_gained, 0,
						sizeof(gains) / sizeof(gains[0]));
	tcase_add_test(tcase, portable_expired);
	tcase_add_test(tcase, portable_clock_wrong);
	tcase_add_test(tcase, portable_expired_shared);
	tcase_add_loop_test(tcase, portable_renewal_fails, 0, 3);
	tcase_add_test(tcase, portable_answer_lost);
	tcase_add_test(tcase, device_issued);
	tcase_add_test(tcase, device_key_types);
	tcase_add_test(tcase, device_clock_wrong);
	tcase_add_test(tcase, portable_to_device);
	tcase_add_test(tcase, device_to_portable);
	tcase_add_test(tcase, device_to_portable_deleted);
	suite_add_tcase(suite, tcase);
	return suite;
}
