/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attacks an obold on this machine's loopback device, as fast as it may, until
 * SIGTERM.
 *
 * usage: attack idle|hello|login PORT CONNECTIONS NETWORKS [DEVICES]
 *
 * So many connections are open at a time, from so many networks in turn; 0:
 *from the one that users -a share. One that is closed begins anew at once.
 *
 *	idle	a third of them sends nothing, a third one byte of a ClientHello a
 *			second, a third a whole or half a ClientHello and no more
 *	hello	each sends a ClientHello and begins anew when the answer comes, or
 *			does not within half a second
 *	login	each makes a handshake, sends a LoginStart and, when an answer
 *comes, begins anew; every other one for a device of load-fill's first DEVICES
 *accounts, the others for names that nobody has
 *
 * At the end one line: begun=N connections, answered=N with the server's bytes,
 * closed=N by the server without. */
#include "testing/bench/load-account.h"
#include "testing/hostile/networks.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/clock.h"
#include "pake/opaque_login.h"
#include "wire/frame.h"
#include "wire/login.h"

#define EVENTS_MAX 256
#define HELLO_MAX 1024
#define FRAME_MAX 4096
#define DRIP_MS 1000
/** So long they wait for an answer before they begin anew. */
#define PATIENCE_MS 500
#define LOOK_MS 50
/** Begun in one go, so that those that are open get their turn. */
#define BEGIN_MAX 64

enum what {
	IDLE,
	HELLO,
	LOGIN,
};

enum idle_kind {
	SILENT,
	DRIP,
	HALF,
	N_KINDS,
};

struct connection {
	int fd;
	unsigned index;
	/** bytes of the ClientHello that are out; -1 until it is connected */
	int sent;
	uint64_t begun_ms;
	SSL *ssl;
	bool is_logging_in;
	struct connection *next;
};

struct attack {
	enum what what;
	uint16_t port;
	unsigned n_connections;
	unsigned n_networks;
	unsigned n_devices;
	int epoll_fd;
	SSL_CTX *tls;
	uint8_t hello[HELLO_MAX];
	int hello_len;
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
	struct connection *connections;
	struct connection *closed;
	unsigned long long n_begun;
	unsigned long long n_answered;
	unsigned long long n_closed;
};

static volatile sig_atomic_t is_over;

static void on_signal(int signal)
{
	(void)signal;
	is_over = 1;
}

static uint64_t now_ms(void)
{
	return obol_mono_ms(obol_clock_system());
}

/*
 * What is sent
 */

static void make_tls(struct attack *attack)
{
	attack->tls = SSL_CTX_new(TLS_client_method());
	if (!attack->tls ||
		!SSL_CTX_set_min_proto_version(attack->tls, TLS1_3_VERSION) ||
		!SSL_CTX_set1_groups_list(attack->tls, "X25519") ||
		SSL_CTX_set_alpn_protos(attack->tls, (const uint8_t *)"\x06obol/1",
								7) != 0)
	{
		load_die("no TLS");
	}
}

/* One for all: the server cannot know. */
static void make_hello(struct attack *attack)
{
	SSL *ssl = SSL_new(attack->tls);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

	if (!ssl || !in || !out)
	{
		load_die("no TLS");
	}
	SSL_set_bio(ssl, in, out);
	(void)SSL_connect(ssl);
	ERR_clear_error();
	attack->hello_len = BIO_read(out, attack->hello, HELLO_MAX);
	SSL_free(ssl);
	if (attack->hello_len <= 0)
	{
		load_die("no ClientHello");
	}
}

static void make_ke1(struct attack *attack)
{
	struct obol_secret *input = obol_secret_dup("a guess", 7);
	struct obol_opaque_client *client = NULL;

	if (!input || obol_opaque_generate_ke1(obol_rng_system(), input,
										   attack->ke1, &client) != OBOL_OK)
	{
		load_die("no KE1");
	}
	obol_opaque_client_free(client);
	obol_secret_free(input);
}

