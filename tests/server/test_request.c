/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Info, List, Get, Put, Delete, History through the whole server. */
#include "server/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/run.h"

static struct world w;
static struct link l;

static void setup(void)
{
	world_begin(&w);
	(void)world_add(&w, "alice");
	world_activate(&w, "alice");
	link_by_device(&l, &w, "alice");
}

static void teardown(void)
{
	link_close(&l);
	world_clear(&w);
}

static struct obol_request get_request(const char *name, uint64_t held)
{
	struct obol_request request = { .type = OBOL_GET };

	request.get.name = obol_bytes_str(name);
	request.get.held_version = held;
	return request;
}

static void check_item(const char *name, uint64_t version, const char *sealed)
{
	struct obol_request request = get_request(name, 0);
	const struct obol_answer *answer = link_ask(&l, &request);

	ck_assert_msg(answer != NULL, "Get refused: %u", link_reply(&l));
	ck_assert_uint_eq(answer->get.n_items, 1);
	ck_assert_uint_eq(answer->get.items[0].version, version);
	ck_assert(
		obol_bytes_eq(answer->get.items[0].sealed, obol_bytes_str(sealed)));
}

START_TEST(test_info)
{
	const struct obol_answer *answer = link_ask_type(&l, OBOL_INFO);

	ck_assert_ptr_nonnull(answer);
	ck_assert(obol_bytes_eq(answer->info.server_name,
							obol_bytes_str("vpn.example.org")));
	ck_assert_uint_eq(answer->info.server_time, WORLD_NOW);
	ck_assert_uint_eq(answer->info.n_suites, 1);
	ck_assert_uint_eq(answer->info.suites[0], 1);
	ck_assert_uint_eq(answer->info.credentials_max, 64);
	ck_assert_uint_eq(answer->info.devices_max, 32);
	ck_assert_uint_eq(answer->info.sealed_max, 256 * 1024);
}
END_TEST

START_TEST(test_info_before_the_login)
{
	struct link other;
	const struct obol_answer *answer;

	link_open(&other, &w, NULL);
	answer = link_ask_type(&other, OBOL_INFO);
	/* START takes Info, and then goes on */
	ck_assert_int_eq(obol_client_session_failure(other.client),
					 OBOL_FAILURE_NONE);
	answer = obol_client_session_answer(other.client);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->info.frame_max, OBOL_FRAME_MAX);
	link_close(&other);
}
END_TEST

START_TEST(test_put_get_list)
{
	const struct obol_answer *answer;
	struct obol_request request;

	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "first"), 1);
	check_item("vpn", 1, "first");
	ck_assert_str_eq(newest_line(&w, "alice"), "2 200 4 vpn version 1");
	ck_assert_uint_eq(link_put(&l, "vpn", 1, 2, "second"), 2);
	check_item("vpn", 2, "second");
	answer = link_ask_type(&l, OBOL_LIST);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->list.n_items, 1);
	ck_assert_uint_eq(answer->list.items[0].version, 2);
	ck_assert_uint_eq(answer->list.items[0].size, 6);
	ck_assert(!answer->list.items[0].deleted);
	/* nothing new for who has it */
	request = get_request("vpn", 2);
	answer = link_ask(&l, &request);
	ck_assert(answer && answer->get.unchanged);
	ck_assert_uint_eq(answer->get.n_items, 0);
}
END_TEST

START_TEST(test_put_refusals)
{
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "first"), 1);
	/* a stale version: what is stored stays, and the present one is told */
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "other"), 0);
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_STALE);
	ck_assert_uint_eq(obol_client_session_error(l.client)->version, 1);
	ck_assert_uint_eq(link_put(&l, "vpn", 7, 2, "other"), 0);
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_STALE);
	check_item("vpn", 1, "first");
	/* another generation than the account's */
	ck_assert_uint_eq(link_put(&l, "vpn", 1, 1, "other"), 0);
	ck_assert_uint_ne(link_reply(&l), 0);
	ck_assert_uint_eq(link_put(&l, "vpn", 1, 3, "other"), 0);
	ck_assert_uint_ne(link_reply(&l), 0);
	check_item("vpn", 1, "first");
}
END_TEST

