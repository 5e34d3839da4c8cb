/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client is told, and what comes of it. */
#include "base/bytes.h"
#include "client/internal.h"
#include "support/run.h"

#include <stdio.h>

struct good_row {
	const char *account;
	const char *servers;
	const char *server_name;
	const char *name;
	const char *server;
	/** the name expected of servers that are addresses */
	const char *tls_name;
};

static const struct good_row good[] = {
	{ "alice@vpn.example.org", NULL, NULL, "alice", "vpn.example.org", "" },
	{ "alice", "vpn.example.org", NULL, "alice", "vpn.example.org", "" },
	{ "alice@[2001:db8::1]:4501", NULL, NULL, "alice", "2001:db8::1", "" },
	{ "alice@vpn.example.org", "192.0.2.1", NULL, "alice", "192.0.2.1",
	  "vpn.example.org" },
	{ "alice@vpn.example.org", "192.0.2.1", "a.example", "alice", "192.0.2.1",
	  "a.example" },
	{ "alice@192.0.2.9", "192.0.2.1", NULL, "alice", "192.0.2.1", "" },
	{ "alice", "192.0.2.1, b.example", "A.example.", "alice", "192.0.2.1",
	  "a.example" },
	/* composed and decomposed are one */
	{ "M\xc3\xbcller@a.example", NULL, NULL, "m\xc3\xbcller", "a.example", "" },
	{ "mu\xcc\x88ller@a.example", NULL, NULL, "m\xc3\xbcller", "a.example",
	  "" },
};

START_TEST(takes_names)
{
	const struct good_row *row = &good[_i];
	struct obol_client_options options;
	struct obol_client *client = NULL;
	struct obol_error error;

	obol_client_options_init(&options);
	options.account = row->account;
	options.servers = row->servers;
	options.server_name = row->server_name;
	ck_assert_msg(obol_client_new(&options, &client, &error) == OBOL_OK, "%s",
				  error.text);
	ck_assert_str_eq(obol_client_account(client), row->name);
	ck_assert_str_eq(obol_client_server(client), row->server);
	ck_assert_str_eq(client->server_name, row->tls_name);
	ck_assert_int_eq(obol_client_error(client)->cause, OBOL_CAUSE_NONE);
	ck_assert_uint_eq(client->options.timeout_ms, OBOL_CLIENT_TIMEOUT_MS);
	ck_assert_int_eq(client->options.abort_fd, -1);
	obol_client_free(client);
}
END_TEST

struct bad_row {
	const char *account;
	const char *servers;
	const char *server_name;
	const char *tls_ca;
	enum obol_cause cause;
	const char *word;
};

static const struct bad_row bad[] = {
	{ NULL, "a.example", NULL, NULL, OBOL_CAUSE_CONFIG, "no account" },
	{ "alice", NULL, NULL, NULL, OBOL_CAUSE_CONFIG, "NAME@SERVER" },
	{ "", "a.example", NULL, NULL, OBOL_CAUSE_CONFIG, "account's name" },
	{ "@a.example", NULL, NULL, NULL, OBOL_CAUSE_CONFIG, "account's name" },
	{ "al ice@a.example", NULL, NULL, NULL, OBOL_CAUSE_CONFIG,
	  "account's name" },
	{ "al\x07ice@a.example", NULL, NULL, NULL, OBOL_CAUSE_CONFIG, "\\x07" },
	{ "a@b@a.example", NULL, NULL, NULL, OBOL_CAUSE_CONFIG, "account's name" },
	{ "\xff\xfe@a.example", NULL, NULL, NULL, OBOL_CAUSE_CONFIG, "\\xff" },
	{ "alice@", NULL, NULL, NULL, OBOL_CAUSE_CONFIG, "no server" },
	{ "alice@a..b", NULL, NULL, NULL, OBOL_CAUSE_CONFIG, "a..b" },
	{ "alice", "2001:db8::1", NULL, NULL, OBOL_CAUSE_CONFIG, "brackets" },
	{ "alice", "192.0.2.1", "b..c", NULL, OBOL_CAUSE_CONFIG, "server_name" },
	{ "alice", "192.0.2.1", "192.0.2.1", NULL, OBOL_CAUSE_CONFIG,
	  "server_name" },
	{ "alice", "a.example", NULL, "/nonexistent/ca.pem", OBOL_CAUSE_FILE,
	  "ca.pem" },
	{ "alice", "a.example", NULL, "/dev/null", OBOL_CAUSE_FILE,
	  "no certificate" },
};

START_TEST(refuses_others)
{
	const struct bad_row *row = &bad[_i];
	struct obol_client_options options;
	struct obol_client *client = NULL;
	struct obol_error error;

	obol_client_options_init(&options);
	options.account = row->account;
	options.servers = row->servers;
	options.server_name = row->server_name;
	options.tls_ca = row->tls_ca;
	ck_assert_int_ne(obol_client_new(&options, &client, &error), OBOL_OK);
	ck_assert_msg(error.cause == row->cause, "%s", error.text);
	ck_assert_msg(strstr(error.text, row->word) != NULL, "%s", error.text);
	ck_assert_ptr_null(client);
	/* without a place for the error too */
	ck_assert_int_ne(obol_client_new(&options, &client, NULL), OBOL_OK);
}
END_TEST

START_TEST(bounds_names)
{
	struct obol_client_options options;
	struct obol_client *client = NULL;
	char name[300];

	obol_client_options_init(&options);
	options.servers = "a.example";
	options.account = name;
	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	ck_assert_int_eq(obol_client_new(&options, &client, NULL), OBOL_OK);
	obol_client_free(client);
	name[255] = 'a';
	name[256] = '\0';
	ck_assert_int_ne(obol_client_new(&options, &client, NULL), OBOL_OK);
}
END_TEST

Suite *options_suite(void);
Suite *options_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("options");

	tcase_add_loop_test(tcase, takes_names, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tcase, refuses_others, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, bounds_names);
	suite_add_tcase(suite, tcase);
	return suite;
}
