/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a slot must be, for SlotFinish and ReKey. Nobody outside this room
 * includes it.
 */
#ifndef OBOL_SERVER_SLOT_H_
#define OBOL_SERVER_SLOT_H_

#include "server/handler.h"

/**
 * Check a slot that a client wants to register.
 *
 * @param generation	that it has to be for
 * @return				NULL when it is good, else a sentence
 */
const char *obol_slot_fault(const struct obol_server_connection *conn,
							const struct obol_slot_message *slot,
							uint32_t generation);

/** A checked slot as the store takes it. */
void obol_slot_take(struct obol_slot *out, const struct obol_slot_message *slot,
					uint64_t now);

#endif /* OBOL_SERVER_SLOT_H_ */
