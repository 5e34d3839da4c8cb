/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A keeper: holds the server's keys and answers one worker. */
#include "daemon/keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/keeper_wire.h"
#include "daemon/sandbox.h"
#include "server/keys.h"

/** A refusal is logged once in this time. */
#define REFUSAL_LOG_MS 60000

struct keeper {
	const struct obol_keeper_options *options;
	struct obol_server_keys *keys;
	struct obol_opaque_keys *operations;
	struct obol_secret *shared;
	uint64_t quiet_until_ms;
	uint64_t n_refused;
};

static void tell(struct keeper *keeper, const char *text)
{
	obol_log(keeper->options->log, OBOL_LOG_ERROR, "keeper", "%s", text);
}

/* A stranger can cause this, so seldom; the identifier says nothing. */
static void tell_refusal(struct keeper *keeper, uint64_t now)
{
	keeper->n_refused++;
	if (now < keeper->quiet_until_ms)
	{
		return;
	}
	obol_log(keeper->options->log, OBOL_LOG_WARN, "keeper",
			 "%llu uses of the server's keys refused: above the keeper's "
			 "ceilings",
			 (unsigned long long)keeper->n_refused);
	keeper->n_refused = 0;
	keeper->quiet_until_ms = now + REFUSAL_LOG_MS;
}

static enum obol_status evaluate(struct keeper *keeper,
								 const struct obol_keeper_request *request,
								 uint64_t now, uint8_t *evaluated)
{
	enum obol_status status =
		obol_keeper_table_take(keeper->options->table, &keeper->options->rates,
							   request->identifier, now);

	if (status != OBOL_OK)
	{
		return status;
	}
	return keeper->operations->oprf_evaluate(
		keeper->operations, request->key_number,
		obol_bytes(request->identifier, sizeof(request->identifier)),
		obol_bytes(request->point, sizeof(request->point)), evaluated);
}

static enum obol_status static_dh(struct keeper *keeper, uint32_t key_number,
								  struct obol_bytes point, uint64_t now,
								  uint8_t *shared)
{
	enum obol_status status = obol_keeper_table_take_use(
		keeper->options->table, &keeper->options->rates, OBOL_CEILING_DH, now);

	if (status == OBOL_OK)
	{
		status = keeper->operations->static_dh(keeper->operations, key_number,
											   point, keeper->shared);
	}
	if (status == OBOL_OK)
	{
		memcpy(shared, obol_secret_ptr(keeper->shared), OBOL_OPAQUE_NPK);
	}
	return status;
}

static enum obol_status perform(struct keeper *keeper,
								const struct obol_keeper_request *request,
								uint64_t now, struct obol_keeper_points *points)
{
	struct obol_bytes point =
		obol_bytes(request->point, sizeof(request->point));
	struct obol_bytes keyshare =
		obol_bytes(request->keyshare, sizeof(request->keyshare));
	enum obol_status status;

	if (obol_server_keys_has_ended(keeper->keys, request->key_number,
								   obol_now(keeper->options->clock)))
	{
		return OBOL_ERR_NOT_FOUND;
	}
	if (request->operation == OBOL_KEEPER_DH)
	{
		return static_dh(keeper, request->key_number, point, now,
						 points->point);
	}
	status = evaluate(keeper, request, now, points->point);
	if (status == OBOL_OK && request->operation == OBOL_KEEPER_LOGIN)
	{
		status = static_dh(keeper, request->key_number, keyshare, now,
						   points->shared);
	}
	return status;
}