static bool send_login(struct attack *attack, struct connection *connection)
{
	struct obol_login_start login = {
		.suite = OBOL_SUITE_1,
		.mechanism = OBOL_MECHANISM_OPAQUE,
		.kind = OBOL_SLOT_PASSWORD,
		.ke1 = obol_bytes(attack->ke1, sizeof(attack->ke1)),
	};
	struct load_account account;
	char name[32];
	struct obol_writer w;
	size_t mark;
	bool sent;

	(void)snprintf(name, sizeof(name), "nobody%llu", attack->n_begun);
	login.name = obol_bytes_str(name);
	if (connection->index % 2 && attack->n_devices)
	{
		load_account(connection->index / 2 % attack->n_devices,
					 OBOL_SLOT_DEVICE, &account);
		login.kind = OBOL_SLOT_DEVICE;
		login.name = obol_bytes_str(account.name);
		memcpy(login.device_id, account.device_id, sizeof(login.device_id));
	}
	obol_writer_init(&w);
	mark = obol_frame_open(&w, OBOL_LOGIN_START);
	obol_login_start_encode(&w, &login);
	obol_frame_close(&w, mark);
	sent = SSL_write(connection->ssl, obol_writer_view(&w).ptr,
					 (int)obol_writer_view(&w).len) > 0;
	obol_writer_clear(&w);
	return sent;
}

/*
 * Connections
 */

static void give_up(struct attack *attack, struct connection *connection)
{
	/* with a reset, so that no port is kept */
	static const struct linger none = { 1, 0 };

	SSL_free(connection->ssl);
	connection->ssl = NULL;
	if (connection->fd >= 0)
	{
		(void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &none,
						 sizeof(none));
		(void)close(connection->fd);
		connection->fd = -1;
	}
	connection->next = attack->closed;
	attack->closed = connection;
}

static void watch(struct attack *attack, struct connection *connection, int how,
				  uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = connection };

	if (epoll_ctl(attack->epoll_fd, how, connection->fd, &event) != 0)
	{
		load_die("epoll_ctl: %s", strerror(errno));
	}
}

static void begin(struct attack *attack, struct connection *connection)
{
	connection->sent = -1;
	connection->begun_ms = now_ms();
	connection->is_logging_in = false;
	connection->fd =
		attack->n_networks
			? network_connect(ATTACKERS, connection->index % attack->n_networks,
							  attack->port)
			: network_connect(USERS, 0, attack->port);
	attack->n_begun++;
	if (connection->fd < 0)
	{
		give_up(attack, connection);
		return;
	}
	watch(attack, connection, EPOLL_CTL_ADD, EPOLLOUT);
}

static void begin_some(struct attack *attack)
{
	struct connection *connection;
	int i;

	for (i = 0; i < BEGIN_MAX && (connection = attack->closed); i++)
	{
		attack->closed = connection->next;
		begin(attack, connection);
	}
}

/* How much of the ClientHello goes out as soon as there is a connection. */
static int first_bytes(const struct attack *attack,
					   const struct connection *connection)
{
	if (attack->what != IDLE)
	{
		return attack->what == HELLO ? attack->hello_len : 0;
	}
	switch (connection->index % N_KINDS)
	{
		case HALF:
			return connection->index / N_KINDS % 2 ? attack->hello_len
												   : attack->hello_len / 2;
		default:
			return 0;
	}
}

static void send_hello(struct attack *attack, struct connection *connection,
					   int n)
{
	if (n > attack->hello_len - connection->sent)
	{
		n = attack->hello_len - connection->sent;
	}
	if (n && send(connection->fd, attack->hello + connection->sent, (size_t)n,
				  MSG_NOSIGNAL) == n)
	{
		connection->sent += n;
	}
}

static void connected(struct attack *attack, struct connection *connection)
{
	int error = 0;
	socklen_t len = sizeof(error);

	(void)getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
	{
		give_up(attack, connection);
		return;
	}
	connection->sent = 0;
	send_hello(attack, connection, first_bytes(attack, connection));
	if (attack->what == LOGIN)
	{
		connection->ssl = SSL_new(attack->tls);
		if (!connection->ssl || !SSL_set_fd(connection->ssl, connection->fd))
		{
			load_die("no TLS");
		}
		SSL_set_connect_state(connection->ssl);
		(void)SSL_do_handshake(connection->ssl);
		ERR_clear_error();
	}
	watch(attack, connection, EPOLL_CTL_MOD, EPOLLIN);
}

/* Handshake, LoginStart, whatever comes. */
static bool log_in(struct attack *attack, struct connection *connection)
{
	int n;

	if (!SSL_is_init_finished(connection->ssl))
	{
		n = SSL_do_handshake(connection->ssl);
		if (n != 1)
		{
			return SSL_get_error(connection->ssl, n) == SSL_ERROR_WANT_READ;
		}
	}
	if (!connection->is_logging_in)
	{
		connection->is_logging_in = true;
		return send_login(attack, connection);
	}
	attack->n_answered++;
	return false;
}

