/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many clients in one process, over epoll. */
#include "testing/bench/load-clients.h"

#include "net/stream.h"
#include "session/client_session.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NS_OF_S 1000000000ull
#define EVENTS_MAX 64
#define READ_LEN 16384
/** A login that takes longer has failed. */
#define PATIENCE_NS (30 * NS_OF_S)
/** Longest wait for room in a socket that is filled. */
#define FILL_MS 2000
#define SERVER_NAME "vpn.example.org"

enum client_state {
	AT_REST,
	CONNECTING,
	SHAKING_HANDS,
	LOGGING_IN,
	/** its request is out */
	ASKING,
	HELD,
};

struct client {
	enum client_state state;
	int fd;
	struct obol_tls *tls;
	struct obol_client_session *session;
	struct load_account account;
	/** which of those that can log in */
	unsigned live;
	uint64_t start_ns;
	/** of those at rest */
	struct client *next;
};

struct load_clients {
	int epoll_fd;
	struct obol_tls_context *tls;
	struct obol_request *request;
	unsigned n;
	struct client *clients;
	struct client *at_rest;
	uint64_t random;
	/* of the run */
	const struct load_plan *plan;
	struct load_result *result;
	unsigned n_started;
};

uint64_t load_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_OF_S + (uint64_t)now.tv_nsec;
}

/*
 * The end of a connection
 */

static void hang_up(struct load_clients *this, struct client *client)
{
	obol_client_session_free(client->session);
	client->session = NULL;
	if (client->tls)
	{
		obol_tls_close(client->tls);
		(void)obol_socket_flush(client->fd, client->tls);
		obol_tls_free(client->tls);
		client->tls = NULL;
	}
	if (client->fd >= 0)
	{
		(void)close(client->fd);
		client->fd = -1;
	}
	client->state = AT_REST;
	client->next = this->at_rest;
	this->at_rest = client;
}

static void fail(struct load_clients *this, struct client *client,
				 const char *why)
{
	struct load_result *result = this->result;

	result->n_failed++;
	(void)snprintf(result->why, sizeof(result->why), "%s", why);
	if (this->plan->ended)
	{
		this->plan->ended(this->plan->ctx, client->live, why);
	}
	hang_up(this, client);
}

static void succeed(struct load_clients *this, struct client *client)
{
	struct load_result *result = this->result;

	result->latency_ns[result->n_done++] = load_now_ns() - client->start_ns;
	if (this->plan->ended)
	{
		this->plan->ended(this->plan->ctx, client->live, NULL);
	}
	if (this->plan->holds)
	{
		client->state = HELD;
		return;
	}
	hang_up(this, client);
}

/*
 * The login
 */

static bool begin_session(struct client *client)
{
	struct obol_client_session_config config = { .rng = obol_rng_system() };
	struct obol_client_login login = {
		.kind = client->account.kind,
		.name = obol_bytes_str(client->account.name),
	};
	struct obol_secret *secret =
		obol_secret_dup(client->account.secret, sizeof(client->account.secret));
	bool begun;

	memcpy(login.device_id, client->account.device_id, sizeof(login.device_id));
	login.secret = secret;
	begun = secret &&
			obol_tls_exporter(client->tls, config.exporter) == OBOL_OK &&
			obol_client_session_new(&config, &client->session) == OBOL_OK &&
			obol_client_session_login(client->session, &login) == OBOL_OK;
	obol_secret_free(secret);
	client->state = LOGGING_IN;
	return begun;
}

static bool send_output(struct client *client)
{
	struct obol_bytes out = obol_client_session_output(client->session);

	if (out.len && obol_tls_write(client->tls, out) != OBOL_NET_OK)
	{
		return false;
	}
	obol_client_session_sent(client->session, out.len);
	/* never more than a socket takes at once */
	return obol_socket_flush(client->fd, client->tls) == OBOL_NET_OK;
}

static bool receive_input(struct client *client)
{
	uint8_t buf[READ_LEN];
	size_t got;

	if (obol_socket_fill(client->fd, client->tls) != OBOL_NET_OK)
	{
		return false;
	}
	for (;;)
	{
		if (obol_tls_read(client->tls, buf, sizeof(buf), &got) != OBOL_NET_OK)
		{
			return false;
		}
		if (!got)
		{
			return true;
		}
		if (obol_client_session_input(client->session, obol_bytes(buf, got)) !=
			OBOL_OK)
		{
			return false;
		}
	}
}

static const char *what_failed(const struct client *client)
{
	const struct obol_error_message *error;

	switch (obol_client_session_failure(client->session))
	{
		case OBOL_FAILURE_KE2:
			return "KE2 does not verify: other accounts than load-fill made?";
		case OBOL_FAILURE_LATER:
			return "obold said Later: raise its limits and keeper";
		case OBOL_FAILURE_REPLY:
			error = obol_client_session_error(client->session);
			return error->reply == OBOL_REPLY_AUTH ? "obold said 535"
												   : "obold refused";
		default:
			return "the connection ended";
	}
}

