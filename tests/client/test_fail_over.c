/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two servers in front of the same accounts, one of which fails: what goes on
 * at the other, what must not, and within which time. */
#include "client/follow.h"
#include "client/gateway.h"
#include "support/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* over a deadline; something else may have the machine for longer, so that once
 * in some times is enough */
#define SLACK_MS 1500
#define TRIES 5
/* a deadline for two servers of which one is silent */
#define DEADLINE_MS 10000

static struct gateway gateway;
static struct tls_peer second;
static struct obol_device device;
static char servers[80];

static void setup(void)
{
	gateway_init(&gateway);
	gateway_add_password(&gateway);
	gateway_add_device(&gateway, &device);
	gateway_add_server(&gateway, &second, true);
	(void)snprintf(servers, sizeof(servers), "%s, %s",
				   tls_peer_text(&gateway.peer), tls_peer_text(&second));
	gateway.fails_at = &gateway.peer;
}

static void teardown(void)
{
	tls_peer_clear(&second);
	gateway_clear(&gateway);
	obol_device_clear(&device);
}

static struct obol_client *client_of(unsigned timeout_ms)
{
	struct obol_client_options options;

	gateway_options(&gateway, &options);
	options.servers = servers;
	options.timeout_ms = timeout_ms;
	return gateway_client(&gateway, &options);
}

/* As the device, which stretches no key: what is timed is not that. */
static enum obol_status log_in(struct obol_client *client)
{
	return obol_client_login_device(client, &device);
}

static void log_in_whole(struct obol_client *client)
{
	check_ok(client, log_in(client));
	check_ok(client, ask(client));
}

static uint64_t now_ms(void)
{
	return obol_mono_ms(obol_clock_system());
}

static int n_accepted(struct tls_peer *peer)
{
	return atomic_load(&peer->n_accepted);
}

/* A login that is cut or met with silence at any of its steps is made again at
 * the other server, and a stranger's account is never involved. */
static const struct {
	uint8_t cut_before;
	uint8_t cut_after;
	uint8_t stall_at;
} steps[] = {
	{ OBOL_LOGIN_START, 0, 0 },  { 0, OBOL_LOGIN_START, 0 },
	{ 0, 0, OBOL_LOGIN_START },  { OBOL_LOGIN_FINISH, 0, 0 },
	{ 0, OBOL_LOGIN_FINISH, 0 }, { 0, 0, OBOL_LOGIN_FINISH },
	{ OBOL_LIST, 0, 0 },         { 0, OBOL_LIST, 0 },
	{ 0, 0, OBOL_LIST },
};

START_TEST(goes_on)
{
	bool is_silent = steps[_i].stall_at != 0;
	struct obol_client *client =
		client_of(is_silent ? DEADLINE_MS : GATEWAY_LONG_MS);
	uint64_t start = now_ms();

	gateway.cut_before = steps[_i].cut_before;
	gateway.cut_after = steps[_i].cut_after;
	gateway.stall_at = steps[_i].stall_at;
	check_ok(client, log_in(client));
	check_ok(client, ask(client));
	ck_assert_int_eq(n_accepted(&gateway.peer), 1);
	ck_assert_int_eq(n_accepted(&second), 1);
	/* half of the time is left for the other when one is silent */
	ck_assert(!is_silent || now_ms() - start >= DEADLINE_MS / 2 - 100);
	ck_assert(is_silent || now_ms() - start < GATEWAY_SOON_MS);
	/* the connection is one as any other */
	check_ok(client, ask(client));
	check_cause(client, OBOL_CAUSE_NONE);
	obol_client_free(client);
}
END_TEST

/* The second server has another TLS key than the one that is pinned. */
START_TEST(not_at_another_key)
{
	struct obol_client *client;

	tls_peer_clear(&second);
	gateway_add_server(&gateway, &second, false);
	(void)snprintf(servers, sizeof(servers), "%s, %s",
				   tls_peer_text(&gateway.peer), tls_peer_text(&second));
	client = client_of(GATEWAY_LONG_MS);
	log_in_whole(client);
	gateway.cut_before = OBOL_LIST;
	ck_assert_int_eq(ask(client), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_PIN);
	/* and the next login does not send it anything either */
	gateway.cut_before = OBOL_LOGIN_START;
	ck_assert_int_eq(log_in(client), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_PIN);
	ck_assert_int_eq(atomic_load(&second.n_received), 0);
	obol_client_free(client);
}
END_TEST

