/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a signer on another machine is. */
#include "daemon/signer_target.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/config.h"

/** Pauses before the next connection: first and longest. */
#define PAUSE_FIRST_MS 250
#define PAUSE_MAX_MS 4000

enum obol_status obol_signer_target_open(struct obol_signer_target *target,
										 const char *text,
										 const struct obol_identity *identity,
										 struct obol_log *log, char *why,
										 size_t size)
{
	enum obol_status status = OBOL_OK;

	memset(target, 0, sizeof(*target));
	target->lookup.fd = -1;
	target->pause_ms = PAUSE_FIRST_MS;
	if (!obol_config_signer_server(text, &target->endpoint))
	{
		(void)snprintf(why, size, "signer.server is no address");
		return OBOL_ERR_FORMAT;
	}
	if (target->endpoint.is_address)
	{
		target->addrs[0] = target->endpoint.addr;
		return OBOL_OK;
	}
	status = obol_lookup_start(target->endpoint.host, identity, log,
							   &target->lookup);
	if (status != OBOL_OK)
	{
		(void)snprintf(why, size,
					   "no process can be had that looks signer.server up: %s",
					   strerror(errno));
	}
	return status;
}

void obol_signer_target_close(struct obol_signer_target *target)
{
	obol_lookup_close(&target->lookup);
}

enum obol_status obol_signer_target_seek(struct obol_signer_target *target)
{
	enum obol_status status;

	target->at = 0;
	if (target->endpoint.is_address)
	{
		target->n = 1;
		return OBOL_OK;
	}
	target->n = 0;
	status = obol_lookup_ask(&target->lookup);
	return status == OBOL_OK ? OBOL_ERR_TIMEOUT : status;
}

enum obol_status obol_signer_target_take(struct obol_signer_target *target)
{
	enum obol_status status =
		obol_lookup_take(&target->lookup, target->addrs, &target->n);
	size_t i;

	if (status != OBOL_OK)
	{
		return status;
	}
	for (i = 0; i < target->n; i++)
	{
		obol_sockaddr_set_port(&target->addrs[i], target->endpoint.port);
	}
	return target->n ? OBOL_OK : OBOL_ERR_NOT_FOUND;
}

bool obol_signer_target_has_more(const struct obol_signer_target *target)
{
	return target->at < target->n;
}

static bool connect_to(const struct sockaddr_storage *addr, int *out)
{
	static const int on = 1;
	int fd =
		socket(addr->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
	{
		return false;
	}
	if (connect(fd, (const struct sockaddr *)addr, obol_sockaddr_len(addr)) !=
			0 &&
		errno != EINPROGRESS)
	{
		(void)close(fd);
		return false;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*out = fd;
	return true;
}

enum obol_status obol_signer_target_connect(struct obol_signer_target *target,
											int *fd)
{
	while (obol_signer_target_has_more(target))
	{
		if (connect_to(&target->addrs[target->at++], fd))
		{
			return OBOL_OK;
		}
	}
	return OBOL_ERR_NOT_FOUND;
}

unsigned obol_signer_target_pause(struct obol_signer_target *target,
								  struct obol_rng *rng)
{
	unsigned half = target->pause_ms / 2;
	uint8_t bytes[2] = { 0, 0 };

	/* without randomness it is half of it */
	(void)!obol_rng_fill(rng, bytes, sizeof(bytes));
	target->pause_ms = target->pause_ms < PAUSE_MAX_MS / 2
						   ? 2 * target->pause_ms
						   : PAUSE_MAX_MS;
	return half + (unsigned)(bytes[0] << 8 | bytes[1]) % (half + 1);
}

void obol_signer_target_reached(struct obol_signer_target *target)
{
	target->pause_ms = PAUSE_FIRST_MS;
}
