/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A signer for obold on other machines. */
#include "daemon/signer_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/listen.h"
#include "daemon/parent.h"
#include "daemon/signer_channel.h"
#include "daemon/signer_core.h"
#include "daemon/signer_guests.h"
#include "daemon/signer_wire.h"

/** Connections at once; an obold has one. */
#define PEERS_MAX 64
/** From the connection to the end of the handshake. */
#define HANDSHAKE_MS 10000

struct peer {
	struct obol_signer_channel channel;
	struct obol_signer_draft draft;
	struct obol_source_address address;
	uint64_t deadline_ms;
	/** address, and the key's first digits; no port, so that a stranger's
	 * lines in the log are one line that repeats itself */
	char name[112];
};

struct server {
	const struct obol_signer_server_options *options;
	struct obol_signer_core core;
	struct obol_signer_tls_options tls_options;
	SSL_CTX *tls;
	struct obol_signer_known known;
	size_t n_peers;
	struct peer peers[PEERS_MAX];
};

static void say(struct server *server, enum obol_log_level level,
				const struct peer *peer, const char *what)
{
	obol_log(server->options->signer.log, level, "signer", "%s: %s", peer->name,
			 what);
}

static uint64_t now_ms(const struct server *server)
{
	return obol_mono_ms(server->options->signer.clock);
}

/*
 * Connections
 */

static void drop(struct server *server, size_t i)
{
	obol_signer_channel_close(&server->peers[i].channel);
	obol_signer_draft_clear(&server->peers[i].draft);
	server->n_peers--;
	server->peers[i] = server->peers[server->n_peers];
	memset(&server->peers[server->n_peers], 0, sizeof(server->peers[0]));
}

/* For a newcomer; false when it is he who has to go. Whoever has finished his
 * handshake stays. */
static bool make_room(struct server *server,
					  const struct obol_source_address *newcomer)
{
	struct obol_signer_guest guests[PEERS_MAX + 1];
	size_t n = 0, i;

	if (server->n_peers < PEERS_MAX)
	{
		return true;
	}
	for (i = 0; i < server->n_peers; i++)
	{
		const struct peer *peer = &server->peers[i];

		if (!peer->channel.is_up)
		{
			guests[n++] = (struct obol_signer_guest){ i, peer->address,
													  peer->deadline_ms };
		}
	}
	guests[n++] =
		(struct obol_signer_guest){ PEERS_MAX, *newcomer, UINT64_MAX };
	i = obol_signer_guests_victim(guests, n, &server->known);
	if (i == PEERS_MAX)
	{
		return false;
	}
	drop(server, i);
	return true;
}

