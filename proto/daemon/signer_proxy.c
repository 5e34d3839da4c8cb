/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to a signer on another machine. */
#include "daemon/signer_proxy.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/listen.h"
#include "daemon/sandbox.h"
#include "daemon/signer_channel.h"
#include "daemon/signer_core.h"
#include "daemon/signer_wire.h"
#include "issue/ca_path.h"

/** Connection and handshake. */
#define CONNECT_MS 5000
/** An answer; less than who asks waits for it, see signer_link.c. */
#define ANSWER_MS 2000
/** A link that nobody uses is tried after this time. */
#define PROBE_MS 5000
/** Pauses before the next connection: first and longest. */
#define PAUSE_FIRST_MS 250
#define PAUSE_MAX_MS 4000
/** Whom an answer is for: nobody, or this process. */
#define NOBODY SIZE_MAX
#define OURSELVES (SIZE_MAX - 1)

struct proxy {
	const struct obol_signer_proxy_options *options;
	/** certificates without keys, by enum obol_signer_ca */
	struct obol_issuer *issuers[2];
	struct obol_signer_tls_options tls_options;
	SSL_CTX *tls;
	struct sockaddr_storage addr;
	socklen_t addr_len;
	struct obol_signer_channel channel;
	/** it has shown the CA that we have: requests may go */
	bool is_ready;
	/** what the operator has been told of, NULL when it is there */
	const char *told;
	/** what is waited for, and until when */
	uint8_t operation;
	size_t asker;
	uint8_t nonce[OBOL_SIGNER_NONCE_LEN];
	uint64_t deadline_ms;
	/** next try, or next probe */
	uint64_t next_ms;
	unsigned pause_ms;
	uint8_t *in;
};

static void say(struct proxy *proxy, enum obol_log_level level,
				const char *text)
{
	obol_log(proxy->options->signer.log, level, "signer", "the signer at %s %s",
			 proxy->options->config->signer.server, text);
}

static uint64_t now_ms(const struct proxy *proxy)
{
	return obol_mono_ms(proxy->options->signer.clock);
}

/*
 * Answers
 */

static void reply(struct proxy *proxy, size_t i, struct obol_bytes nonce,
				  enum obol_status status, struct obol_bytes body)
{
	struct obol_bytes all;
	struct obol_writer w;

