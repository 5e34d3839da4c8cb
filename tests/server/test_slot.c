/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots and new account keys through the whole server. */
#include "server/world.h"

#include <stdlib.h>

#include "session/server_session.h"
#include "support/run.h"

static struct world w;
static struct link l;

static void setup(void)
{
	world_begin(&w);
	(void)world_add(&w, "alice");
}

static void teardown(void)
{
	link_close(&l);
	world_clear(&w);
}

static bool can_log_in(enum obol_slot_kind kind, const uint8_t *device_id,
					   const char *secret)
{
	struct link other;
	bool in;

	link_open(&other, &w, NULL);
	in = link_login(&other, "alice", kind, device_id, secret);
	link_close(&other);
	return in;
}

START_TEST(test_activation)
{
	world_activate(&w, "alice");
	/* the code is used up, password and device work */
	ck_assert(!can_log_in(OBOL_SLOT_ACTIVATION, NULL, CODE));
	ck_assert(can_log_in(OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	ck_assert(!can_log_in(OBOL_SLOT_PASSWORD, NULL, "wrong"));
	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(l.key.generation, 2);
	ck_assert(!can_log_in(OBOL_SLOT_DEVICE, device_two, DEVICE_SECRET));
	ck_assert_uint_gt(world_account(&w, "alice").activated_at, 0);
}
END_TEST

START_TEST(test_code_sets_up_and_nothing_else)
{
	static const enum obol_frame_type types[] = { OBOL_SLOT_LIST,
												  OBOL_HISTORY };
	struct obol_request request = { .type = OBOL_HISTORY };
	size_t i;

	link_open(&l, &w, NULL);
	ck_assert(link_login(&l, "alice", OBOL_SLOT_ACTIVATION, NULL, CODE));
	request.history.limit = 1;
	for (i = 0; i < 2; i++)
	{
		request.type = types[i];
		ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	}
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 1, "x"), 0);
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_NOT_ALLOWED);
}
END_TEST

