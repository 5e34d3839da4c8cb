/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name server's answer with SRV records. */
#include "fuzz/support.h"
#include "net/srv.h"

#define ID 0x1234
#define DOMAIN "vpn.example.org"
#define HEADER_LEN 12
#define OPT_LEN 11

static void check_list(const struct obol_srv_list *list)
{
	char again[OBOL_HOST_MAX + 1];
	size_t i;

	FUZZ_CHECK(list->n >= 1 && list->n <= OBOL_SRV_MAX);
	for (i = 0; i < list->n; i++)
	{
		const char *host = list->items[i].host;

		FUZZ_CHECK(list->items[i].port);
		FUZZ_CHECK(obol_host_name_parse(obol_bytes_str(host), again));
		FUZZ_CHECK(strcmp(host, again) == 0);
	}
}

static void decode(struct obol_bytes message, struct obol_bytes question)
{
	enum obol_srv_outcome outcome = OBOL_SRV_PENDING;
	struct obol_srv_list list = { 0 };
	enum obol_status status =
		obol_srv_decode(message, question, &outcome, &list);

	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	FUZZ_CHECK((status == OBOL_OK) == (outcome != OBOL_SRV_PENDING));
	if (outcome == OBOL_SRV_FOUND || (outcome == OBOL_SRV_CUT && list.n > 0))
	{
		check_list(&list);
	}
	else
	{
		FUZZ_CHECK(list.n == 0);
	}
}

/* As it comes, and behind id, flags and question as they should be, which
 * mutations would seldom hit. */
static void run(struct obol_bytes in)
{
	struct obol_reader r = obol_reader_over(in);
	struct obol_writer question, message;
	struct obol_bytes asked;

	obol_writer_init(&question);
	obol_writer_init(&message);
	FUZZ_CHECK(obol_srv_ask(DOMAIN, ID, &question) == OBOL_OK);
	asked = obol_writer_view(&question);
	decode(in, asked);
	obol_write_u16(&message, ID);
	obol_write_u8(&message, 0x81 | (obol_read_u8(&r) & 0x02));
	obol_write_u8(&message, obol_read_u8(&r) & 0x8f);
	obol_write_u16(&message, 1);
	obol_write_u16(&message, obol_read_u8(&r));
	obol_write_u32(&message, 0);
	obol_write_bytes(&message, obol_bytes(asked.ptr + HEADER_LEN,
										  asked.len - HEADER_LEN - OPT_LEN));
	if (obol_reader_ok(&r))
	{
		obol_write_bytes(&message, obol_read_fixed(&r, obol_reader_left(&r)));
		decode(obol_writer_view(&message), asked);
	}
	obol_writer_clear(&message);
	obol_writer_clear(&question);
}

/* The first three bytes are cut, rcode, and the number of answers. */
static void seed_records(struct fuzz_seeds *seeds, const char *name,
						 uint8_t cut, uint8_t rcode, const char *const *targets)
{
	struct obol_writer w;
	size_t n = 0;
	size_t mark;

	while (targets[n])
	{
		n++;
	}
	obol_writer_init(&w);
	obol_write_u8(&w, cut);
	obol_write_u8(&w, rcode);
	obol_write_u8(&w, (uint8_t)n);
	for (; *targets; targets++)
	{
		/* the question's name, by a pointer */
		obol_write_u16(&w, 0xc000 | HEADER_LEN);
		obol_write_u16(&w, 33);
		obol_write_u16(&w, 1);
		obol_write_u32(&w, 60);
		mark = obol_write_open(&w, 2);
		obol_write_u16(&w, 10);
		obol_write_u16(&w, 5);
		obol_write_u16(&w, 4501);
		if (**targets)
		{
			obol_write_vec8(&w, obol_bytes_str(*targets));
		}
		obol_write_u8(&w, 0);
		obol_write_close(&w, mark, 2);
	}
	fuzz_seed(seeds, name, obol_writer_view(&w));
	obol_writer_clear(&w);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const char *const two[] = { "moon", "sun", NULL };
	static const char *const root[] = { "", NULL };
	static const char *const none[] = { NULL };

	seed_records(seeds, "two", 0, 0, two);
	seed_records(seeds, "cut", 2, 0, two);
	seed_records(seeds, "root", 0, 0, root);
	seed_records(seeds, "none", 0, 0, none);
	seed_records(seeds, "name-error", 0, 3, none);
	seed_records(seeds, "failure", 0, 2, none);
}

static struct fuzz_target target = {
	.name = "srv",
	.what = "servers of an answer are host names with ports",
	.run = run,
	.seed = seed,
	.max_len = OBOL_SRV_MESSAGE_MAX,
};

FUZZ_TARGET(target)
