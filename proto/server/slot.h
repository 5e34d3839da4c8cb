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

/**
 * Answer a registration request for a name's slot.
 *
 * @return	OK; FORMAT when it has no point; what the keys' operations return
 */
enum obol_status
obol_slot_respond(const struct obol_server_connection *conn,
				  struct obol_bytes name,
				  const struct obol_slot_start_request *start,
				  struct obol_slot_start_answer *answer) OBOL_MUST_CHECK;

/** That did not come to OK: refuse. */
void obol_slot_refuse(struct obol_server_connection *conn,
					  enum obol_status status);

#endif /* OBOL_SERVER_SLOT_H_ */
