/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wrong tags made of a right one. */
#include "support/bad_tags.h"

#include <stdlib.h>
#include <string.h>

#define TAG_MAX 64

static void flip_all(uint8_t *tag, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
	{
		tag[i] ^= 0xff;
	}
}

static void flip_top_bits(uint8_t *tag, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
	{
		tag[i] ^= 0x80;
	}
}

static void flip_two(uint8_t *tag, size_t len)
{
	/* a comparison that adds differences up would let these cancel out */
	tag[0] ^= 0x80;
	tag[len - 1] ^= 0x80;
}

static void all_zero(uint8_t *tag, size_t len)
{
	memset(tag, 0, len);
}

static void all_one(uint8_t *tag, size_t len)
{
	memset(tag, 0xff, len);
}

static void first_half_only(uint8_t *tag, size_t len)
{
	memset(tag + len / 2, 0, len - len / 2);
}

static void second_half_only(uint8_t *tag, size_t len)
{
	memset(tag, 0, len / 2);
}

static void reversed(uint8_t *tag, size_t len)
{
	size_t i;

	for (i = 0; i < len / 2; i++)
	{
		uint8_t byte = tag[i];

		tag[i] = tag[len - 1 - i];
		tag[len - 1 - i] = byte;
	}
}

static void shifted(uint8_t *tag, size_t len)
{
	uint8_t first = tag[0];

	memmove(tag, tag + 1, len - 1);
	tag[len - 1] = first;
}

static void plus_one(uint8_t *tag, size_t len)
{
	tag[len - 1]++;
}

static const struct {
	const char *what;
	void (*change)(uint8_t *tag, size_t len);
} rows[] = {
	{ "all bits flipped", flip_all },
	{ "the top bit of each byte flipped", flip_top_bits },
	{ "the first and the last byte flipped alike", flip_two },
	{ "zeros", all_zero },
	{ "ones", all_one },
	{ "the first half, then zeros", first_half_only },
	{ "zeros, then the second half", second_half_only },
	{ "reversed", reversed },
	{ "turned by a byte", shifted },
	{ "one more", plus_one },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

size_t bad_tags_count(size_t len)
{
	return N_ROWS + 8 * len;
}

const char *bad_tag_make(size_t i, uint8_t *tag, size_t len)
{
	uint8_t right[TAG_MAX];

	if (len == 0 || len > TAG_MAX)
	{
		abort();
	}
	if (i >= N_ROWS)
	{
		i -= N_ROWS;
		tag[i / 8] ^= (uint8_t)(1 << i % 8);
		return "a bit flipped";
	}
	memcpy(right, tag, len);
	rows[i].change(tag, len);
	/* such as a tag that is its own mirror image: as good as never */
	if (memcmp(right, tag, len) == 0)
	{
		tag[0] ^= 1;
	}
	return rows[i].what;
}
