/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codes and links of a transfer as people type them, requests to a relay. */
#include "fuzz/support.h"
#include "transfer/digits.h"
#include "transfer/link.h"
#include "wire/room.h"

static void check_digits(struct obol_bytes in)
{
	struct obol_secret *digits = NULL, *text = NULL, *again = NULL;
	uint32_t number = 0, same = 0;
	enum obol_status status = obol_digits_parse(in, &number, &digits);

	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
			   status == OBOL_ERR_AUTH);
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(obol_digits_text(number, digits, &text) == OBOL_OK);
		FUZZ_CHECK(obol_digits_parse(obol_secret_view(text), &same, &again) ==
				   OBOL_OK);
		FUZZ_CHECK(same == number && obol_bytes_eq(obol_secret_view(again),
												   obol_secret_view(digits)));
	}
	obol_secret_free(again);
	obol_secret_free(text);
	obol_secret_free(digits);
}

static void check_link(struct obol_bytes in)
{
	struct obol_transfer_place places[2][OBOL_TRANSFER_PLACES_MAX];
	struct obol_secret *secret = NULL, *text = NULL, *again = NULL;
	uint32_t number = 0, same = 0;
	size_t n = 0, n_again = 0;
	enum obol_status status;

	memset(places, 0, sizeof(places));
	status = obol_link_parse(in, &number, &secret, places[0], &n);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
			   status == OBOL_ERR_VERSION);
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(obol_link_is_one(in));
		FUZZ_CHECK(n <= OBOL_TRANSFER_PLACES_MAX);
		FUZZ_CHECK(obol_link_write(number, secret, places[0], n, &text) ==
				   OBOL_OK);
		FUZZ_CHECK(obol_link_parse(obol_secret_view(text), &same, &again,
								   places[1], &n_again) == OBOL_OK);
		FUZZ_CHECK(
			same == number && n_again == n &&
			obol_bytes_eq(obol_secret_view(again), obol_secret_view(secret)));
	}
	obol_secret_free(again);
	obol_secret_free(text);
	obol_secret_free(secret);
}

static void check_room(struct obol_bytes in)
{
	struct obol_room_request request;
	uint8_t again[OBOL_ROOM_REQUEST_LEN];
	enum obol_status status;

	if (in.len < OBOL_ROOM_REQUEST_LEN)
	{
		return;
	}
	status = obol_room_request_read(in.ptr, &request);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
			   status == OBOL_ERR_VERSION);
	if (status == OBOL_OK)
	{
		obol_room_request_write(&request, again);
		FUZZ_CHECK(memcmp(again, in.ptr, sizeof(again)) == 0);
	}
}

static void run(struct obol_bytes in)
{
	check_digits(in);
	check_link(in);
	check_room(in);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const struct obol_room_request join = { OBOL_ROOM_JOIN, 48213 };
	static const uint8_t bytes[OBOL_TRANSFER_LINK_SECRET_LEN] = { 1, 2, 3 };
	struct obol_secret *secret = fuzz_secret(obol_bytes(bytes, sizeof(bytes)));
	struct obol_secret *digits = fuzz_secret(obol_bytes_str("5027916"));
	uint8_t request[OBOL_ROOM_REQUEST_LEN];
	struct obol_secret *text = NULL, *link = NULL;

	FUZZ_CHECK(obol_digits_text(48213, digits, &text) == OBOL_OK);
	fuzz_seed(seeds, "digits", obol_secret_view(text));
	FUZZ_CHECK(obol_link_write(48213, secret, NULL, 0, &link) == OBOL_OK);
	fuzz_seed(seeds, "link", obol_secret_view(link));
	obol_room_request_write(&join, request);
	fuzz_seed(seeds, "room", obol_bytes(request, sizeof(request)));
	obol_secret_free(text);
	obol_secret_free(link);
	obol_secret_free(digits);
	obol_secret_free(secret);
}

static struct fuzz_target target = {
	.name = "transfer_text",
	.what = "codes, links and relay requests, written anew, are read again",
	.run = run,
	.seed = seed,
	.max_len = 600,
};

FUZZ_TARGET(target)