/* There is something to read, or it was closed. */
static void answered(struct attack *attack, struct connection *connection)
{
	uint8_t buf[FRAME_MAX];
	ssize_t n;

	if (connection->ssl)
	{
		if (!log_in(attack, connection))
		{
			ERR_clear_error();
			give_up(attack, connection);
		}
		return;
	}
	n = recv(connection->fd, buf, sizeof(buf), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
	{
		return;
	}
	*(n > 0 ? &attack->n_answered : &attack->n_closed) += 1;
	/* half a handshake goes on to say nothing */
	if (n <= 0 || attack->what == HELLO)
	{
		give_up(attack, connection);
	}
}

static void drip(struct attack *attack)
{
	unsigned i;

	for (i = DRIP; i < attack->n_connections; i += N_KINDS)
	{
		if (attack->connections[i].sent >= 0 && attack->connections[i].fd >= 0)
		{
			send_hello(attack, &attack->connections[i], 1);
		}
	}
}

static void lose_patience(struct attack *attack)
{
	uint64_t now = now_ms();
	unsigned i;

	for (i = 0; i < attack->n_connections; i++)
	{
		struct connection *connection = &attack->connections[i];

		if (connection->fd >= 0 && now - connection->begun_ms >= PATIENCE_MS)
		{
			give_up(attack, connection);
		}
	}
}

/* What time alone brings about. */
static void tick(struct attack *attack, uint64_t *next_ms)
{
	if (now_ms() < *next_ms || attack->what == LOGIN)
	{
		return;
	}
	*next_ms += attack->what == IDLE ? DRIP_MS : LOOK_MS;
	if (attack->what == IDLE)
	{
		drip(attack);
	}
	else
	{
		lose_patience(attack);
	}
}

/*
 * The attack
 */

static void run(struct attack *attack)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t next_ms = now_ms();
	int i, n;

	while (!is_over)
	{
		begin_some(attack);
		n = epoll_wait(attack->epoll_fd, events, EVENTS_MAX,
					   attack->closed ? 0 : 100);
		for (i = 0; i < n; i++)
		{
			struct connection *connection = events[i].data.ptr;

			if (connection->sent < 0)
			{
				connected(attack, connection);
			}
			else
			{
				answered(attack, connection);
			}
		}
		tick(attack, &next_ms);
	}
}

static void open_all(struct attack *attack)
{
	unsigned i;

	attack->connections =
		calloc(attack->n_connections, sizeof(*attack->connections));
	attack->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!attack->connections || attack->epoll_fd < 0)
	{
		load_die("memory ran out");
	}
	for (i = attack->n_connections; i--;)
	{
		attack->connections[i].fd = -1;
		attack->connections[i].index = i;
		attack->connections[i].next = attack->closed;
		attack->closed = &attack->connections[i];
	}
	make_tls(attack);
	make_hello(attack);
	make_ke1(attack);
}

static enum what what_of(const char *text)
{
	static const char *const names[] = { "idle", "hello", "login" };
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		if (strcmp(text, names[i]) == 0)
		{
			return (enum what)i;
		}
	}
	load_die("there is no attack '%s'", text);
}

int main(int argc, char **argv)
{
	static struct attack attack;

	if (argc < 5)
	{
		load_die("usage: attack idle|hello|login PORT CONNECTIONS NETWORKS "
				 "[DEVICES]");
	}
	attack.what = what_of(argv[1]);
	attack.port = (uint16_t)load_number(argv[2], 1, 65535);
	attack.n_connections = load_number(argv[3], 1, 100000);
	attack.n_networks = load_number(argv[4], 0, NETWORKS_MAX);
	attack.n_devices = argc > 5 ? load_number(argv[5], 0, 100000) : 0;
	(void)signal(SIGTERM, on_signal);
	(void)signal(SIGINT, on_signal);
	(void)signal(SIGPIPE, SIG_IGN);
	open_all(&attack);
	run(&attack);
	(void)printf("begun=%llu answered=%llu closed=%llu\n", attack.n_begun,
				 attack.n_answered, attack.n_closed);
	return 0;
}