/* A refusal is an answer: the second server never sees the password. */
START_TEST(not_with_a_wrong_password)
{
	struct obol_client *client = client_of(GATEWAY_LONG_MS);

	ck_assert_int_eq(login(client, "wrong horse battery"), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_AUTH);
	ck_assert_int_eq(n_accepted(&gateway.peer), 1);
	ck_assert_int_eq(atomic_load(&second.n_received), 0);
	obol_client_free(client);
}
END_TEST

/* One guess at each server that was asked, and not one more. */
START_TEST(costs_a_guess_at_most)
{
	struct obol_client *client = client_of(GATEWAY_LONG_MS);

	gateway.cut_after = OBOL_LOGIN_START;
	ck_assert_int_eq(login(client, "wrong horse battery"), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_AUTH);
	ck_assert_uint_eq(gateway.owner.n_starts, 2);
	obol_client_free(client);
}
END_TEST

/* Both fail: an error that names both, within the deadline. */
START_TEST(both_fail)
{
	struct obol_client *client = client_of(3000);
	uint64_t took = 3000 + SLACK_MS;
	unsigned i;
	char first[OBOL_SOCKADDR_TEXT_MAX];
	char other[OBOL_SOCKADDR_TEXT_MAX];

	gateway.fails_at = NULL;
	gateway.cut_before = _i ? 0 : OBOL_LOGIN_START;
	gateway.stall_at = _i ? OBOL_LOGIN_START : 0;
	for (i = 0; i < TRIES && took >= 3000 + SLACK_MS; i++)
	{
		uint64_t start = now_ms();

		ck_assert_int_ne(log_in(client), OBOL_OK);
		check_cause(client, _i ? OBOL_CAUSE_TIMEOUT : OBOL_CAUSE_SERVER);
		took = now_ms() - start;
	}
	ck_assert_uint_lt(took, 3000 + SLACK_MS);
	(void)snprintf(first, sizeof(first), "127.0.0.1 port %u",
				   gateway.peer.port);
	(void)snprintf(other, sizeof(other), "127.0.0.1 port %u", second.port);
	ck_assert_msg(strstr(obol_client_error(client)->text, first) &&
					  strstr(obol_client_error(client)->text, other),
				  "%s", obol_client_error(client)->text);
	obol_client_free(client);
}
END_TEST

/* A fetch has one deadline, however many servers keep silent. */
START_TEST(one_deadline)
{
	struct obol_client *client = client_of(3000);
	uint64_t start, took = 3000 + SLACK_MS;
	unsigned i;

	gateway.fails_at = NULL;
	for (i = 0; i < TRIES && took >= 3000 + SLACK_MS; i++)
	{
		gateway.stall_at = 0;
		log_in_whole(client);
		gateway.stall_at = OBOL_LIST;
		start = now_ms();
		ck_assert_int_eq(ask(client), OBOL_ERR_TIMEOUT);
		took = now_ms() - start;
		ck_assert_uint_ge(took, 3000);
	}
	ck_assert_uint_lt(took, 3000 + SLACK_MS);
	obol_client_free(client);
}
END_TEST

/* The request behind KE3 is part of the login, and of its time. */
START_TEST(first_request_shares_the_time)
{
	uint64_t start, took = DEADLINE_MS + SLACK_MS;
	struct obol_client *client;
	unsigned i;

	for (i = 0; i < TRIES && took >= DEADLINE_MS + SLACK_MS; i++)
	{
		client = client_of(DEADLINE_MS);
		start = now_ms();
		gateway.fails_at = &gateway.peer;
		gateway.stall_at = OBOL_LOGIN_START;
		check_ok(client, log_in(client));
		ck_assert_uint_ge(now_ms() - start, DEADLINE_MS / 2);
		gateway.fails_at = NULL;
		gateway.stall_at = OBOL_LIST;
		ck_assert_int_eq(ask(client), OBOL_ERR_TIMEOUT);
		took = now_ms() - start;
		obol_client_free(client);
	}
	ck_assert_uint_lt(took, DEADLINE_MS + SLACK_MS);
}
END_TEST

static enum obol_status put(struct obol_client *client, uint64_t base,
							const char *text, uint64_t *version)
{
	struct obol_secret *body = secret_of(text);
	enum obol_status status =
		obol_client_put(client, "note", 100, base, body, version);

	obol_secret_free(body);
	return status;
}

