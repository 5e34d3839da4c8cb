/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A question to a name server over TCP, for an answer that was too long for a
 * datagram (RFC 7766, 5; framing of RFC 1035, 4.2.2). To be polled beside other
 * things; nothing here waits.
 */
#ifndef OBOL_NET_SRV_TCP_H_
#define OBOL_NET_SRV_TCP_H_

#include <obol/client.h>
#include <sys/socket.h>

#include "base/bytes.h"

/** Length of a message's prefix. */
#define OBOL_SRV_TCP_PREFIX_LEN 2
/** Longest question: header, longest name, type and class, OPT record. */
#define OBOL_SRV_QUESTION_MAX (12 + 255 + 4 + 11)

struct obol_srv_tcp {
	/** -1 for none */
	int fd;
	uint8_t out[OBOL_SRV_TCP_PREFIX_LEN + OBOL_SRV_QUESTION_MAX];
	size_t out_len;
	size_t n_sent;
	uint8_t prefix[OBOL_SRV_TCP_PREFIX_LEN];
	/** bytes that have come, of prefix and message */
	size_t n_got;
	/** owned; NULL until the prefix is there */
	uint8_t *message;
	size_t message_len;
};

enum obol_srv_tcp_state {
	/** poll again */
	OBOL_SRV_TCP_WAITS,
	/** the message is there */
	OBOL_SRV_TCP_DONE,
	OBOL_SRV_TCP_FAILED,
};

/**
 * Make a socket for a name server, have the caller's hook see it, and connect
 * it, or begin to.
 *
 * @param hooks	may be NULL
 * @param type	SOCK_DGRAM or SOCK_STREAM
 * @return		-1 when it cannot be used
 */
int obol_srv_socket(const struct obol_client_hooks *hooks,
					const struct sockaddr_storage *server, int type);

/** Nothing is under way. */
void obol_srv_tcp_init(struct obol_srv_tcp *tcp);

/** Begin; false when it cannot be begun. To be closed in both cases. */
bool obol_srv_tcp_start(struct obol_srv_tcp *tcp,
						const struct obol_client_hooks *hooks,
						const struct sockaddr_storage *server,
						struct obol_bytes question);

/** What to poll the socket for. */
short obol_srv_tcp_events(const struct obol_srv_tcp *tcp);

/**
 * Go on, without waiting.
 *
 * @param message	set when DONE; it holds until the close
 */
enum obol_srv_tcp_state obol_srv_tcp_go_on(struct obol_srv_tcp *tcp,
										   struct obol_bytes *message);

/** Give up or be done; it can be started again. */
void obol_srv_tcp_close(struct obol_srv_tcp *tcp);

#endif /* OBOL_NET_SRV_TCP_H_ */
