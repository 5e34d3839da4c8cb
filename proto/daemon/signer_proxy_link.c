/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to a signer on another machine: the connection. */
#include "daemon/signer_proxy_private.h"

#include <string.h>
#include <sys/socket.h>

#include "daemon/signer_core.h"

/** A name's addresses; connection and handshake with one of them. */
#define LOOKUP_MS 5000
#define CONNECT_MS 5000
/** An answer; less than who asks waits for it, see signer_link.c. */
#define ANSWER_MS 2000
/** One that has ended well is back in this time, or it is away; with an answer
 * after it still less than who asks waits. */
#define RETURN_MS 800
/** A link that nobody uses is tried after this time. */
#define PROBE_MS 5000

static void say(struct proxy *proxy, enum obol_log_level level,
				const char *text)
{
	obol_log(proxy->options->signer.log, level, "signer", "the signer at %s %s",
			 proxy->options->config->signer.server, text);
}

static void set_ready(struct proxy *proxy, bool is_ready)
{
	proxy->is_ready = is_ready;
	obol_meter_set(proxy->options->signer.meter, OBOL_METRIC_SIGNER_CONNECTED,
				   0, is_ready);
}

bool proxy_is_returning(const struct proxy *proxy)
{
	return proxy->return_until_ms > 0;
}

static struct obol_bytes nonce_of(const struct proxy *proxy)
{
	return obol_bytes(proxy->in + 1, OBOL_SIGNER_NONCE_LEN);
}

/*
 * Losing it
 */

static void connect_next(struct proxy *proxy);

/* Whoever waits is told. */
static void refuse(struct proxy *proxy, size_t *asker)
{
	if (*asker < proxy->options->signer.n_peers)
	{
		proxy_reply(proxy, *asker, nonce_of(proxy), OBOL_ERR_IO,
					obol_bytes(NULL, 0));
	}
	*asker = PROXY_NOBODY;
}

/* The link is of no use now. Another address of the name may be. */
static void lose(struct proxy *proxy, const char *why)
{
	bool was_up = proxy->channel.is_up;

	obol_signer_channel_close(&proxy->channel);
	set_ready(proxy, false);
	refuse(proxy, &proxy->asker);
	if (!was_up && obol_signer_target_has_more(&proxy->target))
	{
		connect_next(proxy);
		return;
	}
	if (proxy->told != why)
	{
		proxy->told = why;
		say(proxy, OBOL_LOG_WARN, why);
	}
	refuse(proxy, &proxy->held);
	proxy->return_until_ms = 0;
	proxy->is_seeking = false;
	proxy->next_ms =
		proxy_now_ms(proxy) +
		obol_signer_target_pause(&proxy->target, obol_rng_system());
}

static void lose_for(struct proxy *proxy, enum obol_status status)
{
	lose(proxy,
		 status == OBOL_ERR_AUTH
			 ? "is another one than signer.pin says, or does not know this "
			   "server's key (signer.clients there); no certificate is issued"
		 : status == OBOL_ERR_TIMEOUT
			 ? "does not answer; certificates wait for it"
		 : status == OBOL_ERR_NOT_FOUND
			 ? "has no address: its name is not found; certificates wait for it"
			 : "is away; certificates wait for it");
}

/* It has ended well, with nothing of ours answered and kept from us: what was
 * asked may be asked again. */
static void await_return(struct proxy *proxy)
{
	obol_signer_channel_close(&proxy->channel);
	set_ready(proxy, false);
	proxy->held = proxy->asker < proxy->options->signer.n_peers ? proxy->asker
																: PROXY_NOBODY;
	proxy->asker = PROXY_NOBODY;
	proxy->next_ms = proxy_now_ms(proxy);
	proxy->return_until_ms = proxy->next_ms + RETURN_MS;
}

static void stop_waiting(struct proxy *proxy)
{
	refuse(proxy, &proxy->held);
	proxy->return_until_ms = 0;
}

/*
 * Reaching it
 */

