/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker's way to its keeper. */
#include "daemon/keeper_link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "daemon/keeper_wire.h"

/** An answer takes a fifth of a millisecond; this is for a machine that hangs.
 */
#define ANSWER_MAX_S 10

struct obol_keeper_link {
	struct obol_opaque_keys operations;
	int fd;
	bool is_broken;
	/** asked, and not yet taken */
	bool owes_answer;
	struct obol_keeper_list list;
};

static ssize_t receive(struct obol_keeper_link *link, void *in, size_t size)
{
	ssize_t n;

	do
	{
		n = recv(link->fd, in, size, 0);
	} while (n < 0 && errno == EINTR);
	return n;
}

static bool transmit(struct obol_keeper_link *link,
					 const struct obol_keeper_request *request)
{
	uint8_t out[OBOL_KEEPER_REQUEST_LEN];
	ssize_t n;

	obol_keeper_request_encode(request, out);
	do
	{
		n = send(link->fd, out, sizeof(out), MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(out);
}

static enum obol_status give_up(struct obol_keeper_link *link)
{
	/* an answer that comes late must not pass for the next one's */
	link->is_broken = true;
	return OBOL_ERR_IO;
}

static enum obol_status ask(struct obol_keeper_link *link,
							const struct obol_keeper_request *request)
{
	if (link->is_broken)
	{
		return OBOL_ERR_IO;
	}
	if (link->owes_answer)
	{
		return OBOL_ERR_ARG;
	}
	if (!transmit(link, request))
	{
		return give_up(link);
	}
	link->owes_answer = true;
	return OBOL_OK;
}

static enum obol_status take(struct obol_keeper_link *link,
							 struct obol_keeper_points *points)
{
	uint8_t in[OBOL_KEEPER_ANSWER_LEN + 1];
	enum obol_status status;
	ssize_t n;

	if (!link->owes_answer)
	{
		return OBOL_ERR_ARG;
	}
	link->owes_answer = false;
	n = receive(link, in, sizeof(in));
	if (n <= 0)
	{
		return give_up(link);
	}
	status = obol_keeper_answer_decode(obol_bytes(in, (size_t)n), points);
	obol_wipe(in, sizeof(in));
	return status == OBOL_ERR_IO ? give_up(link) : status;
}

static enum obol_status ask_and_take(struct obol_keeper_link *link,
									 const struct obol_keeper_request *request,
									 struct obol_keeper_points *points)
{
	enum obol_status status = ask(link, request);

	return status == OBOL_OK ? take(link, points) : status;
}

/*
 * The operations
 */

static bool take_point(struct obol_bytes point, uint8_t *to, size_t len)
{
	if (point.len != len)
	{
		return false;
	}
	memcpy(to, point.ptr, point.len);
	return true;
}

static enum obol_status oprf_evaluate(struct obol_opaque_keys *operations,
									  uint32_t key_number,
									  struct obol_bytes identifier,
									  struct obol_bytes blinded,
									  uint8_t evaluated[OBOL_OPAQUE_NOE])
{
	struct obol_keeper_request request = {
		.operation = OBOL_KEEPER_EVALUATE,
		.key_number = key_number,
	};
	struct obol_keeper_points points;
	enum obol_status status;

	if (identifier.len != sizeof(request.identifier))
	{
		return OBOL_ERR_ARG;
	}
	memcpy(request.identifier, identifier.ptr, identifier.len);
	if (!take_point(blinded, request.point, sizeof(request.point)))
	{
		return OBOL_ERR_FORMAT;
	}
	status = ask_and_take(operations->ctx, &request, &points);
	if (status == OBOL_OK)
	{
		memcpy(evaluated, points.point, OBOL_OPAQUE_NOE);
	}
	return status;
}

static enum obol_status static_dh(struct obol_opaque_keys *operations,
								  uint32_t key_number, struct obol_bytes point,
								  struct obol_secret *shared)
{
	struct obol_keeper_request request = {
		.operation = OBOL_KEEPER_DH,
		.key_number = key_number,
	};
	struct obol_keeper_points points;
	enum obol_status status;

	if (obol_secret_len(shared) != OBOL_OPAQUE_NPK)
	{
		return OBOL_ERR_ARG;
	}
	if (!take_point(point, request.point, sizeof(request.point)))
	{
		return OBOL_ERR_FORMAT;
	}
	status = ask_and_take(operations->ctx, &request, &points);
	if (status == OBOL_OK)
	{
		memcpy(obol_secret_ptr(shared), points.point, OBOL_OPAQUE_NPK);
	}
	obol_wipe(&points, sizeof(points));
	return status;
}

static enum obol_status ask_login(struct obol_opaque_keys *operations,
								  uint32_t key_number,
								  struct obol_bytes identifier,
								  struct obol_bytes blinded,
								  struct obol_bytes keyshare)
{
	struct obol_keeper_request request = {
		.operation = OBOL_KEEPER_LOGIN,
		.key_number = key_number,
	};

	if (identifier.len != sizeof(request.identifier))
	{
		return OBOL_ERR_ARG;
	}
	memcpy(request.identifier, identifier.ptr, identifier.len);
	if (!take_point(blinded, request.point, sizeof(request.point)) ||
		!take_point(keyshare, request.keyshare, sizeof(request.keyshare)))
	{
		return OBOL_ERR_FORMAT;
	}
	return ask(operations->ctx, &request);
}

static enum obol_status take_login(struct obol_opaque_keys *operations,
								   uint8_t evaluated[OBOL_OPAQUE_NOE],
								   struct obol_secret *shared)
{
	struct obol_keeper_points points;
	enum obol_status status = take(operations->ctx, &points);

	if (status == OBOL_OK && obol_secret_len(shared) != OBOL_OPAQUE_NPK)
	{
		status = OBOL_ERR_ARG;
	}
	if (status == OBOL_OK)
	{
		memcpy(evaluated, points.point, OBOL_OPAQUE_NOE);
		memcpy(obol_secret_ptr(shared), points.shared, OBOL_OPAQUE_NPK);
	}
	obol_wipe(&points, sizeof(points));
	return status;
}

static enum obol_status public_key_of(struct obol_opaque_keys *operations,
									  uint32_t key_number,
									  uint8_t public_key[OBOL_OPAQUE_NPK])
{
	const struct obol_keeper_link *link = operations->ctx;
	size_t i;

	for (i = 0; i < link->list.n; i++)
	{
		if (link->list.keys[i].number == key_number)
		{
			memcpy(public_key, link->list.keys[i].public_key, OBOL_OPAQUE_NPK);
			return OBOL_OK;
		}
	}
	return OBOL_ERR_NOT_FOUND;
}

static enum obol_status ask_keys(struct obol_keeper_link *link)
{
	static const struct obol_keeper_request request = {
		.operation = OBOL_KEEPER_KEYS,
	};
	uint8_t in[OBOL_KEEPER_LIST_MAX + 1];
	ssize_t n = transmit(link, &request) ? receive(link, in, sizeof(in)) : -1;

	return n > 0 && obol_keeper_list_decode(obol_bytes(in, (size_t)n),
											&link->list) == OBOL_OK
			   ? OBOL_OK
			   : OBOL_ERR_IO;
}

enum obol_status obol_keeper_link_new(int fd, struct obol_keeper_link **out)
{
	static const struct timeval limit = { ANSWER_MAX_S, 0 };
	struct obol_keeper_link *link = calloc(1, sizeof(*link));
	enum obol_status status;

	if (!link)
	{
		return OBOL_ERR_NOMEM;
	}
	link->fd = fd;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	status = ask_keys(link);
	if (status != OBOL_OK)
	{
		free(link);
		return status;
	}
	link->operations.oprf_evaluate = oprf_evaluate;
	link->operations.static_dh = static_dh;
	link->operations.ask_login = ask_login;
	link->operations.take_login = take_login;
	link->operations.public_key = public_key_of;
	link->operations.ctx = link;
	*out = link;
	return OBOL_OK;
}

void obol_keeper_link_free(struct obol_keeper_link *link)
{
	free(link);
}

struct obol_opaque_keys *
obol_keeper_link_operations(struct obol_keeper_link *link)
{
	return &link->operations;
}

uint32_t obol_keeper_link_current(const struct obol_keeper_link *link)
{
	return link->list.keys[link->list.n - 1].number;
}

bool obol_keeper_link_is_broken(const struct obol_keeper_link *link)
{
	return link->is_broken;
}
