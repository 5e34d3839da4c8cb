/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The accounts that testing/bench/load logs in to. */
#include "testing/bench/load-account.h"

#include "group/sha256.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBER_MAX 99999999u

void load_die(const char *fmt, ...)
{
	va_list args;

	(void)fputs("load: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
	exit(1);
}

unsigned load_number(const char *text, unsigned min, unsigned max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value < min || value > max)
	{
		load_die("'%s' is not a number from %u to %u", text, min, max);
	}
	return (unsigned)value;
}

/* Nobody has to keep these secret; they only have to differ. */
static void derive(const char *label, const char *name, uint8_t *out,
				   size_t len)
{
	struct obol_bytes parts[] = { obol_bytes_str(label), obol_bytes_str(name) };
	uint8_t hash[OBOL_SHA256_LEN];

	if (obol_sha256(parts, 2, hash) != OBOL_OK)
	{
		load_die("the cryptographic library fails");
	}
	memcpy(out, hash, len);
}

void load_account(unsigned number, enum obol_slot_kind kind,
				  struct load_account *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	(void)snprintf(out->name, sizeof(out->name), "u%0*u", LOAD_NAME_DIGITS,
				   number % (NUMBER_MAX + 1));
	if (kind == OBOL_SLOT_DEVICE)
	{
		derive("device", out->name, out->device_id, sizeof(out->device_id));
	}
	derive("secret", out->name, out->secret, sizeof(out->secret));
}

unsigned load_account_live(unsigned at, unsigned n, unsigned n_live)
{
	return (unsigned)((unsigned long long)at * n / n_live);
}
