/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A crew's signer, and the ways to it. The parent keeps both ends of each way,
 * so that a worker's successor asks on its way, and the signer's successor
 * finds what was asked meanwhile.
 */
#ifndef OBOL_DAEMON_SIGNER_START_H_
#define OBOL_DAEMON_SIGNER_START_H_

#include "daemon/pair.h"

struct obol_signer_ways {
	/** 0: there is no signer */
	size_t n;
	/** one for each worker, and the publisher's */
	int asks[OBOL_WORKERS_MAX + 1];
	int answers[OBOL_WORKERS_MAX + 1];
};

/** Open so many ways; false, and none is open, when that failed. */
bool obol_signer_ways_open(struct obol_signer_ways *ways, size_t n);
void obol_signer_ways_close(struct obol_signer_ways *ways);

/** The end of who asks, -1 when there is no signer. */
int obol_signer_way(const struct obol_signer_ways *ways, size_t i);

/** Fork the signer, in the worker's place of a pair that has no keeper; false
 * when that failed. */
bool obol_signer_start(const struct obol_crew_options *options,
					   const struct obol_signer_ways *ways,
					   struct obol_pair *pair);

#endif /* OBOL_DAEMON_SIGNER_START_H_ */
