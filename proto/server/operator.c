/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator does to an account in more than one step of the store. */
#include "server/operator.h"

#include <stdlib.h>

/** In a wrap, behind version (1), suite (2), kind (1). */
#define ACCOUNT_ID_AT 4

/* The account's slots, on the heap. */
static enum obol_status list_slots(struct obol_store *store,
								   const struct obol_account *account,
								   struct obol_store_slot_list **out)
{
	struct obol_store_slot_list *list = calloc(1, sizeof(*list));
	enum obol_status status = OBOL_ERR_NOMEM;

	if (list)
	{
		list->in.account_id = account->id;
		list->in.generation = account->generation;
		status = obol_store_run(store, OBOL_STORE_SLOT_LIST, list);
	}
	*out = list;
	return status;
}

/* Keys of the guess rows: the name's own, and each device's. */
static enum obol_status
guess_keys(struct obol_store *store, const struct obol_account *account,
		   const struct obol_store_slot_list *list,
		   uint8_t keys[OBOL_SLOTS_MAX + 1][OBOL_GUESS_KEY_LEN], size_t *n)
{
	struct obol_bytes name = obol_bytes_str(account->name);
	enum obol_status status =
		obol_store_guess_key(store, OBOL_SLOT_PASSWORD, name, NULL, keys[0]);
	size_t i;

	*n = 1;
	for (i = 0; status == OBOL_OK && i < list->out.n_slots; i++)
	{
		if (list->out.slots[i].kind == OBOL_SLOT_DEVICE)
		{
			status = obol_store_guess_key(store, OBOL_SLOT_DEVICE, name,
										  list->out.slots[i].device_id,
										  keys[(*n)++]);
		}
	}
	return status;
}

enum obol_status obol_operator_unlock(struct obol_store *store,
									  const struct obol_account *account,
									  const struct obol_store_actor *actor,
									  uint64_t now)
{
	uint8_t keys[OBOL_SLOTS_MAX + 1][OBOL_GUESS_KEY_LEN];
	struct obol_store_account_unlock arg = {
		.in = { .account_id = account->id, .actor = *actor, .now = now }
	};
	struct obol_store_slot_list *list = NULL;
	enum obol_status status = list_slots(store, account, &list);

	if (status == OBOL_OK)
	{
		status = guess_keys(store, account, list, keys, &arg.in.n_keys);
	}
	if (status == OBOL_OK)
	{
		arg.in.guess_keys = (const uint8_t(*)[OBOL_GUESS_KEY_LEN])keys;
		status = obol_store_run(store, OBOL_STORE_ACCOUNT_UNLOCK, &arg);
	}
	free(list);
	return status;
}

enum obol_status obol_operator_account_id(struct obol_store *store,
										  const struct obol_account *account,
										  uint8_t *id, bool *found)
{
	struct obol_store_slot_list *list = NULL;
	enum obol_status status = list_slots(store, account, &list);
	size_t i;

	*found = false;
	for (i = 0; status == OBOL_OK && i < list->out.n_slots && !*found; i++)
	{
		const struct obol_slot *slot = &list->out.slots[i];

		if (slot->generation == account->generation &&
			slot->wrap_len >= ACCOUNT_ID_AT + OBOL_ACCOUNT_ID_LEN)
		{
			memcpy(id, slot->wrap + ACCOUNT_ID_AT, OBOL_ACCOUNT_ID_LEN);
			*found = true;
		}
	}
	free(list);
	return status;
}