/* Whatever came in has been taken. */
static void go_on(struct load_clients *this, struct client *client)
{
	const struct obol_answer *answer;

	if (obol_client_session_state(client->session) == OBOL_CLIENT_READY)
	{
		if (client->state == ASKING)
		{
			answer = obol_client_session_answer(client->session);
			if (!answer || answer->get.n_items != 1 ||
				answer->get.items[0].sealed.len < LOAD_BODY_LEN)
			{
				fail(this, client, "the answer has no credential");
				return;
			}
			succeed(this, client);
			return;
		}
		if (obol_client_session_request(client->session, this->request) !=
			OBOL_OK)
		{
			fail(this, client, "a request could not be made");
			return;
		}
		client->state = ASKING;
	}
	if (!send_output(client))
	{
		fail(this, client, "the connection broke");
	}
}

static void shake_hands(struct load_clients *this, struct client *client)
{
	bool done = false;

	if (obol_tls_handshake(client->tls, &done) != OBOL_NET_OK ||
		obol_socket_flush(client->fd, client->tls) != OBOL_NET_OK)
	{
		fail(this, client, "the TLS handshake failed");
		return;
	}
	if (!done)
	{
		return;
	}
	if (this->plan->only_handshake)
	{
		succeed(this, client);
		return;
	}
	if (!begin_session(client) || !send_output(client))
	{
		fail(this, client, "a login could not be begun");
	}
}

static void watch(struct load_clients *this, struct client *client, int how,
				  uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = client };

	if (epoll_ctl(this->epoll_fd, how, client->fd, &event) != 0)
	{
		load_die("epoll_ctl: %s", strerror(errno));
	}
}

static void on_event(struct load_clients *this, struct client *client)
{
	int error = 0;
	socklen_t len = sizeof(error);

	switch (client->state)
	{
		case CONNECTING:
			if (getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &len) ||
				error)
			{
				fail(this, client, "no connection");
				return;
			}
			watch(this, client, EPOLL_CTL_MOD, EPOLLIN);
			client->state = SHAKING_HANDS;
			shake_hands(this, client);
			break;
		case SHAKING_HANDS:
			if (obol_socket_fill(client->fd, client->tls) != OBOL_NET_OK)
			{
				fail(this, client, "the connection broke");
				return;
			}
			shake_hands(this, client);
			break;
		case LOGGING_IN:
		case ASKING:
			if (!receive_input(client))
			{
				fail(this, client, what_failed(client));
				return;
			}
			go_on(this, client);
			break;
		case HELD:
			fail(this, client, "obold closed a connection that was held");
			break;
		case AT_REST:
			break;
	}
}

/*
 * The beginning
 */

