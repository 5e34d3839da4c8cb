/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The store's operations for VPN gateways, which follow revocations and report
 * their tunnels; beside store.h.
 */
#ifndef OBOL_STORE_STORE_GATEWAY_H_
#define OBOL_STORE_STORE_GATEWAY_H_

#include "store/store.h"

/** How long the list may take before a revocation is told without it, in
 * seconds: a CA that cannot sign must not keep tunnels up. */
#define OBOL_STORE_CRL_WAIT_S 3
/** A gateway that was not heard of for longer does not follow now. */
#define OBOL_STORE_GATEWAY_LIVE_S 15

/**
 * FOLLOW: what was revoked after a number, and the list. Revocations are told
 * together with the list that has them, so that an ended tunnel cannot come
 * back before the gateway refuses its certificate. DENIED for an account that
 * is no gateway.
 */
struct obol_store_follow {
	struct {
		struct obol_store_request request;
		struct obol_follow_request follow;
	} in;
	struct obol_follow_answer out;
};

/**
 * REPORT: tunnels that began and ended, into the audit trail of the accounts
 * that they belong to. Told twice, they are noted once. A tunnel of nobody who
 * has an account or certificate here is none of our business. DENIED as above.
 */
struct obol_store_report {
	struct {
		struct obol_store_request request;
		const struct obol_report_request *report;
	} in;
};

#define OBOL_STORE_GATEWAYS_MAX 256

struct obol_store_gateway {
	char name[OBOL_NAME_MAX + 1];
	/** 0: never */
	uint64_t seen_at;
	/** up to where it has seen to its tunnels */
	uint64_t revocation;
	uint64_t crl_number;
	uint32_t n_tunnels;
	/** ended for revocations after the number that was asked with */
	uint32_t n_ended;
};

/** GATEWAYS: all of them, for the operator. */
struct obol_store_gateways {
	struct {
		uint64_t since;
	} in;
	struct {
		size_t n_gateways;
		struct obol_store_gateway gateways[OBOL_STORE_GATEWAYS_MAX];
	} out;
};

#endif /* OBOL_STORE_STORE_GATEWAY_H_ */
