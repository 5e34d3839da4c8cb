/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A look-up of SRV records over UDP, and over TCP where the answer was cut, to
 * be polled beside other things. libc's res_nquery() blocks, in a thread that
 * outlives a program that unloads this library, and on a socket that the
 * caller's hook never sees. So libc gives the name servers alone.
 */
#ifndef OBOL_NET_SRV_QUERY_H_
#define OBOL_NET_SRV_QUERY_H_

#include <obol/client.h>

#include "base/clock.h"
#include "net/srv.h"

/** Name servers that are asked, as in resolv.conf(5). */
#define OBOL_NAME_SERVERS_MAX 3
/** Time until the next one is asked, and for a question over TCP, in
 * milliseconds. */
#define OBOL_SRV_PATIENCE_MS 1000
/** How often each is asked. */
#define OBOL_SRV_ROUNDS 2

struct obol_name_servers {
	size_t n;
	/** with ports */
	struct sockaddr_storage addrs[OBOL_NAME_SERVERS_MAX];
};

/** Those of this machine, read anew each time; perhaps none. */
void obol_name_servers_system(struct obol_name_servers *servers);

struct obol_srv_query_config {
	const struct obol_name_servers *servers;
	/** socket_created is called for each socket; may be NULL */
	const struct obol_client_hooks *hooks;
	struct obol_clock *clock;
	/** of the message's id and of the order of servers */
	struct obol_rng *rng;
};

struct obol_srv_query;

/**
 * Start to look up a domain's records.
 *
 * @param config	what it points to is borrowed until the end
 * @param query		set on OK; may be over already
 * @return			OK; ARG for a name that is too long; NOMEM; CRYPTO
 */
enum obol_status
obol_srv_query_new(const char *domain,
				   const struct obol_srv_query_config *config,
				   struct obol_srv_query **query) OBOL_MUST_CHECK;

/** To poll; another one after each obol_srv_query_go_on(). -1 when it is over.
 */
int obol_srv_query_fd(const struct obol_srv_query *query);

/** What to poll it for. */
short obol_srv_query_events(const struct obol_srv_query *query);

/** When to go on at the latest, monotonic; UINT64_MAX when it is over. */
uint64_t obol_srv_query_wake(const struct obol_srv_query *query);

/**
 * Go on, without waiting.
 *
 * @param list	set when FOUND, in the order in which to try them
 */
enum obol_srv_outcome obol_srv_query_go_on(struct obol_srv_query *query,
										   struct obol_srv_list *list);

/** Give up or be done; NULL is fine. */
void obol_srv_query_free(struct obol_srv_query *query);

#endif /* OBOL_NET_SRV_QUERY_H_ */
