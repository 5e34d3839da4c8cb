/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a command revoked, in words and as JSON.
 */
#ifndef OBOL_TOOLS_CTL_REVOKED_H_
#define OBOL_TOOLS_CTL_REVOKED_H_

#include "tools/ctl.h"

/**
 * Go on with a line that says what was done: "; certificate 4f2a revoked; 1
 * tunnel ended at moon". Waits up to five seconds for the gateways that follow.
 * Nothing when nothing was revoked.
 */
void obol_ctl_revoked_say(struct obol_ctl *ctl,
						  const struct obol_store_revoked *revoked);

/** The same inside an open object. */
void obol_ctl_revoked_json(struct obol_ctl *ctl, struct obol_json *json,
						   const struct obol_store_revoked *revoked);

#endif /* OBOL_TOOLS_CTL_REVOKED_H_ */