static void connect_next(struct proxy *proxy)
{
	enum obol_status status;
	int fd;

	if (obol_signer_target_connect(&proxy->target, &fd) != OBOL_OK)
	{
		lose_for(proxy, OBOL_ERR_IO);
		return;
	}
	status = obol_signer_channel_open(&proxy->channel, proxy->tls, fd);
	if (status != OBOL_OK)
	{
		lose_for(proxy, OBOL_ERR_IO);
		return;
	}
	proxy->deadline_ms = proxy_now_ms(proxy) + CONNECT_MS;
}

/* What came of finding the addresses. */
static void found(struct proxy *proxy, enum obol_status status)
{
	proxy->is_seeking = status == OBOL_ERR_TIMEOUT;
	if (status == OBOL_OK)
	{
		connect_next(proxy);
	}
	else if (status == OBOL_ERR_IO)
	{
		obol_log(proxy->options->signer.log, OBOL_LOG_ERROR, "signer",
				 "the process that looks signer.server up has ended");
		proxy->is_broken = true;
	}
	else if (status != OBOL_ERR_TIMEOUT)
	{
		lose_for(proxy, status);
	}
}

static void seek(struct proxy *proxy)
{
	proxy->deadline_ms = proxy_now_ms(proxy) + LOOKUP_MS;
	found(proxy, obol_signer_target_seek(&proxy->target));
}

void proxy_on_lookup(struct proxy *proxy)
{
	found(proxy, obol_signer_target_take(&proxy->target));
}

/*
 * Using it
 */

static void send_to(struct proxy *proxy, size_t asker, struct obol_bytes nonce,
					struct obol_bytes message)
{
	enum obol_status status =
		obol_signer_channel_send(&proxy->channel, message);

	proxy->asker = asker;
	memcpy(proxy->nonce, nonce.ptr, sizeof(proxy->nonce));
	proxy->deadline_ms = proxy_now_ms(proxy) + ANSWER_MS;
	if (status == OBOL_OK)
	{
		status = obol_signer_channel_step(&proxy->channel);
	}
	if (status != OBOL_OK && status != OBOL_ERR_TIMEOUT)
	{
		lose_for(proxy, status);
	}
}

void proxy_pass_on(struct proxy *proxy, size_t asker)
{
	send_to(proxy, asker, nonce_of(proxy),
			obol_bytes(proxy->in, proxy->in_len));
}

/* What CA does it have? Asked at first, and then to see whether it is there. */
static void probe(struct proxy *proxy)
{
	uint8_t nonce[OBOL_SIGNER_NONCE_LEN];
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_u8(&w, OBOL_SIGNER_CHAIN);
	if (obol_rng_fill(obol_rng_system(), nonce, sizeof(nonce)) != OBOL_OK)
	{
		obol_writer_clear(&w);
		lose_for(proxy, OBOL_ERR_IO);
		return;
	}
	obol_write_bytes(&w, obol_bytes(nonce, sizeof(nonce)));
	obol_write_u8(&w, OBOL_SIGNER_PRESENT);
	if (obol_writer_status(&w) == OBOL_OK)
	{
		send_to(proxy, PROXY_OURSELVES, obol_bytes(nonce, sizeof(nonce)),
				obol_writer_view(&w));
	}
	obol_writer_clear(&w);
}

/* It may be asked from now on; who had asked before it went is first. */
static void begin_use(struct proxy *proxy)
{
	size_t held = proxy->held;

	set_ready(proxy, true);
	proxy->told = NULL;
	proxy->held = PROXY_NOBODY;
	proxy->return_until_ms = 0;
	obol_signer_target_reached(&proxy->target);
	say(proxy, OBOL_LOG_INFO, "is there");
	if (held != PROXY_NOBODY)
	{
		proxy_pass_on(proxy, held);
	}
}

/* One with another CA would have certificates out that nobody here expects, as
 * between the two halves of a switch. */
