/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PRECIS profiles for names and passwords (RFC 8265). */
#include "base/precis.h"
#include "base/normalize.h"
#include "base/precis_class.h"

#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

/* What is typed may be longer than its normal form, but not without bound. */
#define NAME_TYPED_MAX 2048
#define PASSWORD_TYPED_MAX 4096
#define PASSWORD_MAX 1024
/* RFC 8264, 7: rules are applied again until nothing changes, thrice at most */
#define ROUNDS_MAX 4

/* Code points in memory that is wiped. */
struct text {
	struct obol_secret *mem;
	uint32_t *cps;
	size_t n;
	size_t size;
};

static enum obol_status text_init(struct text *text, size_t size)
{
	memset(text, 0, sizeof(*text));
	text->mem = obol_secret_new(size * sizeof(uint32_t));
	if (!text->mem)
	{
		return OBOL_ERR_NOMEM;
	}
	text->cps = (uint32_t *)(void *)obol_secret_ptr(text->mem);
	text->size = size;
	return OBOL_OK;
}

static void text_clear(struct text *text)
{
	obol_secret_free(text->mem);
	memset(text, 0, sizeof(*text));
}

static enum obol_status text_decode(struct text *text, struct obol_bytes utf8)
{
	enum obol_status status = text_init(text, utf8.len);
	size_t pos = 0;

	while (status == OBOL_OK && pos < utf8.len)
	{
		ucs4_t cp;
		int len = u8_mbtoucr(&cp, utf8.ptr + pos, utf8.len - pos);

		if (len <= 0)
		{
			return OBOL_ERR_FORMAT;
		}
		text->cps[text->n++] = cp;
		pos += (size_t)len;
	}
	return status;
}

/* Replaces the text by its normal form. */
static enum obol_status text_nfc(struct text *text)
{
	struct text out;
	enum obol_status status;

	status = text_init(&out, text->n * OBOL_NFC_GROWTH);
	if (status != OBOL_OK)
	{
		return status;
	}
	out.n = obol_nfc(text->cps, text->n, out.cps, out.size);
	if (out.n == SIZE_MAX)
	{
		text_clear(&out);
		return OBOL_ERR_FORMAT;
	}
	text_clear(text);
	*text = out;
	return OBOL_OK;
}

/* RFC 8265, 3.3.2: fullwidth and halfwidth characters to their usual form */
static void map_width(struct text *text)
{
	ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
	size_t i;
	int tag;

	for (i = 0; i < text->n; i++)
	{
		if (uc_decomposition(text->cps[i], &tag, parts) == 1 &&
			(tag == UC_DECOMP_WIDE || tag == UC_DECOMP_NARROW))
		{
			text->cps[i] = parts[0];
		}
	}
}

static enum obol_status map_case(struct text *text)
{
	enum obol_status status = OBOL_ERR_NOMEM;
	struct text out;
	uint32_t *lower;
	size_t n;

	lower = u32_tolower(text->cps, text->n, NULL, NULL, NULL, &n);
	if (!lower)
	{
		return status;
	}
	status = text_init(&out, n);
	if (status == OBOL_OK)
	{
		memcpy(out.cps, lower, n * sizeof(*lower));
		out.n = n;
		text_clear(text);
		*text = out;
	}
	obol_wipe(lower, n * sizeof(*lower));
	free(lower);
	return status;
}

/* What a name must be, before the mappings as well as after them. */
static bool is_name(const struct text *text)
{
	size_t i;

	for (i = 0; i < text->n; i++)
	{
		/* '@' parts name and server, ':' stands before ports */
		if (text->cps[i] == '@' || text->cps[i] == ':')
		{
			return false;
		}
	}
	return text->n > 0 && obol_precis_is_identifier(text->cps, text->n);
}

/* RFC 8265, 3.3.3, the rules once */
static enum obol_status map_name(struct text *text)
{
	enum obol_status status;

	map_width(text);
	if (!is_name(text))
	{
		return OBOL_ERR_FORMAT;
	}
	status = map_case(text);
	if (status == OBOL_OK)
	{
		status = text_nfc(text);
	}
	if (status == OBOL_OK &&
		(!is_name(text) || !obol_precis_bidi_ok(text->cps, text->n)))
	{
		status = OBOL_ERR_FORMAT;
	}
	return status;
}

