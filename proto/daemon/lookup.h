/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A process that looks a host name up for one that is confined: it has files,
 * sockets and the system's modules for names, and no key. It knows the one name
 * that it was made for. Who asks does not wait: it polls.
 */
#ifndef OBOL_DAEMON_LOOKUP_H_
#define OBOL_DAEMON_LOOKUP_H_

#include "base/log.h"
#include "daemon/privileges.h"
#include "net/resolve.h"

struct obol_lookup {
	/** readable once the answer is there; -1: there is no such process */
	int fd;
	/** an answer is on its way */
	bool is_asked;
};

/**
 * Start it, before the caller has keys and is confined; it ends with the other
 * end of its descriptor.
 *
 * @param host		holds as long as the process
 * @param identity	whom it becomes
 * @return			OK; IO
 */
enum obol_status obol_lookup_start(const char *host,
								   const struct obol_identity *identity,
								   struct obol_log *log,
								   struct obol_lookup *lookup) OBOL_MUST_CHECK;

/** Ask, unless an answer is on its way. OK; IO when the process has ended. */
enum obol_status obol_lookup_ask(struct obol_lookup *lookup) OBOL_MUST_CHECK;

/**
 * Take the answer.
 *
 * @param addrs	receives at most OBOL_RESOLVE_MAX addresses, in the system's
 *				order (RFC 6724), without ports
 * @param n		their number, 0 when the name does not resolve
 * @return		OK; TIMEOUT: there is none yet; IO when the process has ended
 */
enum obol_status
obol_lookup_take(struct obol_lookup *lookup,
				 struct sockaddr_storage addrs[OBOL_RESOLVE_MAX],
				 size_t *n) OBOL_MUST_CHECK;

/** One that was not started is fine. */
void obol_lookup_close(struct obol_lookup *lookup);

#endif /* OBOL_DAEMON_LOOKUP_H_ */
