/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meeting rooms of IPv6 networks: a /48 has 65,536 of them, and no more rooms
 * for that than four networks. */
#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/relay_room.h"

Suite *relay_room_suite(void);

#define ROOMS 12
#define PER_SOURCE 2
#define GUESTS_MAX 64

static struct obol_config config;
static struct obol_relay_options options;
static struct relay relay;
/** The guests' own ends. */
static int ends[GUESTS_MAX];

static void setup(void)
{
	memset(&config, 0, sizeof(config));
	config.relay.rooms = ROOMS;
	config.relay.rooms_per_source = PER_SOURCE;
	options = (struct obol_relay_options){ .config = &config,
										   .clock = obol_clock_system() };
	memset(&relay, 0, sizeof(relay));
	relay.options = &options;
	relay.guests = calloc(GUESTS_MAX, sizeof(relay.guests[0]));
	relay.rooms = obol_source_count_new(obol_rng_system());
	relay.sites = obol_source_count_new(obol_rng_system());
	ck_assert(relay.guests && relay.rooms && relay.sites);
	ck_assert_int_eq(
		obol_source_limit_new(1000, 64, obol_rng_system(), &relay.requests),
		OBOL_OK);
}

static void teardown(void)
{
	size_t i;

	for (i = 0; i < relay.n; i++)
	{
		relay_leave_room(&relay, relay.guests[i]);
		(void)close(relay.guests[i]->fd);
		(void)close(ends[i]);
		free(relay.guests[i]);
	}
	free(relay.guests);
	obol_source_count_free(relay.rooms);
	obol_source_count_free(relay.sites);
	obol_source_limit_free(relay.requests);
}

/* A guest from 2001:db8:SITE:NETWORK:: asks for a room; what he hears. */
static int open_room(uint8_t site, uint8_t network)
{
	struct obol_room_request request = { OBOL_ROOM_OPEN, (uint32_t)relay.n };
	struct guest *guest = calloc(1, sizeof(*guest));
	uint8_t byte;
	int fds[2];

	ck_assert(guest && relay.n < GUESTS_MAX);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	guest->fd = fds[0];
	guest->source.is_v6 = true;
	memcpy(guest->source.bytes, "\x20\x01\x0d\xb8", 4);
	guest->source.bytes[5] = site;
	guest->source.bytes[7] = network;
	guest->source.bytes[15] = (uint8_t)relay.n;
	obol_room_request_write(&request, guest->request);
	ends[relay.n] = fds[1];
	relay.guests[relay.n++] = guest;
	relay_on_request(&relay, guest);
	ck_assert_int_eq(recv(fds[1], &byte, 1, MSG_DONTWAIT), 1);
	return byte;
}

START_TEST(one_network)
{
	ck_assert_int_eq(open_room(1, 1), OBOL_ROOM_WAITING);
	ck_assert_int_eq(open_room(1, 1), OBOL_ROOM_WAITING);
	ck_assert_int_eq(open_room(1, 1), OBOL_ROOM_TOO_MANY);
	ck_assert_int_eq(open_room(1, 2), OBOL_ROOM_WAITING);
}
END_TEST

START_TEST(one_site)
{
	uint8_t i;

	for (i = 0; i < PER_SOURCE * OBOL_SOURCE_SITE_FACTOR; i++)
	{
		ck_assert_int_eq(open_room(1, i), OBOL_ROOM_WAITING);
	}
	ck_assert_int_eq(open_room(1, i), OBOL_ROOM_TOO_MANY);
	ck_assert_int_eq(open_room(2, 0), OBOL_ROOM_WAITING);
	/* a room that ends is the site's again */
	relay_leave_room(&relay, relay.guests[0]);
	relay.guests[0]->is_gone = true;
	ck_assert_int_eq(open_room(1, i), OBOL_ROOM_WAITING);
	ck_assert_int_eq(open_room(1, i), OBOL_ROOM_TOO_MANY);
}
END_TEST

/* One network after the other of a site is worth a quarter of as many sites. */
START_TEST(site_goes_first)
{
	uint8_t i, byte;

	for (i = 0; i < 4; i++)
	{
		ck_assert_int_eq(open_room((uint8_t)(10 + i), 0), OBOL_ROOM_WAITING);
	}
	for (i = 0; i < PER_SOURCE * OBOL_SOURCE_SITE_FACTOR; i++)
	{
		ck_assert_int_eq(open_room(1, i), OBOL_ROOM_WAITING);
	}
	ck_assert_uint_eq(relay_count_rooms(&relay), ROOMS);
	/* of all twelve, the site's eldest, which came fifth */
	ck_assert_int_eq(open_room(20, 0), OBOL_ROOM_WAITING);
	ck_assert_uint_eq(relay_count_rooms(&relay), ROOMS);
	ck_assert(relay.guests[4]->is_gone);
	ck_assert_int_eq(recv(ends[4], &byte, 1, MSG_DONTWAIT), 1);
	ck_assert_int_eq(byte, OBOL_ROOM_FULL);
	/* which gets none back while it has more than others */
	ck_assert_int_eq(open_room(1, 100), OBOL_ROOM_FULL);
	for (i = 0; i < relay.n; i++)
	{
		ck_assert_int_eq(relay.guests[i]->is_gone, i == 4 || i == relay.n - 1);
	}
}
END_TEST

Suite *relay_room_suite(void)
{
	Suite *suite = suite_create("relay: rooms");
	TCase *tc = tcase_create("rooms");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_network);
	tcase_add_test(tc, one_site);
	tcase_add_test(tc, site_goes_first);
	suite_add_tcase(suite, tc);
	return suite;
}
