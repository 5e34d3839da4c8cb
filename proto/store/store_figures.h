/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The store's operations for who watches the server.
 */
#ifndef OBOL_STORE_STORE_FIGURES_H_
#define OBOL_STORE_STORE_FIGURES_H_

#include "store/store.h"

/** PROBE: write the time down, durably. OK; STORE when the database cannot be
 * written, or its file has been moved away beneath it. */
struct obol_store_probe {
	struct {
		uint64_t now;
	} in;
};

/** Certificates that end within these times are counted, in days. */
#define OBOL_STORE_WITHIN_N 3
extern const unsigned obol_store_within_days[OBOL_STORE_WITHIN_N];

/** COUNT: how much there is. It looks at every account, slot and certificate,
 * so ask seldom. */
struct obol_store_count {
	struct {
		uint64_t now;
	} in;
	struct {
		/** of users; expired ones that are not disabled */
		uint64_t n_active;
		uint64_t n_not_activated;
		uint64_t n_disabled;
		uint64_t n_expired;
		/** for the operator's approval */
		uint64_t n_waiting;
		uint64_t n_devices;
		/** accounts whose newest certificate is good and ends so soon */
		uint64_t n_ending[OBOL_STORE_WITHIN_N];
		/** of the gateways' newest certificates, the first end; 0 for none */
		uint64_t gateway_not_after;
	} out;
};

#endif /* OBOL_STORE_STORE_FIGURES_H_ */
