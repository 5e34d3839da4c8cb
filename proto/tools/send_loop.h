/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The sender's wait for the other device: several connections at a time, one
 * code for all of them.
 */
#ifndef OBOL_TOOLS_SEND_LOOP_H_
#define OBOL_TOOLS_SEND_LOOP_H_

#include "tools/contact.h"
#include "tools/package.h"
#include "tools/transfer_show.h"

/** Connections at a time; who comes later has to wait. */
#define SEND_CONTACTS_MAX 8
/** Time from a connection to the peer's tag, in milliseconds. */
#define SEND_HANDSHAKE_MS 20000
/** Longest silence once the peer is known: its user is being asked. */
#define SEND_SILENCE_MS (5 * 60 * 1000)

struct send_loop {
	struct tool *tool;
	struct package *package;
	const char *label;
	struct obol_transfer_code *code;
	/** where the other one can come to; a relay first */
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	size_t n_places;
	/** -1: none */
	int listen_fd;
	int signal_fd;
	struct contact *contacts[SEND_CONTACTS_MAX];
	/** the one of them that waits at the relay */
	struct contact *at_relay;
	/** when the relay is asked again, and which of its addresses */
	uint64_t relay_at_ms;
	size_t relay_address;
	bool relay_has_answered;
	/** errno of its address tried last */
	int relay_failure;
	/** the one whose peer knows the code */
	struct contact *chosen;
	struct transfer_progress progress;
};

void send_loop_init(struct send_loop *loop, struct tool *tool,
					struct package *package, const char *label);
void send_loop_clear(struct send_loop *loop);

/** Until it is sent and confirmed, or cannot be any more. */
enum obol_cause send_loop_run(struct send_loop *loop);

#endif /* OBOL_TOOLS_SEND_LOOP_H_ */
