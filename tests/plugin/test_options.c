/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_options.c. */
#include "plugin/swan.h"

#include "obol_options.h"

#include <string.h>

/* The one profile that loads, NULL if none does. */
static obol_options_t *load_one(void)
{
	linked_list_t *list = obol_options_load();
	obol_options_t *options = NULL;

	ck_assert_int_le(list->get_count(list), 1);
	list->remove_first(list, (void **)&options);
	list->destroy(list);
	return options;
}

START_TEST(test_defaults)
{
	obol_options_t *options;

	swan_set("profiles.home.account", "alice@vpn.example.org");
	options = load_one();
	ck_assert(options);
	ck_assert_str_eq(options->name, "home");
	ck_assert_str_eq(options->credential, "vpn");
	ck_assert_str_eq(options->owner, "obol:alice@vpn.example.org");
	ck_assert_uint_eq(options->timeout_ms, 10000);
	ck_assert_uint_eq(options->fwmark, 0);
	ck_assert(!options->server && !options->device_file && !options->tls_ca);
	ck_assert(!options->state_file && !options->state_read_only);
	obol_options_destroy(options);
}
END_TEST

START_TEST(test_token)
{
	static const struct {
		const char *uri;
		bool good;
	} uris[] = {
		{ "pkcs11:token=a?module-path=/m.so", true },
		{ "pkcs11:token=a;object=o?module-path=/m.so&pin-source=file:/p",
		  true },
		{ "pkcs11:token=a", false },
		{ "pkcs11:token=a?module-path=/m.so&pin-value=4711", false },
		{ "pkcs11:token=a;id=%01?module-path=/m.so", false },
		{ "/etc/token", false },
	};
	obol_options_t *options;
	size_t i;

	swan_set("profiles.home.account", "alice@vpn.example.org");
	for (i = 0; i < countof(uris); i++)
	{
		swan_set("profiles.home.token", uris[i].uri);
		options = load_one();
		ck_assert_msg((options != NULL) == uris[i].good, "%s", uris[i].uri);
		if (options)
		{
			ck_assert_str_eq(options->token, uris[i].uri);
		}
		obol_options_destroy(options);
	}
}
END_TEST

START_TEST(test_all_options)
{
	obol_options_t *options, *clone;
	struct obol_client_options client;
	char state[256];

	swan_profiles(false);
	swan_set("profiles.home.server", "192.0.2.1");
	swan_set("profiles.home.server_name", "vpn.example.org");
	swan_set("profiles.home.credential", "second");
	swan_set("profiles.home.tls_ca", "/etc/ssl/ca.pem");
	swan_set("profiles.home.timeout", "3s");
	swan_set("profiles.home.fwmark", "0x2a");
	options = load_one();
	ck_assert(options);
	snprintf(state, sizeof(state), "%.*sstate",
			 (int)(strlen(options->device_file) - strlen("device")),
			 options->device_file);
	ck_assert_str_eq(options->state_file, state);
	ck_assert_str_eq(options->owner, "obol:alice@192.0.2.1");
	obol_options_to_client(options, &client);
	ck_assert_str_eq(client.servers, "192.0.2.1");
	ck_assert_str_eq(client.server_name, "vpn.example.org");
	ck_assert_str_eq(client.account, "alice@home");
	ck_assert_str_eq(client.tls_ca, "/etc/ssl/ca.pem");
	ck_assert_str_eq(client.state_file, state);
	ck_assert_uint_eq(client.timeout_ms, 3000 - OBOL_ANSWER_MS);
	ck_assert(client.unattended && !client.state_read_only);
	ck_assert_str_eq(options->credential, "second");
	ck_assert_uint_eq(options->fwmark, 0x2a);
	clone = obol_options_clone(options);
	ck_assert(obol_options_equal(options, clone));
	clone->fwmark++;
	ck_assert(!obol_options_equal(options, clone));
	obol_options_destroy(clone);
	obol_options_destroy(options);
}
END_TEST

START_TEST(test_inherited)
{
	obol_options_t *options;

	swan_password_profile();
	swan_set("timeout", "7s");
	lib->settings->set_str(lib->settings,
						   "charon.plugins.socket-default.fwmark", "0x10");
	options = load_one();
	ck_assert_uint_eq(options->timeout_ms, 7000);
	ck_assert_uint_eq(options->fwmark, 0x10);
	obol_options_destroy(options);
	swan_set("fwmark", "0x11");
	options = load_one();
	ck_assert_uint_eq(options->fwmark, 0x11);
	obol_options_destroy(options);
}
END_TEST

START_TEST(test_state_read_only)
{
	obol_options_t *options;

	swan_password_profile();
	swan_set("profiles.home.state_file", "/nonexistent/home.state");
	options = load_one();
	ck_assert(options && options->state_read_only);
	obol_options_destroy(options);
}
END_TEST

/* Options that make a profile useless, and what the log says. */
static const struct {
	const char *key, *value, *logged;
} refused[] = {
	{ "profiles.home.account", "", "it has no account" },
	{ "profiles.home.account", "alice", "settings cannot be used" },
	{ "profiles.home.account", "al ice@home", "settings cannot be used" },
	{ "profiles.home.device_file", "home.device", "device_file must be an" },
	{ "profiles.home.tls_ca", "ca.pem", "tls_ca must be an absolute" },
	{ "profiles.home.state_file", "./x", "state_file must be an absolute" },
	{ "profiles.home.timeout", "0", "timeout must be 1 to 20 seconds" },
	{ "profiles.home.timeout", "21s", "timeout must be 1 to 20 seconds" },
	{ "timeout", "1m", "timeout must be 1 to 20 seconds" },
	{ "profiles.home.fwmark", "blue", "fwmark must be a number" },
};

START_TEST(test_refused)
{
	obol_options_t *options;

	swan_password_profile();
	swan_set(refused[_i].key, refused[_i].value);
	options = load_one();
	ck_assert_msg(!options, "%s = %s", refused[_i].key, refused[_i].value);
	ck_assert_msg(swan_logged(refused[_i].logged) == 1 &&
					  swan_logged("profile 'home' is not used") == 1,
				  "%s = %s: %s", refused[_i].key, refused[_i].value,
				  swan_log());
}
END_TEST

START_TEST(test_one_bad_of_two)
{
	obol_options_t *options;

	swan_set("profiles.bad.account", "alice");
	swan_set("profiles.good.account", "alice@home");
	options = load_one();
	ck_assert(options);
	ck_assert_str_eq(options->name, "good");
	obol_options_destroy(options);
}
END_TEST

START_TEST(test_unknown_option)
{
	obol_options_t *options;

	swan_password_profile();
	swan_set("profiles.home.servr", "192.0.2.1");
	options = load_one();
	ck_assert(options);
	ck_assert_uint_eq(swan_logged("there is no option 'servr'"), 1);
	obol_options_destroy(options);
}
END_TEST

Suite *options_suite(void);

Suite *options_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("options");

	tcase_add_checked_fixture(tcase, swan_setup, swan_teardown);
	tcase_add_test(tcase, test_defaults);
	tcase_add_test(tcase, test_token);
	tcase_add_test(tcase, test_all_options);
	tcase_add_test(tcase, test_inherited);
	tcase_add_test(tcase, test_state_read_only);
	tcase_add_loop_test(tcase, test_refused, 0, countof(refused));
	tcase_add_test(tcase, test_one_bad_of_two);
	tcase_add_test(tcase, test_unknown_option);
	suite_add_tcase(suite, tcase);
	return suite;
}
