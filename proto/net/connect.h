/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Connecting: all candidates of all servers race in the manner of RFC 8305,
 * up to a complete TLS handshake with the right application protocol and, if
 * one is pinned, the right key. So neither a silent address nor a portal nor a
 * web server on port 443 keeps the client from an obold that answers.
 */
#ifndef OBOL_NET_CONNECT_H_
#define OBOL_NET_CONNECT_H_

#include <obol/client.h>

#include "net/candidates.h"
#include "net/srv_query.h"
#include "net/stream.h"

/** Time until the next candidate starts beside one that keeps silent, in
 * milliseconds (RFC 8305, 5). */
#define OBOL_CONNECT_STAGGER_MS 250

/** Servers passed over at most. */
#define OBOL_TRIED_MAX 8
/** Room for what became of one of them, with a final zero. */
#define OBOL_TRIED_WHY_MAX 96

/** Servers that failed after they had been connected to, by address. */
struct obol_tried {
	size_t n;
	struct obol_tried_server {
		/** port 0: whatever port, as none was named */
		struct sockaddr_storage addr;
		/** for people: where it was, and what became of it */
		char where[OBOL_SOCKADDR_TEXT_MAX];
		char why[OBOL_TRIED_WHY_MAX];
	} items[OBOL_TRIED_MAX];
};

struct obol_connect_config {
	const struct obol_endpoint_list *endpoints;
	/** for TLS with endpoints that are addresses; NULL: the address itself */
	const char *server_name;
	/** for endpoints without a port */
	uint16_t ports[OBOL_PORTS_MAX];
	size_t n_ports;
	struct obol_tls_context *tls;
	/** acceptable keys; none of them: any key */
	const uint8_t (*tls_pins)[OBOL_TLS_KEY_HASH_LEN];
	size_t n_tls_pins;
	const struct obol_client_hooks *hooks;
	const struct obol_wait *wait;
	/** asked for SRV records of names without a port; NULL: nobody is */
	const struct obol_name_servers *name_servers;
	/** for SRV records; NULL without name_servers */
	struct obol_rng *rng;
	/** passed over; NULL for none */
	const struct obol_tried *tried;
};

struct obol_connection {
	struct obol_stream *stream;
	/** which of the endpoints it is */
	size_t endpoint;
	/** what it is to be passed over by when it fails */
	struct sockaddr_storage addr;
	/** for people */
	char where[OBOL_SOCKADDR_TEXT_MAX];
	/** there are servers that have not been tried to the end */
	bool has_others;
	uint8_t tls_key_hash[OBOL_TLS_KEY_HASH_LEN];
	/** from the start to TCP, from there to the end of the handshake */
	unsigned connect_ms;
	unsigned tls_ms;
};

/**
 * Connect.
 *
 * @param connection	set on OK; obol_stream_free() its stream
 * @param why			on failure what was found, for people: addresses and
 *						reasons; may be empty
 * @return				OK; else what tells most, of all candidates
 */
enum obol_net_failure obol_connect(const struct obol_connect_config *config,
								   struct obol_connection *connection,
								   char *why, size_t size);

#endif /* OBOL_NET_CONNECT_H_ */
