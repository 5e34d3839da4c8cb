/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gateways: what they are told, what they tell, what they may not. */
#include <stdio.h>
#include <stdlib.h>

#include "server/crl.h"
#include "server/world.h"
#include "store/store_gateway.h"
#include "support/run.h"

Suite *follow_suite(void);

static struct world w;
static struct link moon;
static int64_t alice;

static void setup(void)
{
	world_begin(&w);
	alice = world_add(&w, "alice");
	world_activate(&w, "alice");
	(void)world_add_gateway(&w, "moon");
	world_activate(&w, "moon");
	link_by_device(&moon, &w, "moon");
}

static void teardown(void)
{
	link_close(&moon);
	world_stop(&w);
	world_clear(&w);
}

static void issue(uint8_t seed, bool is_portable)
{
	struct obol_store_issued arg = {
		.in = { .request = { .account_id = alice,
							 .now = obol_now(&w.clock.clock) },
				.serial = { 0x4f, seed },
				.serial_len = 2,
				.not_after = obol_now(&w.clock.clock) + 30 * DAY,
				.subject =
					obol_bytes_str("CN=alice; email:alice@vpn.example.org"),
				.is_portable = is_portable }
	};

	memcpy(arg.in.request.actor.device_id, device_one, OBOL_DEVICE_ID_LEN);
	world_run(&w, OBOL_STORE_ISSUED, &arg);
}

static void revoke_some(uint8_t seed)
{
	struct obol_store_certificate_revoke arg = {
		.in = { .serial = { 0x4f, seed },
				.serial_len = 2,
				.reason = OBOL_REVOKED_KEY_COMPROMISE,
				.now = obol_now(&w.clock.clock) }
	};

	world_run(&w, OBOL_STORE_CERTIFICATE_REVOKE, &arg);
}

static void make_crl(void)
{
	struct obol_crl_options options = { .store = w.options.store,
										.issuer = w.issuer,
										.clock = &w.clock.clock,
										.lifetime_s = 1000 };
	char why[512];
	bool made;

	ck_assert_int_eq(obol_crl_refresh(&options, false, &made, why, sizeof(why)),
					 OBOL_OK);
	ck_assert(made);
}

static const struct obol_follow_answer *
follow(struct link *l, uint64_t since, uint64_t crl_number, uint32_t offset)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	const struct obol_answer *answer;

	request->type = OBOL_FOLLOW;
	request->follow.since = since;
	request->follow.crl_number = crl_number;
	request->follow.crl_offset = offset;
	answer = link_ask(l, request);
	free(request);
	ck_assert_msg(answer != NULL, "refused: %u", link_reply(l));
	return &answer->follow;
}

START_TEST(told_with_the_list)
{
	const struct obol_follow_answer *a;
	uint64_t number;

	make_crl();
	a = follow(&moon, 0, 0, 0);
	ck_assert_uint_eq(a->n_items, 0);
	ck_assert_uint_eq(a->sequence, 0);
	ck_assert_uint_gt(a->crl_number, 0);
	ck_assert_uint_eq(a->crl_part.len, a->crl_len);
	ck_assert_uint_gt(a->crl_len, 100);
	number = a->crl_number;
	issue(1, true);
	issue(2, true);
	revoke_some(1);
	/* not before the list has it */
	a = follow(&moon, 0, number, 0);
	ck_assert_uint_eq(a->n_items, 0);
	ck_assert_uint_eq(a->sequence, 0);
	ck_assert_uint_eq(a->crl_part.len, 0);
	make_crl();
	a = follow(&moon, 0, number, 0);
	ck_assert_uint_eq(a->n_items, 1);
	ck_assert_uint_eq(a->sequence, 1);
	ck_assert(obol_bytes_eq(a->items[0].serial, obol_bytes("\x4f\x01", 2)));
	ck_assert(
		obol_bytes_eq(a->items[0].subject,
					  obol_bytes_str("CN=alice; email:alice@vpn.example.org")));
	ck_assert_uint_eq(a->items[0].reason, OBOL_REVOKED_KEY_COMPROMISE);
	ck_assert_uint_gt(a->crl_number, number);
	ck_assert_uint_gt(a->crl_part.len, 0);
	/* known by now */
	number = a->crl_number;
	a = follow(&moon, 1, number, 0);
	ck_assert_uint_eq(a->n_items, 0);
	ck_assert_uint_eq(a->sequence, 1);
	ck_assert_uint_eq(a->crl_part.len, 0);
}
END_TEST

