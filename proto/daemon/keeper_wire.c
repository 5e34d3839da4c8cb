/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker and its keeper say to each other. */
#include "daemon/keeper_wire.h"

#include "base/reader.h"

/** Statuses that go over; any other failure is the last one. */
static const enum obol_status statuses[] = {
	OBOL_OK,         OBOL_ERR_FORMAT, OBOL_ERR_NOT_FOUND,
	OBOL_ERR_DENIED, OBOL_ERR_NOMEM,  OBOL_ERR_CRYPTO,
};
#define N_STATUSES (sizeof(statuses) / sizeof(statuses[0]))

static void put_u32(uint8_t out[4], uint32_t value)
{
	out[0] = (uint8_t)(value >> 24);
	out[1] = (uint8_t)(value >> 16);
	out[2] = (uint8_t)(value >> 8);
	out[3] = (uint8_t)value;
}

void obol_keeper_request_encode(const struct obol_keeper_request *request,
								uint8_t out[OBOL_KEEPER_REQUEST_LEN])
{
	out[0] = (uint8_t)request->operation;
	put_u32(out + 1, request->key_number);
	memcpy(out + 5, request->identifier, sizeof(request->identifier));
	out += 5 + sizeof(request->identifier);
	memcpy(out, request->point, sizeof(request->point));
	memcpy(out + sizeof(request->point), request->keyshare,
		   sizeof(request->keyshare));
}

enum obol_status obol_keeper_request_decode(struct obol_bytes in,
											struct obol_keeper_request *out)
{
	struct obol_reader r = obol_reader_over(in);
	struct obol_keeper_request request;
	uint8_t operation = obol_read_u8(&r);
	enum obol_status status;

	request.key_number = obol_read_u32(&r);
	obol_read_copy(&r, request.identifier, sizeof(request.identifier));
	obol_read_copy(&r, request.point, sizeof(request.point));
	obol_read_copy(&r, request.keyshare, sizeof(request.keyshare));
	if (operation < OBOL_KEEPER_KEYS || operation > OBOL_KEEPER_LOGIN)
	{
		return OBOL_ERR_FORMAT;
	}
	request.operation = (enum obol_keeper_operation)operation;
	status = obol_read_end(&r);
	if (status == OBOL_OK)
	{
		*out = request;
	}
	return status;
}

void obol_keeper_answer_encode(enum obol_status status,
							   const struct obol_keeper_points *points,
							   uint8_t out[OBOL_KEEPER_ANSWER_LEN])
{
	size_t i = 0;

	while (i < N_STATUSES - 1 && statuses[i] != status)
	{
		i++;
	}
	memset(out, 0, OBOL_KEEPER_ANSWER_LEN);
	out[0] = (uint8_t)i;
	if (status == OBOL_OK)
	{
		memcpy(out + 1, points->point, OBOL_OPAQUE_NPK);
		memcpy(out + 1 + OBOL_OPAQUE_NPK, points->shared, OBOL_OPAQUE_NPK);
	}
}

enum obol_status obol_keeper_answer_decode(struct obol_bytes in,
										   struct obol_keeper_points *points)
{
	struct obol_reader r = obol_reader_over(in);
	uint8_t code = obol_read_u8(&r);
	struct obol_bytes point = obol_read_fixed(&r, OBOL_OPAQUE_NPK);
	struct obol_bytes shared = obol_read_fixed(&r, OBOL_OPAQUE_NPK);

	if (obol_read_end(&r) != OBOL_OK || code >= N_STATUSES)
	{
		return OBOL_ERR_IO;
	}
	if (statuses[code] == OBOL_OK)
	{
		memcpy(points->point, point.ptr, point.len);
		memcpy(points->shared, shared.ptr, shared.len);
	}
	return statuses[code];
}

size_t obol_keeper_list_encode(const struct obol_keeper_list *list,
							   uint8_t out[OBOL_KEEPER_LIST_MAX])
{
	uint8_t *at = out + 2;
	size_t i;

	out[0] = 0;
	out[1] = (uint8_t)list->n;
	for (i = 0; i < list->n; i++)
	{
		put_u32(at, list->keys[i].number);
		memcpy(at + 4, list->keys[i].public_key, OBOL_OPAQUE_NPK);
		at += 4 + OBOL_OPAQUE_NPK;
	}
	return (size_t)(at - out);
}

enum obol_status obol_keeper_list_decode(struct obol_bytes in,
										 struct obol_keeper_list *out)
{
	struct obol_reader r = obol_reader_over(in);
	struct obol_keeper_list list = { .n = 0 };
	uint8_t code = obol_read_u8(&r);
	size_t n = obol_read_u8(&r);
	enum obol_status status;

	if (code || !n || n > OBOL_KEEPER_KEYS_MAX)
	{
		return OBOL_ERR_FORMAT;
	}
	for (; list.n < n && obol_reader_ok(&r); list.n++)
	{
		list.keys[list.n].number = obol_read_u32(&r);
		obol_read_copy(&r, list.keys[list.n].public_key, OBOL_OPAQUE_NPK);
	}
	status = obol_read_end(&r);
	if (status == OBOL_OK)
	{
		*out = list;
	}
	return status;
}
