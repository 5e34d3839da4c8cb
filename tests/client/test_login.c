/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging in: what works, and each way in which it does not. */
#include "client/gateway.h"
#include "support/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct gateway gateway;

static void setup(void)
{
	gateway_init(&gateway);
	gateway_add_password(&gateway);
}

static void teardown(void)
{
	gateway_clear(&gateway);
}

START_TEST(with_password)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	const struct obol_login_info *info = obol_client_login_info(client);
	uint64_t ms = obol_mono_ms(obol_clock_system());

	ck_assert_str_eq(obol_client_account(client), "alice");
	ck_assert_str_eq(obol_client_server(client), "127.0.0.1");
	check_ok(client, login(client, PASSWORD));
	ms = obol_mono_ms(obol_clock_system()) - ms;
	ck_assert_uint_eq(info->server_time, 0);
	/* KE3 waits for the first request */
	ck_assert_uint_eq(gateway.owner.n_finishes, 0);
	check_ok(client, ask(client));
	ck_assert_uint_eq(gateway.owner.n_finishes, 1);
	ck_assert_uint_eq(info->n_failures, 2);
	ck_assert_str_eq(info->last_failure_source, "192.0.2.7");
	ck_assert_uint_ne(info->server_time, 0);
	ck_assert_uint_gt(info->ksf_ms, 0);
	/* one is no part of the other; both are rounded */
	ck_assert_uint_le(info->challenge_ms + info->ksf_ms, ms + 2);
	check_cause(client, OBOL_CAUSE_NONE);
	obol_client_logout(client);
	ck_assert_uint_eq(info->server_time, 0);
	ck_assert_int_eq(ask(client), OBOL_ERR_ARG);
	obol_client_free(client);
}
END_TEST

START_TEST(with_device)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	struct obol_device device;

	gateway_add_device(&gateway, &device);
	check_ok(client, obol_client_login_device(client, &device));
	check_ok(client, ask(client));
	obol_secret_ptr(device.secret)[3] ^= 1;
	ck_assert_int_eq(obol_client_login_device(client, &device), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_AUTH);
	ck_assert_ptr_nonnull(strstr(obol_client_error(client)->text, "device"));
	obol_secret_cut(device.secret, 15);
	ck_assert_int_eq(obol_client_login_device(client, &device), OBOL_ERR_ARG);
	obol_device_clear(&device);
	obol_client_free(client);
}
END_TEST

static enum obol_status login_code(struct obol_client *client, int kind,
								   const struct obol_secret *code)
{
	return kind == OBOL_SLOT_ACTIVATION
			   ? obol_client_login_activation(client, code)
			   : obol_client_login_recovery(client, code);
}

START_TEST(with_code)
{
	int kind = _i ? OBOL_SLOT_ACTIVATION : OBOL_SLOT_RECOVERY;
	struct obol_client *client = gateway_client(&gateway, NULL);
	struct obol_secret *code =
		gateway_add_code(&gateway, (enum obol_slot_kind)kind);
	uint8_t *text = obol_secret_ptr(code);
	struct obol_secret *other;
	unsigned n_starts;

	check_ok(client, login_code(client, kind, code));
	check_ok(client, ask(client));
	/* a slip costs nothing */
	n_starts = gateway.owner.n_starts;
	text[1] = text[1] == '2' ? '3' : '2';
	ck_assert_int_ne(login_code(client, kind, code), OBOL_OK);
	check_cause(client, OBOL_CAUSE_CODE);
	obol_secret_cut(code, 5);
	ck_assert_int_ne(login_code(client, kind, code), OBOL_OK);
	check_cause(client, OBOL_CAUSE_CODE);
	ck_assert_uint_eq(gateway.owner.n_starts, n_starts);
	/* a code that is right in itself */
	other = gateway_add_code(&gateway, (enum obol_slot_kind)kind);
	gateway.owner.n_slots = 1;
	ck_assert_int_eq(login_code(client, kind, other), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_AUTH);
	ck_assert_ptr_nonnull(strstr(obol_client_error(client)->text,
								 _i ? "activation code" : "recovery code"));
	obol_secret_free(other);
	obol_secret_free(code);
	obol_client_free(client);
}
END_TEST

START_TEST(same_name_in_other_forms)
{
	static const char *const names[] = { "alice", "ALICE", "Alice",
										 "alice@127.0.0.1",
										 "\xef\xbd\x81lice" };
	struct obol_client_options options;
	struct obol_client *client;

	gateway_options(&gateway, &options);
	options.account = names[_i];
	client = gateway_client(&gateway, &options);
	ck_assert_str_eq(obol_client_account(client), "alice");
	check_ok(client, login(client, PASSWORD));
	obol_client_free(client);
}
END_TEST