START_TEST(told_without_a_list)
{
	const struct obol_follow_answer *a;

	/* none that could be waited for */
	issue(1, true);
	issue(2, true);
	revoke_some(1);
	a = follow(&moon, 0, 0, 0);
	ck_assert_uint_eq(a->n_items, 1);
	ck_assert_uint_eq(a->crl_number, 0);
	/* one that does not come */
	make_crl();
	revoke_some(2);
	a = follow(&moon, 1, 0, 0);
	ck_assert_uint_eq(a->n_items, 0);
	driven_clock_pass(&w.clock, OBOL_STORE_CRL_WAIT_S);
	a = follow(&moon, 1, 0, 0);
	ck_assert_uint_eq(a->n_items, 1);
	ck_assert_uint_eq(a->sequence, 2);
}
END_TEST

START_TEST(list_in_parts)
{
	const struct obol_follow_answer *a;
	uint8_t first[8];
	uint32_t len;

	make_crl();
	a = follow(&moon, 0, 0, 0);
	len = a->crl_len;
	memcpy(first, a->crl_part.ptr + 8, 8);
	a = follow(&moon, 0, 0, 8);
	ck_assert_uint_eq(a->crl_part.len, len - 8);
	ck_assert_int_eq(memcmp(first, a->crl_part.ptr, 8), 0);
	/* at its end, and behind it */
	ck_assert_uint_eq(follow(&moon, 0, 0, len)->crl_part.len, 0);
	ck_assert_uint_eq(follow(&moon, 0, 0, UINT32_MAX)->crl_part.len, 0);
}
END_TEST

/* More than go into one answer; and a number from a database that is gone. */
START_TEST(many_and_from_the_start)
{
	const struct obol_follow_answer *a;
	struct obol_store_account_set_state state = {
		.in = { .account_id = alice,
				.state = OBOL_ACCOUNT_DISABLED,
				.now = WORLD_NOW }
	};
	int i;

	for (i = 0; i < OBOL_FOLLOW_ITEMS_MAX + 4; i++)
	{
		struct obol_store_issued arg = {
			.in = { .request = { .account_id = alice, .now = WORLD_NOW },
					.serial = { (uint8_t)(i >> 8), (uint8_t)i, 1 },
					.serial_len = 3,
					.not_after = WORLD_NOW + DAY }
		};

		world_run(&w, OBOL_STORE_ISSUED, &arg);
	}
	world_run(&w, OBOL_STORE_ACCOUNT_SET_STATE, &state);
	make_crl();
	a = follow(&moon, 0, 0, 0);
	ck_assert(a->more);
	ck_assert_uint_eq(a->n_items, OBOL_FOLLOW_ITEMS_MAX);
	ck_assert_uint_eq(a->sequence, OBOL_FOLLOW_ITEMS_MAX);
	a = follow(&moon, a->sequence, 0, 0);
	ck_assert(!a->more);
	ck_assert_uint_eq(a->n_items, 4);
	a = follow(&moon, 100000, 0, 0);
	ck_assert_uint_eq(a->n_items, OBOL_FOLLOW_ITEMS_MAX);
}
END_TEST

/*
 * Who may
 */

static void check_refused(struct link *l, enum obol_frame_type type)
{
	struct obol_request *request = calloc(1, sizeof(*request));

	request->type = type;
	if (type == OBOL_ISSUE)
	{
		request->pkcs10 = obol_bytes_str("x");
	}
	if (type == OBOL_HISTORY)
	{
		request->history.limit = 1;
	}
	ck_assert_uint_eq(link_refused(l, request), OBOL_REPLY_NOT_ALLOWED);
	free(request);
}

START_TEST(users_may_not)
{
	struct link l;

	link_by_device(&l, &w, "alice");
	check_refused(&l, OBOL_FOLLOW);
	check_refused(&l, OBOL_REPORT);
	link_close(&l);
	link_by_password(&l, &w, "alice");
	check_refused(&l, OBOL_FOLLOW);
	check_refused(&l, OBOL_REPORT);
	link_close(&l);
}
END_TEST

