/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What becomes of alice's account while a stranger looks at it.
 */
#ifndef TESTS_SERVER_LIFE_H_
#define TESTS_SERVER_LIFE_H_

#include "server/world.h"

/** A stage of her account's life. */
struct life_stage {
	const char *what;
	void (*happens)(struct world *w);
};

void life_make(struct world *w);
void life_activate(struct world *w);
void life_disable(struct world *w);
void life_enable(struct world *w);
/** device_one's slot is deleted. */
void life_lose_device(struct world *w);
void life_remove(struct world *w);

/** She logs in with the password and makes a slot. */
void life_give_slot(struct world *w, enum obol_slot_kind kind,
					const uint8_t *device_id, const char *secret);

#endif /* TESTS_SERVER_LIFE_H_ */
