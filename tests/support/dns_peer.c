/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name server on loopback. */
#include "support/dns_peer.h"
#include "support/run.h"
#include "support/tls_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#define HEADER_LEN 12
/* name, type and class end where the OPT record of 11 bytes begins */
#define OPT_LEN 11
#define TRUNCATED 0x0200
#define QUESTION_MAX 512
/** Tries to find a port that is free for both. */
#define PORTS_MAX 20

static void write_target(struct obol_writer *w, const char *name)
{
	while (*name && strcmp(name, ".") != 0)
	{
		size_t len = strcspn(name, ".");

		obol_write_vec8(w, obol_bytes(name, len));
		name += len;
		name += *name == '.';
	}
	obol_write_u8(w, 0);
}

static void write_record(struct obol_writer *w,
						 const struct dns_peer_record *record)
{
	size_t mark;

	/* the question's name, by a pointer (RFC 1035, 4.1.4) */
	obol_write_u16(w, 0xc000 | HEADER_LEN);
	obol_write_u16(w, 33);
	obol_write_u16(w, 1);
	obol_write_u32(w, 60);
	mark = obol_write_open(w, 2);
	obol_write_u16(w, record->priority);
	obol_write_u16(w, record->weight);
	obol_write_u16(w, record->port);
	write_target(w, record->target);
	obol_write_close(w, mark, 2);
}

void dns_peer_answer(const struct dns_peer_config *config,
					 struct obol_bytes question, struct obol_writer *answer)
{
	uint16_t rcode = config->kind == DNS_NAME_ERROR       ? 3
					 : config->kind == DNS_SERVER_FAILURE ? 2
														  : 0;
	size_t n = rcode ? 0 : config->is_cut ? config->n_cut : config->n_records;
	size_t i;

	obol_write_bytes(answer, obol_bytes(question.ptr, 2));
	obol_write_u16(answer, 0x8180 | rcode | (config->is_cut ? TRUNCATED : 0));
	obol_write_u16(answer, 1);
	obol_write_u16(answer, (uint16_t)n);
	obol_write_u32(answer, 0);
	obol_write_bytes(answer, obol_bytes(question.ptr + HEADER_LEN,
										question.len - HEADER_LEN - OPT_LEN));
	for (i = 0; i < n; i++)
	{
		write_record(answer, &config->records[i]);
	}
}

static void send_flood(struct dns_peer *peer, struct obol_bytes answer,
					   const struct sockaddr_in *to)
{
	static const size_t places[] = { 1, HEADER_LEN + 2, 2 };
	uint8_t wrong[1024];
	size_t i;

	ck_assert_uint_le(answer.len, sizeof(wrong));
	for (i = 0; i < 3; i++)
	{
		memcpy(wrong, answer.ptr, answer.len);
		/* in the third place the bit that makes it an answer */
		wrong[places[i]] ^= 0x80;
		(void)!sendto(peer->fd, wrong, answer.len, 0,
					  (const struct sockaddr *)to, sizeof(*to));
	}
}

static void serve_one(struct dns_peer *peer, struct obol_bytes question,
					  const struct sockaddr_in *to)
{
	struct pollfd stop = { peer->stop[0], POLLIN, 0 };
	struct obol_writer answer;
	struct obol_bytes bytes;

	obol_writer_init(&answer);
	dns_peer_answer(&peer->config, question, &answer);
	bytes = obol_writer_view(&answer);
	(void)poll(&stop, 1, (int)peer->config.delay_ms);
	if (peer->config.kind == DNS_FLOOD)
	{
		send_flood(peer, bytes, to);
	}
	if (peer->config.kind == DNS_GARBAGE)
	{
		bytes.len -= 3;
	}
	if (peer->config.kind != DNS_SILENT)
	{
		(void)!sendto(peer->fd, bytes.ptr, bytes.len, 0,
					  (const struct sockaddr *)to, sizeof(*to));
	}
	obol_writer_clear(&answer);
}

static bool receive_all(int fd, uint8_t *out, size_t len)
{
	return recv(fd, out, len, MSG_WAITALL) == (ssize_t)len;
}

/** A question with its prefix; its length, 0 for none. */
static size_t receive_question(int fd, uint8_t question[QUESTION_MAX])
{
	uint8_t prefix[2];
	size_t len;

	if (!receive_all(fd, prefix, sizeof(prefix)))
	{
		return 0;
	}
	len = (size_t)prefix[0] << 8 | prefix[1];
	return len > HEADER_LEN + OPT_LEN && len <= QUESTION_MAX &&
				   receive_all(fd, question, len)
			   ? len
			   : 0;
}

/** The answer over TCP, with its prefix. */
static void write_tcp(const struct dns_peer *peer, struct obol_bytes question,
					  struct obol_writer *w)
{
	struct dns_peer_config config = peer->config;
	size_t mark = obol_write_open(w, 2);

	config.is_cut = config.tcp == DNS_TCP_CUT;
	config.n_cut = 1;
	config.kind =
		config.tcp == DNS_TCP_NAME_ERROR ? DNS_NAME_ERROR : DNS_ANSWER;
	if (config.tcp != DNS_TCP_EMPTY)
	{
		dns_peer_answer(&config, question, w);
	}
	obol_write_close(w, mark, 2);
}

