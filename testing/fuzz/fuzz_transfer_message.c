/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of a transfer: type | body. */
#include "fuzz/support.h"
#include "transfer/message.h"

/** Contents of records, behind the types that frames have. */
#define CONTENT 0x40

static void write_again(struct obol_writer *w, uint8_t type,
						struct obol_bytes body, enum obol_status *status)
{
	struct obol_transfer_item *items =
		calloc(OBOL_TRANSFER_ITEMS_MAX, sizeof(*items));
	struct obol_transfer_hello hello = { .version = 0 };
	uint8_t opening[OBOL_TRANSFER_OPENING_LEN];
	char name[OBOL_TRANSFER_NAME_MAX + 1];
	size_t n = 0;

	FUZZ_CHECK(items);
	switch (type)
	{
		case OBOL_TRANSFER_HELLO:
			*status = obol_transfer_read_hello(body, &hello);
			obol_transfer_write_hello(w, &hello);
			break;
		case OBOL_TRANSFER_WELCOME:
			*status = obol_transfer_read_welcome(body, &hello);
			obol_transfer_write_welcome(w, &hello);
			break;
		case CONTENT | OBOL_TRANSFER_INTRO:
			*status = obol_transfer_read_intro(body, opening, name);
			if (*status == OBOL_OK)
			{
				FUZZ_CHECK(obol_transfer_name_is_sound(obol_bytes_str(name)));
				obol_transfer_write_intro(w, opening, name);
			}
			break;
		case CONTENT | OBOL_TRANSFER_OFFERED:
			*status = obol_transfer_read_offer(body, items, &n);
			if (*status == OBOL_OK)
			{
				FUZZ_CHECK(n >= 1 && n <= OBOL_TRANSFER_ITEMS_MAX);
				obol_transfer_write_offer(w, items, n);
			}
			break;
		default:
			(void)obol_transfer_end_of(type);
			break;
	}
	free(items);
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	uint8_t type = fuzz_u8(&script);
	struct obol_bytes body = fuzz_rest(&script), again;
	enum obol_status status = OBOL_ERR_NOT_FOUND;
	size_t head = type & CONTENT ? 1 : OBOL_TRANSFER_HEADER_LEN;
	struct obol_writer w;

	obol_writer_init(&w);
	write_again(&w, type, body, &status);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
			   status == OBOL_ERR_VERSION || status == OBOL_ERR_NOT_FOUND);
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(obol_writer_status(&w) == OBOL_OK);
		again = obol_writer_view(&w);
		FUZZ_CHECK(again.len == head + body.len &&
				   again.ptr[0] == (type & ~CONTENT));
		FUZZ_CHECK(memcmp(again.ptr + head, body.ptr, body.len) == 0);
	}
	obol_writer_clear(&w);
}

static void seed_from(struct fuzz_seeds *seeds, const char *name, uint8_t flag,
					  size_t head, struct obol_writer *w)
{
	struct obol_bytes bytes = obol_writer_view(w);
	struct obol_writer seed;

	FUZZ_CHECK(bytes.len > head);
	obol_writer_init(&seed);
	obol_write_u8(&seed, bytes.ptr[0] | flag);
	obol_write_bytes(&seed, obol_bytes(bytes.ptr + head, bytes.len - head));
	fuzz_seed(seeds, name, obol_writer_view(&seed));
	obol_writer_clear(&seed);
	obol_writer_clear(w);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const uint8_t opening[OBOL_TRANSFER_OPENING_LEN] = { 1, 2, 3 };
	struct obol_transfer_hello hello = {
		.version = OBOL_TRANSFER_PROTOCOL_VERSION,
		.draft = 1,
		.kind = 1,
		.number = 48213,
	};
	struct obol_transfer_item item = { .format = 1, .size = 1000 };
	struct obol_writer w;

	obol_writer_init(&w);
	obol_transfer_write_hello(&w, &hello);
	seed_from(seeds, "hello", 0, OBOL_TRANSFER_HEADER_LEN, &w);
	obol_transfer_write_welcome(&w, &hello);
	seed_from(seeds, "welcome", 0, OBOL_TRANSFER_HEADER_LEN, &w);
	obol_transfer_write_intro(&w, opening, "laptop");
	seed_from(seeds, "intro", CONTENT, 1, &w);
	(void)strcpy(item.name, "vpn");
	obol_transfer_write_offer(&w, &item, 1);
	seed_from(seeds, "offer", CONTENT, 1, &w);
}

static struct fuzz_target target = {
	.name = "transfer_message",
	.what = "a transfer's message that is taken is written as the same bytes",
	.run = run,
	.seed = seed,
	.max_len = 1024,
};

FUZZ_TARGET(target)
