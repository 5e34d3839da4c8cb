/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * SRV records of a domain (RFC 2782): the question, the answer, and the order
 * in which servers are tried. What an answer says is a hint and nothing more:
 * who answers there has to prove that it is the domain's server, by TLS, pins
 * and login, as without SRV.
 */
#ifndef OBOL_NET_SRV_H_
#define OBOL_NET_SRV_H_

#include "base/rng.h"
#include "base/writer.h"
#include "net/address.h"

/** Servers taken of one answer. */
#define OBOL_SRV_MAX 8
/** Longest message that is read, as the question offers (RFC 6891, 6.2.5). */
#define OBOL_SRV_MESSAGE_MAX 1232

/** What came of a look-up. */
enum obol_srv_outcome {
	OBOL_SRV_PENDING,
	/** no such records: the domain's own addresses are the server's */
	OBOL_SRV_NONE,
	/** "decidedly not available at this domain": the only target is "." */
	OBOL_SRV_ABSENT,
	OBOL_SRV_FOUND,
	/** no name server gives an answer that can be used */
	OBOL_SRV_FAILED,
	/** an answer that the name server has cut: over TCP it gives the whole; of
	 * obol_srv_decode() alone */
	OBOL_SRV_CUT,
};

struct obol_srv {
	uint16_t priority;
	uint16_t weight;
	uint16_t port;
	/** lower case, without final dot */
	char host[OBOL_HOST_MAX + 1];
};

struct obol_srv_list {
	size_t n;
	struct obol_srv items[OBOL_SRV_MAX];
};

/**
 * Whether a name is one to look up SRV records of: one with a dot in it, as
 * others are of the local network and would be asked of the root servers.
 */
bool obol_srv_is_for(const char *domain);

/**
 * Write the question for _obol._tcp.DOMAIN (RFC 1035, 4.1), with recursion
 * desired and an OPT record (RFC 6891, 6.1.2).
 *
 * @param domain	as in struct obol_endpoint
 * @param question	initialised; receives the whole message
 * @return			OK; ARG when the name becomes too long; NOMEM
 */
enum obol_status obol_srv_ask(const char *domain, uint16_t id,
							  struct obol_writer *question) OBOL_MUST_CHECK;

/**
 * Read an answer. Records that cannot be used (port 0, a target that is no host
 * name) are passed over, as are those beyond OBOL_SRV_MAX.
 *
 * @param message	as it came
 * @param question	what obol_srv_ask() wrote
 * @param outcome	set on OK, never PENDING; FAILED when the name server cannot
 *					tell
 * @param list		set when FOUND, in the answer's order; when CUT as far as
 *that goes, perhaps empty
 * @return			OK; FORMAT when it is no answer to this question
 */
enum obol_status obol_srv_decode(struct obol_bytes message,
								 struct obol_bytes question,
								 enum obol_srv_outcome *outcome,
								 struct obol_srv_list *list) OBOL_MUST_CHECK;

/**
 * Put servers into the order in which they are to be tried: the lowest priority
 * first, by chance in proportion to their weights where it is equal (RFC 2782,
 * "The format of the SRV RR").
 *
 * @return	OK; CRYPTO when there is no randomness
 */
enum obol_status obol_srv_order(struct obol_srv_list *list,
								struct obol_rng *rng) OBOL_MUST_CHECK;

#endif /* OBOL_NET_SRV_H_ */