static void check_stored(struct obol_client *client, uint64_t version,
						 const char *text)
{
	struct obol_credential stored;

	check_ok(client, obol_client_get(client, "note", 0, &stored));
	ck_assert_uint_eq(stored.info.version, version);
	ck_assert(
		obol_bytes_eq(obol_secret_view(stored.body), obol_bytes_str(text)));
	obol_credential_clear(&stored);
}

/* Stored by the first server or not when it went away: either way once. */
START_TEST(puts_once)
{
	struct obol_client *client = client_of(GATEWAY_LONG_MS);
	uint64_t version = 0;

	log_in_whole(client);
	gateway.cut_before = _i ? 0 : OBOL_PUT;
	gateway.cut_after = _i ? OBOL_PUT : 0;
	check_ok(client, put(client, 0, "mine", &version));
	ck_assert_uint_eq(version, 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_PUT], _i ? 2 : 1);
	check_stored(client, 1, "mine");
	obol_client_free(client);
}
END_TEST

/* What somebody else has put meanwhile is not taken for one's own. */
START_TEST(does_not_overwrite)
{
	struct obol_client *client = client_of(GATEWAY_LONG_MS);
	struct obol_client *other;
	uint64_t version = 0;

	log_in_whole(client);
	other = gateway_client(&gateway, NULL);
	log_in_whole(other);
	check_ok(other, put(other, 0, "theirs", &version));
	obol_client_free(other);
	gateway.cut_before = OBOL_PUT;
	ck_assert_int_eq(put(client, 0, "mine", &version), OBOL_ERR_EXISTS);
	check_cause(client, OBOL_CAUSE_STALE);
	check_stored(client, 1, "theirs");
	obol_client_free(client);
}
END_TEST

/* In the middle of making a certificate, a second one is made. */
START_TEST(issues_again)
{
	struct obol_client *client = client_of(GATEWAY_LONG_MS);
	struct obol_obtained got = { 0 };

	gateway.mode = OBOL_MODE_DEVICE;
	gateway.key_type = OBOL_KEY_EC_P256;
	check_ok(client, obol_client_login_device(client, &device));
	check_ok(client, ask(client));
	gateway.cut_after = OBOL_ISSUE;
	check_ok(client, obol_client_obtain(client, OBOL_CLIENT_VPN, NULL, &got));
	ck_assert_ptr_nonnull(got.bundle);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ISSUE], 2);
	obol_bundle_free(got.bundle);
	obol_client_free(client);
}
END_TEST

/* A new account key is not made twice: the new password tells whether the first
 * server did it. */
START_TEST(does_not_rekey_again)
{
	struct obol_client *client = client_of(GATEWAY_LONG_MS);
	struct obol_secret *next = secret_of("next horse battery");

	login_whole(client, PASSWORD);
	gateway.cut_after = OBOL_REKEY;
	check_ok(client, obol_client_rekey(client, next, NULL, NULL));
	ck_assert_uint_eq(gateway.n_requests[OBOL_REKEY], 1);
	obol_secret_free(next);
	obol_client_free(client);
}
END_TEST

/* Deleting is not repeated either: "not there" would hide what happened. */
START_TEST(does_not_delete_again)
{
	struct obol_client *client = client_of(GATEWAY_LONG_MS);
	uint64_t version = 0;

	login_whole(client, PASSWORD);
	check_ok(client, put(client, 0, "mine", &version));
	gateway.cut_after = OBOL_DELETE;
	ck_assert_int_ne(obol_client_delete(client, "note", 1), OBOL_OK);
	check_cause(client, OBOL_CAUSE_SERVER);
	ck_assert_uint_eq(gateway.n_requests[OBOL_DELETE], 1);
	obol_client_free(client);
}
END_TEST

/* A server that says that it goes down is left for the other. */
static enum obol_reply goes_down(struct gateway *this,
								 const struct obol_request *request)
{
	this->meddle = NULL;
	return request->type == OBOL_LIST ? OBOL_REPLY_UNAVAILABLE
									  : (enum obol_reply)0;
}

START_TEST(leaves_who_goes_down)
{
	struct obol_client *client = client_of(GATEWAY_LONG_MS);

	log_in_whole(client);
	gateway.meddle = goes_down;
	check_ok(client, ask(client));
	ck_assert_int_eq(n_accepted(&second), 1);
	obol_client_free(client);
}
END_TEST

