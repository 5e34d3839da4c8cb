/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The revocation list: made from the store's records, signed by whoever holds
 * the CA's key, kept in the store. A new one is made when something was
 * revoked since, and when half of the present one's time has passed.
 */
#ifndef OBOL_SERVER_CRL_H_
#define OBOL_SERVER_CRL_H_

#include "issue/issuer.h"
#include "store/store_revocation.h"

struct obol_crl_options {
	struct obol_store *store;
	struct obol_issuer *issuer;
	struct obol_clock *clock;
	/** how long a list is valid, in seconds */
	uint32_t lifetime_s;
};

/**
 * Make a new list if one is due. Runs the store's operations itself: for a
 * process of its own, or a tool.
 *
 * @param is_forced	make one in any case
 * @param made		whether there is a new one in the store now, made here or
 *					by somebody who was faster
 * @param why		receives a sentence for the operator on failure
 * @return			OK; what the store or the issuer return
 */
enum obol_status obol_crl_refresh(const struct obol_crl_options *options,
								  bool is_forced, bool *made, char *why,
								  size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_SERVER_CRL_H_ */
