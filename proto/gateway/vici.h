/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * charon, through strongSwan's own libvici: its events become changes of the
 * table of tunnels, and it is told to load the list and to end tunnels.
 */
#ifndef OBOL_GATEWAY_VICI_H_
#define OBOL_GATEWAY_VICI_H_

#include "base/clock.h"
#include "base/log.h"
#include "gateway/tunnels.h"

struct obol_vici;

/** How long charon may take for an answer, in milliseconds: many times what the
 * list of a full table of tunnels takes. */
#define OBOL_VICI_LIMIT_MS 20000

struct obol_vici_options {
	/** of charon's socket; NULL for the usual one */
	const char *uri;
	unsigned limit_ms;
	struct obol_tunnels *tunnels;
	struct obol_clock *clock;
	struct obol_log *log;
};

/** NULL when memory or threads ran out. */
struct obol_vici *obol_vici_new(const struct obol_vici_options *options);
/** NULL is fine. */
void obol_vici_free(struct obol_vici *vici);

/** Becomes readable when charon has told something. */
int obol_vici_fd(const struct obol_vici *vici);

/**
 * Connect unless it is connected, and bring the table of tunnels up to what
 * charon has. One that has not answered in time is left alone for half a
 * minute.
 *
 * @param is_new	it was not connected before: charon is another one, or we
 * are
 * @return			true when it is connected
 */
bool obol_vici_connect(struct obol_vici *vici, bool *is_new);

/** Take what charon has told. */
void obol_vici_take(struct obol_vici *vici);

/** Have charon load a revocation list in DER; false when it does not. */
bool obol_vici_load_crl(struct obol_vici *vici, struct obol_bytes der);

/** End an IKE_SA, without waiting for the peer. */
void obol_vici_terminate(struct obol_vici *vici, uint32_t id);

#endif /* OBOL_GATEWAY_VICI_H_ */
