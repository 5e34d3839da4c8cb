/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of alice's account. */
#include "server/life.h"

void life_make(struct world *w)
{
	(void)world_add(w, "alice");
}

void life_activate(struct world *w)
{
	world_activate(w, "alice");
}

void life_disable(struct world *w)
{
	world_set_state(w, "alice", OBOL_ACCOUNT_DISABLED);
}

void life_enable(struct world *w)
{
	world_set_state(w, "alice", OBOL_ACCOUNT_ACTIVE);
}

void life_lose_device(struct world *w)
{
	struct obol_account account = world_account(w, "alice");
	struct obol_store_slot_delete arg = { .in.kind = OBOL_SLOT_DEVICE };

	arg.in.request.account_id = account.id;
	arg.in.request.generation = account.generation;
	arg.in.request.now = obol_now(&w->clock.clock);
	memcpy(arg.in.device_id, device_one, sizeof(device_one));
	world_run(w, OBOL_STORE_SLOT_DELETE, &arg);
}

void life_remove(struct world *w)
{
	struct obol_store_account_remove arg = { .in.account_id = 0 };

	arg.in.account_id = world_account(w, "alice").id;
	arg.in.now = obol_now(&w->clock.clock);
	world_run(w, OBOL_STORE_ACCOUNT_REMOVE, &arg);
}

void life_give_slot(struct world *w, enum obol_slot_kind kind,
					const uint8_t *device_id, const char *secret)
{
	struct obol_slot_message slot;
	struct link l;

	link_by_password(&l, w, "alice");
	link_register(&l, kind, device_id, secret, 2, &slot);
	ck_assert(link_finish(&l, &slot));
	link_close(&l);
}