START_TEST(gateways_may_nothing_else)
{
	static const enum obol_frame_type types[] = {
		OBOL_LIST,  OBOL_GET,     OBOL_SLOT_LIST,
		OBOL_ISSUE, OBOL_ANCHORS, OBOL_HISTORY,
	};
	struct link l;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
	{
		check_refused(&moon, types[i]);
	}
	ck_assert_ptr_nonnull(link_ask_type(&moon, OBOL_INFO));
	/* whoever knows the password that nobody has */
	link_by_password(&l, &w, "moon");
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
	{
		check_refused(&l, types[i]);
	}
	check_refused(&l, OBOL_ACCOUNT_DELETE);
	check_refused(&l, OBOL_FOLLOW);
	link_close(&l);
}
END_TEST

START_TEST(ends_when_removed)
{
	struct obol_store_account_remove arg = {
		.in = { .account_id = world_account(&w, "moon").id, .now = WORLD_NOW }
	};
	struct obol_request *request = calloc(1, sizeof(*request));

	(void)follow(&moon, 0, 0, 0);
	world_run(&w, OBOL_STORE_ACCOUNT_REMOVE, &arg);
	request->type = OBOL_FOLLOW;
	ck_assert_uint_eq(link_refused(&moon, request), OBOL_REPLY_DISABLED);
	free(request);
}
END_TEST

/*
 * Tunnels
 */

static struct obol_report_event event_of(uint8_t what, uint8_t spi,
										 const char *serial)
{
	struct obol_report_event event = {
		.what = what,
		.spis = { spi },
		.serial = obol_bytes_str(serial),
		.identity = obol_bytes_str("alice@vpn.example.org"),
		.remote = obol_bytes_str("192.0.2.1"),
		.virtual_ip = obol_bytes_str("10.3.0.1"),
		.at = obol_now(&w.clock.clock),
	};

	return event;
}

static void report(uint64_t run, bool sweep, size_t n,
				   const struct obol_report_event *events)
{
	struct obol_request *request = calloc(1, sizeof(*request));

	request->type = OBOL_REPORT;
	request->report.run = run;
	request->report.sweep = sweep;
	request->report.n_events = (uint16_t)n;
	if (n > 0)
	{
		memcpy(request->report.events, events, n * sizeof(*events));
	}
	ck_assert_msg(link_ask(&moon, request) != NULL, "refused: %u",
				  link_reply(&moon));
	free(request);
}

static struct obol_store_gateway gateway(uint64_t since)
{
	static struct obol_store_gateways arg;

	arg.in.since = since;
	world_run(&w, OBOL_STORE_GATEWAYS, &arg);
	ck_assert_uint_eq(arg.out.n_gateways, 1);
	return arg.out.gateways[0];
}

START_TEST(tunnels_are_noted)
{
	struct obol_report_event up = event_of(OBOL_TUNNEL_UP, 1, "\x4f\x01");
	struct obol_report_event down = event_of(OBOL_TUNNEL_DOWN, 1, "\x4f\x01");

	issue(1, true);
	report(7, false, 1, &up);
	ck_assert_str_eq(newest_line(&w, "alice"),
					 "25 200 4 gateway moon, certificate 4f01, 10.3.0.1");
	ck_assert_uint_eq(gateway(0).n_tunnels, 1);
	/* told twice, noted once */
	report(7, false, 1, &up);
	ck_assert_uint_eq(gateway(0).n_tunnels, 1);
	driven_clock_pass(&w.clock, 100);
	down.at += 100;
	down.bytes_in = 11;
	down.bytes_out = 22;
	down.revocation = 5;
	report(7, false, 1, &down);
	ck_assert_str_eq(newest_line(&w, "alice"),
					 "26 200 4 gateway moon, 100 s, 11 bytes in, 22 out, ended "
					 "because its certificate was revoked");
	ck_assert_uint_eq(gateway(4).n_tunnels, 0);
	ck_assert_uint_eq(gateway(4).n_ended, 1);
	ck_assert_uint_eq(gateway(5).n_ended, 0);
	report(7, false, 1, &down);
	ck_assert_uint_eq(gateway(4).n_ended, 1);
}
END_TEST

START_TEST(by_identity)
{
	struct obol_report_event up = event_of(OBOL_TUNNEL_UP, 1, "");
	struct obol_report_event other = event_of(OBOL_TUNNEL_UP, 2, "\x77");

	report(7, false, 1, &up);
	ck_assert_str_eq(newest_line(&w, "alice"),
					 "25 200 4 gateway moon, 10.3.0.1");
	/* nobody's: a tunnel of something else */
	other.identity = obol_bytes_str("sun.example.org");
	report(7, false, 1, &other);
	ck_assert_uint_eq(gateway(0).n_tunnels, 1);
}
END_TEST