START_TEST(test_second_device_and_password_change)
{
	struct obol_slot_message slot;

	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	link_register(&l, OBOL_SLOT_DEVICE, device_two, "another secret", 2, &slot);
	ck_assert(link_finish(&l, &slot));
	ck_assert_str_eq(newest_line(&w, "alice"), "5 200 1 device laptop");
	ck_assert(can_log_in(OBOL_SLOT_DEVICE, device_two, "another secret"));
	ck_assert(can_log_in(OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	link_register(&l, OBOL_SLOT_PASSWORD, NULL, "a new one", 2, &slot);
	ck_assert(link_finish(&l, &slot));
	ck_assert(!can_log_in(OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	ck_assert(can_log_in(OBOL_SLOT_PASSWORD, NULL, "a new one"));
}
END_TEST

START_TEST(test_recovery)
{
	struct obol_slot_message slot;

	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	link_register(&l, OBOL_SLOT_RECOVERY, NULL, "recovery bits", 2, &slot);
	ck_assert(obol_ksf_params_eq(&slot.ksf, &obol_ksf_identity));
	ck_assert(link_finish(&l, &slot));
	link_close(&l);
	link_open(&l, &w, NULL);
	ck_assert(
		link_login(&l, "alice", OBOL_SLOT_RECOVERY, NULL, "recovery bits"));
	/* and it may do what the password may */
	ck_assert_ptr_nonnull(link_ask_type(&l, OBOL_SLOT_LIST));
}
END_TEST

/* A slot as the client's session would not send it: what is changed is caught
 * here or by the session, and nothing is stored. */
START_TEST(test_bad_slots)
{
	static const unsigned replies[] = {
		OBOL_REPLY_PARAMETER, /* 0: key stretching below the least */
		OBOL_REPLY_PARAMETER, /* 1: another key number */
		OBOL_REPLY_PARAMETER, /* 2: another generation */
		OBOL_REPLY_PARAMETER, /* 3: the record's key is no point */
	};
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct obol_slot_message slot;
	struct obol_request request = { .type = OBOL_SLOT_FINISH };

	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	link_register(&l, OBOL_SLOT_PASSWORD, NULL, "a new one", 2, &slot);
	switch (_i)
	{
		case 0:
			slot.ksf.log2_n = 14;
			break;
		case 1:
			slot.key_number = 2;
			break;
		case 2:
			slot.generation = 3;
			break;
		default:
			memcpy(record, slot.record.ptr, sizeof(record));
			record[0] = 4;
			slot.record = obol_bytes(record, sizeof(record));
			break;
	}
	request.slot = slot;
	ck_assert_uint_eq(link_refused(&l, &request), replies[_i]);
	ck_assert(can_log_in(OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	ck_assert(!can_log_in(OBOL_SLOT_PASSWORD, NULL, "a new one"));
}
END_TEST

START_TEST(test_bad_starts)
{
	struct obol_request request = { .type = OBOL_SLOT_START };

	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	/* no point */
	request.slot_start.kind = OBOL_SLOT_PASSWORD;
	memset(request.slot_start.request, 0xff,
		   sizeof(request.slot_start.request));
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_PARAMETER);
	/* what the operator alone makes */
	request.slot_start.kind = OBOL_SLOT_ACTIVATION;
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
}
END_TEST

START_TEST(test_password_cannot_be_deleted)
{
	struct obol_request request = { .type = OBOL_SLOT_DELETE };

	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	request.slot_delete.kind = OBOL_SLOT_PASSWORD;
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	ck_assert_msg(strncmp(newest_line(&w, "alice"), "6 537 1 ", 8) == 0, "%s",
				  newest_line(&w, "alice"));
	ck_assert(can_log_in(OBOL_SLOT_PASSWORD, NULL, PASSWORD));
}
END_TEST

START_TEST(test_device_changes_no_slots)
{
	struct obol_request request = { .type = OBOL_SLOT_DELETE };

	world_activate(&w, "alice");
	link_by_device(&l, &w, "alice");
	request.slot_delete.kind = OBOL_SLOT_DEVICE;
	memcpy(request.slot_delete.device_id, device_one, OBOL_DEVICE_ID_LEN);
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	request.type = OBOL_SLOT_START;
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
}
END_TEST

START_TEST(test_old_login_changes_no_slots)
{
	struct obol_slot_message slot;
	struct obol_request request = { .type = OBOL_SLOT_FINISH };

	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	link_register(&l, OBOL_SLOT_RECOVERY, NULL, "recovery bits", 2, &slot);
	driven_clock_pass(&w.clock, OBOL_FRESH_LOGIN_S + 1);
	request.slot = slot;
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_LOGIN_NEEDED);
	/* what needs no fresh login goes on */
	ck_assert_ptr_nonnull(link_ask_type(&l, OBOL_SLOT_LIST));
}
END_TEST

START_TEST(test_slot_list)
{
	const struct obol_answer *answer;

	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	answer = link_ask_type(&l, OBOL_SLOT_LIST);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->slot_list.n_items, 2);
	ck_assert_uint_eq(answer->slot_list.items[0].kind, OBOL_SLOT_PASSWORD);
	ck_assert_uint_eq(answer->slot_list.items[1].kind, OBOL_SLOT_DEVICE);
	ck_assert(obol_bytes_eq(answer->slot_list.items[1].label,
							obol_bytes_str("laptop")));
	ck_assert_uint_eq(answer->slot_list.items[0].last_used_at, WORLD_NOW);
}
END_TEST

static unsigned stage(const char *name, uint64_t base_version,
					  uint32_t generation, const char *sealed)
{
	struct obol_request request = { .type = OBOL_STAGE };

	request.put.name = obol_bytes_str(name);
	request.put.format = OBOL_FORMAT_OPAQUE;
	request.put.base_version = base_version;
	request.put.generation = generation;
	request.put.sealed = obol_bytes_str(sealed);
	return link_ask(&l, &request) ? 0 : link_reply(&l);
}

static unsigned rekey(uint32_t generation, size_t n_slots,
					  const struct obol_slot_message *slots)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	unsigned reply;
	size_t i;

	ck_assert_ptr_nonnull(request);
	request->type = OBOL_REKEY;
	request->rekey.generation = generation;
	request->rekey.n_slots = (uint8_t)n_slots;
	memcpy(request->rekey.slots, slots, n_slots * sizeof(*slots));
	for (i = 0; i < n_slots; i++)
	{
		request->rekey.slots[i].generation = generation;
	}
	reply = link_ask(&l, request) ? 0 : link_reply(&l);
	free(request);
	return reply;
}

static void begin_rekey(struct obol_slot_message slots[2])
{
	world_activate(&w, "alice");
	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "old"), 1);
	link_close(&l);
	link_by_password(&l, &w, "alice");
	link_register(&l, OBOL_SLOT_PASSWORD, NULL, "a new one", 3, &slots[0]);
	link_register(&l, OBOL_SLOT_DEVICE, device_two, "new secret", 3, &slots[1]);
}

