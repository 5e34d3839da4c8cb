/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * New activation codes: made for account add, reset and new-code, and told to
 * the operator.
 */
#ifndef OBOL_TOOLS_CTL_CODE_H_
#define OBOL_TOOLS_CTL_CODE_H_

#include "server/activation.h"
#include "tools/ctl.h"

/**
 * Make a code and an account key.
 *
 * @param account_id	OBOL_ACCOUNT_ID_LEN bytes to keep, NULL for new ones
 * @param generation	of the account key
 * @return				false, with the reason said
 */
bool obol_ctl_code_new(struct obol_ctl *ctl, const char *name,
					   const uint8_t *account_id, uint32_t generation,
					   uint64_t expires_at, struct obol_activation_code *code);

/** What a code's commands print beside it. */
struct obol_ctl_code_text {
	/** "account 'alice' added" */
	const char *headline;
	/** what was revoked meanwhile; NULL for nothing to say */
	const struct obol_store_revoked *revoked;
	const char *name;
	/** a gateway's: without an identity */
	bool is_gateway;
	const char *identity;
	/** print connections for swanctl.conf */
	bool with_client;
	bool with_gateway;
};

/** Print a code and how it is used, or JSON. */
void obol_ctl_code_print(struct obol_ctl *ctl,
						 const struct obol_activation_code *code,
						 const struct obol_ctl_code_text *text);

#endif /* OBOL_TOOLS_CTL_CODE_H_ */
