/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PRECIS string classes and the bidi rule, over libunistring's tables. */
#include "base/precis_class.h"
#include "base/normalize.h"

#include <string.h>
#include <unictype.h>
#include <uninorm.h>

#define ZWNJ 0x200c
#define ZWJ 0x200d
#define VIRAMA 9

enum property {
	PVALID,
	CONTEXTUAL,
	/** ID_DIS or FREE_PVAL: valid in FreeformClass alone */
	FREE_PVAL,
	DISALLOWED,
};

/* RFC 8264, 9.6 (the list of RFC 5892, 2.6) */
static const struct {
	uint32_t first;
	uint32_t last;
	enum property property;
} exceptions[] = {
	{ 0x00b7, 0x00b7, CONTEXTUAL }, { 0x00df, 0x00df, PVALID },
	{ 0x0375, 0x0375, CONTEXTUAL }, { 0x03c2, 0x03c2, PVALID },
	{ 0x05f3, 0x05f4, CONTEXTUAL }, { 0x0640, 0x0640, DISALLOWED },
	{ 0x0660, 0x0669, CONTEXTUAL }, { 0x06f0, 0x06f9, CONTEXTUAL },
	{ 0x06fd, 0x06fe, PVALID },     { 0x07fa, 0x07fa, DISALLOWED },
	{ 0x0f0b, 0x0f0b, PVALID },     { 0x3007, 0x3007, PVALID },
	{ 0x302e, 0x302f, DISALLOWED }, { 0x3031, 0x3035, DISALLOWED },
	{ 0x303b, 0x303b, DISALLOWED }, { 0x30fb, 0x30fb, CONTEXTUAL },
};

static bool in_range(uint32_t cp, uint32_t first, uint32_t last)
{
	return cp >= first && cp <= last;
}

/* RFC 8264, 9.9: conjoining jamo, of whatever syllable type */
static bool is_old_hangul_jamo(uint32_t cp)
{
	return in_range(cp, 0x1100, 0x11ff) || in_range(cp, 0xa960, 0xa97c) ||
		   in_range(cp, 0xd7b0, 0xd7c6) || in_range(cp, 0xd7cb, 0xd7fb);
}

/* RFC 8264, 9.1 and 9.14 to 9.18 */
static enum property by_category(uint32_t cp)
{
	static const uint32_t letter_digits =
		UC_CATEGORY_MASK_Ll | UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lo |
		UC_CATEGORY_MASK_Nd | UC_CATEGORY_MASK_Lm | UC_CATEGORY_MASK_Mn |
		UC_CATEGORY_MASK_Mc;
	static const uint32_t free = UC_CATEGORY_MASK_Lt | UC_CATEGORY_MASK_Nl |
								 UC_CATEGORY_MASK_No | UC_CATEGORY_MASK_Me |
								 UC_CATEGORY_MASK_Zs | UC_CATEGORY_MASK_S |
								 UC_CATEGORY_MASK_P;

	if (uc_is_general_category_withtable(cp, letter_digits))
	{
		return PVALID;
	}
	return uc_is_general_category_withtable(cp, free) ? FREE_PVAL : DISALLOWED;
}

/* The algorithm of RFC 8264, 8, in its order. */
static enum property derive(uint32_t cp)
{
	size_t i;

	for (i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
	{
		if (in_range(cp, exceptions[i].first, exceptions[i].last))
		{
			return exceptions[i].property;
		}
	}
	if (in_range(cp, 0x21, 0x7e))
	{
		return PVALID;
	}
	if (cp == ZWNJ || cp == ZWJ)
	{
		return CONTEXTUAL;
	}
	/* unassigned ones have no category below, and end as DISALLOWED */
	if (is_old_hangul_jamo(cp) ||
		uc_is_property_default_ignorable_code_point(cp) ||
		uc_is_property_not_a_character(cp) ||
		uc_is_general_category_withtable(cp, UC_CATEGORY_MASK_Cc))
	{
		return DISALLOWED;
	}
	return obol_has_compat(cp) ? FREE_PVAL : by_category(cp);
}

/* RFC 5892, A.1, behind the virama: Joining_Type {L,D} T* ZWNJ T* {R,D} */
static bool joins_around(const uint32_t *cps, size_t n, size_t i)
{
	size_t before = i, after = i + 1;
	int type;

	while (before > 0 && uc_joining_type(cps[before - 1]) == UC_JOINING_TYPE_T)
	{
		before--;
	}
	while (after < n && uc_joining_type(cps[after]) == UC_JOINING_TYPE_T)
	{
		after++;
	}
	if (before == 0 || after == n)
	{
		return false;
	}
	type = uc_joining_type(cps[before - 1]);
	if (type != UC_JOINING_TYPE_L && type != UC_JOINING_TYPE_D)
	{
		return false;
	}
	type = uc_joining_type(cps[after]);
	return type == UC_JOINING_TYPE_R || type == UC_JOINING_TYPE_D;
}

static bool is_script(uint32_t cp, const char *name)
{
	const uc_script_t *script = uc_script(cp);

	return script && !strcmp(script->name, name);
}

/* RFC 5892, A.7 */
static bool has_japanese(const uint32_t *cps, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (is_script(cps[i], "Hiragana") || is_script(cps[i], "Katakana") ||
			is_script(cps[i], "Han"))
		{
			return true;
		}
	}
	return false;
}