START_TEST(test_rekey)
{
	struct obol_request get = { .type = OBOL_GET };
	struct obol_slot_message slots[2];
	const struct obol_answer *answer;

	begin_rekey(slots);
	ck_assert_uint_eq(stage("vpn", 1, 3, "new"), 0);
	ck_assert_uint_eq(rekey(3, 2, slots), 0);
	ck_assert_msg(strncmp(newest_line(&w, "alice"), "7 200 1 ", 8) == 0, "%s",
				  newest_line(&w, "alice"));
	/* the connection's own slot is gone */
	ck_assert_ptr_null(link_ask_type(&l, OBOL_LIST));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_LOGIN_NEEDED);
	/* all others too */
	ck_assert(!can_log_in(OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	ck_assert(!can_log_in(OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	link_close(&l);
	link_open(&l, &w, NULL);
	ck_assert(
		link_login(&l, "alice", OBOL_SLOT_DEVICE, device_two, "new secret"));
	ck_assert_uint_eq(l.key.generation, 3);
	get.get.name = obol_bytes_str("vpn");
	answer = link_ask(&l, &get);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->get.items[0].version, 2);
	ck_assert(
		obol_bytes_eq(answer->get.items[0].sealed, obol_bytes_str("new")));
}
END_TEST

START_TEST(test_rekey_refusals)
{
	struct obol_slot_message slots[2];

	begin_rekey(slots);
	/* something is not sealed anew */
	ck_assert_uint_eq(rekey(3, 2, slots), OBOL_REPLY_STALE);
	ck_assert_uint_eq(stage("vpn", 1, 2, "new"), OBOL_REPLY_PARAMETER);
	ck_assert_uint_eq(stage("vpn", 1, 4, "new"), OBOL_REPLY_PARAMETER);
	ck_assert_uint_eq(stage("vpn", 1, 3, "new"), 0);
	/* not the next key; no password */
	ck_assert_uint_eq(rekey(4, 2, slots), OBOL_REPLY_PARAMETER);
	ck_assert_uint_eq(rekey(2, 2, slots), OBOL_REPLY_PARAMETER);
	ck_assert_uint_eq(rekey(3, 1, &slots[1]), OBOL_REPLY_PARAMETER);
	/* all is as it was */
	ck_assert(can_log_in(OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	ck_assert_uint_eq(rekey(3, 2, slots), 0);
}
END_TEST

START_TEST(test_staged_goes_with_its_connection)
{
	struct obol_slot_message slots[2];

	begin_rekey(slots);
	ck_assert_uint_eq(stage("vpn", 1, 3, "new"), 0);
	link_close(&l);
	link_by_password(&l, &w, "alice");
	link_register(&l, OBOL_SLOT_PASSWORD, NULL, "a new one", 3, &slots[0]);
	ck_assert_uint_eq(rekey(3, 1, slots), OBOL_REPLY_STALE);
}
END_TEST

START_TEST(test_quota_of_devices)
{
	uint8_t id[OBOL_DEVICE_ID_LEN] = { 0xee };
	struct obol_slot_message slot;
	struct obol_request request = { .type = OBOL_SLOT_FINISH };
	int i;

	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	for (i = 1; i < OBOL_DEVICES_MAX; i++)
	{
		id[1] = (uint8_t)i;
		link_register(&l, OBOL_SLOT_DEVICE, id, "secret", 2, &slot);
		ck_assert(link_finish(&l, &slot));
	}
	id[1] = (uint8_t)i;
	link_register(&l, OBOL_SLOT_DEVICE, id, "secret", 2, &slot);
	request.slot = slot;
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_QUOTA);
}
END_TEST

/*
 * Migration
 */

static bool is_told_to_migrate(enum obol_slot_kind kind,
							   const uint8_t *device_id, const char *secret)
{
	link_open(&l, &w, NULL);
	ck_assert(link_login(&l, "alice", kind, device_id, secret));
	return obol_client_session_login_done(l.client)->migrate;
}

START_TEST(test_migrate_to_more_stretching)
{
	struct obol_slot_message slot;

	world_activate(&w, "alice");
	world_stop(&w);
	w.options.policy.password_ksf.log2_n = 16;
	world_start(&w);
	/* a device's secret is machine-made: nothing to stretch */
	ck_assert(!is_told_to_migrate(OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	link_close(&l);
	ck_assert(is_told_to_migrate(OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	link_register(&l, OBOL_SLOT_PASSWORD, NULL, PASSWORD, 2, &slot);
	ck_assert_uint_eq(slot.ksf.log2_n, 16);
	ck_assert(link_finish(&l, &slot));
	link_close(&l);
	ck_assert(!is_told_to_migrate(OBOL_SLOT_PASSWORD, NULL, PASSWORD));
}
END_TEST

START_TEST(test_device_migrates_itself_and_nothing_else)
{
	struct obol_request request = { .type = OBOL_SLOT_START };

	world_activate(&w, "alice");
	world_stop(&w);
	/* as when a second key has come: slots of the first one are old */
	w.options.current_key = 2;
	world_start(&w);
	ck_assert(is_told_to_migrate(OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	request.slot_start.kind = OBOL_SLOT_PASSWORD;
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	request.slot_start.kind = OBOL_SLOT_DEVICE;
	memcpy(request.slot_start.device_id, device_two, OBOL_DEVICE_ID_LEN);
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	/* its own is let through, and this key file has no second key */
	memcpy(request.slot_start.device_id, device_one, OBOL_DEVICE_ID_LEN);
	memset(request.slot_start.request, 0xff,
		   sizeof(request.slot_start.request));
	ck_assert_uint_ne(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
}
END_TEST

/* A second key: slots of the first one move, and pins are told before. */
START_TEST(test_migrate_to_a_new_key)
{
	const char *path = tempdir_file(&w.dir, "keys");
	uint8_t first[OBOL_OPAQUE_NPK], second[OBOL_OPAQUE_NPK];
	const struct obol_login_done *done;
	struct obol_slot_message slot;
	struct obol_opaque_keys *ops;
	uint32_t number = 0;
	char why[256];

	world_activate(&w, "alice");
	world_stop(&w);
	ck_assert_int_eq(obol_server_keys_add(path, obol_rng_system(), WORLD_NOW, 0,
										  &number, why, sizeof(why)),
					 OBOL_OK);
	ck_assert_uint_eq(number, 2);
	obol_server_keys_free(w.keys);
	ck_assert_int_eq(obol_server_keys_load(path, &w.keys, why, sizeof(why)),
					 OBOL_OK);
	ops = obol_server_keys_operations(w.keys);
	ck_assert_int_eq(ops->public_key(ops, 1, first), OBOL_OK);
	ck_assert_int_eq(ops->public_key(ops, 2, second), OBOL_OK);
	w.options.keys = ops;
	w.options.current_key = 2;
	memset(w.options.tls_key_hash, 7, sizeof(w.options.tls_key_hash));
	world_start(&w);
	ck_assert(is_told_to_migrate(OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	ck_assert_mem_eq(obol_client_session_server_key(l.client).ptr, first,
					 sizeof(first));
	done = obol_client_session_login_done(l.client);
	ck_assert_uint_eq(done->n_pins, 1);
	ck_assert_mem_eq(done->pins[0].opaque_public_key, second, sizeof(second));
	ck_assert_mem_eq(done->pins[0].tls_key_hash, w.options.tls_key_hash, 32);
	link_register(&l, OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET, 2, &slot);
	ck_assert_uint_eq(slot.key_number, 2);
	ck_assert(link_finish(&l, &slot));
	link_close(&l);
	ck_assert(!is_told_to_migrate(OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	ck_assert_mem_eq(obol_client_session_server_key(l.client).ptr, second,
					 sizeof(second));
	ck_assert_uint_eq(obol_client_session_login_done(l.client)->n_pins, 0);
	link_close(&l);
	/* the password's slot is where it was */
	ck_assert(is_told_to_migrate(OBOL_SLOT_PASSWORD, NULL, PASSWORD));
}
END_TEST

Suite *slot_suite(void);

Suite *slot_suite(void)
{
	Suite *s = suite_create("slot");
	TCase *tc = tcase_create("slot");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_activation);
	tcase_add_test(tc, test_code_sets_up_and_nothing_else);
	tcase_add_test(tc, test_second_device_and_password_change);
	tcase_add_test(tc, test_recovery);
	tcase_add_loop_test(tc, test_bad_slots, 0, 4);
	tcase_add_test(tc, test_bad_starts);
	tcase_add_test(tc, test_password_cannot_be_deleted);
	tcase_add_test(tc, test_device_changes_no_slots);
	tcase_add_test(tc, test_old_login_changes_no_slots);
	tcase_add_test(tc, test_slot_list);
	tcase_add_test(tc, test_rekey);
	tcase_add_test(tc, test_rekey_refusals);
	tcase_add_test(tc, test_staged_goes_with_its_connection);
	tcase_add_test(tc, test_quota_of_devices);
	tcase_add_test(tc, test_migrate_to_more_stretching);
	tcase_add_test(tc, test_device_migrates_itself_and_nothing_else);
	tcase_add_test(tc, test_migrate_to_a_new_key);
	suite_add_tcase(s, tc);
	return s;
}
