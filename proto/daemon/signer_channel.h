/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Messages of signer_wire.h over TLS, between two machines:
 *
 *   length (4) | message (1..OBOL_SIGNER_MESSAGE_MAX bytes)
 *
 * Nothing here waits: sockets are non-blocking, and who uses a channel polls
 * for what it wants.
 */
#ifndef OBOL_DAEMON_SIGNER_CHANNEL_H_
#define OBOL_DAEMON_SIGNER_CHANNEL_H_

#include "daemon/signer_tls.h"

/** Zero bytes are none. */
struct obol_signer_channel {
	int fd;
	SSL *ssl;
	/** the handshake is over; with whom */
	bool is_up;
	uint8_t pin[OBOL_SIGNER_PIN_LEN];
	/** poll() for these */
	short wants;
	uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
	size_t out_at;
};

/**
 * Begin on a connected socket, or on one that is connecting; the descriptor is
 * the channel's from now, also on failure.
 *
 * @return	OK; NOMEM; CRYPTO
 */
enum obol_status obol_signer_channel_open(struct obol_signer_channel *channel,
										  SSL_CTX *ctx, int fd) OBOL_MUST_CHECK;

/** One that is not open is fine. */
void obol_signer_channel_close(struct obol_signer_channel *channel);

/**
 * Go on with the handshake and with what is to be sent.
 *
 * @return	OK: all is done; TIMEOUT: poll first; AUTH: the other end is
 *			somebody else, or does not take us; IO: it is gone
 */
enum obol_status
obol_signer_channel_step(struct obol_signer_channel *channel) OBOL_MUST_CHECK;

/** Send a message, when all before it is sent; then step. OK; ARG; NOMEM. */
enum obol_status
obol_signer_channel_send(struct obol_signer_channel *channel,
						 struct obol_bytes message) OBOL_MUST_CHECK;

/**
 * Take the next message.
 *
 * @param message	a view until the next call
 * @return	OK; TIMEOUT: poll first; AUTH: the other end does not take us (as
 *			a server may say when our handshake is over); IO: it is gone, or
 *			sent what is none; NOMEM
 */
enum obol_status
obol_signer_channel_receive(struct obol_signer_channel *channel,
							struct obol_bytes *message) OBOL_MUST_CHECK;

/** The other end has said that it sends no more, as one that is reloaded does;
 * what it has answered until then has been received. */
bool obol_signer_channel_has_ended(const struct obol_signer_channel *channel);

#endif /* OBOL_DAEMON_SIGNER_CHANNEL_H_ */
