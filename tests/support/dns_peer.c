/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name server on loopback. */
#include "support/dns_peer.h"
#include "support/run.h"
#include "support/tls_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#define HEADER_LEN 12
/* name, type and class end where the OPT record of 11 bytes begins */
#define OPT_LEN 11

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
	size_t n = rcode ? 0 : config->n_records;
	size_t i;

	obol_write_bytes(answer, obol_bytes(question.ptr, 2));
	obol_write_u16(answer, 0x8180 | rcode);
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

static void *serve(void *arg)
{
	struct dns_peer *peer = arg;
	struct pollfd fds[2] = { { peer->fd, POLLIN, 0 },
							 { peer->stop[0], POLLIN, 0 } };
	uint8_t question[512];

	while (poll(fds, 2, -1) >= 0 && !fds[1].revents)
	{
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
	return NULL;
}

void dns_peer_init(struct dns_peer *peer, const struct dns_peer_config *config)
{
	struct sockaddr_in *addr = (struct sockaddr_in *)&peer->servers.addrs[0];
	socklen_t len = sizeof(*addr);

	memset(peer, 0, sizeof(*peer));
	peer->config = *config;
	peer->servers.n = 1;
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(peer->fd, (struct sockaddr *)addr, len), 0);
	ck_assert_int_eq(getsockname(peer->fd, (struct sockaddr *)addr, &len), 0);
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