START_TEST(test_refused_put_is_in_the_trail)
{
	ck_assert_uint_eq(link_put(&l, "vpn", 9, 2, "x"), 0);
	ck_assert_msg(strncmp(newest_line(&w, "alice"), "3 557 4 ", 8) == 0, "%s",
				  newest_line(&w, "alice"));
}
END_TEST

START_TEST(test_quota_of_credentials)
{
	char name[16];
	int i;

	for (i = 0; i < OBOL_CREDENTIALS_MAX; i++)
	{
		(void)snprintf(name, sizeof(name), "c%d", i);
		ck_assert_uint_eq(link_put(&l, name, 0, 2, "x"), 1);
	}
	ck_assert_uint_eq(link_put(&l, "one-more", 0, 2, "x"), 0);
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_QUOTA);
	/* one that is there may still be replaced */
	ck_assert_uint_eq(link_put(&l, "c0", 1, 2, "y"), 2);
}
END_TEST

START_TEST(test_largest_credentials_come_in_pages)
{
	char *big = malloc(OBOL_SEALED_MAX + 1);
	struct obol_request request = get_request("", 0);
	const struct obol_answer *answer;
	char after[OBOL_CREDENTIAL_NAME_MAX + 1] = "";
	char name[16];
	size_t n = 0;
	int i;

	ck_assert_ptr_nonnull(big);
	memset(big, 'x', OBOL_SEALED_MAX);
	big[OBOL_SEALED_MAX] = '\0';
	for (i = 0; i < 6; i++)
	{
		(void)snprintf(name, sizeof(name), "big%d", i);
		ck_assert_uint_eq(link_put(&l, name, 0, 2, big), 1);
	}
	do
	{
		const struct obol_get_item *last;

		request.get.after = obol_bytes_str(after);
		answer = link_ask(&l, &request);
		ck_assert_msg(answer != NULL, "%u", link_reply(&l));
		ck_assert_uint_gt(answer->get.n_items, 0);
		n += answer->get.n_items;
		last = &answer->get.items[answer->get.n_items - 1];
		memcpy(after, last->name.ptr, last->name.len);
		after[last->name.len] = '\0';
	} while (answer->get.more);
	ck_assert_uint_eq(n, 6);
	free(big);
}
END_TEST

START_TEST(test_delete)
{
	struct obol_request request = { .type = OBOL_DELETE };
	struct obol_request get = get_request("vpn", 0);
	const struct obol_answer *answer;
	struct link owner;

	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "first"), 1);
	request.delete_.name = obol_bytes_str("vpn");
	request.delete_.base_version = 1;
	/* a device may not */
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	link_by_password(&owner, &w, "alice");
	request.delete_.base_version = 5;
	ck_assert_uint_eq(link_refused(&owner, &request), OBOL_REPLY_STALE);
	request.delete_.base_version = 1;
	answer = link_ask(&owner, &request);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->deleted_version, 2);
	ck_assert_uint_eq(link_refused(&owner, &request), OBOL_REPLY_NOT_FOUND);
	ck_assert_uint_eq(link_refused(&l, &get), OBOL_REPLY_NOT_FOUND);
	/* versions never start again */
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "new"), 0);
	ck_assert_uint_eq(link_put(&l, "vpn", 2, 2, "new"), 3);
	link_close(&owner);
}
END_TEST

START_TEST(test_accounts_are_apart)
{
	struct obol_request get = get_request("vpn", 0);
	struct link bob;

	(void)world_add(&w, "bob");
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "alice's"), 1);
	link_open(&bob, &w, NULL);
	ck_assert(link_login(&bob, "bob", OBOL_SLOT_ACTIVATION, NULL, CODE));
	ck_assert_uint_eq(link_refused(&bob, &get), OBOL_REPLY_NOT_FOUND);
	link_close(&bob);
}
END_TEST

