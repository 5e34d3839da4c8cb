/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What charon's messages about IKE_SAs say. libvici takes them apart; here is
 * what stands where. Nobody but vici.c and its test includes it.
 */
#ifndef OBOL_GATEWAY_VICI_MESSAGE_H_
#define OBOL_GATEWAY_VICI_MESSAGE_H_

#include <libvici.h>

#include "gateway/tunnels.h"

enum obol_vici_kind {
	/** an IKE_SA came up; went down; is there */
	OBOL_VICI_UP,
	OBOL_VICI_DOWN,
	OBOL_VICI_PRESENT,
	/** an IKE_SA was rekeyed */
	OBOL_VICI_REKEYED,
	/** a CHILD_SA is gone, with its IKE_SA or without; or was rekeyed */
	OBOL_VICI_CARRIED,
};

struct obol_vici_event {
	struct obol_vici_event *next;
	enum obol_vici_kind kind;
	/** as much of it as the message has; established_at in seconds ago */
	struct obol_tunnel tunnel;
	/** after a rekeying */
	uint32_t new_id;
};

/**
 * Read a message.
 *
 * @param name	of the event: "ike-updown", "ike-rekey", "child-updown",
 *				"child-rekey", "list-sa"
 * @return		false when it is of no concern or malformed
 */
bool obol_vici_read(const char *name, vici_res_t *message,
					struct obol_vici_event *event);

#endif /* OBOL_GATEWAY_VICI_MESSAGE_H_ */