/* What a VPN gateway asks and tells may be asked and told twice. */
static enum obol_reply follows(struct gateway *this,
							   const struct obol_request *request)
{
	(void)this;
	return request->type == OBOL_FOLLOW || request->type == OBOL_REPORT
			   ? OBOL_REPLY_OK
			   : (enum obol_reply)0;
}

static enum obol_status follow_or_report(struct obol_client *client,
										 uint8_t type)
{
	struct obol_follow_request follow = { .since = 5 };
	const struct obol_follow_answer *answer = NULL;
	struct obol_report_request *report = calloc(1, sizeof(*report));
	enum obol_status status;

	ck_assert_ptr_nonnull(report);
	report->sweep = true;
	status = type == OBOL_FOLLOW ? obol_client_follow(client, &follow, &answer)
								 : obol_client_report(client, report);
	ck_assert(status != OBOL_OK || type != OBOL_FOLLOW || answer);
	free(report);
	return status;
}

START_TEST(follows_again)
{
	struct obol_client *client = client_of(GATEWAY_LONG_MS);
	uint8_t type = _i % 2 ? OBOL_FOLLOW : OBOL_REPORT;

	gateway.meddle = follows;
	log_in_whole(client);
	gateway.cut_before = _i < 2 ? type : 0;
	gateway.cut_after = _i < 2 ? 0 : type;
	check_ok(client, follow_or_report(client, type));
	ck_assert_int_eq(n_accepted(&second), 1);
	ck_assert_uint_eq(gateway.n_requests[type], _i < 2 ? 1 : 2);
	/* and when there is nobody else any more */
	gateway.fails_at = NULL;
	gateway.cut_before = type;
	ck_assert_int_ne(follow_or_report(client, type), OBOL_OK);
	check_cause(client, OBOL_CAUSE_SERVER);
	obol_client_free(client);
}
END_TEST

/* With one server there is nobody to go on at. */
START_TEST(alone)
{
	struct obol_client *client = gateway_client(&gateway, NULL);
	uint64_t start = now_ms();

	gateway.cut_before = OBOL_LOGIN_START;
	ck_assert_int_ne(log_in(client), OBOL_OK);
	check_cause(client, OBOL_CAUSE_SERVER);
	ck_assert_int_eq(n_accepted(&gateway.peer), 1);
	ck_assert_uint_lt(now_ms() - start, GATEWAY_SOON_MS);
	obol_client_free(client);
}
END_TEST

/* The user's word counts at once, also between two servers. */
START_TEST(aborts)
{
	struct obol_client_options options;
	struct obol_client *client;
	uint64_t start = now_ms();
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	gateway_options(&gateway, &options);
	options.servers = servers;
	options.abort_fd = fds[0];
	client = gateway_client(&gateway, &options);
	log_in_whole(client);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	gateway.stall_at = OBOL_LIST;
	ck_assert_int_ne(ask(client), OBOL_OK);
	check_cause(client, OBOL_CAUSE_ABORTED);
	ck_assert_int_eq(n_accepted(&second), 0);
	ck_assert_uint_lt(now_ms() - start, GATEWAY_SOON_MS);
	obol_client_free(client);
	(void)close(fds[0]);
	(void)close(fds[1]);
}
END_TEST

Suite *fail_over_suite(void);
Suite *fail_over_suite(void)
{
	Suite *suite = suite_create("fail-over");
	TCase *tcase = tcase_create("fail-over");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, goes_on, 0, sizeof(steps) / sizeof(steps[0]));
	tcase_add_test(tcase, not_at_another_key);
	tcase_add_test(tcase, not_with_a_wrong_password);
	tcase_add_test(tcase, costs_a_guess_at_most);
	tcase_add_loop_test(tcase, both_fail, 0, 2);
	tcase_add_test(tcase, one_deadline);
	tcase_add_test(tcase, first_request_shares_the_time);
	tcase_add_loop_test(tcase, puts_once, 0, 2);
	tcase_add_test(tcase, does_not_overwrite);
	tcase_add_test(tcase, issues_again);
	tcase_add_test(tcase, does_not_rekey_again);
	tcase_add_test(tcase, does_not_delete_again);
	tcase_add_test(tcase, leaves_who_goes_down);
	tcase_add_loop_test(tcase, follows_again, 0, 4);
	tcase_add_test(tcase, alone);
	tcase_add_test(tcase, aborts);
	suite_add_tcase(suite, tcase);
	return suite;
}
