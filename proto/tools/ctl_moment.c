/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When something ends, as an operator writes it. */
#include "tools/ctl.h"

#include <stdlib.h>
#include <time.h>

#define ZONES "/usr/share/zoneinfo"
#define ZONE_MAX 64

/** A day, an hour of it unless it is all of it, and where. */
struct moment {
	int year, month, day;
	bool has_hour;
	int hour, minute;
	/** "" for this machine's zone */
	char zone[ZONE_MAX + 1];
};

static bool fail(char *why, size_t size, const char *text)
{
	(void)snprintf(why, size, "%s", text);
	return false;
}

/** So many digits; false when one is none. */
static bool read_digits(const char **text, unsigned n, int *value)
{
	*value = 0;
	for (; n > 0; n--, (*text)++)
	{
		if (**text < '0' || **text > '9')
		{
			return false;
		}
		*value = 10 * *value + (**text - '0');
	}
	return true;
}

static bool read_char(const char **text, char c)
{
	if (**text != c)
	{
		return false;
	}
	(*text)++;
	return true;
}

/** "YYYY-MM-DD[ HH:MM][ ZONE]". */
static bool read_moment(const char *text, struct moment *moment)
{
	const char *back;
	size_t len;

	memset(moment, 0, sizeof(*moment));
	if (!read_digits(&text, 4, &moment->year) || !read_char(&text, '-') ||
		!read_digits(&text, 2, &moment->month) || !read_char(&text, '-') ||
		!read_digits(&text, 2, &moment->day))
	{
		return false;
	}
	back = text;
	if (read_char(&text, ' ') && read_digits(&text, 2, &moment->hour))
	{
		if (!read_char(&text, ':') || !read_digits(&text, 2, &moment->minute) ||
			moment->hour > 23 || moment->minute > 59)
		{
			return false;
		}
		moment->has_hour = true;
		back = text;
	}
	text = back;
	if (read_char(&text, ' '))
	{
		len = strlen(text);
		if (len == 0 || len > ZONE_MAX)
		{
			return false;
		}
		memcpy(moment->zone, text, len + 1);
		text += len;
	}
	return *text == '\0';
}

/* The C library takes a zone that it does not know for UTC. */
static bool zone_is_known(const char *zone)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
	char path[sizeof(ZONES) + 1 + ZONE_MAX];
	char magic[4];
	bool is_zone;
	FILE *file;

	if (zone[strspn(zone, allowed)] || zone[0] == '/')
	{
		return false;
	}
	(void)snprintf(path, sizeof(path), ZONES "/%s", zone);
	file = fopen(path, "rbe");
	is_zone = file && fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
			  memcmp(magic, "TZif", sizeof(magic)) == 0;
	if (file)
	{
		(void)fclose(file);
	}
	return is_zone;
}

/** The moment by one reading of its hour; false when the clock shows it not. */
static bool try_hour(const struct moment *moment, int is_dst, uint64_t *at)
{
	struct tm tm = {
		.tm_year = moment->year - 1900,
		.tm_mon = moment->month - 1,
		.tm_mday = moment->day,
		.tm_hour = moment->hour,
		.tm_min = moment->minute,
		.tm_isdst = is_dst,
	};
	time_t value = mktime(&tm);

	if (value <= 0 || tm.tm_year != moment->year - 1900 ||
		tm.tm_mon != moment->month - 1 || tm.tm_mday != moment->day ||
		tm.tm_hour != moment->hour || tm.tm_min != moment->minute)
	{
		return false;
	}
	*at = (uint64_t)value;
	return true;
}

/* To the end of that day: the next one's beginning, whatever its hour is
 * called. */
static bool end_of_day(const struct moment *moment, uint64_t *at)
{
	struct moment noon = *moment;
	struct tm tm = {
		.tm_year = moment->year - 1900,
		.tm_mon = moment->month - 1,
		.tm_mday = moment->day + 1,
		.tm_isdst = -1,
	};
	time_t value;

	noon.hour = 12;
	if (!try_hour(&noon, 0, at) && !try_hour(&noon, 1, at))
	{
		return false; /* there is no such day */
	}
	value = mktime(&tm);
	*at = value > 0 ? (uint64_t)value : 0;
	return value > 0;
}

/* An hour that comes twice is its second one: standard time. */
static bool in_zone(const struct moment *moment, uint64_t *at)
{
	return moment->has_hour ? try_hour(moment, 0, at) || try_hour(moment, 1, at)
							: end_of_day(moment, at);
}

static bool resolve(const struct moment *moment, uint64_t *at)
{
	const char *own = getenv("TZ");
	char *kept = own ? strdup(own) : NULL;
	char zone[ZONE_MAX + 2];
	bool done = false;

	if (own && !kept)
	{
		return false;
	}
	(void)snprintf(zone, sizeof(zone), ":%s", moment->zone);
	if (!*moment->zone || setenv("TZ", zone, 1) == 0)
	{
		tzset();
		done = in_zone(moment, at);
	}
	if (kept)
	{
		(void)setenv("TZ", kept, 1);
	}
	else
	{
		(void)unsetenv("TZ");
	}
	tzset();
	free(kept);
	return done;
}

bool obol_ctl_moment(const char *text, uint64_t now, uint64_t *at, char *why,
					 size_t size)
{
	uint32_t duration = obol_config_duration(text);
	struct moment moment;
	uint64_t found = 0;

	if (duration > 0)
	{
		*at = now + duration;
		return true;
	}
	if (!read_moment(text, &moment))
	{
		return fail(why, size,
					"an account's end is a day, such as 2026-12-31, with an "
					"hour and a time zone where wanted, such as \"2026-12-31 "
					"18:00 Europe/Berlin\", or a length of time, such as 90d");
	}
	if (*moment.zone && !zone_is_known(moment.zone))
	{
		return fail(why, size,
					"the time zone is not known here: it is one of those "
					"under " ZONES ", such as Europe/Berlin or UTC (Debian's "
					"package tzdata)");
	}
	if (!resolve(&moment, &found))
	{
		return fail(why, size,
					"there is no such day, or the clocks leave that hour out "
					"on it");
	}
	if (found <= now)
	{
		return fail(why, size, "an account's end is a time to come");
	}
	*at = found;
	return true;
}
