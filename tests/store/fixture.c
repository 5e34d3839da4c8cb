/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store with an account or two. */
#include "store/fixture.h"

#include "store/store_open.h"

#include <stdio.h>

void fixture_init(struct fixture *f, int i)
{
	tempdir_init(&f->dir);
	f->backend = &backends[i];
	f->store = f->backend->open(f->dir.path, true, 100000);
}

void fixture_clear(struct fixture *f)
{
	obol_store_close(f->store);
	tempdir_clear(&f->dir);
}

struct obol_store *fixture_open(struct fixture *f)
{
	return f->backend->open(f->dir.path, false, 100000);
}

struct obol_store *fixture_open_keeping(struct fixture *f,
										uint32_t history_rows_max)
{
	char database[512], why[512];
	struct obol_store_options options = {
		.database = database,
		.guess_rows_max = 100000,
		.history_rows_max = history_rows_max,
		.rng = obol_rng_system(),
	};
	struct obol_store *store = NULL;

	f->backend->describe(f->dir.path, database, sizeof(database));
	ck_assert_msg(obol_store_open(&options, &store, why, sizeof(why)) ==
					  OBOL_OK,
				  "%s", why);
	return store;
}

struct obol_slot make_slot(uint8_t kind, uint8_t device, uint32_t generation,
						   uint8_t seed)
{
	struct obol_slot slot = {
		.kind = kind,
		.ksf = { OBOL_KSF_SCRYPT, 15, 8, 1 },
		.key_number = 1,
		.generation = generation,
		.wrap_len = 150,
	};

	if (kind == OBOL_SLOT_DEVICE)
	{
		memset(slot.device_id, device, sizeof(slot.device_id));
		(void)snprintf(slot.label, sizeof(slot.label), "laptop %u", device);
	}
	memset(slot.record, seed, sizeof(slot.record));
	memset(slot.wrap, seed + 100, slot.wrap_len);
	return slot;
}

struct obol_store_actor actor_of(uint8_t kind, uint8_t device)
{
	struct obol_store_actor actor = { .kind = kind, .source = "192.0.2.1" };

	if (kind == OBOL_SLOT_DEVICE)
	{
		memset(actor.device_id, device, sizeof(actor.device_id));
	}
	return actor;
}

int64_t add_account(struct fixture *f, const char *name)
{
	struct obol_store_account_add add = {
		.in = { .account = { .state = OBOL_ACCOUNT_ACTIVE, .generation = 1 },
				.activation = make_slot(OBOL_SLOT_ACTIVATION, 0, 1, 1),
				.actor = { .source = "root" },
				.now = NOW }
	};

	(void)snprintf(add.in.account.name, sizeof(add.in.account.name), "%s",
				   name);
	(void)snprintf(add.in.account.identity, sizeof(add.in.account.identity),
				   "%s@example.org", name);
	add.in.activation.expires_at = NOW + 14 * 86400;
	RUN(f, OBOL_STORE_ACCOUNT_ADD, &add, OBOL_OK);
	ck_assert_int_gt(add.out.account_id, 0);
	return add.out.account_id;
}

int64_t add_active(struct fixture *f, const char *name)
{
	int64_t id = add_account(f, name);
	const struct obol_slot slots[] = {
		make_slot(OBOL_SLOT_PASSWORD, 0, 2, 2),
		make_slot(OBOL_SLOT_DEVICE, 7, 2, 3),
	};
	struct obol_store_rekey rekey = {
		.in = { .request = { .account_id = id,
							 .generation = 1,
							 .actor = actor_of(OBOL_SLOT_ACTIVATION, 0),
							 .now = NOW },
				.generation = 2,
				.n_slots = 2,
				.slots = slots }
	};

	RUN(f, OBOL_STORE_REKEY, &rekey, OBOL_OK);
	return id;
}

struct obol_store_request as_password(int64_t account_id)
{
	struct obol_store_request request = {
		.account_id = account_id,
		.generation = 2,
		.actor = actor_of(OBOL_SLOT_PASSWORD, 0),
		.now = NOW,
	};

	return request;
}

struct obol_store_request as_device(int64_t account_id)
{
	struct obol_store_request request = as_password(account_id);

	request.actor = actor_of(OBOL_SLOT_DEVICE, 7);
	return request;
}

struct obol_account account_named(struct fixture *f, const char *name)
{
	struct obol_store_account_find find = { .in.name = obol_bytes_str(name) };

	RUN(f, OBOL_STORE_ACCOUNT_FIND, &find, OBOL_OK);
	return find.out.account;
}

struct obol_store_login_begin begin_login(struct fixture *f, const char *name,
										  uint8_t kind, uint8_t device,
										  uint64_t now)
{
	struct obol_store_login_begin begin = {
		.in = { .name = obol_bytes_str(name), .kind = kind, .now = now }
	};

	memcpy(begin.in.device_id, actor_of(kind, device).device_id,
		   OBOL_DEVICE_ID_LEN);
	ck_assert_int_eq(obol_store_guess_key(f->store, kind, begin.in.name,
										  begin.in.device_id,
										  begin.in.guess_key),
					 OBOL_OK);
	RUN(f, OBOL_STORE_LOGIN_BEGIN, &begin, OBOL_OK);
	return begin;
}

struct obol_store_login_done
done_with(const struct obol_store_login_begin *begun, uint64_t now)
{
	struct obol_store_login_done done = {
		.in = { .account_id = begun->out.account_id,
				.actor = actor_of(begun->in.kind, begun->in.device_id[0]),
				.reservation = begun->out.reservation,
				.slot_serial = begun->out.slot.serial,
				.slot_generation = begun->out.slot.generation,
				.now = now }
	};

	memcpy(done.in.slot_label, begun->out.slot.label,
		   sizeof(done.in.slot_label));
	memcpy(done.in.guess_key, begun->in.guess_key, sizeof(done.in.guess_key));
	return done;
}

enum obol_status put(struct fixture *f, int64_t account_id, const char *name,
					 uint64_t base_version, const char *sealed)
{
	struct obol_store_put arg = {
		.in = { .request = as_password(account_id),
				.put = { .name = obol_bytes_str(name),
						 .format = OBOL_FORMAT_BUNDLE,
						 .base_version = base_version,
						 .generation = 2,
						 .sealed = obol_bytes_str(sealed) } }
	};
	enum obol_status status = obol_store_run(f->store, OBOL_STORE_PUT, &arg);

	if (status == OBOL_OK)
	{
		ck_assert_uint_eq(arg.out.version, base_version + 1);
	}
	return status;
}

const char *newest_line(struct fixture *f, int64_t account_id)
{
	static char text[700];
	static struct obol_store_history history;
	const struct obol_history_item *item = &history.out.answer.items[0];

	history.in.account_id = account_id;
	history.in.before = 0;
	history.in.limit = 1;
	RUN(f, OBOL_STORE_HISTORY, &history, OBOL_OK);
	ck_assert_uint_eq(history.out.answer.n_items, 1);
	(void)snprintf(text, sizeof(text), "%u %u %u %.*s", item->operation,
				   item->reply, item->kind, (int)item->detail.len,
				   (const char *)item->detail.ptr);
	return text;
}