START_TEST(test_history)
{
	struct obol_request request = { .type = OBOL_HISTORY };
	const struct obol_answer *answer;
	uint64_t newest;

	request.history.limit = 2;
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "x"), 1);
	answer = link_ask(&l, &request);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->history.n_items, 2);
	ck_assert_uint_eq(answer->history.items[0].operation, OBOL_OP_PUT);
	ck_assert_uint_eq(answer->history.items[0].kind, OBOL_SLOT_DEVICE);
	ck_assert(obol_bytes_eq(answer->history.items[0].label,
							obol_bytes_str("laptop")));
	ck_assert(obol_bytes_eq(answer->history.items[0].source,
							obol_bytes_str("192.0.2.1")));
	ck_assert_uint_eq(answer->history.items[1].operation, OBOL_OP_LOGIN);
	newest = answer->history.items[1].id;
	request.history.before = newest;
	answer = link_ask(&l, &request);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_lt(answer->history.items[0].id, newest);
}
END_TEST

START_TEST(test_revoked_while_connected)
{
	struct obol_request request = { .type = OBOL_SLOT_DELETE };
	struct obol_request history = { .type = OBOL_HISTORY, .history.limit = 9 };
	struct obol_request slots = { .type = OBOL_SLOT_LIST };
	struct link owner;

	ck_assert_ptr_nonnull(link_ask_type(&l, OBOL_LIST));
	link_by_password(&owner, &w, "alice");
	request.slot_delete.kind = OBOL_SLOT_DEVICE;
	memcpy(request.slot_delete.device_id, device_one, OBOL_DEVICE_ID_LEN);
	ck_assert_ptr_nonnull(link_ask(&owner, &request));
	ck_assert_uint_eq(link_refused(&owner, &request), OBOL_REPLY_NOT_FOUND);
	link_close(&owner);
	ck_assert_ptr_null(link_ask_type(&l, OBOL_LIST));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_LOGIN_NEEDED);
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "x"), 0);
	/* nor does it see what the others do */
	ck_assert_uint_eq(link_refused(&l, &history), OBOL_REPLY_LOGIN_NEEDED);
	ck_assert_uint_eq(link_refused(&l, &slots), OBOL_REPLY_LOGIN_NEEDED);
	/* and the device does not come back */
	link_close(&l);
	link_open(&l, &w, NULL);
	ck_assert(
		!link_login(&l, "alice", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	ck_assert_int_eq(obol_client_session_failure(l.client), OBOL_FAILURE_KE2);
}
END_TEST

START_TEST(test_closed_in_the_middle)
{
	struct obol_request request = { .type = OBOL_PUT };

	/* the put is under way when its connection goes: it is whole or not */
	request.put.name = obol_bytes_str("vpn");
	request.put.format = OBOL_FORMAT_OPAQUE;
	request.put.generation = 2;
	request.put.sealed = obol_bytes_str("sealed");
	ck_assert_int_eq(obol_client_session_request(l.client, &request), OBOL_OK);
	obol_server_connection_input(l.conn, obol_client_session_output(l.client));
	ck_assert(obol_server_connection_is_busy(l.conn));
	link_close(&l);
	link_by_device(&l, &w, "alice");
	check_item("vpn", 1, "sealed");
}
END_TEST

Suite *request_suite(void);

Suite *request_suite(void)
{
	Suite *s = suite_create("request");
	TCase *tc = tcase_create("request");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_info);
	tcase_add_test(tc, test_info_before_the_login);
	tcase_add_test(tc, test_put_get_list);
	tcase_add_test(tc, test_put_refusals);
	tcase_add_test(tc, test_refused_put_is_in_the_trail);
	tcase_add_test(tc, test_quota_of_credentials);
	tcase_add_test(tc, test_largest_credentials_come_in_pages);
	tcase_add_test(tc, test_delete);
	tcase_add_test(tc, test_accounts_are_apart);
	tcase_add_test(tc, test_history);
	tcase_add_test(tc, test_revoked_while_connected);
	tcase_add_test(tc, test_closed_in_the_middle);
	suite_add_tcase(s, tc);
	return s;
}
