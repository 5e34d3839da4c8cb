/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unicode normalisation over libunistring's tables. */
#include "base/normalize.h"

#include <obol/secret.h>

#include <uninorm.h>
#include <unictype.h>

struct points {
	uint32_t *cps;
	size_t n;
	size_t size;
	bool full;
};

static void append(struct points *out, uint32_t cp)
{
	if (out->n == out->size)
	{
		out->full = true;
		return;
	}
	out->cps[out->n++] = cp;
}

/* Full decomposition: what a table row gives is decomposed in its turn. */
static void decompose(struct points *out, uint32_t cp, bool compat)
{
	ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
	int tag = UC_DECOMP_CANONICAL;
	int n = uc_decomposition(cp, &tag, parts);
	int i;

	if (n < 0 || (tag != UC_DECOMP_CANONICAL && !compat))
	{
		append(out, cp);
	}
	else
	{
		for (i = 0; i < n; i++)
		{
			decompose(out, parts[i], compat);
		}
	}
	obol_wipe(parts, sizeof(parts));
}

/* Canonical ordering: marks behind a starter by their class, stable. */
static void reorder(struct points *text)
{
	size_t i, j;

	for (i = 1; i < text->n; i++)
	{
		uint32_t cp = text->cps[i];
		int ccc = uc_combining_class(cp);

		for (j = i; ccc && j > 0 && uc_combining_class(text->cps[j - 1]) > ccc;
			 j--)
		{
			text->cps[j] = text->cps[j - 1];
		}
		text->cps[j] = cp;
	}
}

static void compose(struct points *text)
{
	size_t starter = SIZE_MAX;
	size_t n = 0;
	int last = -1;
	size_t i;

	for (i = 0; i < text->n; i++)
	{
		uint32_t cp = text->cps[i];
		int ccc = uc_combining_class(cp);

		/* not blocked: nothing of the same or a higher class in between */
		if (starter != SIZE_MAX && last < ccc)
		{
			uint32_t whole = uc_composition(text->cps[starter], cp);

			if (whole)
			{
				text->cps[starter] = whole;
				continue;
			}
		}
		if (ccc == 0)
		{
			starter = n;
			last = -1;
		}
		else
		{
			last = ccc;
		}
		text->cps[n++] = cp;
	}
	text->n = n;
}

static size_t normalize(const uint32_t *in, size_t n, uint32_t *out,
						size_t size, bool compat)
{
	struct points text = { out, 0, size, false };
	size_t i;

	for (i = 0; i < n && !text.full; i++)
	{
		decompose(&text, in[i], compat);
	}
	if (text.full)
	{
		return SIZE_MAX;
	}
	reorder(&text);
	compose(&text);
	return text.n;
}

size_t obol_nfc(const uint32_t *in, size_t n, uint32_t *out, size_t size)
{
	return normalize(in, n, out, size, false);
}

bool obol_has_compat(uint32_t cp)
{
	uint32_t out[OBOL_NFKC_GROWTH];
	size_t n = normalize(&cp, 1, out, OBOL_NFKC_GROWTH, true);
	bool changed = n != 1 || out[0] != cp;

	obol_wipe(out, sizeof(out));
	return changed;
}
