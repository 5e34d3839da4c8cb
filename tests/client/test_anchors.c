/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One CA follows another. */
#include "client/anchors_fixture.h"

#include <stdlib.h>
#include <unistd.h>

Suite *client_anchors_suite(void);

/* with the first certificate comes the first set; it is asked for once */
START_TEST(test_first)
{
	add_set(1, BIT(OLD), BIT(OLD));
	issue();
	check_no_fault();
	ck_assert_uint_eq(held(), 1);
	ck_assert_uint_eq(told_held, 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 2);
	ck_assert_int_eq(access(anchors_file(), R_OK), 0);
	just_fetch();
	new_client();
	just_fetch();
	ck_assert_uint_eq(held(), 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 2);
}
END_TEST

/* a server without sets is asked for none */
START_TEST(test_none)
{
	issue();
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 0);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 0);
}
END_TEST

/* the whole change as one device sees it */
START_TEST(test_change)
{
	struct obol_bundle *bundle;

	add_set(1, BIT(OLD), BIT(OLD));
	issue();
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD) | BIT(NEW));
	bundle = fetch();
	ck_assert_uint_eq(obol_bundle_n_cas(bundle), 1);
	obol_bundle_free(bundle);
	ck_assert_uint_eq(held(), 2);
	ck_assert_uint_eq(told_held, 2);
	issue_under(NEW);
	issue();
	bundle = fetch();
	ck_assert_uint_eq(obol_bundle_n_cas(bundle), 2);
	ck_assert(obol_bytes_eq(obol_bundle_ca(bundle, 0), view[NEW]));
	ck_assert(obol_bytes_eq(obol_bundle_ca(bundle, 1), view[OLD]));
	obol_bundle_free(bundle);
	add_set(3, BIT(NEW), BIT(NEW));
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 3);
	ck_assert_uint_eq(obol_anchors_n_cas(obol_client_anchors(client)), 1);
}
END_TEST

/* who keeps nothing has it from the server each time */
START_TEST(test_without_state)
{
	struct obol_client_options options;

	add_set(1, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue();
	gateway_options(&gateway, &options);
	options.state_file = NULL;
	obol_client_free(client);
	client = gateway_client(&gateway, &options);
	just_fetch();
	ck_assert_uint_eq(held(), 1);
	check_no_fault();
	/* within its life it knows */
	gateway.n_requests[OBOL_ANCHORS] = 0;
	just_fetch();
	ck_assert_uint_eq(held(), 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 0);
}
END_TEST

/* a state file that may not be written */
START_TEST(test_read_only)
{
	struct obol_client_options options;

	issue();
	gateway_options(&gateway, &options);
	options.state_read_only = true;
	obol_client_free(client);
	client = gateway_client(&gateway, &options);
	add_set(1, BIT(OLD) | BIT(NEW), BIT(OLD));
	just_fetch();
	just_fetch();
	ck_assert_uint_eq(held(), 1);
	ck_assert_int_ne(access(anchors_file(), F_OK), 0);
}
END_TEST

/* from set to set after a long absence */
START_TEST(test_away)
{
	issue();
	add_set(1, BIT(OLD), BIT(OLD));
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD));
	add_set(3, BIT(NEW), BIT(NEW));
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 3);
	ck_assert_uint_eq(told_held, 3);
}
END_TEST

/* another device has renewed under the new CA: what the old one has signed is
 * passed over */
START_TEST(test_passed_over)
{
	issue_under(NEW);
	issue();
	add_set(1, BIT(OLD), BIT(OLD));
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD) | BIT(NEW));
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 2);
}
END_TEST

