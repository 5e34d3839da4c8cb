/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What is inside the way to a signer on another machine, for its files:
 * signer_proxy.c has those who ask and the loop, signer_proxy_link.c the
 * connection.
 */
#ifndef OBOL_DAEMON_SIGNER_PROXY_PRIVATE_H_
#define OBOL_DAEMON_SIGNER_PROXY_PRIVATE_H_

#include "daemon/signer_channel.h"
#include "daemon/signer_proxy.h"
#include "daemon/signer_target.h"
#include "daemon/signer_wire.h"

/** Whom an answer is for: nobody, or this process. */
#define PROXY_NOBODY SIZE_MAX
#define PROXY_OURSELVES (SIZE_MAX - 1)

struct proxy {
	const struct obol_signer_proxy_options *options;
	/** certificates without keys, by enum obol_signer_ca */
	struct obol_issuer *issuers[2];
	struct obol_signer_tls_options tls_options;
	SSL_CTX *tls;
	struct obol_signer_target target;
	/** its address is being looked up */
	bool is_seeking;
	struct obol_signer_channel channel;
	/** it has shown the CA that we have: requests may go */
	bool is_ready;
	/** what the operator has been told of, NULL when it is there */
	const char *told;
	/** what is waited for, and until when; since when, for the figures */
	uint8_t operation;
	size_t asker;
	uint8_t nonce[OBOL_SIGNER_NONCE_LEN];
	uint64_t deadline_ms;
	uint64_t asked_us;
	/** it has ended well, as for a reload, and is looked for at once: until
	 * then nobody is heard, and who had asked is asked for again */
	uint64_t return_until_ms;
	size_t held;
	/** next try, or next probe */
	uint64_t next_ms;
	/** the process that looks up has ended: so must this one */
	bool is_broken;
	/** a request, whole */
	uint8_t *in;
	size_t in_len;
};

uint64_t proxy_now_ms(const struct proxy *proxy);

/** Answer one who asks, without the signer or for it. */
void proxy_reply(struct proxy *proxy, size_t i, struct obol_bytes nonce,
				 enum obol_status status, struct obol_bytes body);

/** Count an answer to what was asked. */
void proxy_count(const struct proxy *proxy, enum obol_status status);

/** Have the signer answer the request in proxy->in. */
void proxy_pass_on(struct proxy *proxy, size_t asker);

/** It is gone, and will be back in a moment. */
bool proxy_is_returning(const struct proxy *proxy);

/** Something has come, or can go. */
void proxy_on_link(struct proxy *proxy);
/** The name's addresses are there. */
void proxy_on_lookup(struct proxy *proxy);

/** Do what is due now; milliseconds until something is. */
int proxy_look_after_link(struct proxy *proxy);

#endif /* OBOL_DAEMON_SIGNER_PROXY_PRIVATE_H_ */