static const char *newest_label(void)
{
	static struct obol_store_history history;
	static char label[OBOL_LABEL_MAX + 1];

	history.in.account_id = alice;
	history.in.limit = 1;
	world_run(&w, OBOL_STORE_HISTORY, &history);
	(void)snprintf(label, sizeof(label), "%.*s",
				   (int)history.out.answer.items[0].label.len,
				   (const char *)history.out.answer.items[0].label.ptr);
	return label;
}

/* A certificate of one device names it; one of all is the device's that logged
 * in from that address. */
START_TEST(by_device)
{
	struct obol_report_event own = event_of(OBOL_TUNNEL_UP, 1, "\x4f\x01");
	struct obol_report_event shared = event_of(OBOL_TUNNEL_UP, 2, "\x4f\x02");
	struct obol_store_slot_list *slots = calloc(1, sizeof(*slots));
	struct link l;
	size_t i;

	issue(1, false);
	issue(2, true);
	own.remote = obol_bytes_str("198.51.100.7");
	report(7, false, 1, &own);
	slots->in.account_id = alice;
	world_run(&w, OBOL_STORE_SLOT_LIST, slots);
	for (i = 0; slots->out.slots[i].kind != OBOL_SLOT_DEVICE; i++)
	{
	}
	ck_assert_str_eq(newest_label(), slots->out.slots[i].label);
	shared.remote = obol_bytes_str("198.51.100.7");
	report(7, false, 1, &shared);
	ck_assert_str_eq(newest_label(), "");
	link_open(&l, &w, "198.51.100.9");
	ck_assert(
		link_login(&l, "alice", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	link_close(&l);
	shared.spis[0] = 3;
	shared.remote = obol_bytes_str("198.51.100.9");
	report(7, false, 1, &shared);
	ck_assert_str_eq(newest_label(), slots->out.slots[i].label);
	free(slots);
}
END_TEST

/* The gateway's program was away: what it does not tell of again has ended. */
START_TEST(sweep)
{
	struct obol_report_event ups[2] = { event_of(OBOL_TUNNEL_UP, 1, ""),
										event_of(OBOL_TUNNEL_UP, 2, "") };

	report(7, true, 2, ups);
	ck_assert_uint_eq(gateway(0).n_tunnels, 2);
	report(8, false, 1, ups);
	ck_assert_uint_eq(gateway(0).n_tunnels, 2);
	report(8, true, 0, NULL);
	ck_assert_uint_eq(gateway(0).n_tunnels, 1);
	ck_assert_str_eq(newest_line(&w, "alice"),
					 "26 200 4 gateway moon, 0 s, 0 bytes in, 0 out");
	report(8, true, 0, NULL);
	ck_assert_uint_eq(gateway(0).n_tunnels, 1);
}
END_TEST

START_TEST(is_seen)
{
	ck_assert_uint_eq(gateway(0).seen_at, 0);
	(void)follow(&moon, 0, 0, 0);
	ck_assert_uint_eq(gateway(0).seen_at, WORLD_NOW);
	driven_clock_pass(&w.clock, 4);
	(void)follow(&moon, 0, 0, 0);
	ck_assert_uint_eq(gateway(0).seen_at, WORLD_NOW);
	(void)follow(&moon, 3, 9, 0);
	ck_assert_uint_eq(gateway(0).seen_at, WORLD_NOW + 4);
	ck_assert_uint_eq(gateway(0).revocation, 3);
	ck_assert_uint_eq(gateway(0).crl_number, 9);
	driven_clock_pass(&w.clock, 5);
	(void)follow(&moon, 3, 9, 0);
	ck_assert_uint_eq(gateway(0).seen_at, WORLD_NOW + 9);
}
END_TEST

Suite *follow_suite(void)
{
	Suite *suite = suite_create("follow");
	TCase *tc = tcase_create("follow");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, told_with_the_list);
	tcase_add_test(tc, told_without_a_list);
	tcase_add_test(tc, list_in_parts);
	tcase_add_test(tc, many_and_from_the_start);
	tcase_add_test(tc, users_may_not);
	tcase_add_test(tc, gateways_may_nothing_else);
	tcase_add_test(tc, ends_when_removed);
	tcase_add_test(tc, tunnels_are_noted);
	tcase_add_test(tc, by_identity);
	tcase_add_test(tc, by_device);
	tcase_add_test(tc, sweep);
	tcase_add_test(tc, is_seen);
	suite_add_tcase(suite, tc);
	return suite;
}
