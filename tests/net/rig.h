/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A client's side of connecting, with what tests want to set.
 */
#ifndef TESTS_NET_RIG_H_
#define TESTS_NET_RIG_H_

#include "net/connect.h"
#include "support/tls_peer.h"

/** A deadline that is not to be met, and what comes in good time before it:
 * however slow the machine is, and whatever else it does. */
#define RIG_LONG_MS 60000
#define RIG_SOON_MS 30000
/** Of what must be sooner than a wait of the product's own, one in so many is
 * enough: something else may have had the machine for that long. */
#define RIG_TRIES 10

struct rig {
	struct obol_endpoint_list endpoints;
	struct obol_client_hooks hooks;
	struct obol_wait wait;
	struct obol_connect_config config;
	struct obol_connection connection;
	enum obol_net_failure failure;
	char why[256];
	/** how long it took */
	uint64_t ms;
};

/** Servers as text; no CA, no pins, RIG_LONG_MS. */
void rig_init(struct rig *rig, const char *servers);

/** The same with a CA of the given certificate. */
void rig_trust(struct rig *rig, X509 *ca);

/** Connect; the result is in the rig. */
enum obol_net_failure rig_connect(struct rig *rig);

/** Connect to this one of several servers: again, up to RIG_TRIES times, when
 * another one was faster. */
void rig_connect_to(struct rig *rig, size_t endpoint);

void rig_clear(struct rig *rig);

/** An address of the documentation range that nobody answers for, here: one
 * whose listener's queue is full, so that SYNs are dropped. */
struct black_hole {
	int fd;
	int fillers[8];
	char text[32];
};

void black_hole_init(struct black_hole *hole);
void black_hole_clear(struct black_hole *hole);

#endif /* TESTS_NET_RIG_H_ */
