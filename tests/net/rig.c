/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's side of connecting. */
#include "rig.h"
#include "support/run.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void rig_init(struct rig *rig, const char *servers)
{
	memset(rig, 0, sizeof(*rig));
	ck_assert_msg(obol_endpoints_parse(servers, &rig->endpoints, rig->why,
									   sizeof(rig->why)) == OBOL_OK,
				  "%s", rig->why);
	ck_assert_int_eq(obol_tls_context_new(obol_clock_system(), NULL,
										  &rig->config.tls, rig->why,
										  sizeof(rig->why)),
					 OBOL_OK);
	rig->config.endpoints = &rig->endpoints;
	rig->config.hooks = &rig->hooks;
	rig->config.wait = &rig->wait;
	obol_wait_init(&rig->wait, obol_clock_system(), RIG_LONG_MS, -1);
}

void rig_trust(struct rig *rig, X509 *ca)
{
	char path[] = "/tmp/obol-ca-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(PEM_write_X509(f, ca), 1);
	ck_assert_int_eq(fclose(f), 0);
	obol_tls_context_free(rig->config.tls);
	ck_assert_msg(obol_tls_context_new(obol_clock_system(), path,
									   &rig->config.tls, rig->why,
									   sizeof(rig->why)) == OBOL_OK,
				  "%s", rig->why);
	(void)unlink(path);
}

enum obol_net_failure rig_connect(struct rig *rig)
{
	uint64_t start = obol_mono_ms(obol_clock_system());

	obol_stream_free(rig->connection.stream);
	memset(&rig->connection, 0, sizeof(rig->connection));
	rig->failure = obol_connect(&rig->config, &rig->connection, rig->why,
								sizeof(rig->why));
	rig->ms = obol_mono_ms(obol_clock_system()) - start;
	return rig->failure;
}

void rig_connect_to(struct rig *rig, size_t endpoint)
{
	unsigned i = 0;

	do
	{
		ck_assert_msg(rig_connect(rig) == OBOL_NET_OK, "%s", rig->why);
	} while (rig->connection.endpoint != endpoint && ++i < RIG_TRIES);
	ck_assert_uint_eq(rig->connection.endpoint, endpoint);
}

void rig_clear(struct rig *rig)
{
	obol_stream_free(rig->connection.stream);
	obol_tls_context_free(rig->config.tls);
}

void black_hole_init(struct black_hole *hole)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);
	size_t i;

	memset(&addr, 0, sizeof(addr));
	addr.sin_family = AF_INET;
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	hole->fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(hole->fd, (struct sockaddr *)&addr, len), 0);
	ck_assert_int_eq(listen(hole->fd, 0), 0);
	ck_assert_int_eq(getsockname(hole->fd, (struct sockaddr *)&addr, &len), 0);
	for (i = 0; i < 8; i++)
	{
		hole->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(hole->fillers[i], (struct sockaddr *)&addr, len);
	}
	(void)snprintf(hole->text, sizeof(hole->text), "127.0.0.1:%u",
				   ntohs(addr.sin_port));
}

void black_hole_clear(struct black_hole *hole)
{
	size_t i;

	for (i = 0; i < 8; i++)
	{
		(void)close(hole->fillers[i]);
	}
	(void)close(hole->fd);
}
