/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tunnels have to end, and what is reported. */
#include "gateway/tunnels.h"

#include <stdio.h>

#include "support/run.h"

Suite *tunnels_suite(void);

#define NOW 1800000000

static struct obol_tunnels *t;

static void setup(void)
{
	t = obol_tunnels_new();
	ck_assert_ptr_nonnull(t);
}

static void teardown(void)
{
	obol_tunnels_free(t);
}

/** An IKE_SA with a certificate whose serial number is this one byte; 0: not
 * known. */
static void up(uint32_t id, const char *identity, uint8_t serial)
{
	struct obol_tunnel tunnel = { .id = id,
								  .spis = { (uint8_t)id },
								  .remote = "192.0.2.1",
								  .virtual_ip = "10.3.0.1",
								  .established_at = NOW };

	(void)snprintf(tunnel.identity, sizeof(tunnel.identity), "%s", identity);
	if (serial)
	{
		tunnel.n_serials = 1;
		tunnel.serials[0].len = 1;
		tunnel.serials[0].bytes[0] = serial;
	}
	ck_assert_int_eq(obol_tunnels_up(t, &tunnel), OBOL_OK);
}

static void revoke_one(uint64_t number, uint8_t serial, const char *subject)
{
	struct obol_follow_item item = { .number = number,
									 .serial = obol_bytes(&serial, 1),
									 .subject = obol_bytes_str(subject) };

	obol_tunnels_revoke(t, &item);
}

/** Numbers of those that have to end, such as "1 3". */
static const char *to_end(void)
{
	static char text[128];
	const struct obol_tunnel *tunnel;

	text[0] = '\0';
	while ((tunnel = obol_tunnels_next_to_end(t)))
	{
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u",
					   *text ? " " : "", (unsigned)tunnel->id);
	}
	return text;
}

/** Events that wait, such as "up 1, down 1:7", the last being the number of
 * the revocation; they count as reported. */
static const char *events(void)
{
	static char text[512];
	struct obol_report_event list[16];
	size_t n = obol_tunnels_events(t, list, 16), i;

	text[0] = '\0';
	for (i = 0; i < n; i++)
	{
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
					   "%s%s %u", i ? ", " : "",
					   list[i].what == OBOL_TUNNEL_UP ? "up" : "down",
					   list[i].spis[0]);
		if (list[i].revocation)
		{
			(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
						   ":%u", (unsigned)list[i].revocation);
		}
	}
	obol_tunnels_reported(t, n);
	return text;
}

#define SUBJECT "CN=alice; email:alice@example.org"

START_TEST(by_serial)
{
	up(1, "alice@example.org", 0x4f);
	up(2, "alice@example.org", 0x2a);
	up(3, "bob@example.org", 0x4f);
	revoke_one(7, 0x4f, SUBJECT);
	/* the certificate decides, whatever the identity */
	ck_assert_str_eq(to_end(), "1 3");
	ck_assert(obol_tunnels_are_ending(t));
	ck_assert_str_eq(to_end(), "");
	obol_tunnels_down(t, 1, NOW + 5);
	obol_tunnels_tell_again(t);
	ck_assert_str_eq(to_end(), "3");
	obol_tunnels_down(t, 3, NOW + 5);
	ck_assert(!obol_tunnels_are_ending(t));
	ck_assert_str_eq(events(), "up 1, up 2, up 3, down 1:7, down 3:7");
	ck_assert_uint_eq(obol_tunnels_n(t), 1);
}
END_TEST

START_TEST(by_identity)
{
	up(1, "alice@example.org", 0);
	up(2, "bob@example.org", 0);
	up(3, "CN=alice", 0);
	revoke_one(7, 0x4f, SUBJECT);
	ck_assert_str_eq(to_end(), "1 3");
}
END_TEST

/* Between the revocation and the list's arrival it got through once more. */
START_TEST(comes_up_late)
{
	revoke_one(7, 0x4f, SUBJECT);
	ck_assert_str_eq(to_end(), "");
	up(1, "alice@example.org", 0x4f);
	/* the new one of the other device */
	up(2, "alice@example.org", 0x50);
	/* what is not known could be the new one */
	up(3, "alice@example.org", 0);
	ck_assert_str_eq(to_end(), "1");
}
END_TEST

START_TEST(several_certificates)
{
	struct obol_tunnel tunnel = { .id = 1,
								  .identity = "alice@example.org",
								  .n_serials = 2,
								  .serials = { { 1, { 0x4f } },
											   { 2, { 0x50, 1 } } } };
	struct obol_report_event event;

	ck_assert_int_eq(obol_tunnels_up(t, &tunnel), OBOL_OK);
	ck_assert_uint_eq(obol_tunnels_events(t, &event, 1), 1);
	ck_assert_uint_eq(event.serial.len, 0);
	revoke_one(7, 0x50, SUBJECT);
	ck_assert_str_eq(to_end(), "");
	revoke_one(8, 0x4f, SUBJECT);
	ck_assert_str_eq(to_end(), "1");
}
END_TEST

/* The old one was tried in vain and is in charon's cache still; the new one is
 * what it came up with. */