/* the set comes before the certificate, in one session */
START_TEST(test_issue_under_the_next)
{
	struct obol_bundle *bundle;

	issue();
	add_set(1, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue_under(NEW);
	issue();
	ck_assert_uint_eq(held(), 1);
	bundle = fetch();
	ck_assert_uint_eq(obol_bundle_n_cas(bundle), 2);
	obol_bundle_free(bundle);
}
END_TEST

static enum obol_status obtain(void)
{
	struct obol_obtained got;
	enum obol_status status;

	log_in();
	memset(&got, 0, sizeof(got));
	status = obol_client_obtain(client, OBOL_CLIENT_VPN, NULL, &got);
	obol_bundle_free(got.bundle);
	return status;
}

/* nothing is stored that could tell which CA it was: the set does */
START_TEST(test_device_mode)
{
	gateway.mode = OBOL_MODE_DEVICE;
	gateway.key_type = OBOL_KEY_EC_P256;
	add_set(1, BIT(OLD), BIT(OLD));
	check_ok(client, obtain());
	ck_assert_uint_eq(held(), 1);
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue_under(NEW);
	new_client();
	check_ok(client, obtain());
	ck_assert_uint_eq(held(), 2);
	issue_under(STRANGER);
	new_client();
	ck_assert_int_eq(obtain(), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_ANCHORS);
}
END_TEST

/* an activation code is the operator's word that all begins anew */
START_TEST(test_activation)
{
	struct obol_secret *code = gateway_add_code(&gateway, OBOL_SLOT_ACTIVATION);
	struct obol_credential_info *items = NULL;
	size_t n;

	add_set(1, BIT(OLD), BIT(OLD));
	issue();
	ck_assert_uint_eq(held(), 1);
	check_ok(client, obol_client_login_activation(client, code));
	check_ok(client, obol_client_list(client, &items, &n));
	free(items);
	ck_assert_uint_eq(held(), 0);
	ck_assert_uint_eq(client->state.anchors_number, 0);
	obol_secret_free(code);
}
END_TEST

/* what fails on the way to a set is no failure of the fetch */
START_TEST(test_network)
{
	issue();
	add_set(1, BIT(OLD), BIT(OLD));
	gateway.cut_before = OBOL_ANCHORS;
	just_fetch();
	check_anchors(OBOL_CAUSE_SERVER, "");
	ck_assert_uint_eq(held(), 0);
	gateway.cut_before = 0;
	gateway.stall_at = OBOL_ANCHORS;
	client->options.timeout_ms = 1500;
	just_fetch();
	check_anchors(OBOL_CAUSE_TIMEOUT, "");
	ck_assert_uint_eq(client->options.timeout_ms, 1500);
	gateway.stall_at = 0;
	client->options.timeout_ms = GATEWAY_LONG_MS;
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 1);
}
END_TEST

/* nothing to verify it by: not asked for, until there is */
START_TEST(test_nothing_trusted)
{
	struct obol_credential_info *items = NULL;
	size_t n;

	add_set(1, BIT(STRANGER), BIT(STRANGER));
	log_in();
	check_ok(client, obol_client_list(client, &items, &n));
	free(items);
	check_ok(client, obol_client_take_anchors(client));
	ck_assert_uint_eq(gateway.n_requests[OBOL_ANCHORS], 0);
	ck_assert_uint_eq(held(), 0);
}
END_TEST

START_TEST(test_paths)
{
	char path[32];

	ck_assert(obol_anchors_path("/a/vpn.state", path, sizeof(path)));
	ck_assert_str_eq(path, "/a/vpn.anchors");
	ck_assert(obol_anchors_path("/a/vpn", path, sizeof(path)));
	ck_assert_str_eq(path, "/a/vpn.anchors");
	ck_assert(obol_anchors_path(".state", path, sizeof(path)));
	ck_assert_str_eq(path, ".state.anchors");
	ck_assert(!obol_anchors_path("/a/very/long/name/of/a/file.state", path,
								 sizeof(path)));
}
END_TEST

Suite *client_anchors_suite(void)
{
	Suite *suite = suite_create("anchors");
	TCase *tcase = tcase_create("anchors");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, anchors_setup, anchors_teardown);
	tcase_add_test(tcase, test_first);
	tcase_add_test(tcase, test_none);
	tcase_add_test(tcase, test_change);
	tcase_add_test(tcase, test_without_state);
	tcase_add_test(tcase, test_read_only);
	tcase_add_test(tcase, test_away);
	tcase_add_test(tcase, test_passed_over);
	tcase_add_test(tcase, test_issue_under_the_next);
	tcase_add_test(tcase, test_device_mode);
	tcase_add_test(tcase, test_activation);
	tcase_add_test(tcase, test_network);
	tcase_add_test(tcase, test_nothing_trusted);
	tcase_add_test(tcase, test_paths);
	suite_add_tcase(suite, tcase);
	return suite;
}
