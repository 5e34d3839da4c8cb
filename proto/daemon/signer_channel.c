/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to a signer on another machine. */
#include "daemon/signer_channel.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>

#include "daemon/signer_wire.h"

#define HEAD_LEN 4
#define FRAME_MAX (HEAD_LEN + OBOL_SIGNER_MESSAGE_MAX)

enum obol_status obol_signer_channel_open(struct obol_signer_channel *channel,
										  SSL_CTX *ctx, int fd)
{
	memset(channel, 0, sizeof(*channel));
	channel->fd = fd;
	channel->ssl = SSL_new(ctx);
	channel->wants = POLLIN;
	if (!channel->ssl || SSL_set_fd(channel->ssl, fd) != 1)
	{
		bool has_ssl = channel->ssl != NULL;

		SSL_free(channel->ssl);
		channel->ssl = NULL;
		(void)close(fd);
		ERR_clear_error();
		return has_ssl ? OBOL_ERR_CRYPTO : OBOL_ERR_NOMEM;
	}
	if (SSL_CTX_get_ssl_method(ctx) == TLS_server_method())
	{
		SSL_set_accept_state(channel->ssl);
	}
	else
	{
		SSL_set_connect_state(channel->ssl);
		channel->wants = POLLOUT;
	}
	return OBOL_OK;
}

void obol_signer_channel_close(struct obol_signer_channel *channel)
{
	if (channel->ssl)
	{
		if (channel->is_up)
		{
			(void)SSL_shutdown(channel->ssl);
		}
		SSL_free(channel->ssl);
		(void)close(channel->fd);
		ERR_clear_error();
	}
	free(channel->in);
	free(channel->out);
	memset(channel, 0, sizeof(*channel));
}

/* What a call of OpenSSL's that did not succeed means. */
static enum obol_status explain(struct obol_signer_channel *channel, int result)
{
	enum obol_status status;

	switch (SSL_get_error(channel->ssl, result))
	{
		case SSL_ERROR_WANT_READ:
			channel->wants = POLLIN;
			status = OBOL_ERR_TIMEOUT;
			break;
		case SSL_ERROR_WANT_WRITE:
			channel->wants = POLLOUT;
			status = OBOL_ERR_TIMEOUT;
			break;
		case SSL_ERROR_SSL:
			/* a certificate refused, here or there, or no TLS at all */
			status = OBOL_ERR_AUTH;
			break;
		default:
			status = OBOL_ERR_IO;
			break;
	}
	ERR_clear_error();
	return status;
}

static enum obol_status shake_hands(struct obol_signer_channel *channel)
{
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(channel->ssl);
	if (result != 1)
	{
		return explain(channel, result);
	}
	if (!obol_signer_tls_is_good(channel->ssl, channel->pin))
	{
		return OBOL_ERR_AUTH;
	}
	channel->is_up = true;
	channel->wants = POLLIN;
	return OBOL_OK;
}

enum obol_status obol_signer_channel_step(struct obol_signer_channel *channel)
{
	enum obol_status status = channel->is_up ? OBOL_OK : shake_hands(channel);

	while (status == OBOL_OK && channel->out_at < channel->out_len)
	{
		int n;

		ERR_clear_error();
		n = SSL_write(channel->ssl, channel->out + channel->out_at,
					  (int)(channel->out_len - channel->out_at));
		if (n > 0)
		{
			channel->out_at += (size_t)n;
		}
		else
		{
			status = explain(channel, n);
		}
	}
	if (status == OBOL_OK)
	{
		channel->wants = POLLIN;
	}
	return status;
}

enum obol_status obol_signer_channel_send(struct obol_signer_channel *channel,
										  struct obol_bytes message)
{
	uint8_t *out;

	if (channel->out_at < channel->out_len || !message.len ||
		message.len > OBOL_SIGNER_MESSAGE_MAX)
	{
		return OBOL_ERR_ARG;
	}
	out = realloc(channel->out, HEAD_LEN + message.len);
	if (!out)
	{
		return OBOL_ERR_NOMEM;
	}
	out[0] = (uint8_t)(message.len >> 24);
	out[1] = (uint8_t)(message.len >> 16);
	out[2] = (uint8_t)(message.len >> 8);
	out[3] = (uint8_t)message.len;
	memcpy(out + HEAD_LEN, message.ptr, message.len);
	channel->out = out;
	channel->out_len = HEAD_LEN + message.len;
	channel->out_at = 0;
	return OBOL_OK;
}

/* Bytes that the frame has, as far as is known; 0 when it is none. */
static size_t frame_len(const struct obol_signer_channel *channel)
{
	struct obol_reader r =
		obol_reader_over(obol_bytes(channel->in, channel->in_len));
	size_t len;

	if (channel->in_len < HEAD_LEN)
	{
		return HEAD_LEN;
	}
	len = obol_read_u32(&r);
	return len && len <= OBOL_SIGNER_MESSAGE_MAX ? HEAD_LEN + len : 0;
}

enum obol_status
obol_signer_channel_receive(struct obol_signer_channel *channel,
							struct obol_bytes *message)
{
	size_t want;

	if (!channel->in)
	{
		channel->in = malloc(FRAME_MAX);
		if (!channel->in)
		{
			return OBOL_ERR_NOMEM;
		}
	}
	/* the one before has been read */
	if (channel->in_len > HEAD_LEN && channel->in_len == frame_len(channel))
	{
		channel->in_len = 0;
	}
	while ((want = frame_len(channel)) > channel->in_len)
	{
		int n;

		ERR_clear_error();
		n = SSL_read(channel->ssl, channel->in + channel->in_len,
					 (int)(want - channel->in_len));
		if (n <= 0)
		{
			return explain(channel, n);
		}
		channel->in_len += (size_t)n;
	}
	if (!want)
	{
		return OBOL_ERR_IO;
	}
	*message = obol_bytes(channel->in + HEAD_LEN, channel->in_len - HEAD_LEN);
	return OBOL_OK;
}

bool obol_signer_channel_has_ended(const struct obol_signer_channel *channel)
{
	return channel->is_up &&
		   (SSL_get_shutdown(channel->ssl) & SSL_RECEIVED_SHUTDOWN);
}