struct cause_row {
	const char *password;
	const char *account;
	uint32_t later_s;
	enum obol_reply refuse_login;
	struct obol_ksf_params ksf;
	bool no_wrap;
	enum obol_cause cause;
	enum obol_status status;
	const char *word;
	/** told at the first request, not at the login */
	bool at_request;
};

static const struct cause_row causes[] = {
	{ .password = "wrong",
	  .cause = OBOL_CAUSE_AUTH,
	  .status = OBOL_ERR_AUTH,
	  .word = "another machine" },
	{ .account = "mallory",
	  .cause = OBOL_CAUSE_AUTH,
	  .status = OBOL_ERR_AUTH,
	  .word = "another machine" },
	{ .password = "",
	  .cause = OBOL_CAUSE_PASSWORD,
	  .status = OBOL_ERR_FORMAT,
	  .word = "UTF-8" },
	{ .password = "bell\x07",
	  .cause = OBOL_CAUSE_PASSWORD,
	  .status = OBOL_ERR_FORMAT,
	  .word = "control" },
	{ .later_s = 3600,
	  .cause = OBOL_CAUSE_LATER,
	  .status = OBOL_ERR_DENIED,
	  .word = "60 min" },
	{ .refuse_login = OBOL_REPLY_DISABLED,
	  .cause = OBOL_CAUSE_DISABLED,
	  .status = OBOL_ERR_DENIED,
	  .word = "disabled",
	  .at_request = true },
	{ .refuse_login = OBOL_REPLY_AUTH,
	  .cause = OBOL_CAUSE_AUTH,
	  .status = OBOL_ERR_AUTH,
	  .word = "password",
	  .at_request = true },
	{ .refuse_login = OBOL_REPLY_TEMPORARY,
	  .cause = OBOL_CAUSE_SERVER,
	  .status = OBOL_ERR_STORE,
	  .word = "failure of its own",
	  .at_request = true },
	{ .ksf = { OBOL_KSF_SCRYPT, 14, 8, 1 },
	  .cause = OBOL_CAUSE_KSF,
	  .status = OBOL_ERR_DENIED,
	  .word = "too weak" },
	{ .ksf = { OBOL_KSF_SCRYPT, 20, 8, 1 },
	  .cause = OBOL_CAUSE_KSF,
	  .status = OBOL_ERR_DENIED,
	  .word = "too costly" },
	{ .no_wrap = true,
	  .cause = OBOL_CAUSE_SEAL,
	  .status = OBOL_ERR_AUTH,
	  .word = "account key",
	  .at_request = true },
};

START_TEST(fails_with_its_cause)
{
	const struct cause_row *row = &causes[_i];
	struct obol_client_options options;
	struct obol_client *client;
	enum obol_status status;

	gateway_options(&gateway, &options);
	options.account = row->account ? row->account : "alice";
	client = gateway_client(&gateway, &options);
	gateway.owner.later_s = row->later_s;
	gateway.owner.refuse_login = row->refuse_login;
	gateway.owner.no_wrap = row->no_wrap;
	if (row->ksf.id)
	{
		gateway.owner.ksf = row->ksf;
	}
	status = login(client, row->password ? row->password : PASSWORD);
	if (row->at_request)
	{
		check_ok(client, status);
		status = ask(client);
	}
	check_cause(client, row->cause);
	ck_assert_int_eq(status, row->status);
	ck_assert_int_eq(obol_client_error(client)->status, row->status);
	ck_assert_uint_eq(obol_client_error(client)->retry_after_s, row->later_s);
	ck_assert_msg(strstr(obol_client_error(client)->text, row->word) != NULL,
				  "%s", obol_client_error(client)->text);
	/* whatever was tried, the password is in no text */
	ck_assert_ptr_null(strstr(obol_client_error(client)->text, PASSWORD));
	obol_client_free(client);
}
END_TEST

/* Where a server stops to answer, or goes: each has its time. */
static const uint8_t stops[] = { OBOL_LOGIN_START, OBOL_LOGIN_FINISH,
								 OBOL_LIST };

/* Without key stretching, so that times mean something. */
static enum obol_status login_and_ask(struct obol_client *client,
									  uint8_t stall_at)
{
	struct obol_device device;
	enum obol_status status;

	gateway_add_device(&gateway, &device);
	gateway.stall_at = stall_at;
	status = obol_client_login_device(client, &device);
	if (status == OBOL_OK)
	{
		status = ask(client);
	}
	obol_device_clear(&device);
	return status;
}

START_TEST(silence)
{
	struct obol_client_options options;
	struct obol_client *client;
	uint64_t start;

	gateway_options(&gateway, &options);
	options.timeout_ms = 700;
	client = gateway_client(&gateway, &options);
	start = obol_mono_ms(obol_clock_system());
	ck_assert_int_eq(login_and_ask(client, stops[_i]), OBOL_ERR_TIMEOUT);
	start = obol_mono_ms(obol_clock_system()) - start;
	check_cause(client, OBOL_CAUSE_TIMEOUT);
	ck_assert_uint_ge(start, 690);
	/* it waits for no more than that, and for a request */
	ck_assert_uint_lt(start, GATEWAY_SOON_MS);
	obol_client_free(client);
}
END_TEST

