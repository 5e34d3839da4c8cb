/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A worker's way to its keeper: struct obol_opaque_keys over the socket pair.
 * A call waits for the keeper's answer, which is computed on another core or
 * on this one in the worker's stead.
 */
#ifndef OBOL_DAEMON_KEEPER_LINK_H_
#define OBOL_DAEMON_KEEPER_LINK_H_

#include "pake/opaque.h"

struct obol_keeper_link;

/**
 * Ask the keeper for its public keys.
 *
 * @param fd	the worker's end; stays the caller's, open until _free()
 * @return		OK; IO when there is no keeper, or what answers is none; NOMEM
 */
enum obol_status
obol_keeper_link_new(int fd, struct obol_keeper_link **link) OBOL_MUST_CHECK;

/** NULL is fine. */
void obol_keeper_link_free(struct obol_keeper_link *link);

/**
 * The operations, as long as the link. Credential identifiers are
 * OBOL_CEILING_ID_LEN bytes here (else ARG). IO once the keeper is gone.
 */
struct obol_opaque_keys *
obol_keeper_link_operations(struct obol_keeper_link *link);

/** The number that new slots get. */
uint32_t obol_keeper_link_current(const struct obol_keeper_link *link);

/** The keeper is gone or did not answer: nothing can be had any more. */
bool obol_keeper_link_is_broken(const struct obol_keeper_link *link);

#endif /* OBOL_DAEMON_KEEPER_LINK_H_ */
