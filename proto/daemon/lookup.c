/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that looks a host name up. */
#include "daemon/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/reader.h"
#include "base/writer.h"
#include "daemon/sandbox.h"

/** count (1), each: version (1: 4 or 6) | address (4 or 16) | scope (4) */
#define ANSWER_MAX (1 + OBOL_RESOLVE_MAX * (1 + 16 + 4))

/*
 * The process
 */

static void write_address(struct obol_writer *w, const struct addrinfo *info)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)info->ai_addr;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)info->ai_addr;

	if (info->ai_family == AF_INET)
	{
		obol_write_u8(w, 4);
		obol_write_bytes(w, obol_bytes((const uint8_t *)&v4->sin_addr, 4));
		obol_write_u32(w, 0);
		return;
	}
	obol_write_u8(w, 6);
	obol_write_bytes(w, obol_bytes(v6->sin6_addr.s6_addr, 16));
	obol_write_u32(w, v6->sin6_scope_id);
}

static bool is_one(const struct addrinfo *info)
{
	return info->ai_family == AF_INET || info->ai_family == AF_INET6;
}

/* For as long as the system's configuration says. */
static void look_up(const char *host, struct obol_writer *w)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
							  .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *all = NULL, *info;
	uint8_t n = 0;

	if (getaddrinfo(host, NULL, &hints, &all) != 0)
	{
		all = NULL;
	}
	for (info = all; info && n < OBOL_RESOLVE_MAX; info = info->ai_next)
	{
		n = (uint8_t)(n + is_one(info));
	}
	obol_write_u8(w, n);
	for (info = all; info && n; info = info->ai_next)
	{
		if (is_one(info))
		{
			write_address(w, info);
			n--;
		}
	}
	if (all)
	{
		freeaddrinfo(all);
	}
}

static bool confine(const struct obol_identity *identity, struct obol_log *log)
{
	/* what the system's modules read, whichever it has */
	static const char *const folders[] = { "/etc",     "/usr/lib", "/lib",
										   "/lib64",   "/run",     "/var/run",
										   "/usr/etc", NULL };
	char why[256] = "its privileges cannot be given up";

	if (obol_privileges_drop(identity) == OBOL_OK &&
		obol_sandbox_enter(OBOL_SANDBOX_LOOKUP, folders, why, sizeof(why)) ==
			OBOL_OK)
	{
		return true;
	}
	obol_log(log, OBOL_LOG_ERROR, "lookup", "no name is looked up: %s", why);
	return false;
}

static int serve(const char *host, int fd)
{
	struct obol_bytes all;
	struct obol_writer w;
	ssize_t n;
	char byte;

	for (;;)
	{
		n = recv(fd, &byte, 1, 0);
		if (n < 0 && errno == EINTR)
		{
			continue;
		}
		if (n != 1)
		{
			return n == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
		}
		obol_writer_init(&w);
		look_up(host, &w);
		all = obol_writer_view(&w);
		n = obol_writer_status(&w) == OBOL_OK
				? send(fd, all.ptr, all.len, MSG_NOSIGNAL)
				: -1;
		obol_writer_clear(&w);
		if (n < 0)
		{
			return EXIT_FAILURE;
		}
	}
}

static void become_lookup(const char *host,
						  const struct obol_identity *identity,
						  struct obol_log *log, int fd)
{
	(void)signal(SIGTERM, SIG_IGN);
	obol_privileges_name("obold-lookup");
	obol_privileges_keep_only(&fd, 1);
	_exit(confine(identity, log) ? serve(host, fd) : EXIT_FAILURE);
}

/*
 * Who asks
 */

enum obol_status obol_lookup_start(const char *host,
								   const struct obol_identity *identity,
								   struct obol_log *log,
								   struct obol_lookup *lookup)
{
	int ends[2];
	pid_t pid;

	lookup->fd = -1;
	lookup->is_asked = false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
	{
		return OBOL_ERR_IO;
	}
	pid = fork();
	if (pid == 0)
	{
		(void)close(ends[0]);
		become_lookup(host, identity, log, ends[1]);
	}
	(void)close(ends[1]);
	if (pid < 0)
	{
		(void)close(ends[0]);
		return OBOL_ERR_IO;
	}
	lookup->fd = ends[0];
	return OBOL_OK;
}

enum obol_status obol_lookup_ask(struct obol_lookup *lookup)
{
	static const char byte = '?';

	if (!lookup->is_asked)
	{
		if (send(lookup->fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
		{
			return OBOL_ERR_IO;
		}
		lookup->is_asked = true;
	}
	return OBOL_OK;
}

/* False when it is none. */
static bool read_address(struct obol_reader *r, struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *v4 = (struct sockaddr_in *)addr;
	uint8_t version = obol_read_u8(r);
	struct obol_bytes bytes = obol_read_fixed(r, version == 4 ? 4 : 16);
	uint32_t scope = obol_read_u32(r);

	memset(addr, 0, sizeof(*addr));
	if (!obol_reader_ok(r) || (version != 4 && version != 6))
	{
		return false;
	}
	if (version == 4)
	{
		v4->sin_family = AF_INET;
		memcpy(&v4->sin_addr, bytes.ptr, 4);
		return true;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_scope_id = scope;
	memcpy(&v6->sin6_addr, bytes.ptr, 16);
	return true;
}

enum obol_status
obol_lookup_take(struct obol_lookup *lookup,
				 struct sockaddr_storage addrs[OBOL_RESOLVE_MAX], size_t *n)
{
	uint8_t in[ANSWER_MAX];
	ssize_t len = recv(lookup->fd, in, sizeof(in), MSG_DONTWAIT);
	struct obol_reader r;
	size_t count, i;

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
	{
		return OBOL_ERR_TIMEOUT;
	}
	if (len <= 0)
	{
		return OBOL_ERR_IO;
	}
	lookup->is_asked = false;
	r = obol_reader_over(obol_bytes(in, (size_t)len));
	count = obol_read_u8(&r);
	for (i = 0; i < count; i++)
	{
		if (i == OBOL_RESOLVE_MAX || !read_address(&r, &addrs[i]))
		{
			return OBOL_ERR_IO;
		}
	}
	if (obol_read_end(&r) != OBOL_OK)
	{
		return OBOL_ERR_IO;
	}
	*n = count;
	return OBOL_OK;
}

void obol_lookup_close(struct obol_lookup *lookup)
{
	if (lookup->fd >= 0)
	{
		(void)close(lookup->fd);
		lookup->fd = -1;
	}
}