START_TEST(hang_up)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	enum obol_status status;

	gateway.cut_before = stops[_i];
	status = login(client, PASSWORD);
	if (status == OBOL_OK)
	{
		status = ask(client);
	}
	ck_assert_int_eq(status, OBOL_ERR_STORE);
	check_cause(client, OBOL_CAUSE_SERVER);
	/* and comes back */
	gateway.cut_before = 0;
	check_ok(client, login(client, PASSWORD));
	check_ok(client, ask(client));
	obol_client_free(client);
}
END_TEST

struct aborter {
	int fds[2];
	uint64_t at_ms;
};

static void *abort_soon(void *arg)
{
	struct aborter *aborter = arg;

	(void)usleep(200000);
	aborter->at_ms = obol_mono_ms(obol_clock_system());
	(void)!write(aborter->fds[1], "x", 1);
	return NULL;
}

START_TEST(abort_is_heard)
{
	struct obol_client_options options;
	struct obol_client *client;
	struct aborter aborter;
	pthread_t thread;
	uint64_t end;

	ck_assert_int_eq(pipe2(aborter.fds, O_CLOEXEC), 0);
	gateway_options(&gateway, &options);
	options.abort_fd = aborter.fds[0];
	client = gateway_client(&gateway, &options);
	ck_assert_int_eq(pthread_create(&thread, NULL, abort_soon, &aborter), 0);
	ck_assert_int_eq(login_and_ask(client, stops[_i]), OBOL_ERR_TIMEOUT);
	end = obol_mono_ms(obol_clock_system());
	(void)pthread_join(thread, NULL);
	check_cause(client, OBOL_CAUSE_ABORTED);
	ck_assert_uint_lt(end - aborter.at_ms, GATEWAY_SOON_MS);
	(void)close(aborter.fds[0]);
	(void)close(aborter.fds[1]);
	obol_client_free(client);
}
END_TEST

/* Bytes that are no frame of the protocol, at each step. */
static void answer_garbage(struct tls_peer *peer, SSL *ssl)
{
	char buf[4096];
	const char *garbage = peer->config.ctx;

	(void)tls_peer_read(peer, ssl, buf, sizeof(buf));
	(void)SSL_write(ssl, garbage, 8);
	while (tls_peer_read(peer, ssl, buf, sizeof(buf)))
	{
	}
}

static const char garbage[][9] = {
	"\xff\xff\xff\xff\xff\xff\xff\xff", /* unknown, and too long */
	"\x02\x00\x20\x00\x00\x00\x00\x00", /* LoginChallenge above the bound */
	"\x02\x00\x00\x04\x00\x00\x00\x00", /* LoginChallenge, too short */
	"\x04\x00\x00\x04\x00\x00\x00\x00", /* LoginDone before its time */
	"\x21\x00\x00\x04\x00\x00\x00\x00", /* an answer nobody asked for */
	"HTTP/1.1",
};

START_TEST(garbage_is_no_server)
{
	struct tls_peer_config config = { .kind = PEER_OBOL,
									  .serve = answer_garbage,
									  .ctx = (void *)(uintptr_t)garbage[_i] };
	struct obol_client_options options;
	struct obol_client *client;
	struct tls_peer peer;

	tls_peer_init(&peer, &config);
	gateway_options(&gateway, &options);
	options.servers = tls_peer_text(&peer);
	client = gateway_client(&gateway, &options);
	ck_assert_int_eq(login(client, PASSWORD), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_PROTOCOL);
	obol_client_free(client);
	tls_peer_clear(&peer);
}
END_TEST

Suite *login_suite(void);

Suite *login_suite(void)
{
	Suite *suite = suite_create("login");
	TCase *tcase = tcase_create("login");
	int n_stops = sizeof(stops) / sizeof(stops[0]);

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, with_password);
	tcase_add_test(tcase, with_device);
	tcase_add_loop_test(tcase, with_code, 0, 2);
	tcase_add_loop_test(tcase, same_name_in_other_forms, 0, 5);
	tcase_add_loop_test(tcase, fails_with_its_cause, 0,
						sizeof(causes) / sizeof(causes[0]));
	tcase_add_loop_test(tcase, silence, 0, n_stops);
	tcase_add_loop_test(tcase, hang_up, 0, n_stops);
	tcase_add_loop_test(tcase, abort_is_heard, 0, n_stops);
	tcase_add_loop_test(tcase, garbage_is_no_server, 0,
						sizeof(garbage) / sizeof(garbage[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
