/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Which lines of the audit trail obolctl history shows.
 */
#ifndef OBOL_TOOLS_CTL_HISTORY_FILTER_H_
#define OBOL_TOOLS_CTL_HISTORY_FILTER_H_

#include "tools/ctl.h"

/** What the options say; all of it must fit a line. */
struct obol_history_filter {
	/** as written; NULL for any */
	const char *operation;
	const char *with;
	const char *source;
	const char *since;
	bool is_failed_only;

	/** read from the above */
	uint8_t operation_number;
	uint8_t kind;
	uint64_t since_at;
};

/** Word for what somebody was logged in with, "operator" for 0. */
const char *obol_history_kind_name(uint8_t kind);

/** Read what was written; false, with the reason said. */
bool obol_history_filter_read(struct obol_history_filter *filter, uint64_t now);

/** The line is to be shown. */
bool obol_history_filter_fits(const struct obol_history_filter *filter,
							  const struct obol_history_item *item);

/** No older line can fit: the trail is in order of time, unless the clock was
 * set, and then a day's grace is given. */
bool obol_history_filter_is_over(const struct obol_history_filter *filter,
								 const struct obol_history_item *item);

#endif /* OBOL_TOOLS_CTL_HISTORY_FILTER_H_ */
