/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for people. */
#include "tools/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <unistr.h>

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

bool text_acts_on_terminals(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x61c ||
		   (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
		   (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
		   (cp >= 0xfff9 && cp <= 0xfffb);
}

const char *text_clean(char *out, size_t size, const char *text)
{
	const uint8_t *in = (const uint8_t *)text;
	size_t left = strlen(text), used = 0;

	while (left)
	{
		ucs4_t cp;
		int len = u8_mbtoucr(&cp, in, left);
		bool is_bad = len <= 0 || text_acts_on_terminals(cp);
		size_t shown = is_bad ? 1 : (size_t)len;

		if (used + shown >= size)
		{
			break;
		}
		memcpy(out + used, is_bad ? (const uint8_t *)"?" : in, shown);
		used += shown;
		len = len <= 0 ? 1 : len;
		in += len;
		left -= (size_t)len;
	}
	out[used] = '\0';
	return out;
}

const char *text_time(char out[TEXT_TIME_MAX], uint64_t at)
{
	time_t time = (time_t)at;
	struct tm tm;

	if (at == 0)
	{
		(void)snprintf(out, TEXT_TIME_MAX, "never");
	}
	else if (at > INT64_MAX || !gmtime_r(&time, &tm) ||
			 !strftime(out, TEXT_TIME_MAX, "%Y-%m-%d %H:%M UTC", &tm))
	{
		(void)snprintf(out, TEXT_TIME_MAX, "in the far future");
	}
	return out;
}

const char *text_age(char out[TEXT_TIME_MAX], uint64_t at, uint64_t now)
{
	uint64_t distance = at > now ? at - now : now - at;
	uint64_t count = distance;
	const char *unit = "second";

	if (at == 0)
	{
		(void)snprintf(out, TEXT_TIME_MAX, "never");
		return out;
	}
	if (distance >= 2 * DAY)
	{
		count = distance / DAY;
		unit = "day";
	}
	else if (distance >= 2 * HOUR)
	{
		count = distance / HOUR;
		unit = "hour";
	}
	else if (distance >= 2 * MINUTE)
	{
		count = distance / MINUTE;
		unit = "minute";
	}
	(void)snprintf(out, TEXT_TIME_MAX, "%s%" PRIu64 " %s%s%s",
				   at > now ? "in " : "", count, unit, count == 1 ? "" : "s",
				   at > now ? "" : " ago");
	return out;
}

int64_t text_days_left(uint64_t then, uint64_t now)
{
	return then >= now ? (int64_t)((then - now) / DAY)
					   : -(int64_t)((now - then) / DAY) - 1;
}

/* Columns that a terminal needs; good enough for the text that we have. */
static size_t width_of(const char *text)
{
	return u8_mbsnlen((const uint8_t *)text, strlen(text));
}

void text_table(FILE *out, const char *const *cells, size_t n_rows,
				size_t n_columns)
{
	size_t widths[TEXT_COLUMNS_MAX] = { 0 };
	size_t row, column;

	for (row = 0; row < n_rows; row++)
	{
		for (column = 0; column < n_columns; column++)
		{
			size_t width = width_of(cells[row * n_columns + column]);

			widths[column] = width > widths[column] ? width : widths[column];
		}
	}
	for (row = 0; row < n_rows; row++)
	{
		for (column = 0; column + 1 < n_columns; column++)
		{
			const char *cell = cells[row * n_columns + column];

			(void)fprintf(out, "%s%*s", cell,
						  (int)(widths[column] - width_of(cell) + 2), "");
		}
		(void)fprintf(out, "%s\n", cells[row * n_columns + column]);
	}
}

bool text_bytes(int fd, struct obol_bytes bytes)
{
	while (bytes.len)
	{
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno != EINTR)
		{
			return false;
		}
		if (n > 0)
		{
			bytes.ptr += n;
			bytes.len -= (size_t)n;
		}
	}
	return true;
}
