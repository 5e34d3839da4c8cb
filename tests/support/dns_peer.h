/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A name server on loopback that answers every question for SRV records in the
 * way that it is told to.
 */
#ifndef TESTS_SUPPORT_DNS_PEER_H_
#define TESTS_SUPPORT_DNS_PEER_H_

#include <pthread.h>
#include <stdatomic.h>

#include "base/writer.h"
#include "net/srv_query.h"

enum dns_peer_kind {
	/** the records, if there are any */
	DNS_ANSWER,
	DNS_NAME_ERROR,
	DNS_SERVER_FAILURE,
	DNS_SILENT,
	/** three answers of others first: wrong id, wrong question, a question;
	 * then the records */
	DNS_FLOOD,
	/** bytes that stop in the middle of a record */
	DNS_GARBAGE,
};

/** What it does over TCP, where all the records are. */
enum dns_peer_tcp {
	/** nobody listens */
	DNS_TCP_NONE,
	DNS_TCP_ANSWER,
	/** in many pieces, the first ones of a byte */
	DNS_TCP_DRIP,
	/** the question is read, and no more */
	DNS_TCP_SILENT,
	/** closed with half of the answer */
	DNS_TCP_HALF,
	/** an answer to another question */
	DNS_TCP_OTHER,
	/** a message of length 0 */
	DNS_TCP_EMPTY,
	/** with one record, and said to be cut again */
	DNS_TCP_CUT,
	DNS_TCP_NAME_ERROR,
};

struct dns_peer_record {
	uint16_t priority;
	uint16_t weight;
	uint16_t port;
	/** "." for none */
	const char *target;
};

struct dns_peer_config {
	enum dns_peer_kind kind;
	/** time that an answer takes */
	unsigned delay_ms;
	/** say over UDP that the answer is cut, behind the first so many records */
	bool is_cut;
	size_t n_cut;
	enum dns_peer_tcp tcp;
	size_t n_records;
	struct dns_peer_record records[OBOL_SRV_MAX + 2];
};

struct dns_peer {
	struct dns_peer_config config;
	int fd;
	/** listens at the same port, -1 for none */
	int tcp_fd;
	/** the last connection there, until the next one */
	int held_fd;
	int stop[2];
	pthread_t thread;
	atomic_int n_asked;
	/** over TCP */
	atomic_int n_asked_tcp;
	/** itself, for whoever is to ask it */
	struct obol_name_servers servers;
};

/** Listen on loopback and start to serve. */
void dns_peer_init(struct dns_peer *peer, const struct dns_peer_config *config);
void dns_peer_clear(struct dns_peer *peer);

/** The answer to a question, as the peer would send it. */
void dns_peer_answer(const struct dns_peer_config *config,
					 struct obol_bytes question, struct obol_writer *answer);

/** A name server at which nobody listens, in front of those there are. */
void dns_peer_add_dead(struct obol_name_servers *servers);

#endif /* TESTS_SUPPORT_DNS_PEER_H_ */
