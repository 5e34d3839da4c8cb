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
	size_t n_records;
	struct dns_peer_record records[OBOL_SRV_MAX + 2];
};

struct dns_peer {
	struct dns_peer_config config;
	int fd;
	int stop[2];
	pthread_t thread;
	atomic_int n_asked;
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
