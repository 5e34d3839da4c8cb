/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codes that a person reads out. */
#include "seal/code.h"
#include "base/ct_check.h"

#define BITS_PER_CHARACTER 5
#define GROUP_LEN 4
#define CHARACTERS_MAX 27
#define INVALID 0xff

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Characters of a code without its check character. */
static size_t data_len(unsigned bits)
{
	return (bits + BITS_PER_CHARACTER - 1) / BITS_PER_CHARACTER;
}

/* 0xff when a equals b, else 0; both below 256 */
static uint8_t mask_eq(unsigned a, unsigned b)
{
	return (uint8_t)(((a ^ b) - 1) >> 8);
}

/* The whole alphabet is read for each character, so that no address tells
 * which one it was; likewise below. */
static char to_character(uint8_t value)
{
	uint8_t c = 0;
	unsigned i;

	for (i = 0; i < 32; i++)
	{
		c |= (uint8_t)alphabet[i] & mask_eq(i, value);
	}
	return (char)c;
}

static uint8_t to_value(uint8_t c)
{
	uint8_t value = 0, found = 0;
	uint8_t lower = (uint8_t)(mask_eq(c & 0xe0, 0x60) & 0x20);
	unsigned i;

	c = (uint8_t)(c ^ lower);
	c ^= mask_eq(c, 'O') & ('O' ^ '0');
	c ^= (mask_eq(c, 'I') & ('I' ^ '1')) | (mask_eq(c, 'L') & ('L' ^ '1'));
	for (i = 0; i < 32; i++)
	{
		uint8_t equal = mask_eq((uint8_t)alphabet[i], c);

		value |= (uint8_t)i & equal;
		found |= equal;
	}
	return (uint8_t)(value | (uint8_t)~found);
}

/* Times x in GF(2^5) with x^5 + x^2 + 1, whose x has order 31. */
static uint8_t times_x(uint8_t value)
{
	uint8_t carry = (uint8_t)(0 - (value >> 4 & 1));

	return (uint8_t)((value << 1 & 0x1f) ^ (carry & 0x05));
}

/* The sum of value * x^(position from the end), in Horner's manner. Each place
 * has a weight of its own, so that one wrong character, and any two that
 * changed places, always show. */
static uint8_t check_value(const uint8_t *values, size_t n)
{
	uint8_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
	{
		sum = times_x(sum ^ values[i]);
	}
	return sum;
}

static void bytes_to_values(struct obol_bytes bytes, uint8_t *values, size_t n)
{
	unsigned held = 0, n_held = 0;
	size_t next = 0;
	size_t i;

	for (i = 0; i < n; i++)
	{
		while (n_held < BITS_PER_CHARACTER)
		{
			held = held << 8 | (next < bytes.len ? bytes.ptr[next] : 0);
			next++;
			n_held += 8;
		}
		n_held -= BITS_PER_CHARACTER;
		values[i] = held >> n_held & 0x1f;
		held &= (1U << n_held) - 1;
	}
}

/* The bits left over behind the last whole byte. */
static unsigned values_to_bytes(const uint8_t *values, size_t n, uint8_t *bytes)
{
	unsigned held = 0, n_held = 0;
	size_t i;

	for (i = 0; i < n; i++)
	{
		held = held << BITS_PER_CHARACTER | values[i];
		n_held += BITS_PER_CHARACTER;
		if (n_held >= 8)
		{
			n_held -= 8;
			*bytes++ = (uint8_t)(held >> n_held);
			held &= (1U << n_held) - 1;
		}
	}
	return held;
}

static struct obol_secret *to_text(const uint8_t *values, size_t n)
{
	struct obol_secret *text = obol_secret_new(OBOL_CODE_TEXT_MAX);
	uint8_t *place;
	size_t len = 0;
	size_t i;

	if (!text)
	{
		return NULL;
	}
	place = obol_secret_ptr(text);
	for (i = 0; i < n; i++)
	{
		if (i && i % GROUP_LEN == 0)
		{
			place[len++] = '-';
		}
		place[len++] = (uint8_t)to_character(values[i]);
	}
	obol_secret_cut(text, len);
	return text;
}

static bool bits_known(unsigned bits)
{
	return bits == OBOL_ACTIVATION_BITS || bits == OBOL_RECOVERY_BITS;
}

enum obol_status obol_code_new(struct obol_rng *rng, unsigned bits,
							   struct obol_secret **secret,
							   struct obol_secret **text)
{
	uint8_t values[CHARACTERS_MAX];
	struct obol_secret *random = NULL, *shown = NULL;
	enum obol_status status = OBOL_ERR_ARG;
	size_t n = data_len(bits);

	if (!bits_known(bits))
	{
		goto out;
	}
	status = obol_rng_secret(rng, bits / 8, &random);
	if (status != OBOL_OK)
	{
		goto out;
	}
	bytes_to_values(obol_secret_view(random), values, n);
	values[n] = check_value(values, n);
	shown = to_text(values, n + 1);
	if (!shown)
	{
		status = OBOL_ERR_NOMEM;
		goto out;
	}
	*secret = random;
	*text = shown;
	random = NULL; /* moved to the caller */
out:
	obol_wipe(values, sizeof(values));
	obol_secret_free(random);
	return status;
}

/* The values of what was typed; false unless there are just n. */
static bool read_values(struct obol_bytes text, uint8_t *values, size_t n)
{
	size_t found = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
	{
		uint8_t c = text.ptr[i];
		uint8_t value;

		/* public: where the separators are, they are for the eye */
		if (obol_ct_verdict(mask_eq(c, ' ') | mask_eq(c, '-') |
							mask_eq(c, '\t')))
		{
			continue;
		}
		value = to_value(c);
		/* public: that it is no character of a code at all */
		if (obol_ct_verdict(mask_eq(value, INVALID)) || found == n)
		{
			return false;
		}
		values[found++] = value;
	}
	return found == n;
}

enum obol_status obol_code_parse(struct obol_bytes text, unsigned bits,
								 struct obol_secret **secret)
{
	uint8_t values[CHARACTERS_MAX] = { 0 };
	struct obol_secret *parsed = NULL;
	enum obol_status status = OBOL_ERR_ARG;
	size_t n = data_len(bits);

	if (!bits_known(bits))
	{
		goto out;
	}
	status = OBOL_ERR_FORMAT;
	if (!read_values(text, values, n + 1))
	{
		goto out;
	}
	status = OBOL_ERR_AUTH;
	/* public: a slip, which its user is told of */
	if (obol_ct_verdict((unsigned)check_value(values, n) ^ values[n]))
	{
		goto out;
	}
	parsed = obol_secret_new(bits / 8);
	status = OBOL_ERR_NOMEM;
	if (!parsed)
	{
		goto out;
	}
	status = OBOL_ERR_FORMAT;
	/* public: bits that no code has */
	if (obol_ct_verdict(values_to_bytes(values, n, obol_secret_ptr(parsed))))
	{
		goto out;
	}
	*secret = parsed;
	parsed = NULL; /* moved to the caller */
	status = OBOL_OK;
out:
	obol_wipe(values, sizeof(values));
	obol_secret_free(parsed);
	return status;
}