	obol_signer_count(proxy->options->signer.meter, proxy->operation, status);
	obol_writer_init(&w);
	obol_signer_write_answer(&w, nonce, status, body);
	all = obol_writer_view(&w);
	if (obol_writer_status(&w) == OBOL_OK)
	{
		(void)!send(proxy->options->signer.peers[i], all.ptr, all.len,
					MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	obol_writer_clear(&w);
}

static void reply_chain(struct proxy *proxy, size_t i, struct obol_bytes nonce,
						const struct obol_issuer *issuer)
{
	struct obol_writer body;

	obol_writer_init(&body);
	if (issuer)
	{
		obol_signer_write_chain(&body, issuer);
	}
	reply(proxy, i, nonce, issuer ? OBOL_OK : OBOL_ERR_ARG,
		  obol_writer_view(&body));
	obol_writer_clear(&body);
}

/*
 * The link
 */

/* The link is of no use now: whoever waits is told, and nobody else has to. */
static void lose(struct proxy *proxy, const char *why)
{
	if (proxy->told != why)
	{
		proxy->told = why;
		say(proxy, OBOL_LOG_WARN, why);
	}
	obol_signer_channel_close(&proxy->channel);
	proxy->is_ready = false;
	if (proxy->asker < proxy->options->signer.n_peers)
	{
		reply(proxy, proxy->asker,
			  obol_bytes(proxy->nonce, sizeof(proxy->nonce)), OBOL_ERR_IO,
			  obol_bytes(NULL, 0));
	}
	proxy->asker = NOBODY;
	proxy->next_ms = now_ms(proxy) + proxy->pause_ms;
	proxy->pause_ms =
		proxy->pause_ms < PAUSE_MAX_MS / 2 ? 2 * proxy->pause_ms : PAUSE_MAX_MS;
}

static void lose_for(struct proxy *proxy, enum obol_status status)
{
	lose(proxy,
		 status == OBOL_ERR_AUTH
			 ? "is another one than signer.pin says, or does not know this "
			   "server's key (signer.clients there); no certificate is issued"
		 : status == OBOL_ERR_TIMEOUT
			 ? "does not answer; certificates wait for it"
			 : "is away; certificates wait for it");
}

static void connect_to(struct proxy *proxy)
{
	static const int on = 1;
	int fd = socket(proxy->addr.ss_family,
					SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
		(connect(fd, (struct sockaddr *)&proxy->addr, proxy->addr_len) != 0 &&
		 errno != EINPROGRESS))
	{
		if (fd >= 0)
		{
			(void)close(fd);
		}
		lose_for(proxy, OBOL_ERR_IO);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (obol_signer_channel_open(&proxy->channel, proxy->tls, fd) != OBOL_OK)
	{
		lose_for(proxy, OBOL_ERR_IO);
		return;
	}
	proxy->deadline_ms = now_ms(proxy) + CONNECT_MS;
}

static void pass_on(struct proxy *proxy, size_t asker, struct obol_bytes nonce,
					struct obol_bytes message)
{
	enum obol_status status =
		obol_signer_channel_send(&proxy->channel, message);

	proxy->asker = asker;
	memcpy(proxy->nonce, nonce.ptr, sizeof(proxy->nonce));
	proxy->deadline_ms = now_ms(proxy) + ANSWER_MS;
	if (status == OBOL_OK)
	{
		status = obol_signer_channel_step(&proxy->channel);
	}
	if (status != OBOL_OK && status != OBOL_ERR_TIMEOUT)
	{
		lose_for(proxy, status);
	}
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
		lose_for(proxy, OBOL_ERR_IO);
		return;
	}
	obol_write_bytes(&w, obol_bytes(nonce, sizeof(nonce)));
	obol_write_u8(&w, OBOL_SIGNER_PRESENT);
	if (obol_writer_status(&w) == OBOL_OK)
	{
		pass_on(proxy, OURSELVES, obol_bytes(nonce, sizeof(nonce)),
				obol_writer_view(&w));
	}
	obol_writer_clear(&w);
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
		return;
	}
	if (!proxy->is_ready)
	{
		proxy->is_ready = true;
		proxy->told = NULL;
		proxy->pause_ms = PAUSE_FIRST_MS;
		say(proxy, OBOL_LOG_INFO, "is there");
	}
}

/* To whom it belongs; what belongs to nobody came too late. */
static void take_answer(struct proxy *proxy, struct obol_bytes message)
{
	struct obol_reader r = obol_reader_over(message);
	struct obol_bytes nonce = obol_read_fixed(&r, OBOL_SIGNER_NONCE_LEN);
	size_t asker = proxy->asker;

	if (!obol_reader_ok(&r) || asker == NOBODY ||
		memcmp(nonce.ptr, proxy->nonce, sizeof(proxy->nonce)) != 0)
	{
		lose_for(proxy, OBOL_ERR_IO);
		return;
	}
	proxy->asker = NOBODY;
	proxy->next_ms = now_ms(proxy) + PROBE_MS;
	if (asker != OURSELVES)
	{
		obol_signer_count(proxy->options->signer.meter, proxy->operation,
						  obol_signer_read_status(&r));
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

static void on_link(struct proxy *proxy)
{
	bool was_up = proxy->channel.is_up;
	enum obol_status status = obol_signer_channel_step(&proxy->channel);
	struct obol_bytes message;

	if (status == OBOL_OK && !was_up)
	{
		probe(proxy);
		return;
	}
	while (status == OBOL_OK)
	{
		status = obol_signer_channel_receive(&proxy->channel, &message);
		if (status == OBOL_OK)
		{
			take_answer(proxy, message);
			if (!proxy->channel.ssl)
			{
				return; /* it was lost over it */
			}
		}
	}
	if (status != OBOL_ERR_TIMEOUT)
	{
		lose_for(proxy, status);
	}
}

/*
 * Requests
 */

static enum obol_status may_issue(struct proxy *proxy, struct obol_reader *r)
{
	struct obol_signer_profile profile;
	enum obol_status status;
	char why[256];

	(void)obol_read_vec16(r, OBOL_PKCS10_MAX);
	obol_signer_read_profile(r, &profile);
	if (obol_read_end(r) != OBOL_OK)
	{
		return OBOL_ERR_FORMAT;
	}
	status = obol_signer_rules_check(&proxy->options->signer.rules,
									 &profile.profile, why, sizeof(why));
	if (status != OBOL_OK)
	{
		obol_log(proxy->options->signer.log, OBOL_LOG_WARN, "signer",
				 "a certificate was refused: %s", why);
	}
	return status;
}

/* The signer keeps one list in the making for each connection: it is the
 * publisher's. */
static enum obol_status may_pass(struct proxy *proxy, size_t i,
								 uint8_t operation, uint8_t ca,
								 struct obol_reader *r)
{
	if (ca > OBOL_SIGNER_BEFORE || !proxy->issuers[ca])
	{
		return OBOL_ERR_ARG;
	}
	if (operation == OBOL_SIGNER_ISSUE)
	{
		enum obol_status status = may_issue(proxy, r);

		if (status != OBOL_OK)
		{
			return status;
		}
	}
	else if (i + 1 != proxy->options->signer.n_peers)
	{
		return OBOL_ERR_DENIED;
	}
	return proxy->is_ready ? OBOL_OK : OBOL_ERR_IO;
}

static void on_peer(struct proxy *proxy, size_t i)
{
	ssize_t n = recv(proxy->options->signer.peers[i], proxy->in,
					 OBOL_SIGNER_MESSAGE_MAX, MSG_DONTWAIT);
	struct obol_bytes message, nonce;
	enum obol_status status;
	struct obol_reader r;
	uint8_t operation, ca;

	if (n <= 0)
	{
		return;
	}
	message = obol_bytes(proxy->in, (size_t)n);
	r = obol_reader_over(message);
	operation = obol_read_u8(&r);
	nonce = obol_read_fixed(&r, OBOL_SIGNER_NONCE_LEN);
	ca = obol_read_u8(&r);
	if (!obol_reader_ok(&r))
	{
		return;
	}
	proxy->operation = operation;
	if (operation == OBOL_SIGNER_CHAIN)
	{
		reply_chain(proxy, i, nonce,
					ca <= OBOL_SIGNER_BEFORE ? proxy->issuers[ca] : NULL);
		return;
	}
	status = may_pass(proxy, i, operation, ca, &r);
	if (status == OBOL_OK)
	{
		pass_on(proxy, i, nonce, message);
	}
	else
	{
		reply(proxy, i, nonce, status, obol_bytes(NULL, 0));
	}
}

/*
 * The loop
 */

/* What is due now; milliseconds until something is. */
static int look_after_link(struct proxy *proxy)
{
	bool is_busy =
		proxy->channel.ssl && (!proxy->channel.is_up || proxy->asker != NOBODY);
	uint64_t now = now_ms(proxy), due;

	if (is_busy && proxy->deadline_ms <= now)
	{
		lose_for(proxy, OBOL_ERR_TIMEOUT);
	}
	else if (!is_busy && proxy->next_ms <= now)
	{
		if (proxy->channel.ssl)
		{
			probe(proxy);
		}
		else
		{
			connect_to(proxy);
		}
	}
	is_busy =
		proxy->channel.ssl && (!proxy->channel.is_up || proxy->asker != NOBODY);
	due = is_busy ? proxy->deadline_ms : proxy->next_ms;
	return due <= now ? 0 : (int)(due - now);
}

/* Peers are heard one at a time: while an answer is waited for, none. */
static size_t fill(const struct proxy *proxy, struct pollfd *fds)
{
	const struct obol_signer_options *signer = &proxy->options->signer;
	size_t i, n = 2;

	fds[0].fd = signer->parent_fd;
	fds[0].events = POLLIN;
	fds[1].fd = proxy->channel.ssl ? proxy->channel.fd : -1;
	fds[1].events = proxy->channel.wants;
	for (i = 0; proxy->asker == NOBODY && i < signer->n_peers; i++)
	{
		fds[n].fd = signer->peers[i];
		fds[n++].events = POLLIN;
	}
	return n;
}

static int serve(struct proxy *proxy, struct pollfd *fds)
{
	size_t n, i;
	int wait_ms;
	char byte;

	for (;;)
	{
		wait_ms = look_after_link(proxy);
		n = fill(proxy, fds);
		if (poll(fds, n, wait_ms) < 0)
		{
			if (errno != EINTR)
			{
				return EXIT_FAILURE;
			}
			continue;
		}
		/* the parent never writes: what can be read is its end */
		if (fds[0].revents && recv(fds[0].fd, &byte, 1, MSG_DONTWAIT) == 0)
		{
			return EXIT_SUCCESS;
		}
		if (fds[1].revents)
		{
			on_link(proxy);
		}
		for (i = 2; i < n && proxy->asker == NOBODY; i++)
		{
			if (fds[i].revents)
			{
				on_peer(proxy, i - 2);
			}
		}
	}
}

/*
 * Beginning and end
 */

static bool open_ca(struct proxy *proxy, const char *certificate,
					enum obol_signer_ca ca, char *why, size_t size)
{
	struct obol_issuer_file_options file = {
		.certificate_path = certificate,
		.rng = obol_rng_system(),
		.clock = proxy->options->signer.clock,
	};

	return obol_issuer_file_new(&file, &proxy->issuers[ca], why, size) ==
		   OBOL_OK;
}

static bool open_cas(struct proxy *proxy, char *why, size_t size)
{
	const char *path = proxy->options->config->ca.certificate;
	char old[OBOL_CONFIG_TEXT_MAX + 16];

	if (obol_ca_path(path, OBOL_CA_OLD, old, sizeof(old)) &&
		access(old, F_OK) == 0)
	{
		/* one that has expired has no list any more */
		(void)open_ca(proxy, old, OBOL_SIGNER_BEFORE, why, size);
	}
	return open_ca(proxy, path, OBOL_SIGNER_PRESENT, why, size);
}

static bool open_link(struct proxy *proxy, char *why, size_t size)
{
	const struct obol_config *config = proxy->options->config;

	proxy->tls_options = (struct obol_signer_tls_options){
		.certificate_path = config->signer.certificate,
		.key_path = config->signer.key,
		.n_pins = 1,
		.pins = (const uint8_t(*)[OBOL_SIGNER_PIN_LEN]) & config->signer.pin,
	};
	if (obol_listen_parse(config->signer.server, &proxy->addr,
						  &proxy->addr_len) != OBOL_OK)
	{
		(void)snprintf(why, size, "signer.server is no address");
		return false;
	}
	return obol_signer_tls_new(&proxy->tls_options, &proxy->tls, why, size) ==
		   OBOL_OK;
}

static bool open_all(struct proxy *proxy, char *why, size_t size)
{
	if (!open_cas(proxy, why, size) || !open_link(proxy, why, size))
	{
		return false;
	}
	if (obol_privileges_drop(&proxy->options->signer.identity) != OBOL_OK)
	{
		(void)snprintf(why, size,
					   "the way to the signer cannot give up its "
					   "privileges");
		return false;
	}
	return obol_sandbox_enter(OBOL_SANDBOX_SIGNER_PROXY, NULL, why, size) ==
		   OBOL_OK;
}

static int run(struct proxy *proxy, struct pollfd *fds)
{
	const struct obol_signer_options *signer = &proxy->options->signer;
	static const char byte = OBOL_SIGNER_SERVES;
	char why[512];

	if (!open_all(proxy, why, sizeof(why)))
	{
		obol_log(signer->log, OBOL_LOG_ERROR, "signer", "%s", why);
		return EXIT_FAILURE;
	}
	if (send(signer->parent_fd, &byte, 1, MSG_NOSIGNAL) != 1)
	{
		return EXIT_FAILURE;
	}
	return serve(proxy, fds);
}

int obol_signer_proxy_run(const struct obol_signer_proxy_options *options)
{
	struct proxy proxy = { .options = options,
						   .asker = NOBODY,
						   .pause_ms = PAUSE_FIRST_MS };
	struct pollfd *fds = calloc(options->signer.n_peers + 2, sizeof(*fds));
	int code = EXIT_FAILURE;

	/* it ends with its crew, when nobody asks any more: see crew.c */
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	proxy.in = malloc(OBOL_SIGNER_MESSAGE_MAX);
	if (proxy.in && fds)
	{
		code = run(&proxy, fds);
	}
	obol_signer_channel_close(&proxy.channel);
	SSL_CTX_free(proxy.tls);
	obol_issuer_free(proxy.issuers[OBOL_SIGNER_BEFORE]);
	obol_issuer_free(proxy.issuers[OBOL_SIGNER_PRESENT]);
	free(proxy.in);
	free(fds);
	return code;
}