/* A peer whose machine is gone without a word is found out. */
static void set_keepalive(int fd)
{
	static const int on = 1, idle_s = 30, step_s = 10, tries = 3;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &step_s, sizeof(step_s));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void take_peer(struct server *server, int socket)
{
	struct obol_source_address source;
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int fd = accept4(socket, (struct sockaddr *)&addr, &len,
					 SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct peer *peer;

	if (fd < 0)
	{
		return;
	}
	if (!obol_source_of(&addr, &source) || !make_room(server, &source))
	{
		(void)close(fd);
		return;
	}
	set_keepalive(fd);
	peer = &server->peers[server->n_peers];
	memset(peer, 0, sizeof(*peer));
	if (obol_signer_channel_open(&peer->channel, server->tls, fd) != OBOL_OK)
	{
		return;
	}
	obol_listen_host(&addr, peer->name, sizeof(peer->name));
	peer->address = source;
	peer->deadline_ms = now_ms(server) + HANDSHAKE_MS;
	server->n_peers++;
}

/*
 * Requests
 */

/* Which of the keys it has: for the audit trail. */
static void name_peer(struct peer *peer)
{
	char pin[OBOL_SIGNER_PIN_TEXT];
	size_t len = strlen(peer->name);

	obol_signer_pin_print(peer->channel.pin, pin);
	(void)snprintf(peer->name + len, sizeof(peer->name) - len, "/%.23s", pin);
}

static enum obol_status answer(struct server *server, struct peer *peer,
							   struct obol_bytes message)
{
	const struct obol_signer_asker asker = {
		.role = OBOL_SIGNER_OBOLD,
		.name = peer->name,
		.draft = &peer->draft,
	};
	enum obol_status status = OBOL_ERR_IO;
	struct obol_writer w;

	obol_writer_init(&w);
	if (obol_signer_core_answer(&server->core, &asker, message, &w))
	{
		status = obol_signer_channel_send(&peer->channel, obol_writer_view(&w));
	}
	obol_writer_clear(&w);
	return status;
}

/* As far as it goes without waiting: nothing is read while an answer has not
 * been taken. */
static enum obol_status go_on(struct server *server, struct peer *peer)
{
	bool was_up = peer->channel.is_up;
	enum obol_status status = obol_signer_channel_step(&peer->channel);
	struct obol_bytes message;

	if (!was_up && peer->channel.is_up)
	{
		name_peer(peer);
		obol_signer_known_add(&server->known, &peer->address);
		say(server, OBOL_LOG_INFO, peer, "is there");
	}
	while (status == OBOL_OK && !server->core.is_lost)
	{
		status = obol_signer_channel_receive(&peer->channel, &message);
		if (status == OBOL_OK)
		{
			status = answer(server, peer, message);
		}
		if (status == OBOL_OK)
		{
			status = obol_signer_channel_step(&peer->channel);
		}
	}
	return status;
}

static void tell_end(struct server *server, const struct peer *peer,
					 enum obol_status status)
{
	if (peer->channel.is_up)
	{
		say(server, OBOL_LOG_INFO, peer, "is gone");
	}
	else if (status == OBOL_ERR_AUTH)
	{
		say(server, OBOL_LOG_WARN, peer,
			"refused: it has none of the keys that signer.clients names");
	}
}

/*
 * The loop
 */

static int time_left(const struct server *server)
{
	uint64_t now = now_ms(server), next = UINT64_MAX;
	size_t i;

	for (i = 0; i < server->n_peers; i++)
	{
		if (!server->peers[i].channel.is_up &&
			server->peers[i].deadline_ms < next)
		{
			next = server->peers[i].deadline_ms;
		}
	}
	return next == UINT64_MAX ? -1 : next <= now ? 0 : (int)(next - now);
}

static void serve_peers(struct server *server, const struct pollfd *fds)
{
	size_t i;

	/* from the last one, as the last takes the place of one that is dropped */
	for (i = server->n_peers; i-- > 0;)
	{
		struct peer *peer = &server->peers[i];
		enum obol_status status = OBOL_ERR_TIMEOUT;

		if (fds[i].revents)
		{
			status = go_on(server, peer);
		}
		if (!peer->channel.is_up && peer->deadline_ms <= now_ms(server))
		{
			status = OBOL_ERR_IO;
		}
		if (status != OBOL_ERR_TIMEOUT && status != OBOL_OK)
		{
			tell_end(server, peer, status);
			drop(server, i);
		}
	}
}

/* Who has a connection, who may want one, and the parent. */
static size_t fill(const struct server *server, struct pollfd *fds)
{
	size_t n = server->n_peers, n_sockets = server->options->n_sockets, i;

	for (i = 0; i < n; i++)
	{
		fds[i].fd = server->peers[i].channel.fd;
		fds[i].events = server->peers[i].channel.wants;
	}
	for (i = 0; i < n_sockets; i++)
	{
		fds[n + i].fd = server->options->sockets[i];
		fds[n + i].events = POLLIN;
	}
	fds[n + n_sockets].fd = server->options->signer.parent_fd;
	fds[n + n_sockets].events = POLLIN;
	return n;
}

/* Answer what has come, and say that this is all: who asks goes elsewhere. */
static int end(struct server *server)
{
	struct pollfd fds[PEERS_MAX];
	size_t i;

	for (i = 0; i < server->n_peers; i++)
	{
		fds[i].revents = server->peers[i].channel.is_up ? POLLIN : 0;
	}
	serve_peers(server, fds);
	return EXIT_SUCCESS;
}

static int serve(struct server *server)
{
	struct pollfd fds[PEERS_MAX + OBOL_LISTEN_MAX + 1];
	size_t n_sockets = server->options->n_sockets, n, i;
	int ready;
	char byte;

	while (!server->core.is_lost)
	{
		n = fill(server, fds);
		ready = poll(fds, n + n_sockets + 1, time_left(server));
		if (ready < 0 && errno != EINTR)
		{
			return EXIT_FAILURE;
		}
		for (i = 0; ready < 0 && i < n + n_sockets + 1; i++)
		{
			fds[i].revents = 0;
		}
		serve_peers(server, fds);
		/* the parent never writes: what can be read is its end */
		if (fds[n + n_sockets].revents &&
			recv(fds[n + n_sockets].fd, &byte, 1, MSG_DONTWAIT) == 0)
		{
			return end(server);
		}
		for (i = 0; i < n_sockets; i++)
		{
			if (fds[n + i].revents)
			{
				take_peer(server, server->options->sockets[i]);
			}
		}
	}
	return EXIT_FAILURE;
}

/*
 * Beginning and end
 */

static bool open_tls(struct server *server)
{
	const struct obol_config *config = server->options->config;
	char why[512];

	server->tls_options = (struct obol_signer_tls_options){
		.is_server = true,
		.certificate_path = config->tls.certificate,
		.key_path = config->tls.key,
		.n_pins = config->signer.n_clients,
		.pins = (const uint8_t(*)[OBOL_SIGNER_PIN_LEN])config->signer.clients,
	};
	if (obol_signer_tls_new(&server->tls_options, &server->tls, why,
							sizeof(why)) != OBOL_OK)
	{
		obol_log(server->options->signer.log, OBOL_LOG_ERROR, "signer", "%s",
				 why);
		return false;
	}
	return true;
}

static void close_all(struct server *server)
{
	while (server->n_peers)
	{
		drop(server, server->n_peers - 1);
	}
	SSL_CTX_free(server->tls);
	obol_signer_core_close(&server->core);
	free(server);
}

static int run(struct server *server)
{
	const struct obol_signer_server_options *options = server->options;
	static const char byte = OBOL_SIGNER_SERVES;

	if (!obol_signer_core_open(&server->core, &options->signer))
	{
		return EXIT_FAILURE;
	}
	if (server->core.tokens.pin_was_refused)
	{
		return OBOL_EXIT_PIN_REFUSED;
	}
	if (!open_tls(server))
	{
		return EXIT_FAILURE;
	}
	if (options->is_check)
	{
		return EXIT_SUCCESS;
	}
	if (!obol_signer_core_confine(&server->core, OBOL_SANDBOX_SIGNER_SERVER,
								  OBOL_SANDBOX_SIGNER_SERVER_TOKEN) ||
		send(options->signer.parent_fd, &byte, 1, MSG_NOSIGNAL) != 1)
	{
		return EXIT_FAILURE;
	}
	return serve(server);
}

int obol_signer_server_run(const struct obol_signer_server_options *options)
{
	struct server *server = calloc(1, sizeof(*server));
	int code;

	if (!server)
	{
		return EXIT_FAILURE;
	}
	server->options = options;
	server->core.audit_fd = -1;
	code = run(server);
	close_all(server);
	return code;
}