START_TEST(revoked_and_good)
{
	struct obol_tunnel tunnel = { .id = 1,
								  .identity = "alice@example.org",
								  .n_serials = 2,
								  .serials = { { 1, { 0x4f } },
											   { 1, { 0x50 } } } };
	struct obol_report_event event;

	revoke_one(7, 0x4f, SUBJECT);
	ck_assert_int_eq(obol_tunnels_up(t, &tunnel), OBOL_OK);
	ck_assert_str_eq(to_end(), "");
	ck_assert_uint_eq(obol_tunnels_events(t, &event, 1), 1);
	ck_assert(obol_bytes_eq(event.serial, obol_bytes("\x50", 1)));
	revoke_one(8, 0x50, SUBJECT);
	ck_assert_str_eq(to_end(), "1");
	/* all that it may have been made with are refused */
	tunnel.id = 2;
	ck_assert_int_eq(obol_tunnels_up(t, &tunnel), OBOL_OK);
	ck_assert_str_eq(to_end(), "2");
}
END_TEST

START_TEST(rekeyed)
{
	struct obol_report_event event;

	up(1, "alice@example.org", 0x4f);
	obol_tunnels_carried(t, 1, 100, 200);
	obol_tunnels_rekeyed(t, 1, 9);
	obol_tunnels_carried(t, 1, 1, 1);
	obol_tunnels_carried(t, 9, 10, 20);
	revoke_one(7, 0x4f, SUBJECT);
	ck_assert_str_eq(to_end(), "9");
	/* rekeyed while it was told to end: the new one is told too */
	obol_tunnels_rekeyed(t, 9, 10);
	ck_assert_str_eq(to_end(), "10");
	obol_tunnels_down(t, 9, NOW);
	ck_assert_uint_eq(obol_tunnels_n(t), 1);
	obol_tunnels_reported(t, 1);
	obol_tunnels_down(t, 10, NOW + 5);
	ck_assert_uint_eq(obol_tunnels_events(t, &event, 1), 1);
	ck_assert_uint_eq(event.what, OBOL_TUNNEL_DOWN);
	ck_assert_uint_eq(event.spis[0], 1);
	ck_assert_uint_eq(event.at, NOW + 5);
	ck_assert_uint_eq(event.bytes_in, 110);
	ck_assert_uint_eq(event.bytes_out, 220);
}
END_TEST

START_TEST(charon_is_gone)
{
	up(1, "alice@example.org", 0x4f);
	up(2, "alice@example.org", 0x4f);
	(void)events();
	obol_tunnels_all_down(t, NOW);
	ck_assert_uint_eq(obol_tunnels_n(t), 0);
	ck_assert_str_eq(events(), "down 2, down 1");
}
END_TEST

START_TEST(known_ones_stay)
{
	up(1, "alice@example.org", 0x4f);
	up(1, "bob@example.org", 0);
	ck_assert_uint_eq(obol_tunnels_n(t), 1);
	obol_tunnels_down(t, 2, NOW);
	obol_tunnels_rekeyed(t, 3, 4);
	ck_assert_str_eq(events(), "up 1");
}
END_TEST

/* obold is away for long: the oldest give way, and memory is bounded. */
START_TEST(many_events)
{
	struct obol_report_event event;
	uint32_t i;

	for (i = 1; i <= OBOL_TUNNEL_EVENTS_MAX; i++)
	{
		up(i, "a", 0);
		obol_tunnels_down(t, i, i);
	}
	ck_assert_uint_eq(obol_tunnels_events(t, &event, 1), 1);
	ck_assert_uint_eq(event.what, OBOL_TUNNEL_UP);
	ck_assert_uint_eq(event.spis[0], (uint8_t)(OBOL_TUNNEL_EVENTS_MAX / 2 + 1));
}
END_TEST

START_TEST(names)
{
	static const struct {
		const char *subject;
		const char *identity;
		bool has;
	} rows[] = {
		{ SUBJECT, "alice@example.org", true },
		{ SUBJECT, "CN=alice", true },
		{ SUBJECT, "alice", false },
		{ SUBJECT, "email:alice@example.org", false },
		{ SUBJECT, "lice@example.org", false },
		{ "CN=a, O=Ex:ample; dns:a.example.org", "CN=a, O=Ex:ample", true },
		{ "CN=a, O=Ex:ample; dns:a.example.org", "a.example.org", true },
		{ "CN=a; ip:2001:db8::1", "2001:db8::1", true },
		{ "CN=a", "", false },
		{ "", "CN=a", false },
		{ "CN=a;", "CN=a", true },
	};

	ck_assert_msg(obol_tunnel_names(obol_bytes_str(rows[_i].subject),
									rows[_i].identity) == rows[_i].has,
				  "%s in %s", rows[_i].identity, rows[_i].subject);
}
END_TEST

Suite *tunnels_suite(void)
{
	Suite *suite = suite_create("tunnels");
	TCase *tc = tcase_create("tunnels");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, by_serial);
	tcase_add_test(tc, by_identity);
	tcase_add_test(tc, comes_up_late);
	tcase_add_test(tc, several_certificates);
	tcase_add_test(tc, revoked_and_good);
	tcase_add_test(tc, rekeyed);
	tcase_add_test(tc, charon_is_gone);
	tcase_add_test(tc, known_ones_stay);
	tcase_add_test(tc, many_events);
	tcase_add_loop_test(tc, names, 0, 11);
	suite_add_tcase(suite, tc);
	return suite;
}
