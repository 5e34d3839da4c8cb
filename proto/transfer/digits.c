/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codes as a person reads them out. */
#include "transfer/digits.h"

#include <obol/transfer.h>

#include "base/ct_check.h"

#define DIGITS (OBOL_TRANSFER_NUMBER_DIGITS + OBOL_TRANSFER_SECRET_DIGITS)
#define GROUP_LEN 4
/* The largest multiple of ten that a byte can be below: what is not below it
 * would make some digits likelier. */
#define FAIR_MAX 250

/* 1 when a equals b, else 0; both below 2^16 */
static unsigned equals(unsigned a, unsigned b)
{
	return ((a ^ b) - 1) >> 31;
}

/* a modulo 10 (a below 1024) and 11 (a below 64), without a division, whose
 * time may tell a */
static unsigned mod10(unsigned a)
{
	return a - 10 * (a * 205 >> 11);
}

static unsigned mod11(unsigned a)
{
	return a - 11 * (a * 187 >> 11);
}

/* ISO 7064, MOD 11,10 */
static unsigned check_digit(const uint8_t *values, size_t n)
{
	unsigned p = 10, s;
	size_t i;

	for (i = 0; i < n; i++)
	{
		s = mod10(p + values[i]);
		s += 10 * equals(s, 0);
		p = mod11(2 * s);
	}
	return mod10(11 - p);
}

static enum obol_status random_digit(struct obol_rng *rng, uint8_t *digit)
{
	enum obol_status status;
	uint8_t byte;

	do
	{
		status = obol_rng_fill(rng, &byte, 1);
	} while (status == OBOL_OK && byte >= FAIR_MAX);
	if (status == OBOL_OK)
	{
		*digit = (uint8_t)mod10(byte);
	}
	return status;
}

enum obol_status obol_digits_number(struct obol_rng *rng, uint32_t *number)
{
	enum obol_status status = OBOL_OK;
	uint32_t value = 0;
	uint8_t digit = 0;
	unsigned i;

	for (i = 0; status == OBOL_OK && i < OBOL_TRANSFER_NUMBER_DIGITS; i++)
	{
		status = random_digit(rng, &digit);
		value = 10 * value + digit;
	}
	if (status == OBOL_OK)
	{
		*number = value;
	}
	return status;
}

enum obol_status obol_digits_secret(struct obol_rng *rng,
									struct obol_secret **digits)
{
	struct obol_secret *made = obol_secret_new(OBOL_TRANSFER_SECRET_DIGITS);
	enum obol_status status = made ? OBOL_OK : OBOL_ERR_NOMEM;
	uint8_t digit = 0;
	unsigned i;

	for (i = 0; status == OBOL_OK && i < OBOL_TRANSFER_SECRET_DIGITS; i++)
	{
		status = random_digit(rng, &digit);
		obol_secret_ptr(made)[i] = (uint8_t)('0' + digit);
	}
	obol_wipe(&digit, sizeof(digit));
	if (status != OBOL_OK)
	{
		obol_secret_free(made);
		return status;
	}
	obol_ct_secret(obol_secret_ptr(made), OBOL_TRANSFER_SECRET_DIGITS);
	*digits = made;
	return OBOL_OK;
}

enum obol_status obol_digits_text(uint32_t number,
								  const struct obol_secret *digits,
								  struct obol_secret **text)
{
	struct obol_secret *made = obol_secret_new(OBOL_TRANSFER_CODE_LEN);
	uint8_t values[DIGITS + 1];
	uint32_t rest = number;
	uint8_t *place;
	size_t i;

	if (!made)
	{
		return OBOL_ERR_NOMEM;
	}
	for (i = OBOL_TRANSFER_NUMBER_DIGITS; i-- > 0; rest /= 10)
	{
		values[i] = (uint8_t)(rest % 10);
	}
	for (i = 0; i < OBOL_TRANSFER_SECRET_DIGITS; i++)
	{
		values[OBOL_TRANSFER_NUMBER_DIGITS + i] =
			(uint8_t)(obol_secret_view(digits).ptr[i] - '0');
	}
	values[DIGITS] = (uint8_t)check_digit(values, DIGITS);
	place = obol_secret_ptr(made);
	for (i = 0; i <= DIGITS; i++)
	{
		if (i >= OBOL_TRANSFER_NUMBER_DIGITS &&
			(i - OBOL_TRANSFER_NUMBER_DIGITS) % GROUP_LEN == 0)
		{
			*place++ = '-';
		}
		*place++ = (uint8_t)('0' + values[i]);
	}
	obol_wipe(values, sizeof(values));
	*text = made;
	return OBOL_OK;
}

/* The digits of what was typed; false unless there are just as many. */
static bool read_values(struct obol_bytes text, uint8_t values[DIGITS + 1])
{
	size_t found = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
	{
		uint8_t c = text.ptr[i];

		/* public: where the separators are, they are for the eye */
		if (obol_ct_verdict(equals(c, ' ') | equals(c, '-') | equals(c, '\t')))
		{
			continue;
		}
		/* public: that it is no digit at all */
		if (obol_ct_verdict(((c - (unsigned)'0') | ((unsigned)'9' - c)) >>
							31) ||
			found == DIGITS + 1)
		{
			return false;
		}
		values[found++] = (uint8_t)(c - '0');
	}
	return found == DIGITS + 1;
}

enum obol_status obol_digits_parse(struct obol_bytes text, uint32_t *number,
								   struct obol_secret **digits)
{
	uint8_t values[DIGITS + 1] = { 0 };
	struct obol_secret *made = NULL;
	enum obol_status status = OBOL_ERR_FORMAT;
	uint32_t value = 0;
	size_t i;

	if (!read_values(text, values))
	{
		goto out;
	}
	status = OBOL_ERR_AUTH;
	/* public: a slip, which its user is told of */
	if (obol_ct_verdict(check_digit(values, DIGITS) ^ values[DIGITS]))
	{
		goto out;
	}
	made = obol_secret_new(OBOL_TRANSFER_SECRET_DIGITS);
	status = OBOL_ERR_NOMEM;
	if (!made)
	{
		goto out;
	}
	for (i = 0; i < OBOL_TRANSFER_NUMBER_DIGITS; i++)
	{
		value = 10 * value + values[i];
	}
	/* public: the number is not of the secret, though typed with it */
	obol_ct_public(&value, sizeof(value));
	for (i = 0; i < OBOL_TRANSFER_SECRET_DIGITS; i++)
	{
		obol_secret_ptr(made)[i] =
			(uint8_t)('0' + values[OBOL_TRANSFER_NUMBER_DIGITS + i]);
	}
	*number = value;
	*digits = made;
	status = OBOL_OK;
out:
	obol_wipe(values, sizeof(values));
	return status;
}
