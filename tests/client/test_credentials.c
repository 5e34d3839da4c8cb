/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials: put, get, list, delete; roll-back and exchange at the server;
 * bundles and their dates; issuing. */
#include "client/gateway.h"
#include "support/run.h"

#include <stdlib.h>
#include <time.h>

static struct gateway gateway;
static struct obol_client *client;
static struct obol_device device;

/* Without key stretching: there are many of these tests. */
static enum obol_status login_device(struct obol_client *who)
{
	return obol_client_login_device(who, &device);
}

/* A device may not delete; whoever has a recovery code may do all. */
static void login_recovery(void)
{
	struct obol_secret *code = gateway_add_code(&gateway, OBOL_SLOT_RECOVERY);

	check_ok(client, obol_client_login_recovery(client, code));
	obol_secret_free(code);
}

static void setup(void)
{
	gateway_init(&gateway);
	gateway_add_device(&gateway, &device);
	client = gateway_client(&gateway, NULL);
	check_ok(client, login_device(client));
}

static void teardown(void)
{
	obol_device_clear(&device);
	obol_client_free(client);
	gateway_clear(&gateway);
}

static uint64_t put(const char *name, const char *text, uint64_t base)
{
	struct obol_secret *body = secret_of(text);
	uint64_t version = 0;

	check_ok(client, obol_client_put(client, name, OBOL_FORMAT_OPAQUE, base,
									 body, &version));
	obol_secret_free(body);
	return version;
}

static void check_body(const struct obol_credential *credential,
					   const char *text)
{
	ck_assert(obol_bytes_eq(obol_secret_view(credential->body),
							obol_bytes_str(text)));
}

START_TEST(puts_and_gets)
{
	struct obol_credential got;
	struct obol_credential_info *items = NULL;
	size_t n;

	login_recovery();
	/* as the very first request: the account key is not there yet */
	ck_assert_uint_eq(put("note", "first", 0), 1);
	ck_assert_uint_eq(put("note", "second", 1), 2);
	check_ok(client, obol_client_get(client, "note", 0, &got));
	ck_assert_uint_eq(got.info.version, 2);
	ck_assert_uint_eq(got.info.format, OBOL_FORMAT_OPAQUE);
	ck_assert_str_eq(got.info.name, "note");
	check_body(&got, "second");
	obol_credential_clear(&got);
	check_ok(client, obol_client_get(client, "note", 2, &got));
	ck_assert_ptr_null(got.body);
	ck_assert_uint_eq(got.info.version, 2);
	check_ok(client, obol_client_delete(client, "note", 2));
	ck_assert_int_eq(obol_client_get(client, "note", 0, &got),
					 OBOL_ERR_NOT_FOUND);
	check_cause(client, OBOL_CAUSE_NOT_FOUND);
	check_ok(client, obol_client_list(client, &items, &n));
	ck_assert_uint_eq(n, 1);
	ck_assert(items[0].deleted);
	ck_assert_uint_eq(items[0].version, 3);
	free(items);
	ck_assert_uint_eq(put("note", "third", 3), 4);
}
END_TEST

START_TEST(stale_put)
{
	struct obol_secret *body = secret_of("mine");
	struct obol_credential got;
	uint64_t version = 77;

	(void)put("note", "theirs", 0);
	ck_assert_int_eq(
		obol_client_put(client, "note", OBOL_FORMAT_OPAQUE, 0, body, &version),
		OBOL_ERR_EXISTS);
	check_cause(client, OBOL_CAUSE_STALE);
	ck_assert_uint_eq(obol_client_error(client)->reply, OBOL_REPLY_STALE);
	ck_assert_uint_eq(version, 77);
	check_ok(client, obol_client_get(client, "note", 0, &got));
	check_body(&got, "theirs");
	obol_credential_clear(&got);
	obol_secret_free(body);
}
END_TEST