static bool text_eq(const struct text *a, const struct text *b)
{
	return a->n == b->n && !memcmp(a->cps, b->cps, a->n * sizeof(uint32_t));
}

static enum obol_status text_dup(const struct text *text, struct text *copy)
{
	enum obol_status status = text_init(copy, text->n);

	if (status == OBOL_OK && text->n)
	{
		memcpy(copy->cps, text->cps, text->n * sizeof(uint32_t));
		copy->n = text->n;
	}
	return status;
}

/* Until nothing changes (RFC 8264, 7), so that a name's form is its own. */
static enum obol_status settle_name(struct text *text)
{
	enum obol_status status;
	struct text before;
	bool settled = false;
	int i;

	for (i = 0; i < ROUNDS_MAX && !settled; i++)
	{
		status = text_dup(text, &before);
		if (status == OBOL_OK)
		{
			status = map_name(text);
		}
		settled = status == OBOL_OK && text_eq(text, &before);
		text_clear(&before);
		if (status != OBOL_OK)
		{
			return status;
		}
	}
	return settled ? OBOL_OK : OBOL_ERR_FORMAT;
}

/* At most size bytes of UTF-8; SIZE_MAX when it does not fit. */
static size_t text_encode(const struct text *text, uint8_t *out, size_t size)
{
	size_t len = 0;
	size_t i;

	for (i = 0; i < text->n; i++)
	{
		int n = u8_uctomb(out + len, text->cps[i], (ptrdiff_t)(size - len));

		if (n <= 0)
		{
			return SIZE_MAX;
		}
		len += (size_t)n;
	}
	return len;
}

enum obol_status obol_precis_username(struct obol_bytes name, char *out,
									  size_t size)
{
	struct text text = { NULL, NULL, 0, 0 };
	enum obol_status status = OBOL_ERR_FORMAT;
	uint8_t *utf8 = NULL;
	size_t len;

	if (name.len == 0 || name.len > NAME_TYPED_MAX || size == 0)
	{
		goto out;
	}
	status = text_decode(&text, name);
	if (status == OBOL_OK)
	{
		status = settle_name(&text);
	}
	if (status != OBOL_OK)
	{
		goto out;
	}
	utf8 = malloc(size);
	if (!utf8)
	{
		status = OBOL_ERR_NOMEM;
		goto out;
	}
	len = text_encode(&text, utf8, size - 1);
	if (len == SIZE_MAX)
	{
		status = OBOL_ERR_FORMAT;
		goto out;
	}
	memcpy(out, utf8, len);
	out[len] = '\0';
out:
	free(utf8);
	text_clear(&text);
	return status;
}

/* RFC 8265, 4.2.1: any space is the ASCII one */
static void map_spaces(struct text *text)
{
	size_t i;

	for (i = 0; i < text->n; i++)
	{
		if (uc_is_general_category_withtable(text->cps[i], UC_CATEGORY_MASK_Zs))
		{
			text->cps[i] = ' ';
		}
	}
}

enum obol_status obol_precis_password(const struct obol_secret *password,
									  struct obol_secret **out)
{
	struct obol_bytes typed = obol_secret_view(password);
	struct text text = { NULL, NULL, 0, 0 };
	struct obol_secret *utf8 = NULL;
	enum obol_status status = OBOL_ERR_FORMAT;
	size_t len;

	if (typed.len == 0 || typed.len > PASSWORD_TYPED_MAX)
	{
		goto out;
	}
	status = text_decode(&text, typed);
	if (status == OBOL_OK)
	{
		map_spaces(&text);
		status = text_nfc(&text);
	}
	if (status != OBOL_OK)
	{
		goto out;
	}
	if (!obol_precis_is_freeform(text.cps, text.n))
	{
		status = OBOL_ERR_FORMAT;
		goto out;
	}
	utf8 = obol_secret_new(PASSWORD_MAX);
	if (!utf8)
	{
		status = OBOL_ERR_NOMEM;
		goto out;
	}
	len = text_encode(&text, obol_secret_ptr(utf8), PASSWORD_MAX);
	if (len == SIZE_MAX)
	{
		status = OBOL_ERR_FORMAT;
		goto out;
	}
	obol_secret_cut(utf8, len);
	*out = utf8;
	utf8 = NULL; /* moved to the caller */
out:
	obol_secret_free(utf8);
	text_clear(&text);
	return status;
}
