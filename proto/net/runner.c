/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One address and port in the race. */
#include "net/runner.h"
#include "base/ct.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

static const char closed_early[] =
	"it closed the connection during the TLS handshake";

void obol_runner_init(struct obol_runner *runner, struct obol_target *target,
					  const struct sockaddr_storage *addr)
{
	memset(runner, 0, sizeof(*runner));
	runner->fd = -1;
	runner->target = target;
	runner->addr = *addr;
}

void obol_runner_clear(struct obol_runner *runner)
{
	obol_tls_free(runner->tls);
	runner->tls = NULL;
	if (runner->fd >= 0)
	{
		(void)close(runner->fd);
		runner->fd = -1;
	}
	runner->state = OBOL_RUNNER_OUT;
}

static void fail(struct obol_runner *runner, enum obol_net_failure failure,
				 const char *reason)
{
	runner->failure = failure;
	(void)snprintf(runner->reason, sizeof(runner->reason), "%s", reason);
	obol_runner_clear(runner);
}

static bool key_is_pinned(const struct obol_connect_config *cfg,
						  const uint8_t hash[OBOL_TLS_KEY_HASH_LEN])
{
	size_t i;

	for (i = 0; i < cfg->n_tls_pins; i++)
	{
		if (obol_ct_eq(cfg->tls_pins[i], hash, OBOL_TLS_KEY_HASH_LEN))
		{
			return true;
		}
	}
	return cfg->n_tls_pins == 0;
}

static void handshake_done(struct obol_runner *runner,
						   const struct obol_connect_config *cfg)
{
	if (obol_tls_key_hash(runner->tls, runner->tls_key_hash) != OBOL_OK)
	{
		fail(runner, OBOL_NET_PORTAL, "its TLS certificate cannot be read");
	}
	else if (!key_is_pinned(cfg, runner->tls_key_hash))
	{
		fail(runner, OBOL_NET_PIN,
			 "its TLS key is not the one known from before");
	}
	else
	{
		runner->state = OBOL_RUNNER_DONE;
	}
}

static enum obol_net_failure handshake(struct obol_runner *runner,
									   const struct obol_connect_config *cfg,
									   bool is_readable)
{
	enum obol_net_failure failure = OBOL_NET_OK;
	enum obol_net_failure sending;
	bool done = false;

	if (is_readable)
	{
		failure = obol_socket_fill(runner->fd, runner->tls);
	}
	if (failure == OBOL_NET_OK)
	{
		failure = obol_tls_handshake(runner->tls, &done);
	}
	if (failure == OBOL_NET_INTERNAL)
	{
		return failure;
	}
	/* after a failure that is the alert which says why */
	sending = obol_socket_flush(runner->fd, runner->tls);
	if (failure == OBOL_NET_OK && done)
	{
		failure = sending;
	}
	if (failure == OBOL_NET_CLOSED)
	{
		fail(runner, OBOL_NET_PORTAL, closed_early);
	}
	else if (failure != OBOL_NET_OK)
	{
		fail(runner, failure, obol_tls_reason(runner->tls));
	}
	else if (done)
	{
		handshake_done(runner, cfg);
	}
	return OBOL_NET_OK;
}

static enum obol_net_failure begin_tls(struct obol_runner *runner,
									   const struct obol_connect_config *cfg)
{
	const struct obol_target *target = runner->target;
	int on = 1;

	(void)setsockopt(runner->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (obol_tls_new(cfg->tls, target->tls_host, target->tls_host_is_address,
					 &runner->tls) != OBOL_OK)
	{
		return OBOL_NET_INTERNAL;
	}
	runner->state = OBOL_RUNNER_HANDSHAKE;
	runner->connected_mono_ms = obol_mono_ms(cfg->wait->clock);
	return handshake(runner, cfg, false);
}

enum obol_net_failure obol_runner_start(struct obol_runner *runner,
										const struct obol_connect_config *cfg)
{
	const struct obol_client_hooks *hooks = cfg->hooks;
	int family = runner->addr.ss_family;

	runner->fd =
		socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (runner->fd < 0)
	{
		fail(runner, OBOL_NET_UNREACHABLE, strerror(errno));
		return OBOL_NET_OK;
	}
	if (hooks && hooks->socket_created &&
		!hooks->socket_created(hooks->ctx, runner->fd, family))
	{
		fail(runner, OBOL_NET_UNREACHABLE, "its socket could not be prepared");
		return OBOL_NET_OK;
	}
	runner->state = OBOL_RUNNER_CONNECTING;
	if (connect(runner->fd, (const struct sockaddr *)&runner->addr,
				obol_sockaddr_len(&runner->addr)) == 0)
	{
		return begin_tls(runner, cfg);
	}
	if (errno != EINPROGRESS && errno != EINTR)
	{
		fail(runner, OBOL_NET_UNREACHABLE, strerror(errno));
	}
	return OBOL_NET_OK;
}

static enum obol_net_failure connected(struct obol_runner *runner,
									   const struct obol_connect_config *cfg)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(runner->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
	{
		error = errno;
	}
	if (error == EPIPE || error == ECONNRESET)
	{
		/* refused is another error: it did connect, and was thrown out */
		fail(runner, OBOL_NET_PORTAL, closed_early);
		return OBOL_NET_OK;
	}
	if (error)
	{
		fail(runner, OBOL_NET_UNREACHABLE, strerror(error));
		return OBOL_NET_OK;
	}
	return begin_tls(runner, cfg);
}

short obol_runner_events(const struct obol_runner *runner)
{
	if (runner->state == OBOL_RUNNER_CONNECTING)
	{
		return POLLOUT;
	}
	return (short)(obol_tls_output(runner->tls).len ? POLLIN | POLLOUT
													: POLLIN);
}

enum obol_net_failure obol_runner_go_on(struct obol_runner *runner,
										const struct obol_connect_config *cfg,
										short ready)
{
	if (runner->state == OBOL_RUNNER_CONNECTING)
	{
		return connected(runner, cfg);
	}
	return handshake(runner, cfg, (ready & (POLLIN | POLLHUP | POLLERR)) != 0);
}

bool obol_runner_is_running(const struct obol_runner *runner)
{
	return runner->state == OBOL_RUNNER_CONNECTING ||
		   runner->state == OBOL_RUNNER_HANDSHAKE;
}
