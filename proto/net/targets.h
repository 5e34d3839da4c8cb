/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The servers of one race: those that the user named, and those that their
 * domains name in SRV records (RFC 2782). A name without a port is asked for
 * both SRV records and addresses at the same time; with SRV records its own
 * addresses do not count.
 */
#ifndef OBOL_NET_TARGETS_H_
#define OBOL_NET_TARGETS_H_

#include "net/resolve.h"
#include "net/srv_query.h"
#include "net/wait.h"

/** Servers of one race at most. */
#define OBOL_TARGETS_MAX 16
/** Room for what one of them came to. */
#define OBOL_TARGET_REASON_MAX 192

enum obol_target_state {
	/** the caller's hook has to be asked for addresses */
	OBOL_TARGET_UNASKED,
	OBOL_TARGET_RESOLVING,
	/** addresses are known, or that there are none */
	OBOL_TARGET_KNOWN,
	/** SRV records have taken its place */
	OBOL_TARGET_GONE,
};

struct obol_target {
	enum obol_target_state state;
	/** the order in which targets are tried */
	size_t rank;
	/** which of the endpoints it belongs to */
	size_t endpoint;
	/** where it is */
	char host[OBOL_HOST_MAX + 1];
	/** 0 for the default ones */
	uint16_t port;
	/** whom it has to prove to be in TLS: what the user named, whatever SRV
	 * records say; borrowed */
	const char *tls_host;
	bool tls_host_is_address;
	struct obol_resolve *resolve;
	/** since when it is being looked up */
	uint64_t since_mono_ms;
	/** what tells most of what came of it, and its words */
	enum obol_net_failure failure;
	char reason[OBOL_TARGET_REASON_MAX];
};

struct obol_targets_config {
	/** borrowed until the end */
	const struct obol_endpoint_list *endpoints;
	/** for TLS with endpoints that are addresses; may be NULL */
	const char *server_name;
	/** the caller's resolve is used if there is one; may be NULL */
	const struct obol_client_hooks *hooks;
	/** asked for SRV records; NULL or none of them: nobody is */
	const struct obol_name_servers *name_servers;
	struct obol_clock *clock;
	/** only for SRV records */
	struct obol_rng *rng;
};

struct obol_targets {
	struct obol_targets_config config;
	size_t n;
	struct obol_target items[OBOL_TARGETS_MAX];
	/** one for each endpoint, NULL when there is nothing to wait for */
	struct obol_srv_query *queries[OBOL_ENDPOINTS_MAX];
	uint64_t start_mono_ms;
};

/** Start all look-ups. OK; INTERNAL. To be cleared also after a failure. */
enum obol_net_failure
obol_targets_init(struct obol_targets *targets,
				  const struct obol_targets_config *config);
void obol_targets_clear(struct obol_targets *targets);

/**
 * See whether a domain's SRV records are there. Those of FOUND are targets now,
 * behind the others in the array, in the domain's place by rank.
 *
 * @param endpoint	index of what the user named
 * @return			PENDING also when nothing is being asked, or no longer
 */
enum obol_srv_outcome obol_targets_srv(struct obol_targets *targets,
									   size_t endpoint);

/**
 * Addresses of a target that is being resolved, or by the hook.
 *
 * @param n		number of addresses
 * @return		false while there is no answer yet, and when there was one
 */
bool obol_targets_addresses(struct obol_targets *targets,
							struct obol_target *target,
							struct sockaddr_storage addrs[OBOL_RESOLVE_MAX],
							size_t *n);

/** The first target by rank that the hook has not been asked for; or NULL. */
struct obol_target *obol_targets_unasked(struct obol_targets *targets);

/**
 * How long one of the given rank should wait for look-ups of those before it,
 * and for the SRV records in its own place.
 *
 * @param stagger_ms	how long each may hold it up
 * @return				monotonic; 0 when it need not
 */
uint64_t obol_targets_gate(const struct obol_targets *targets, size_t rank,
						   unsigned stagger_ms);

/** What came of a target: the words of what tells most are kept. */
void obol_target_note(struct obol_target *target, enum obol_net_failure failure,
					  const char *reason);

/** The same with its host in front. */
void obol_target_note_host(struct obol_target *target,
						   enum obol_net_failure failure, const char *what);

/**
 * What came of all of them.
 *
 * @param why	receives the words: of all that have any, with their names if
 *				there are several
 * @return		what tells most; OK when nothing was noted
 */
enum obol_net_failure obol_targets_sum(const struct obol_targets *targets,
									   char *why, size_t size);

#endif /* OBOL_NET_TARGETS_H_ */
