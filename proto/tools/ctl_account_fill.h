/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * An account's record from what an operator wrote, on a command line or in a
 * table.
 */
#ifndef OBOL_TOOLS_CTL_ACCOUNT_FILL_H_
#define OBOL_TOOLS_CTL_ACCOUNT_FILL_H_

#include "tools/ctl.h"

/** Bounds of certificates' lifetimes, in seconds. */
#define OBOL_CTL_LIFETIME_MIN_S 60
#define OBOL_CTL_LIFETIME_MAX_S (20 * 365 * (uint32_t)86400)

/** As written; NULL, "" and "default" ("never" for expires) stand for the
 * default. */
struct obol_ctl_account_wish {
	const char *name;
	const char *identity;
	const char *lifetime;
	const char *expires;
	const char *mode;
	const char *key_type;
};

/** Check and fill in all but the name, and an identity that is there while none
 * is wished for; false, with the reason in why. */
bool obol_ctl_account_refill(const struct obol_ctl *ctl,
							 const struct obol_ctl_account_wish *wish,
							 struct obol_account *account, char *why,
							 size_t size);

/** Check and fill in; false, with the reason in why. */
bool obol_ctl_account_fill(const struct obol_ctl *ctl,
						   const struct obol_ctl_account_wish *wish,
						   struct obol_account *account, char *why,
						   size_t size);

/**
 * When an activation code ends.
 *
 * @param text	a length of time up to a year, NULL for the default
 */
bool obol_ctl_code_end(const struct obol_ctl *ctl, const char *text,
					   uint64_t *expires_at, char *why, size_t size);

#endif /* OBOL_TOOLS_CTL_ACCOUNT_FILL_H_ */
