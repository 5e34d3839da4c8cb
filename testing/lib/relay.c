/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine in the middle: ends TLS with a certificate of its own, opens TLS to
 * the real server, passes on what it decrypts, and keeps all of it.
 *
 * usage: relay [-p PORT] HOST:PORT TRANSCRIPT
 *
 * One connection after the other. TRANSCRIPT gets lines, the bytes in hex:
 *
 *	connection		a client has come
 *	exporter-c HEX	channel binding of the TLS with the client
 *	exporter-s HEX	channel binding of the TLS with the server
 *	c HEX			from the client
 *	s HEX			from the server */
#include "testing/lib/tls-peer.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_LEN 16384
#define HOST_MAX 256

struct relay {
	int listener;
	SSL_CTX *server_ctx;
	SSL_CTX *client_ctx;
	char host[HOST_MAX];
	const char *port;
	FILE *transcript;
};

static void keep(const struct relay *relay, const char *what,
				 const unsigned char *bytes, size_t len)
{
	size_t i;

	fprintf(relay->transcript, "%s ", what);
	for (i = 0; i < len; i++)
	{
		fprintf(relay->transcript, "%02x", bytes[i]);
	}
	fputc('\n', relay->transcript);
	if (fflush(relay->transcript) != 0)
	{
		tls_peer_die("the transcript cannot be written");
	}
}

static void keep_exporter(const struct relay *relay, const char *what, SSL *ssl)
{
	unsigned char exporter[OBOL_EXPORTER_LEN];

	tls_peer_exporter(ssl, exporter);
	keep(relay, what, exporter, sizeof(exporter));
}

/* Pass on all that can be read now; false at the end of the connection. */
static bool pass_on(const struct relay *relay, SSL *from, SSL *to,
					const char *what, size_t *total)
{
	unsigned char buffer[BUFFER_LEN];
	int got;

	do
	{
		got = tls_peer_read(from, buffer, sizeof(buffer));
		if (got < 0)
		{
			return false;
		}
		if (got > 0)
		{
			keep(relay, what, buffer, (size_t)got);
			*total += (size_t)got;
			if (!tls_peer_write(to, buffer, (size_t)got))
			{
				return false;
			}
		}
	} while (got > 0 && SSL_pending(from) > 0);
	return true;
}

static void relay_connection(const struct relay *relay, SSL *client)
{
	SSL *server = tls_peer_connect(relay->client_ctx, relay->host, relay->port);
	struct pollfd fds[2] = {
		{ .fd = SSL_get_fd(client), .events = POLLIN },
		{ .fd = SSL_get_fd(server), .events = POLLIN },
	};
	size_t from_client = 0, from_server = 0;
	bool goes_on = true;

	fprintf(relay->transcript, "connection\n");
	keep_exporter(relay, "exporter-c", client);
	keep_exporter(relay, "exporter-s", server);
	while (goes_on && poll(fds, 2, -1) > 0)
	{
		if (fds[0].revents)
		{
			goes_on = pass_on(relay, client, server, "c", &from_client);
		}
		if (goes_on && fds[1].revents)
		{
			goes_on = pass_on(relay, server, client, "s", &from_server);
		}
	}
	tls_peer_close(server);
	printf("relayed from_client=%zu from_server=%zu\n", from_client,
		   from_server);
}

int main(int argc, char *argv[])
{
	struct relay relay = { 0 };
	const char *port = "4501";
	char *colon;
	SSL *client;
	int option;

	while ((option = getopt(argc, argv, "p:")) != -1)
	{
		if (option != 'p')
		{
			return 2;
		}
		port = optarg;
	}
	colon = argc - optind == 2 ? strrchr(argv[optind], ':') : NULL;
	if (!colon || (size_t)(colon - argv[optind]) >= sizeof(relay.host))
	{
		fprintf(stderr, "usage: relay [-p PORT] HOST:PORT TRANSCRIPT\n");
		return 2;
	}
	memcpy(relay.host, argv[optind], (size_t)(colon - argv[optind]));
	relay.port = colon + 1;
	relay.transcript = fopen(argv[optind + 1], "a");
	if (!relay.transcript)
	{
		perror(argv[optind + 1]);
		return 1;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	relay.server_ctx = tls_peer_server(NULL, NULL);
	relay.client_ctx = tls_peer_client();
	relay.listener = tls_peer_listen(port);
	printf("listening\n");
	while (1)
	{
		client = tls_peer_accept(relay.server_ctx, relay.listener);
		if (client)
		{
			relay_connection(&relay, client);
			tls_peer_close(client);
		}
	}
}