/** How many bytes go at once: of a drip the first ones alone. */
static size_t step_of(const struct dns_peer *peer, size_t at, size_t left)
{
	size_t step = at < 4 ? 1 : 16;

	return peer->config.tcp == DNS_TCP_DRIP && step < left ? step : left;
}

static void send_tcp(const struct dns_peer *peer, int fd,
					 struct obol_bytes bytes)
{
	size_t len = peer->config.tcp == DNS_TCP_HALF ? bytes.len / 2 : bytes.len;
	struct pollfd stop = { peer->stop[0], POLLIN, 0 };
	size_t at, step;

	for (at = 0; at < len; at += step)
	{
		step = step_of(peer, at, len - at);
		(void)!send(fd, bytes.ptr + at, step, MSG_NOSIGNAL);
		(void)poll(&stop, 1, at + step < len);
	}
}

static void let_go(struct dns_peer *peer)
{
	if (peer->held_fd >= 0)
	{
		(void)close(peer->held_fd);
	}
	peer->held_fd = -1;
}

static void serve_tcp(struct dns_peer *peer)
{
	int no_delay = 1;
	uint8_t question[QUESTION_MAX];
	struct obol_writer answer;
	size_t len;

	let_go(peer);
	peer->held_fd = accept(peer->tcp_fd, NULL, NULL);
	len = receive_question(peer->held_fd, question);
	if (len == 0)
	{
		return;
	}
	atomic_fetch_add(&peer->n_asked_tcp, 1);
	question[1] ^= peer->config.tcp == DNS_TCP_OTHER;
	(void)setsockopt(peer->held_fd, IPPROTO_TCP, TCP_NODELAY, &no_delay,
					 sizeof(no_delay));
	obol_writer_init(&answer);
	write_tcp(peer, obol_bytes(question, len), &answer);
	if (peer->config.tcp != DNS_TCP_SILENT)
	{
		send_tcp(peer, peer->held_fd, obol_writer_view(&answer));
	}
	if (peer->config.tcp == DNS_TCP_HALF)
	{
		let_go(peer);
	}
	obol_writer_clear(&answer);
}

static void serve_udp(struct dns_peer *peer)
{
	uint8_t question[QUESTION_MAX];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t got = recvfrom(peer->fd, question, sizeof(question), 0,
						   (struct sockaddr *)&from, &len);

	if (got > HEADER_LEN + OPT_LEN)
	{
		atomic_fetch_add(&peer->n_asked, 1);
		serve_one(peer, obol_bytes(question, (size_t)got), &from);
	}
}

static void *serve(void *arg)
{
	struct dns_peer *peer = arg;
	struct pollfd fds[3] = { { peer->fd, POLLIN, 0 },
							 { peer->stop[0], POLLIN, 0 },
							 { peer->tcp_fd, POLLIN, 0 } };

	while (poll(fds, 3, -1) >= 0 && !fds[1].revents)
	{
		if (fds[0].revents)
		{
			serve_udp(peer);
		}
		if (fds[2].revents)
		{
			serve_tcp(peer);
		}
	}
	return NULL;
}

/** Sockets at one port of loopback; false when it is taken for the second. */
static bool bind_both(struct dns_peer *peer)
{
	struct sockaddr_in *addr = (struct sockaddr_in *)&peer->servers.addrs[0];
	socklen_t len = sizeof(*addr);

	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr->sin_port = 0;
	peer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(peer->fd, (struct sockaddr *)addr, len), 0);
	ck_assert_int_eq(getsockname(peer->fd, (struct sockaddr *)addr, &len), 0);
	peer->tcp_fd = -1;
	if (peer->config.tcp == DNS_TCP_NONE)
	{
		return true;
	}
	peer->tcp_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(peer->tcp_fd, (struct sockaddr *)addr, len) == 0)
	{
		ck_assert_int_eq(listen(peer->tcp_fd, 8), 0);
		return true;
	}
	(void)close(peer->fd);
	(void)close(peer->tcp_fd);
	return false;
}

void dns_peer_init(struct dns_peer *peer, const struct dns_peer_config *config)
{
	int n = 0;

	memset(peer, 0, sizeof(*peer));
	peer->config = *config;
	peer->servers.n = 1;
	peer->held_fd = -1;
	while (!bind_both(peer))
	{
		ck_assert_int_lt(++n, PORTS_MAX);
	}
	ck_assert_int_eq(pipe(peer->stop), 0);
	ck_assert_int_eq(pthread_create(&peer->thread, NULL, serve, peer), 0);
}

void dns_peer_clear(struct dns_peer *peer)
{
	(void)!write(peer->stop[1], "x", 1);
	(void)pthread_join(peer->thread, NULL);
	(void)close(peer->stop[0]);
	(void)close(peer->stop[1]);
	(void)close(peer->fd);
	if (peer->tcp_fd >= 0)
	{
		(void)close(peer->tcp_fd);
	}
	let_go(peer);
}

void dns_peer_add_dead(struct obol_name_servers *servers)
{
	struct sockaddr_in *addr = (struct sockaddr_in *)&servers->addrs[0];

	ck_assert_uint_lt(servers->n, OBOL_NAME_SERVERS_MAX);
	memmove(&servers->addrs[1], &servers->addrs[0],
			servers->n * sizeof(servers->addrs[0]));
	servers->n++;
	memset(addr, 0, sizeof(servers->addrs[0]));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr->sin_port = htons(tls_peer_dead_port());
}
