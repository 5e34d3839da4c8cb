/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns of the names that may be enrolled. */
#include "account/name_pattern.h"

/** Where the character of UTF-8 at a place ends. */
static size_t behind(struct obol_bytes text, size_t at)
{
	at++;
	while (at < text.len && (text.ptr[at] & 0xc0) == 0x80)
	{
		at++;
	}
	return at;
}

/* One star at a time is gone back to, the last: what an earlier one could
 * take instead, the last one can as well. */
bool obol_name_pattern_fits(struct obol_bytes pattern, struct obol_bytes name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, from = 0;

	while (n < name.len)
	{
		if (p < pattern.len && pattern.ptr[p] == '*')
		{
			star = p++;
			from = n;
		}
		else if (p < pattern.len && pattern.ptr[p] == '?')
		{
			p++;
			n = behind(name, n);
		}
		else if (p < pattern.len && pattern.ptr[p] == name.ptr[n])
		{
			p++;
			n++;
		}
		else if (star != SIZE_MAX)
		{
			p = star + 1;
			from = behind(name, from);
			n = from;
		}
		else
		{
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
	{
		p++;
	}
	return p == pattern.len && pattern.len > 0;
}
