/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Where a signer on another machine is: an address, or a name that is looked up
 * each time anew. And when to look for it next: pauses grow, and no two obolds
 * that lost the same signer come back at once.
 */
#ifndef OBOL_DAEMON_SIGNER_TARGET_H_
#define OBOL_DAEMON_SIGNER_TARGET_H_

#include "base/rng.h"
#include "daemon/lookup.h"
#include "net/address.h"

struct obol_signer_target {
	struct obol_endpoint endpoint;
	/** its descriptor is -1 when there is nothing to look up */
	struct obol_lookup lookup;
	/** addresses, and the next one to be tried */
	size_t n;
	size_t at;
	struct sockaddr_storage addrs[OBOL_RESOLVE_MAX];
	unsigned pause_ms;
};

/**
 * For a name this starts a process, see lookup.h.
 *
 * @param text	see obol_config_signer_server()
 * @param why	receives a sentence for the operator on failure
 * @return		OK; FORMAT; IO
 */
enum obol_status obol_signer_target_open(struct obol_signer_target *target,
										 const char *text,
										 const struct obol_identity *identity,
										 struct obol_log *log, char *why,
										 size_t size) OBOL_MUST_CHECK;
void obol_signer_target_close(struct obol_signer_target *target);

/** Find its addresses. OK: they are there; TIMEOUT: poll the lookup's
 * descriptor, then take; IO: the process that looks up has ended. */
enum obol_status
obol_signer_target_seek(struct obol_signer_target *target) OBOL_MUST_CHECK;
/** Likewise; NOT_FOUND: the name has no address. */
enum obol_status
obol_signer_target_take(struct obol_signer_target *target) OBOL_MUST_CHECK;

/** There is an address that has not been tried. */
bool obol_signer_target_has_more(const struct obol_signer_target *target);

/**
 * Begin to connect to the next address.
 *
 * @param fd	receives a socket that does not block, connected or not yet
 * @return		OK; NOT_FOUND: there is none more that could be tried
 */
enum obol_status obol_signer_target_connect(struct obol_signer_target *target,
											int *fd) OBOL_MUST_CHECK;

/** How long to wait now, in milliseconds: from half of a pause to all of it,
 * and the next one is twice as long. */
unsigned obol_signer_target_pause(struct obol_signer_target *target,
								  struct obol_rng *rng);
/** It was reached: pauses begin anew. */
void obol_signer_target_reached(struct obol_signer_target *target);

#endif /* OBOL_DAEMON_SIGNER_TARGET_H_ */
