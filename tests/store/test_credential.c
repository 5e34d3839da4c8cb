/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Credentials in the store: versions, tombstones, quotas, pages. */
#include "store/fixture.h"

#include <stdio.h>
#include <stdlib.h>

Suite *store_credential_suite(void);

static enum obol_status get_one(struct fixture *f, int64_t id, const char *name,
								uint64_t held_version,
								struct obol_store_get *get)
{
	memset(get, 0, sizeof(*get));
	get->in.request = as_password(id);
	get->in.get.name = obol_bytes_str(name);
	get->in.get.held_version = held_version;
	get->in.size_max = 1 << 20;
	return obol_store_run(f->store, OBOL_STORE_GET, get);
}

static enum obol_status delete_one(struct fixture *f, int64_t id,
								   const char *name, uint64_t base_version,
								   uint64_t *version)
{
	struct obol_store_delete arg = { .in = { .request = as_password(id),
											 .delete_ = { obol_bytes_str(name),
														  base_version } } };
	enum obol_status status = obol_store_run(f->store, OBOL_STORE_DELETE, &arg);

	*version = arg.out.version;
	return status;
}

static bool is_text(struct obol_bytes bytes, const char *text)
{
	return obol_bytes_eq(bytes, obol_bytes_str(text));
}

START_TEST(put_and_get)
{
	struct obol_store_get *get = calloc(1, sizeof(*get));
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_int_eq(get_one(&f, id, "vpn", 0, get), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(put(&f, id, "vpn", 0, "first"), OBOL_OK);
	ck_assert_int_eq(get_one(&f, id, "vpn", 0, get), OBOL_OK);
	ck_assert_uint_eq(get->out.n_items, 1);
	ck_assert(!get->out.unchanged && !get->out.more);
	ck_assert(is_text(get->out.items[0].name, "vpn"));
	ck_assert(is_text(get->out.items[0].sealed, "first"));
	ck_assert_uint_eq(get->out.items[0].format, OBOL_FORMAT_BUNDLE);
	ck_assert_uint_eq(get->out.items[0].version, 1);
	ck_assert_uint_eq(get->out.items[0].changed_at, NOW);
	ck_assert_str_eq(newest_line(&f, id), "2 200 1 vpn version 1");

	ck_assert_int_eq(get_one(&f, id, "vpn", 1, get), OBOL_OK);
	ck_assert(get->out.unchanged);
	ck_assert_uint_eq(get->out.n_items, 0);
	ck_assert_int_eq(put(&f, id, "vpn", 1, "second"), OBOL_OK);
	ck_assert_str_eq(newest_line(&f, id), "3 200 1 vpn version 2");
	ck_assert_int_eq(get_one(&f, id, "vpn", 1, get), OBOL_OK);
	ck_assert(is_text(get->out.items[0].sealed, "second"));
	free(get);
	fixture_clear(&f);
}
END_TEST

START_TEST(stale_version)
{
	struct obol_store_get *get = calloc(1, sizeof(*get));
	struct obol_store_put arg;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_int_eq(put(&f, id, "vpn", 1, "x"), OBOL_ERR_EXISTS);
	ck_assert_int_eq(put(&f, id, "vpn", 0, "mine"), OBOL_OK);
	ck_assert_int_eq(put(&f, id, "vpn", 0, "other"), OBOL_ERR_EXISTS);
	ck_assert_int_eq(put(&f, id, "vpn", 2, "other"), OBOL_ERR_EXISTS);
	ck_assert_int_eq(put(&f, id, "vpn", UINT64_MAX, "other"), OBOL_ERR_EXISTS);
	memset(&arg, 0, sizeof(arg));
	arg.in.request = as_password(id);
	arg.in.put.name = obol_bytes_str("vpn");
	arg.in.put.generation = 2;
	arg.in.put.sealed = obol_bytes_str("other");
	RUN(&f, OBOL_STORE_PUT, &arg, OBOL_ERR_EXISTS);
	ck_assert_uint_eq(arg.out.version, 1);
	/* what was stored before is still there */
	ck_assert_int_eq(get_one(&f, id, "vpn", 0, get), OBOL_OK);
	ck_assert(is_text(get->out.items[0].sealed, "mine"));
	free(get);
	fixture_clear(&f);
}
END_TEST

START_TEST(tombstones)
{
	struct obol_store_list *list = calloc(1, sizeof(*list));
	struct obol_store_get *get = calloc(1, sizeof(*get));
	struct fixture f;
	uint64_t version;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	ck_assert_int_eq(delete_one(&f, id, "vpn", 0, &version),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(put(&f, id, "vpn", 0, "first"), OBOL_OK);
	ck_assert_int_eq(delete_one(&f, id, "vpn", 2, &version), OBOL_ERR_EXISTS);
	ck_assert_uint_eq(version, 1);
	ck_assert_int_eq(delete_one(&f, id, "vpn", 1, &version), OBOL_OK);
	ck_assert_uint_eq(version, 2);
	ck_assert_str_eq(newest_line(&f, id), "4 200 1 vpn version 2");
	ck_assert_int_eq(delete_one(&f, id, "vpn", 2, &version),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(get_one(&f, id, "vpn", 0, get), OBOL_ERR_NOT_FOUND);
	list->in = as_password(id);
	RUN(&f, OBOL_STORE_LIST, list, OBOL_OK);
	ck_assert_uint_eq(list->out.n_items, 1);
	ck_assert(list->out.items[0].deleted);
	ck_assert_uint_eq(list->out.items[0].version, 2);
	ck_assert_uint_eq(list->out.items[0].size, 0);
	/* versions go on where they were */
	ck_assert_int_eq(put(&f, id, "vpn", 0, "again"), OBOL_ERR_EXISTS);
	ck_assert_int_eq(put(&f, id, "vpn", 2, "again"), OBOL_OK);
	RUN(&f, OBOL_STORE_LIST, list, OBOL_OK);
	ck_assert(!list->out.items[0].deleted);
	ck_assert_uint_eq(list->out.items[0].version, 3);
	ck_assert_uint_eq(list->out.items[0].size, 5);
	free(list);
	free(get);
	fixture_clear(&f);
}
END_TEST

START_TEST(quota)
{
	struct obol_store_list *list = calloc(1, sizeof(*list));
	struct fixture f;
	uint64_t version;
	char name[16];
	int64_t id;
	int i;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	for (i = 0; i < OBOL_CREDENTIALS_MAX; i++)
	{
		(void)snprintf(name, sizeof(name), "c%03d", i);
		ck_assert_int_eq(put(&f, id, name, 0, "x"), OBOL_OK);
	}
	ck_assert_int_eq(put(&f, id, "more", 0, "x"), OBOL_ERR_DENIED);
	/* replacing is no new one; another account has a quota of its own */
	ck_assert_int_eq(put(&f, id, "c000", 1, "x"), OBOL_OK);
	ck_assert_int_eq(put(&f, add_active(&f, "bob"), "more", 0, "x"), OBOL_OK);
	/* names, tombstones included, are bounded too */
	for (i = 0; i < OBOL_NAMES_MAX; i++)
	{
		(void)snprintf(name, sizeof(name), "c%03d", i);
		if (i >= OBOL_CREDENTIALS_MAX)
		{
			ck_assert_int_eq(put(&f, id, name, 0, "x"), OBOL_OK);
		}
		ck_assert_int_eq(delete_one(&f, id, name, i ? 1 : 2, &version),
						 OBOL_OK);
	}
	ck_assert_int_eq(put(&f, id, "more", 0, "x"), OBOL_ERR_DENIED);
	ck_assert_int_eq(put(&f, id, "c001", 2, "x"), OBOL_OK);
	list->in = as_password(id);
	RUN(&f, OBOL_STORE_LIST, list, OBOL_OK);
	ck_assert_uint_eq(list->out.n_items, OBOL_NAMES_MAX);
	free(list);
	fixture_clear(&f);
}
END_TEST

START_TEST(pages)
{
	struct obol_store_get *get = calloc(1, sizeof(*get));
	char *body = malloc(OBOL_SEALED_MAX + 1);
	size_t total = 0, n_pages = 0;
	struct fixture f;
	char name[16];
	int64_t id;
	int i;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	memset(body, 'x', OBOL_SEALED_MAX);
	body[OBOL_SEALED_MAX] = '\0';
	for (i = 0; i < 9; i++)
	{
		(void)snprintf(name, sizeof(name), "c%d", i);
		ck_assert_int_eq(put(&f, id, name, 0, body), OBOL_OK);
	}
	name[0] = '\0';
	do
	{
		size_t n;

		memset(get, 0, sizeof(*get));
		get->in.request = as_password(id);
		get->in.get.after = obol_bytes_str(name);
		get->in.size_max = 3 * OBOL_SEALED_MAX + 1;
		RUN(&f, OBOL_STORE_GET, get, OBOL_OK);
		n = get->out.n_items;
		ck_assert_uint_eq(n, 3);
		ck_assert_uint_eq(get->out.items[n - 1].sealed.len, OBOL_SEALED_MAX);
		memcpy(name, get->out.items[n - 1].name.ptr, 2);
		name[2] = '\0';
		total += n;
		n_pages++;
	} while (get->out.more);
	ck_assert_uint_eq(total, 9);
	ck_assert_uint_eq(n_pages, 3);
	/* one that is larger than a page comes alone */
	get->in.size_max = 1;
	get->in.get.after = obol_bytes_str("");
	RUN(&f, OBOL_STORE_GET, get, OBOL_OK);
	ck_assert_uint_eq(get->out.n_items, 1);
	ck_assert(get->out.more);
	free(body);
	free(get);
	fixture_clear(&f);
}
END_TEST

START_TEST(too_large)
{
	struct obol_store_put arg = { 0 };
	uint8_t *body = calloc(1, OBOL_SEALED_MAX + 1);
	struct fixture f;

	fixture_init(&f, _i);
	arg.in.request = as_password(add_active(&f, "alice"));
	arg.in.put.name = obol_bytes_str("vpn");
	arg.in.put.generation = 2;
	arg.in.put.sealed = obol_bytes(body, OBOL_SEALED_MAX + 1);
	RUN(&f, OBOL_STORE_PUT, &arg, OBOL_ERR_ARG);
	arg.in.put.sealed.len--;
	RUN(&f, OBOL_STORE_PUT, &arg, OBOL_OK);
	free(body);
	fixture_clear(&f);
}
END_TEST

/** A connection that was logged in is refused when its ground is gone. */
START_TEST(refused)
{
	struct obol_store_account_set_state disable = {
		.in = { .state = OBOL_ACCOUNT_DISABLED, .now = NOW }
	};
	struct obol_store_slot_delete revoke = { .in.kind = OBOL_SLOT_DEVICE };
	struct obol_store_op op = { .verb = OBOL_STORE_LIST };
	struct obol_store_list *list = calloc(1, sizeof(*list));
	struct obol_store_put arg = { 0 };
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	arg.in.put.name = obol_bytes_str("vpn");
	arg.in.put.sealed = obol_bytes_str("x");
	/* another generation, in the seal or of the login */
	arg.in.request = as_password(id);
	arg.in.put.generation = 1;
	RUN(&f, OBOL_STORE_PUT, &arg, OBOL_ERR_AUTH);
	arg.in.request.generation = 1;
	RUN(&f, OBOL_STORE_PUT, &arg, OBOL_ERR_AUTH);
	arg.in.put.generation = 3;
	arg.in.request.generation = 3;
	RUN(&f, OBOL_STORE_PUT, &arg, OBOL_ERR_AUTH);

	list->in = as_device(id);
	RUN(&f, OBOL_STORE_LIST, list, OBOL_OK);
	revoke.in.request = as_password(id);
	memset(revoke.in.device_id, 7, sizeof(revoke.in.device_id));
	RUN(&f, OBOL_STORE_SLOT_DELETE, &revoke, OBOL_OK);
	RUN(&f, OBOL_STORE_LIST, list, OBOL_ERR_AUTH);

	list->in = as_password(id);
	RUN(&f, OBOL_STORE_LIST, list, OBOL_OK);
	disable.in.account_id = id;
	RUN(&f, OBOL_STORE_ACCOUNT_SET_STATE, &disable, OBOL_OK);
	op.arg.list = list;
	obol_store_submit(f.store, &op);
	obol_store_flush(f.store);
	ck_assert_int_eq(op.status, OBOL_ERR_AUTH);
	ck_assert_int_eq(op.reply, OBOL_REPLY_DISABLED);
	free(list);
	fixture_clear(&f);
}
END_TEST

/** Accounts do not see each other's credentials. */
START_TEST(apart)
{
	struct obol_store_get *get = calloc(1, sizeof(*get));
	struct fixture f;
	int64_t alice, bob;

	fixture_init(&f, _i);
	alice = add_active(&f, "alice");
	bob = add_active(&f, "bob");
	ck_assert_int_eq(put(&f, alice, "vpn", 0, "alice's"), OBOL_OK);
	ck_assert_int_eq(get_one(&f, bob, "vpn", 0, get), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(put(&f, bob, "vpn", 0, "bob's"), OBOL_OK);
	ck_assert_int_eq(get_one(&f, alice, "vpn", 0, get), OBOL_OK);
	ck_assert(is_text(get->out.items[0].sealed, "alice's"));
	free(get);
	fixture_clear(&f);
}
END_TEST

Suite *store_credential_suite(void)
{
	Suite *suite = suite_create("store: credential");
	TCase *tc = tcase_create("credential");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, put_and_get, 0, N_BACKENDS);
	tcase_add_loop_test(tc, stale_version, 0, N_BACKENDS);
	tcase_add_loop_test(tc, tombstones, 0, N_BACKENDS);
	tcase_add_loop_test(tc, quota, 0, N_BACKENDS);
	tcase_add_loop_test(tc, pages, 0, N_BACKENDS);
	tcase_add_loop_test(tc, too_large, 0, N_BACKENDS);
	tcase_add_loop_test(tc, refused, 0, N_BACKENDS);
	tcase_add_loop_test(tc, apart, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
