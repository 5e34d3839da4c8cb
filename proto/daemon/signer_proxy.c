/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to a signer on another machine: those who ask. */
#include "daemon/signer_proxy_private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/sandbox.h"
#include "daemon/signer_core.h"
#include "issue/ca_path.h"

/** The parent, the link, the name. */
#define N_OWN_FDS 3

uint64_t proxy_now_ms(const struct proxy *proxy)
{
	return obol_mono_ms(proxy->options->signer.clock);
}

/*
 * Answers
 */

void proxy_count(const struct proxy *proxy, enum obol_status status)
{
	obol_signer_count(proxy->options->signer.meter, proxy->operation, status,
					  proxy->asked_us);
}

void proxy_reply(struct proxy *proxy, size_t i, struct obol_bytes nonce,
				 enum obol_status status, struct obol_bytes body)
{
	struct obol_bytes all;
	struct obol_writer w;

	proxy_count(proxy, status);
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
	proxy_reply(proxy, i, nonce, issuer ? OBOL_OK : OBOL_ERR_ARG,
				obol_writer_view(&body));
	obol_writer_clear(&body);
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

/* The signer knows this obold as one: which of its processes asks is seen to
 * here. It keeps one list in the making for each connection: the publisher's.
 */
static enum obol_status may_pass(struct proxy *proxy, size_t i,
								 uint8_t operation, uint8_t ca,
								 struct obol_reader *r)
{
	const struct obol_signer_options *signer = &proxy->options->signer;

	if (ca > OBOL_SIGNER_BEFORE || !proxy->issuers[ca])
	{
		return OBOL_ERR_ARG;
	}
	if (!obol_signer_may_ask(obol_signer_role_of(i, signer->publisher),
							 operation))
	{
		return OBOL_ERR_DENIED;
	}
	if (operation == OBOL_SIGNER_ISSUE)
	{
		enum obol_status status = may_issue(proxy, r);

		if (status != OBOL_OK)
		{
			return status;
		}
	}
	return proxy->is_ready ? OBOL_OK : OBOL_ERR_IO;
}

static void on_peer(struct proxy *proxy, size_t i)
{
	ssize_t n = recv(proxy->options->signer.peers[i], proxy->in,
					 OBOL_SIGNER_MESSAGE_MAX, MSG_DONTWAIT);
	struct obol_bytes nonce;
	enum obol_status status;
	struct obol_reader r;
	uint8_t operation, ca;

	if (n <= 0)
	{
		return;
	}
	r = obol_reader_over(obol_bytes(proxy->in, (size_t)n));
	operation = obol_read_u8(&r);
	nonce = obol_read_fixed(&r, OBOL_SIGNER_NONCE_LEN);
	ca = obol_read_u8(&r);
	if (!obol_reader_ok(&r))
	{
		return;
	}
	proxy->in_len = (size_t)n;
	proxy->operation = operation;
	proxy->asked_us = obol_meter_us(proxy->options->signer.meter);
	if (operation == OBOL_SIGNER_CHAIN)
	{
		reply_chain(proxy, i, nonce,
					ca <= OBOL_SIGNER_BEFORE ? proxy->issuers[ca] : NULL);
		return;
	}
	status = may_pass(proxy, i, operation, ca, &r);
	if (status == OBOL_OK)
	{
		proxy_pass_on(proxy, i);
	}
	else
	{
		proxy_reply(proxy, i, nonce, status, obol_bytes(NULL, 0));
	}
}

/*
 * The loop
 */

/* Peers are heard one at a time: while an answer is waited for, none. */
static size_t fill(const struct proxy *proxy, struct pollfd *fds)
{
	const struct obol_signer_options *signer = &proxy->options->signer;
	bool is_heard = proxy->asker == PROXY_NOBODY && !proxy_is_returning(proxy);
	size_t i, n = N_OWN_FDS;

	fds[0].fd = signer->parent_fd;
	fds[0].events = POLLIN;
	fds[1].fd = proxy->channel.ssl ? proxy->channel.fd : -1;
	fds[1].events = proxy->channel.wants;
	fds[2].fd = proxy->is_seeking ? proxy->target.lookup.fd : -1;
	fds[2].events = POLLIN;
	for (i = 0; is_heard && i < signer->n_peers; i++)
	{
		fds[n].fd = signer->peers[i];
		fds[n++].events = POLLIN;
	}
	return n;
}

/* Before who asks: one that has just gone is not asked. */
static void serve_own(struct proxy *proxy, const struct pollfd *fds)
{
	if (fds[1].revents)
	{
		proxy_on_link(proxy);
	}
	if (fds[2].revents)
	{
		proxy_on_lookup(proxy);
	}
}

static int serve(struct proxy *proxy, struct pollfd *fds)
{
	size_t n, i;
	int wait_ms;
	char byte;

	while (!proxy->is_broken)
	{
		wait_ms = proxy_look_after_link(proxy);
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
		serve_own(proxy, fds);
		for (i = N_OWN_FDS; i < n && proxy->asker == PROXY_NOBODY &&
							!proxy_is_returning(proxy);
			 i++)
		{
			if (fds[i].revents)
			{
				on_peer(proxy, i - N_OWN_FDS);
			}
		}
	}
	return EXIT_FAILURE;
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
	/* its process is made before there is a key in this one */
	if (obol_signer_target_open(&proxy->target, config->signer.server,
								&proxy->options->signer.identity,
								proxy->options->signer.log, why,
								size) != OBOL_OK)
	{
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
	/* so that it is shown from the beginning */
	obol_meter_set(signer->meter, OBOL_METRIC_SIGNER_CONNECTED, 0, 0);
	if (send(signer->parent_fd, &byte, 1, MSG_NOSIGNAL) != 1)
	{
		return EXIT_FAILURE;
	}
	return serve(proxy, fds);
}

int obol_signer_proxy_run(const struct obol_signer_proxy_options *options)
{
	struct proxy proxy = { .options = options,
						   .asker = PROXY_NOBODY,
						   .held = PROXY_NOBODY,
						   .target = { .lookup = { .fd = -1 } } };
	struct pollfd *fds =
		calloc(options->signer.n_peers + N_OWN_FDS, sizeof(*fds));
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
	obol_signer_target_close(&proxy.target);
	SSL_CTX_free(proxy.tls);
	obol_issuer_free(proxy.issuers[OBOL_SIGNER_BEFORE]);
	obol_issuer_free(proxy.issuers[OBOL_SIGNER_PRESENT]);
	free(proxy.in);
	free(fds);
	return code;
}
