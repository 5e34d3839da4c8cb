/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question to obold's monitor over HTTP. */
#include "tools/ctl_ask.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/listen.h"
#include "metrics/reading.h"

#define HEAD_MAX 4096
#define PART 4096

/** One question under way. */
struct question {
	int fd;
	uint64_t end_ms;
};

/* "Any address" is where one listens, not where one asks. */
static void to_loopback(struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *v4 = (struct sockaddr_in *)addr;

	if (addr->ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
	{
		v6->sin6_addr = in6addr_loopback;
	}
	if (addr->ss_family == AF_INET && v4->sin_addr.s_addr == INADDR_ANY)
	{
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
}

static enum obol_status wait_for(const struct question *question, short events)
{
	struct pollfd pfd = { .fd = question->fd, .events = events };
	uint64_t now = obol_mono_ms(obol_clock_system());
	int n = 0;

	if (now < question->end_ms)
	{
		do
		{
			n = poll(&pfd, 1, (int)(question->end_ms - now));
		} while (n < 0 && errno == EINTR);
	}
	return n > 0 ? OBOL_OK : n == 0 ? OBOL_ERR_TIMEOUT : OBOL_ERR_IO;
}

static enum obol_status connect_to(struct question *question,
								   const char *address)
{
	struct sockaddr_storage addr;
	socklen_t len, error_len = sizeof(int);
	enum obol_status status = obol_listen_parse(address, &addr, &len);
	int error = 0;

	if (status != OBOL_OK)
	{
		return status;
	}
	to_loopback(&addr);
	question->fd =
		socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (question->fd < 0)
	{
		return OBOL_ERR_IO;
	}
	if (connect(question->fd, (struct sockaddr *)&addr, len) == 0)
	{
		return OBOL_OK;
	}
	status = errno == EINPROGRESS ? wait_for(question, POLLOUT) : OBOL_ERR_IO;
	if (status == OBOL_OK && (getsockopt(question->fd, SOL_SOCKET, SO_ERROR,
										 &error, &error_len) != 0 ||
							  error))
	{
		errno = error;
		return OBOL_ERR_IO;
	}
	return status;
}

static enum obol_status send_request(struct question *question,
									 const char *path)
{
	char text[256];
	int len = snprintf(text, sizeof(text),
					   "GET %s HTTP/1.1\r\nHost: localhost\r\n"
					   "Connection: close\r\n\r\n",
					   path);

	/* it fits a new connection's buffer */
	return send(question->fd, text, (size_t)len, MSG_NOSIGNAL) == len
			   ? OBOL_OK
			   : OBOL_ERR_IO;
}

static enum obol_status receive_all(struct question *question,
									struct obol_writer *w)
{
	enum obol_status status;
	uint8_t part[PART];
	ssize_t n;

	for (;;)
	{
		status = wait_for(question, POLLIN);
		if (status != OBOL_OK)
		{
			return status;
		}
		n = recv(question->fd, part, sizeof(part), 0);
		if (n == 0)
		{
			return obol_writer_status(w);
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
		{
			return OBOL_ERR_IO;
		}
		if (n > 0)
		{
			obol_write_bytes(w, obol_bytes(part, (size_t)n));
		}
		if (obol_writer_view(w).len > OBOL_METRICS_TEXT_MAX + HEAD_MAX)
		{
			return OBOL_ERR_FORMAT;
		}
	}
}

/* "HTTP/1.1 200 OK", further headers, an empty line, the document. */
static enum obol_status take_apart(struct obol_bytes answer, int *code,
								   struct obol_writer *body)
{
	static const char version[] = "HTTP/1.";
	const char *text = (const char *)answer.ptr;
	char digits[4] = "";
	size_t i;

	if (answer.len < 12 || memcmp(text, version, sizeof(version) - 1) != 0 ||
		text[8] != ' ')
	{
		return OBOL_ERR_FORMAT;
	}
	memcpy(digits, text + 9, 3);
	if (strspn(digits, "0123456789") != 3)
	{
		return OBOL_ERR_FORMAT;
	}
	for (i = 12; i + 4 <= answer.len && i < HEAD_MAX; i++)
	{
		if (memcmp(text + i, "\r\n\r\n", 4) == 0)
		{
			*code = atoi(digits);
			obol_write_bytes(body,
							 obol_bytes(text + i + 4, answer.len - i - 4));
			return obol_writer_status(body);
		}
	}
	return OBOL_ERR_FORMAT;
}

enum obol_status obol_ctl_ask(const char *address, const char *path, int *code,
							  struct obol_writer *body, char *why, size_t size)
{
	struct question question = {
		.fd = -1,
		.end_ms = obol_mono_ms(obol_clock_system()) + OBOL_CTL_ASK_MS,
	};
	struct obol_writer answer;
	enum obol_status status;

	obol_writer_init(&answer);
	status = connect_to(&question, address);
	if (status == OBOL_OK)
	{
		status = send_request(&question, path);
	}
	if (status == OBOL_OK)
	{
		status = receive_all(&question, &answer);
	}
	if (status == OBOL_OK)
	{
		status = take_apart(obol_writer_view(&answer), code, body);
	}
	if (status != OBOL_OK)
	{
		(void)snprintf(why, size, "obold does not answer on %s: %s", address,
					   status == OBOL_ERR_TIMEOUT ? "it takes too long"
					   : status == OBOL_ERR_FORMAT
						   ? "what is there is not obold"
					   : status == OBOL_ERR_NOMEM ? "out of memory"
												  : strerror(errno));
	}
	if (question.fd >= 0)
	{
		(void)close(question.fd);
	}
	obol_writer_clear(&answer);
	return status;
}
