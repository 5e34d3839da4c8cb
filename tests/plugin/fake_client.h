/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A stand-in for libobol's client, whose servers do what the test says.
 */
#ifndef TESTS_PLUGIN_FAKE_CLIENT_H_
#define TESTS_PLUGIN_FAKE_CLIENT_H_

#include <obol/client.h>

/** What a server does; all zero gives the bundle at once. */
struct fake_server {
	/** time until it answers; aborted by the client's abort_fd, and ended with
	 * TIMEOUT by its timeout */
	unsigned delay_ms;
	/** what the login fails with */
	enum obol_cause cause;
	uint32_t retry_after_s;
	/** password or device's secret that alone is right; NULL accepts all */
	const char *right_secret;
	/** bundle to give, not owned, and its version */
	struct obol_bundle *bundle;
	uint64_t version;
	/** failed logins to report */
	uint32_t n_failures;
	/** end of the account */
	uint64_t account_expires_at;
	/** bundle to give to whoever renews, and NULL when it renews nothing */
	struct obol_bundle *renewed;
	/** set of CA certificates that is held, not owned; may be NULL */
	const struct obol_anchors *anchors;
	/** why there is no newer one */
	enum obol_cause anchors_cause;
};

/** What has been seen of a server. */
struct fake_seen {
	/** logins begun, and how many of them were on their way at a time */
	unsigned n_logins;
	unsigned n_at_once_max;
	/** fetches that said they have the current version */
	unsigned n_unchanged;
	/** those that renewed */
	unsigned n_renewals;
	/** the last secret */
	char secret[64];
};

/** Ask the maker that the client was given for a key, as an issue would. */
bool fake_make_key(struct obol_client *client, uint8_t key_type, char *why,
				   size_t size);

/** Forget all servers; those not set up refuse with UNREACHABLE. */
void fake_reset(void);

/** Say what a server does from now on. */
void fake_set(const char *host, const struct fake_server *server);

/** What has been seen of a server since fake_reset(). */
struct fake_seen fake_seen(const char *host);

/** Most logins that were on their way at a time at all servers together. */
unsigned fake_at_once_max(void);

#endif /* TESTS_PLUGIN_FAKE_CLIENT_H_ */