static bool send_all(struct keeper *keeper, const uint8_t *bytes, size_t len)
{
	ssize_t n;

	do
	{
		n = send(keeper->options->worker_fd, bytes, len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)len;
}

static bool send_list(struct keeper *keeper)
{
	uint8_t out[OBOL_KEEPER_LIST_MAX];
	struct obol_keeper_list list = { .n = 0 };
	size_t n = obol_server_keys_count(keeper->keys);

	for (; list.n < n; list.n++)
	{
		list.keys[list.n].number =
			obol_server_keys_info(keeper->keys, list.n).number;
		if (keeper->operations->public_key(
				keeper->operations, list.keys[list.n].number,
				list.keys[list.n].public_key) != OBOL_OK)
		{
			return false;
		}
	}
	return send_all(keeper, out, obol_keeper_list_encode(&list, out));
}

static void count(struct keeper *keeper,
				  const struct obol_keeper_request *request,
				  enum obol_status status)
{
	obol_meter_add(
		keeper->options->meter, OBOL_METRIC_KEEPER,
		request->operation == OBOL_KEEPER_LOGIN      ? OBOL_KEEPER_OP_LOGIN
		: request->operation == OBOL_KEEPER_EVALUATE ? OBOL_KEEPER_OP_EVALUATE
													 : OBOL_KEEPER_OP_STATIC_DH,
		status == OBOL_OK           ? OBOL_VERDICT_OK
		: status == OBOL_ERR_DENIED ? OBOL_VERDICT_REFUSED
									: OBOL_VERDICT_ERROR,
		1);
}

static bool answer(struct keeper *keeper,
				   const struct obol_keeper_request *request)
{
	uint64_t now = obol_mono_ms(keeper->options->clock);
	uint8_t out[OBOL_KEEPER_ANSWER_LEN];
	struct obol_keeper_points points = { { 0 }, { 0 } };
	enum obol_status status;
	bool sent;

	if (request->operation == OBOL_KEEPER_KEYS)
	{
		return send_list(keeper);
	}
	status = perform(keeper, request, now, &points);
	if (status == OBOL_ERR_DENIED)
	{
		tell_refusal(keeper, now);
	}
	count(keeper, request, status);
	obol_keeper_answer_encode(status, &points, out);
	sent = send_all(keeper, out, sizeof(out));
	obol_wipe(&points, sizeof(points));
	obol_wipe(out, sizeof(out));
	return sent;
}

/* One byte more than a request, so that a longer message shows. */
static int serve(struct keeper *keeper)
{
	uint8_t in[OBOL_KEEPER_REQUEST_LEN + 1];
	struct obol_keeper_request request;
	ssize_t n;

	for (;;)
	{
		n = recv(keeper->options->worker_fd, in, sizeof(in), 0);
		if (n < 0 && errno == EINTR)
		{
			continue;
		}
		if (n <= 0)
		{
			return EXIT_SUCCESS; /* the worker is gone */
		}
		if (obol_keeper_request_decode(obol_bytes(in, (size_t)n), &request) !=
			OBOL_OK)
		{
			tell(keeper, "the worker sent what is no request; it may have been "
						 "taken over");
			return EXIT_FAILURE;
		}
		if (!answer(keeper, &request))
		{
			return EXIT_SUCCESS;
		}
	}
}

static bool open_keys(struct keeper *keeper)
{
	char why[512];

	if (obol_server_keys_load(keeper->options->keys_path, &keeper->keys, why,
							  sizeof(why)) != OBOL_OK)
	{
		tell(keeper, why);
		return false;
	}
	keeper->operations = obol_server_keys_operations(keeper->keys);
	return true;
}

static bool open_all(struct keeper *keeper)
{
	const struct obol_keeper_options *options = keeper->options;
	char why[512];

	if (!open_keys(keeper))
	{
		return false;
	}
	keeper->shared = obol_secret_new(OBOL_OPAQUE_NPK);
	if (!keeper->shared)
	{
		tell(keeper, "out of memory");
		return false;
	}
	if (obol_privileges_drop(&options->identity) != OBOL_OK)
	{
		tell(keeper, "a keeper cannot give up its privileges");
		return false;
	}
	if (obol_sandbox_enter(OBOL_SANDBOX_KEEPER, NULL, why, sizeof(why)) !=
		OBOL_OK)
	{
		tell(keeper, why);
		return false;
	}
	return true;
}

int obol_keeper_run(const struct obol_keeper_options *options)
{
	struct keeper keeper = { .options = options };
	int code = EXIT_FAILURE;

	/* a service manager tells all processes to end; the keeper's end is that
	 * of its worker, which lets connections finish first */
	(void)signal(SIGTERM, SIG_IGN);
	if (open_all(&keeper))
	{
		code = serve(&keeper);
	}
	obol_server_keys_free(keeper.keys);
	obol_secret_free(keeper.shared);
	return code;
}
