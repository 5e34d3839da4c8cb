/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Accounts as obolctl's commands show them.
 */
#ifndef OBOL_TOOLS_CTL_ACCOUNT_TEXT_H_
#define OBOL_TOOLS_CTL_ACCOUNT_TEXT_H_

#include "tools/ctl.h"

/** "active", "disabled", "expired", "code sent", "code ended", "reset". */
const char *obol_ctl_account_state(const struct obol_account *account,
								   uint64_t now);

/** An account's members, inside an object. */
void obol_ctl_account_json(struct obol_json *json,
						   const struct obol_account *account, uint64_t now);

/** Call each for all accounts, in order of their names. */
enum obol_status
obol_ctl_each_account(struct obol_ctl *ctl,
					  void (*each)(void *ctx, const struct obol_account *),
					  void *ctx) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_CTL_ACCOUNT_TEXT_H_ */