static void check_ca(struct proxy *proxy, struct obol_reader *r)
{
	struct obol_bytes theirs = obol_read_fixed(r, obol_reader_left(r));
	struct obol_writer ours;
	bool is_same;

	obol_writer_init(&ours);
	obol_signer_write_chain(&ours, proxy->issuers[OBOL_SIGNER_PRESENT]);
	is_same = obol_bytes_eq(obol_writer_view(&ours), theirs);
	obol_writer_clear(&ours);
	if (!is_same)
	{
		lose(proxy, "has another CA than ca.certificate here; no certificate "
					"is issued");
	}
	else if (!proxy->is_ready)
	{
		begin_use(proxy);
	}
}

/* To whom it belongs; what belongs to nobody came too late. */
static void take_answer(struct proxy *proxy, struct obol_bytes message)
{
	struct obol_reader r = obol_reader_over(message);
	struct obol_bytes nonce = obol_read_fixed(&r, OBOL_SIGNER_NONCE_LEN);
	size_t asker = proxy->asker;

	if (!obol_reader_ok(&r) || asker == PROXY_NOBODY ||
		memcmp(nonce.ptr, proxy->nonce, sizeof(proxy->nonce)) != 0)
	{
		lose_for(proxy, OBOL_ERR_IO);
		return;
	}
	proxy->asker = PROXY_NOBODY;
	proxy->next_ms = proxy_now_ms(proxy) + PROBE_MS;
	if (asker != PROXY_OURSELVES)
	{
		proxy_count(proxy, obol_signer_read_status(&r));
		(void)!send(proxy->options->signer.peers[asker], message.ptr,
					message.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		return;
	}
	if (obol_signer_read_status(&r) == OBOL_OK)
	{
		check_ca(proxy, &r);
	}
	else
	{
		lose_for(proxy, OBOL_ERR_IO);
	}
}

static enum obol_status take_all(struct proxy *proxy)
{
	struct obol_bytes message;
	enum obol_status status;

	do
	{
		status = obol_signer_channel_receive(&proxy->channel, &message);
		if (status == OBOL_OK)
		{
			take_answer(proxy, message);
		}
	} while (status == OBOL_OK && proxy->channel.is_up);
	return status;
}

void proxy_on_link(struct proxy *proxy)
{
	bool was_up = proxy->channel.is_up;
	enum obol_status status = obol_signer_channel_step(&proxy->channel);

	if (status == OBOL_OK && !was_up)
	{
		probe(proxy);
		return;
	}
	if (status == OBOL_OK)
	{
		status = take_all(proxy);
	}
	if (status == OBOL_OK || status == OBOL_ERR_TIMEOUT)
	{
		return; /* or it was lost over an answer, and that was told */
	}
	if (proxy->is_ready && obol_signer_channel_has_ended(&proxy->channel))
	{
		await_return(proxy);
	}
	else
	{
		lose_for(proxy, status);
	}
}

/*
 * Time
 */

static bool is_busy(const struct proxy *proxy)
{
	return proxy->is_seeking ||
		   (proxy->channel.ssl &&
			(!proxy->channel.is_up || proxy->asker != PROXY_NOBODY));
}

int proxy_look_after_link(struct proxy *proxy)
{
	uint64_t now = proxy_now_ms(proxy), due;

	if (proxy->return_until_ms && proxy->return_until_ms <= now)
	{
		stop_waiting(proxy);
	}
	if (is_busy(proxy) && proxy->deadline_ms <= now)
	{
		/* what is being looked up is not there in time */
		lose_for(proxy,
				 proxy->is_seeking ? OBOL_ERR_NOT_FOUND : OBOL_ERR_TIMEOUT);
	}
	else if (!is_busy(proxy) && proxy->next_ms <= now)
	{
		if (proxy->channel.ssl)
		{
			probe(proxy);
		}
		else
		{
			seek(proxy);
		}
	}
	due = is_busy(proxy) ? proxy->deadline_ms : proxy->next_ms;
	if (proxy->return_until_ms && proxy->return_until_ms < due)
	{
		due = proxy->return_until_ms;
	}
	now = proxy_now_ms(proxy);
	return due <= now ? 0 : (int)(due - now);
}