/* On the loopback device; -1 when it cannot. */
static int connect_here(const struct load_plan *plan)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
	{
		load_die("no socket: %s", strerror(errno));
	}
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = htons(plan->port);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 &&
		errno != EINPROGRESS)
	{
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void start(struct load_clients *this, unsigned live, uint64_t start_ns)
{
	static const int on = 1;
	const struct load_plan *plan = this->plan;
	struct client *client = this->at_rest;

	this->at_rest = client->next;
	this->n_started++;
	client->start_ns = start_ns;
	client->live = live;
	load_account(load_account_live(live, plan->n_accounts, plan->n_live),
				 plan->kind, &client->account);
	if (obol_tls_new(this->tls, SERVER_NAME, false, &client->tls) != OBOL_OK)
	{
		load_die("no TLS");
	}
	client->state = CONNECTING;
	client->fd =
		plan->connect ? plan->connect(plan->ctx, live) : connect_here(plan);
	if (client->fd < 0)
	{
		fail(this, client, "no connection");
		return;
	}
	(void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	watch(this, client, EPOLL_CTL_ADD, EPOLLOUT);
}

static double uniform(struct load_clients *this)
{
	/* xorshift64: arrivals only have to be alike in each run */
	this->random ^= this->random << 13;
	this->random ^= this->random >> 7;
	this->random ^= this->random << 17;
	return ((double)(this->random >> 11) + 0.5) / 9007199254740992.0;
}

/* Until the next arrival, which a Poisson process makes independent of all
 * before it. */
static uint64_t pause_ns(struct load_clients *this)
{
	return (uint64_t)(-log(uniform(this)) / this->plan->per_second *
					  (double)NS_OF_S);
}

static unsigned n_over(const struct load_clients *this)
{
	return this->result->n_done + this->result->n_failed;
}

/* Whatever may begin now; how long until the next one may. */
static uint64_t begin_some(struct load_clients *this, uint64_t *arrival_ns)
{
	const struct load_plan *plan = this->plan;
	uint64_t now = load_now_ns();

	while (this->at_rest && this->n_started < plan->n_logins &&
		   this->n_started - n_over(this) < plan->n_clients &&
		   (plan->per_second == 0 || *arrival_ns <= now))
	{
		unsigned live = (*plan->next)++ % plan->n_live;

		if (plan->per_second != 0)
		{
			start(this, live, *arrival_ns);
			*arrival_ns += pause_ns(this);
		}
		else
		{
			start(this, live, load_now_ns());
		}
	}
	if (plan->per_second != 0 && this->at_rest &&
		this->n_started < plan->n_logins)
	{
		now = load_now_ns();
		return *arrival_ns > now ? *arrival_ns - now : 0;
	}
	return PATIENCE_NS;
}

/* The same when the plan says who begins. */
static uint64_t begin_planned(struct load_clients *this)
{
	const struct load_plan *plan = this->plan;
	uint64_t start_ns = 0, wait = PATIENCE_NS;
	unsigned live = 0;

	while (this->at_rest &&
		   plan->begins(plan->ctx, load_now_ns(), &live, &start_ns, &wait))
	{
		start(this, live, start_ns);
	}
	return wait < PATIENCE_NS ? wait : PATIENCE_NS - 1;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void load_clients_run(struct load_clients *this, const struct load_plan *plan,
					  struct load_result *result)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t begun = load_now_ns(), arrival = begun;
	int n, i;

	memset(result, 0, sizeof(*result));
	result->latency_ns = calloc(plan->n_logins, sizeof(*result->latency_ns));
	if (!result->latency_ns)
	{
		load_die("memory ran out");
	}
	this->plan = plan;
	this->result = result;
	this->n_started = 0;
	while (plan->begins || n_over(this) < plan->n_logins)
	{
		uint64_t wait =
			plan->begins ? begin_planned(this) : begin_some(this, &arrival);
		struct timespec limit = { (time_t)(wait / NS_OF_S),
								  (long)(wait % NS_OF_S) };

		if (!wait && plan->begins)
		{
			break;
		}
		n = epoll_pwait2(this->epoll_fd, events, EVENTS_MAX, &limit, NULL);
		if ((n < 0 && errno != EINTR) || (n == 0 && wait == PATIENCE_NS))
		{
			load_die("nothing happens any more after %u logins",
					 result->n_done);
		}
		for (i = 0; i < n; i++)
		{
			on_event(this, events[i].data.ptr);
		}
	}
	result->elapsed_ns = load_now_ns() - begun;
	qsort(result->latency_ns, result->n_done, sizeof(*result->latency_ns),
		  by_value);
}

struct load_clients *load_clients_new(unsigned n_max)
{
	struct load_clients *this = calloc(1, sizeof(*this));
	char why[256];
	unsigned i;

	if (!this || !(this->clients = calloc(n_max, sizeof(*this->clients))) ||
		!(this->request = calloc(1, sizeof(*this->request))) ||
		obol_tls_context_new(obol_clock_system(), NULL, &this->tls, why,
							 sizeof(why)) != OBOL_OK)
	{
		load_die("memory ran out");
	}
	this->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	this->n = n_max;
	this->random = 0x6f626f6c;
	this->request->type = OBOL_GET;
	this->request->get.name = obol_bytes_str(LOAD_CREDENTIAL);
	for (i = 0; i < n_max; i++)
	{
		this->clients[i].fd = -1;
		this->clients[i].next = this->at_rest;
		this->at_rest = &this->clients[i];
	}
	return this;
}

/* A request of a megabyte; the server may have had enough of it before. */
static void send_part(struct client *client, unsigned bytes)
{
	static const uint8_t head[OBOL_FRAME_HEADER_LEN] = { OBOL_STAGE, 0x10 };
	static const uint8_t zeros[READ_LEN];
	struct pollfd pfd = { .fd = client->fd, .events = POLLOUT };
	struct obol_bytes piece = obol_bytes(head, sizeof(head));

	while (poll(&pfd, 1, FILL_MS) == 1 && !(pfd.revents & (POLLERR | POLLHUP)))
	{
		if (obol_tls_write(client->tls, piece) != OBOL_NET_OK ||
			obol_socket_flush(client->fd, client->tls) != OBOL_NET_OK || !bytes)
		{
			return;
		}
		piece = obol_bytes(zeros, bytes < READ_LEN ? bytes : READ_LEN);
		bytes -= (unsigned)piece.len;
	}
}

unsigned load_clients_fill(struct load_clients *this, unsigned bytes)
{
	const struct client *end = this->clients + this->n;
	struct client *client;
	unsigned n = 0;
	char byte;

	for (client = this->clients; client < end; client++)
	{
		if (client->state == HELD)
		{
			send_part(client, bytes);
		}
	}
	for (client = this->clients; client < end; client++)
	{
		n += client->state == HELD &&
			 recv(client->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
			 errno == EAGAIN;
	}
	return n;
}

void load_clients_free(struct load_clients *this)
{
	unsigned i;

	for (i = 0; i < this->n; i++)
	{
		if (this->clients[i].state != AT_REST)
		{
			hang_up(this, &this->clients[i]);
		}
	}
	obol_tls_context_free(this->tls);
	(void)close(this->epoll_fd);
	free(this->request);
	free(this->clients);
	free(this);
}

void load_result_clear(struct load_result *result)
{
	free(result->latency_ns);
	memset(result, 0, sizeof(*result));
}

double load_result_part(const struct load_result *result, double p)
{
	size_t at = (size_t)(p * result->n_done);

	at = at < result->n_done ? at : result->n_done - 1;
	return result->n_done ? (double)result->latency_ns[at] / 1e6 : 0;
}
