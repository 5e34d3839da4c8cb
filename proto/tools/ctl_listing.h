/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What commands share that list what the store gives page by page: a line for
 * each, or with --json one array.
 */
#ifndef OBOL_TOOLS_CTL_LISTING_H_
#define OBOL_TOOLS_CTL_LISTING_H_

#include "tools/ctl.h"

struct obol_ctl_listing {
	struct obol_ctl *ctl;
	struct obol_json json;
	uint64_t now;
	/** lines so far, counted by who prints them */
	size_t n;
};

/** Open the store and begin; false, with the reason said. */
bool obol_ctl_listing_begin(struct obol_ctl_listing *listing,
							struct obol_ctl *ctl);

/**
 * End it.
 *
 * @param status	what the store said last
 * @param what		what was to be done, for a failure
 * @param none		what people are told when there was no line
 * @return			the exit code
 */
int obol_ctl_listing_end(struct obol_ctl_listing *listing,
						 enum obol_status status, const char *what,
						 const char *none);

#endif /* OBOL_TOOLS_CTL_LISTING_H_ */
