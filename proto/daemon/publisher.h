/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The publisher: one process with one event loop, which has the CA's
 * revocation list signed when it is due, and gives it out: to the store, to a
 * file, and over HTTP.
 */
#ifndef OBOL_DAEMON_PUBLISHER_H_
#define OBOL_DAEMON_PUBLISHER_H_

#include "daemon/pair.h"

/**
 * Fork it, in the worker's place of a pair that has no keeper.
 *
 * @param signer_fd	its way to the signer, -1 for none
 * @return	false when that failed
 */
bool obol_publisher_start(const struct obol_crew_options *options,
						  int signer_fd, struct obol_pair *pair);

#endif /* OBOL_DAEMON_PUBLISHER_H_ */