static bool has_range(const uint32_t *cps, size_t n, uint32_t first,
					  uint32_t last)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (in_range(cps[i], first, last))
		{
			return true;
		}
	}
	return false;
}

/* RFC 5892, appendix A */
static bool context_ok(const uint32_t *cps, size_t n, size_t i)
{
	uint32_t before = i > 0 ? cps[i - 1] : 0;
	uint32_t after = i + 1 < n ? cps[i + 1] : 0;
	bool behind_virama = before && uc_combining_class(before) == VIRAMA;

	switch (cps[i])
	{
		case ZWNJ:
			return behind_virama || joins_around(cps, n, i);
		case ZWJ:
			return behind_virama;
		case 0x00b7:
			return before == 'l' && after == 'l';
		case 0x0375:
			return after && is_script(after, "Greek");
		case 0x05f3:
		case 0x05f4:
			return before && is_script(before, "Hebrew");
		case 0x30fb:
			return has_japanese(cps, n);
		default:
			/* A.8 and A.9: the two sets of Arabic digits do not mix */
			return in_range(cps[i], 0x0660, 0x0669)
					   ? !has_range(cps, n, 0x06f0, 0x06f9)
					   : !has_range(cps, n, 0x0660, 0x0669);
	}
}

static bool in_class(const uint32_t *cps, size_t n, bool freeform)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		switch (derive(cps[i]))
		{
			case PVALID:
				break;
			case CONTEXTUAL:
				if (!context_ok(cps, n, i))
				{
					return false;
				}
				break;
			case FREE_PVAL:
				if (!freeform)
				{
					return false;
				}
				break;
			case DISALLOWED:
				return false;
		}
	}
	return true;
}

bool obol_precis_is_identifier(const uint32_t *cps, size_t n)
{
	return in_class(cps, n, false);
}

bool obol_precis_is_freeform(const uint32_t *cps, size_t n)
{
	return in_class(cps, n, true);
}

/* A set of bidi classes as bits. */
static uint32_t bit(int bidi_class)
{
	return UINT32_C(1) << bidi_class;
}

/* RFC 5893, 2, rules 2 to 6 */
static bool classes_ok(uint32_t first, uint32_t seen, uint32_t last)
{
	uint32_t neutral = bit(UC_BIDI_ES) | bit(UC_BIDI_CS) | bit(UC_BIDI_ET) |
					   bit(UC_BIDI_ON) | bit(UC_BIDI_BN) | bit(UC_BIDI_NSM);
	uint32_t both = bit(UC_BIDI_EN) | bit(UC_BIDI_AN);
	uint32_t rtl = bit(UC_BIDI_R) | bit(UC_BIDI_AL);

	if (first & rtl)
	{
		return !(seen & ~(rtl | both | neutral)) && (last & (rtl | both)) &&
			   (seen & both) != both;
	}
	if (first & bit(UC_BIDI_L))
	{
		return !(seen & ~(bit(UC_BIDI_L) | bit(UC_BIDI_EN) | neutral)) &&
			   (last & (bit(UC_BIDI_L) | bit(UC_BIDI_EN)));
	}
	return false; /* rule 1 */
}

bool obol_precis_bidi_ok(const uint32_t *cps, size_t n)
{
	uint32_t first = 0, seen = 0, last = 0;
	size_t i;

	for (i = 0; i < n; i++)
	{
		uint32_t class = bit(uc_bidi_class(cps[i]));

		first = i ? first : class;
		seen |= class;
		/* marks may follow the last one that counts (rules 3 and 6) */
		last = class == bit(UC_BIDI_NSM) ? last : class;
	}
	if (!(seen & (bit(UC_BIDI_R) | bit(UC_BIDI_AL) | bit(UC_BIDI_AN))))
	{
		return true;
	}
	return classes_ok(first, seen, last);
}