START_TEST(bad_arguments)
{
	static const char long_name[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct obol_secret *nothing = obol_secret_new(0);
	struct obol_secret *much = obol_secret_new(256 * 1024);
	struct obol_credential got;
	uint64_t version;

	ck_assert_uint_eq(strlen(long_name), 65);
	ck_assert_int_ne(obol_client_get(client, "", 0, &got), OBOL_OK);
	check_cause(client, OBOL_CAUSE_CONFIG);
	ck_assert_int_ne(obol_client_get(client, long_name, 0, &got), OBOL_OK);
	check_cause(client, OBOL_CAUSE_CONFIG);
	ck_assert_int_ne(obol_client_delete(client, long_name, 0), OBOL_OK);
	check_cause(client, OBOL_CAUSE_CONFIG);
	ck_assert_int_ne(obol_client_put(client, "a", 7, 0, nothing, &version),
					 OBOL_OK);
	check_cause(client, OBOL_CAUSE_QUOTA);
	ck_assert_int_ne(obol_client_put(client, "a", 7, 0, much, &version),
					 OBOL_OK);
	check_cause(client, OBOL_CAUSE_QUOTA);
	/* the longest that there may be */
	obol_secret_cut(much, 256 * 1024 - 17 * 1024);
	check_ok(client,
			 obol_client_put(client, long_name + 1, 7, 0, much, &version));
	check_ok(client, obol_client_get(client, long_name + 1, 0, &got));
	ck_assert_uint_eq(obol_secret_len(got.body), obol_secret_len(much));
	obol_credential_clear(&got);
	obol_secret_free(nothing);
	obol_secret_free(much);
}
END_TEST

/* An older one that was genuine once. */
START_TEST(roll_back)
{
	struct fake_credential *stored = gateway.owner.credentials;
	struct fake_credential old;
	struct obol_client *later;
	struct obol_credential got;

	(void)put("note", "first", 0);
	old = *stored;
	old.sealed = malloc(old.sealed_len);
	memcpy(old.sealed, stored->sealed, old.sealed_len);
	(void)put("note", "second", 1);
	free(stored->sealed);
	*stored = old;
	ck_assert_int_eq(obol_client_get(client, "note", 0, &got), OBOL_ERR_EXISTS);
	check_cause(client, OBOL_CAUSE_ROLLBACK);
	ck_assert_int_eq(obol_client_get(client, "note", 2, &got), OBOL_ERR_EXISTS);
	check_cause(client, OBOL_CAUSE_ROLLBACK);
	/* saying "unchanged" for it does not help */
	ck_assert_int_eq(obol_client_get(client, "note", 1, &got), OBOL_ERR_EXISTS);
	check_cause(client, OBOL_CAUSE_ROLLBACK);
	/* the device remembers */
	later = gateway_client(&gateway, NULL);
	check_ok(later, login_device(later));
	ck_assert_int_eq(obol_client_get(later, "note", 0, &got), OBOL_ERR_EXISTS);
	check_cause(later, OBOL_CAUSE_ROLLBACK);
	obol_client_free(later);
}
END_TEST

/* 0 a byte of the seal, 1 the version, 2 the format, 3 under another's name */
START_TEST(changed_at_the_server)
{
	struct fake_credential *stored = gateway.owner.credentials;
	struct obol_credential got;

	(void)put("note", "mine", 0);
	(void)put("other", "else", 0);
	switch (_i)
	{
		case 0:
			stored->sealed[stored->sealed_len - 1] ^= 1;
			break;
		case 1:
			stored->version = 2;
			break;
		case 2:
			stored->format = OBOL_FORMAT_BUNDLE;
			break;
		default:
			free(stored[0].sealed);
			stored[0].sealed = malloc(stored[1].sealed_len);
			memcpy(stored[0].sealed, stored[1].sealed, stored[1].sealed_len);
			stored[0].sealed_len = stored[1].sealed_len;
			break;
	}
	ck_assert_int_eq(obol_client_get(client, "note", 0, &got), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_SEAL);
	ck_assert_ptr_nonnull(strstr(obol_client_error(client)->text, "'note'"));
}
END_TEST

START_TEST(sealed_before_a_reset)
{
	struct obol_account_key *key = &gateway.owner.account_key;
	struct obol_account_key next;
	struct obol_credential got;

	(void)put("note", "mine", 0);
	ck_assert_int_eq(obol_account_key_next(obol_rng_system(), key, &next),
					 OBOL_OK);
	obol_account_key_clear(key);
	*key = next;
	fake_owner_add_secret(&gateway.owner, OBOL_SLOT_DEVICE, device.id,
						  device.secret);
	check_ok(client, login_device(client));
	ck_assert_int_eq(obol_client_get(client, "note", 0, &got), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_SEAL);
	ck_assert_ptr_nonnull(strstr(obol_client_error(client)->text, "recovery"));
}
END_TEST

static enum obol_reply answer_twice(struct gateway *at,
									const struct obol_request *request)
{
	if (request->type == OBOL_GET)
	{
		struct obol_get_answer *get = &at->owner.answer->get;

		get->n_items = 1;
		get->items[0].name = obol_bytes_str("other");
		get->items[0].format = OBOL_FORMAT_OPAQUE;
		get->items[0].version = 1;
		get->items[0].sealed = obol_bytes("xxxx", 4);
		return OBOL_REPLY_OK;
	}
	return (enum obol_reply)0;
}

static enum obol_reply say_unchanged(struct gateway *at,
									 const struct obol_request *request)
{
	if (request->type == OBOL_GET)
	{
		at->owner.answer->get.unchanged = true;
		return OBOL_REPLY_OK;
	}
	return (enum obol_reply)0;
}

START_TEST(answers_that_do_not_fit)
{
	struct obol_credential got;

	gateway.meddle = _i ? answer_twice : say_unchanged;
	ck_assert_int_eq(obol_client_get(client, "note", 0, &got), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_PROTOCOL);
}
END_TEST

struct reply_row {
	enum obol_reply reply;
	enum obol_cause cause;
	enum obol_status status;
};

static const struct reply_row replies[] = {
	{ OBOL_REPLY_UNAVAILABLE, OBOL_CAUSE_SERVER, OBOL_ERR_STORE },
	{ OBOL_REPLY_TEMPORARY, OBOL_CAUSE_SERVER, OBOL_ERR_STORE },
	{ OBOL_REPLY_PARAMETER, OBOL_CAUSE_PROTOCOL, OBOL_ERR_FORMAT },
	{ OBOL_REPLY_UNSUPPORTED, OBOL_CAUSE_PROTOCOL, OBOL_ERR_FORMAT },
	{ OBOL_REPLY_LOGIN_NEEDED, OBOL_CAUSE_NOT_ALLOWED, OBOL_ERR_DENIED },
	{ OBOL_REPLY_NOT_ALLOWED, OBOL_CAUSE_NOT_ALLOWED, OBOL_ERR_DENIED },
	{ OBOL_REPLY_DISABLED, OBOL_CAUSE_DISABLED, OBOL_ERR_DENIED },
	{ OBOL_REPLY_NOT_FOUND, OBOL_CAUSE_NOT_FOUND, OBOL_ERR_NOT_FOUND },
	{ OBOL_REPLY_QUOTA, OBOL_CAUSE_QUOTA, OBOL_ERR_DENIED },
	{ OBOL_REPLY_STALE, OBOL_CAUSE_STALE, OBOL_ERR_EXISTS },
	{ OBOL_REPLY_TAKEN, OBOL_CAUSE_TAKEN, OBOL_ERR_EXISTS },
	{ OBOL_REPLY_WAITING, OBOL_CAUSE_WAITING, OBOL_ERR_DENIED },
	{ OBOL_REPLY_NO_ENROLMENT, OBOL_CAUSE_NO_ENROLMENT, OBOL_ERR_DENIED },
	{ OBOL_REPLY_BUSY, OBOL_CAUSE_BUSY, OBOL_ERR_DENIED },
};

START_TEST(refusals)
{
	const struct reply_row *row = &replies[_i];
	struct obol_credential_info *items = NULL;
	size_t n;

	gateway.owner.refuse_request = row->reply;
	ck_assert_int_eq(obol_client_list(client, &items, &n), row->status);
	check_cause(client, row->cause);
	ck_assert_uint_eq(obol_client_error(client)->reply, row->reply);
	if (row->reply == OBOL_REPLY_UNAVAILABLE)
	{
		return; /* it is going down */
	}
	/* the connection is still good */
	gateway.owner.refuse_request = (enum obol_reply)0;
	check_ok(client, obol_client_list(client, &items, &n));
	free(items);
	check_cause(client, OBOL_CAUSE_NONE);
}
END_TEST

/* Another CA's, another key's, none at all. */
START_TEST(bundles_of_no_use)
{
	struct obol_bundle *bundle = NULL;
	struct obol_secret *body = secret_of("no bundle");
	uint64_t version;

	if (_i == 0)
	{
		(void)put("vpn", "text", 0);
	}
	else
	{
		check_ok(client, obol_client_put(client, "vpn", OBOL_FORMAT_BUNDLE, 0,
										 body, &version));
	}
	ck_assert_int_eq(obol_client_fetch(client, "vpn", 0, &bundle, &version),
					 OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_CREDENTIAL);
	ck_assert_ptr_null(bundle);
	obol_secret_free(body);
}
END_TEST

START_TEST(issues)
{
	struct obol_bundle *bundle = NULL;
	struct obol_bundle *fetched = NULL;
	uint64_t version = 0;

	login_recovery();
	check_ok(client, obol_client_issue(client, OBOL_CLIENT_VPN, &bundle));
	ck_assert_int_eq(obol_bundle_check(bundle, (uint64_t)time(NULL)),
					 OBOL_BUNDLE_GOOD);
	ck_assert(!obol_bundle_key_was_shared(bundle));
	check_ok(client,
			 obol_client_fetch(client, OBOL_CLIENT_VPN, 0, &fetched, &version));
	ck_assert_uint_eq(version, 1);
	ck_assert(obol_bytes_eq(obol_bundle_chain(fetched, 0),
							obol_bundle_chain(bundle, 0)));
	obol_bundle_free(bundle);
	obol_bundle_free(fetched);
	fetched = NULL;
	check_ok(client,
			 obol_client_fetch(client, OBOL_CLIENT_VPN, 1, &fetched, &version));
	ck_assert_ptr_null(fetched);
	/* a renewal has a key of its own, and the next version */
	check_ok(client, obol_client_issue(client, OBOL_CLIENT_VPN, NULL));
	check_ok(client,
			 obol_client_fetch(client, OBOL_CLIENT_VPN, 1, &fetched, &version));
	ck_assert_uint_eq(version, 2);
	obol_bundle_free(fetched);
	/* also in place of a deleted one */
	check_ok(client, obol_client_delete(client, OBOL_CLIENT_VPN, 2));
	check_ok(client, obol_client_issue(client, OBOL_CLIENT_VPN, NULL));
	ck_assert_uint_eq(gateway.owner.credentials[0].version, 4);
}
END_TEST

/* What another device puts meanwhile. */
static struct obol_client *faster;

static void *put_meanwhile(void *arg)
{
	(void)arg;
	check_ok(faster, obol_client_issue(faster, OBOL_CLIENT_VPN, NULL));
	return NULL;
}

static enum obol_reply be_slower(struct gateway *at,
								 const struct obol_request *request)
{
	pthread_t thread;

	if (request->type == OBOL_PUT && faster)
	{
		at->meddle = NULL;
		(void)pthread_mutex_unlock(&at->lock);
		ck_assert_int_eq(pthread_create(&thread, NULL, put_meanwhile, NULL), 0);
		(void)pthread_join(thread, NULL);
		(void)pthread_mutex_lock(&at->lock);
		memset(at->owner.answer, 0, sizeof(*at->owner.answer));
		at->owner.answer->type = OBOL_PUT_ANSWER;
	}
	return (enum obol_reply)0;
}

START_TEST(another_device_was_faster)
{
	struct obol_client_options options;
	struct obol_bundle *bundle = NULL;
	struct obol_bundle *theirs = NULL;
	uint64_t version;

	gateway_options(&gateway, &options);
	options.state_file = NULL;
	faster = gateway_client(&gateway, &options);
	check_ok(faster, login_device(faster));
	gateway.meddle = be_slower;
	check_ok(client, obol_client_issue(client, OBOL_CLIENT_VPN, &bundle));
	check_cause(client, OBOL_CAUSE_NONE);
	check_ok(faster,
			 obol_client_fetch(faster, OBOL_CLIENT_VPN, 0, &theirs, &version));
	ck_assert_uint_eq(version, 1);
	ck_assert(obol_bytes_eq(obol_bundle_chain(theirs, 0),
							obol_bundle_chain(bundle, 0)));
	obol_bundle_free(bundle);
	obol_bundle_free(theirs);
	obol_client_free(faster);
	faster = NULL;
}
END_TEST

START_TEST(issued_for_another_key)
{
	struct obol_bundle *bundle = NULL;

	gateway.wrong_key = true;
	ck_assert_int_eq(obol_client_issue(client, OBOL_CLIENT_VPN, &bundle),
					 OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_CREDENTIAL);
	ck_assert_ptr_null(bundle);
	ck_assert_uint_eq(gateway.owner.n_credentials, 0);
}
END_TEST

struct date_row {
	/** days of the certificate's validity from now */
	int from;
	int until;
	/** server's clock minus ours, days */
	int off;
	enum obol_cause cause;
	const char *word;
};

static const struct date_row dates[] = {
	{ 0, 90, 0, OBOL_CAUSE_NONE, "" },
	{ 0, 90, 10, OBOL_CAUSE_NONE, "" },
	{ -20, -10, 0, OBOL_CAUSE_EXPIRED, "it expired on" },
	{ 10, 20, 0, OBOL_CAUSE_EXPIRED, "valid only from" },
	/* ours is behind: for the server it is valid already */
	{ 10, 20, 15, OBOL_CAUSE_CLOCK, "15 days behind" },
	/* ours is ahead */
	{ -20, -10, -15, OBOL_CAUSE_CLOCK, "15 days ahead of" },
	/* wrong, but that is not why */
	{ -20, -10, 3, OBOL_CAUSE_EXPIRED, "it expired on" },
};

START_TEST(dates_and_clocks)
{
	const struct date_row *row = &dates[_i];
	struct obol_bundle *bundle = NULL;
	struct obol_secret *body = NULL;
	struct obol_client *other;
	uint64_t version;

	gateway.issue_from = row->from;
	gateway.issue_until = row->until;
	/* stored by one whose clock the server shares */
	gateway.clock_off_s = (int64_t)(row->from + 1) * 86400;
	check_ok(client, login_device(client));
	if (obol_client_issue(client, "vpn", NULL) != OBOL_OK)
	{
		check_cause(client, OBOL_CAUSE_CLOCK);
	}
	gateway.clock_off_s = (int64_t)row->off * 86400;
	other = gateway_client(&gateway, NULL);
	check_ok(other, login_device(other));
	ck_assert_int_eq(obol_client_fetch(other, "vpn", 0, &bundle, &version),
					 row->cause ? OBOL_ERR_FORMAT : OBOL_OK);
	check_cause(other, row->cause);
	ck_assert_msg(strstr(obol_client_error(other)->text, row->word) != NULL,
				  "%s", obol_client_error(other)->text);
	if (row->cause == OBOL_CAUSE_CLOCK)
	{
		ck_assert_int_ge(obol_client_error(other)->clock_off_s,
						 (int64_t)row->off * 86400 - 5);
		ck_assert_int_le(obol_client_error(other)->clock_off_s,
						 (int64_t)row->off * 86400 + 5);
	}
	obol_secret_free(body);
	obol_bundle_free(bundle);
	obol_client_free(other);
}
END_TEST

START_TEST(clock_three_hours_off)
{
	gateway.issue_from = 0;
	gateway.clock_off_s = 3 * 3600;
	/* notBefore is a minute ago for the gateway, in three hours for us */
	check_ok(client, login_device(client));
	gateway.issue_from = 1;
	gateway.issue_until = 90;
	gateway.clock_off_s = 25 * 3600;
	check_ok(client, login_device(client));
	ck_assert_int_eq(obol_client_issue(client, "vpn", NULL), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_CLOCK);
	ck_assert_ptr_nonnull(
		strstr(obol_client_error(client)->text, "25 h 0 min behind"));
	/* it is stored all the same */
	ck_assert_uint_eq(gateway.owner.n_credentials, 1);
}
END_TEST

START_TEST(history_is_copied)
{
	struct obol_history_line *lines = NULL;
	size_t n;

	check_ok(client, obol_client_history(client, 0, 10, &lines, &n));
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(lines[0].id, 4);
	ck_assert_str_eq(lines[0].source, "192.0.2.7");
	ck_assert_str_eq(obol_operation_name(lines[0].operation), "login");
	ck_assert_str_eq(obol_operation_name(0), "unknown");
	ck_assert_str_eq(obol_operation_name(200), "unknown");
	free(lines);
	ck_assert_int_ne(obol_client_history(client, 0, 201, &lines, &n), OBOL_OK);
	check_cause(client, OBOL_CAUSE_INTERNAL);
}
END_TEST

Suite *credentials_suite(void);
Suite *credentials_suite(void)
{
	Suite *suite = suite_create("credentials");
	TCase *tcase = tcase_create("credentials");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, puts_and_gets);
	tcase_add_test(tcase, stale_put);
	tcase_add_test(tcase, bad_arguments);
	tcase_add_test(tcase, roll_back);
	tcase_add_loop_test(tcase, changed_at_the_server, 0, 4);
	tcase_add_test(tcase, sealed_before_a_reset);
	tcase_add_loop_test(tcase, answers_that_do_not_fit, 0, 2);
	tcase_add_loop_test(tcase, refusals, 0,
						sizeof(replies) / sizeof(replies[0]));
	tcase_add_loop_test(tcase, bundles_of_no_use, 0, 2);
	tcase_add_test(tcase, issues);
	tcase_add_test(tcase, another_device_was_faster);
	tcase_add_test(tcase, issued_for_another_key);
	tcase_add_loop_test(tcase, dates_and_clocks, 0,
						sizeof(dates) / sizeof(dates[0]));
	tcase_add_test(tcase, clock_three_hours_off);
	tcase_add_test(tcase, history_is_copied);
	suite_add_tcase(suite, tcase);
	return suite;
}
