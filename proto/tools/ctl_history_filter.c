/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which lines of the audit trail obolctl history shows. */
#include "tools/ctl_history_filter.h"

#include <obol/client.h>

/** A clock that was set back writes lines out of order. */
#define GRACE_S 86400

static const char *const kind_names[] = {
	"operator", "password", "activation", "recovery", "device", "enrolment",
};

#define N_KINDS (sizeof(kind_names) / sizeof(kind_names[0]))

const char *obol_history_kind_name(uint8_t kind)
{
	return kind < N_KINDS ? kind_names[kind] : "?";
}

static bool read_operation(struct obol_history_filter *filter)
{
	unsigned i;

	for (i = 1; i <= UINT8_MAX; i++)
	{
		if (strcmp(obol_operation_name((uint8_t)i), filter->operation) == 0)
		{
			filter->operation_number = (uint8_t)i;
			return true;
		}
	}
	(void)obol_ctl_fail("there is no operation '%s'; the third column of "
						"obolctl history has their names",
						filter->operation);
	return false;
}

static bool read_kind(struct obol_history_filter *filter)
{
	for (filter->kind = 0; filter->kind < N_KINDS; filter->kind++)
	{
		if (strcmp(kind_names[filter->kind], filter->with) == 0)
		{
			return true;
		}
	}
	(void)obol_ctl_fail("'%s' is none of operator, password, activation, "
						"recovery, device, enrolment",
						filter->with);
	return false;
}

static bool read_since(struct obol_history_filter *filter, uint64_t now)
{
	uint32_t length = obol_config_duration(filter->since);

	if (length == 0)
	{
		(void)obol_ctl_fail("--since is a length of time, such as 12h or 7d");
		return false;
	}
	filter->since_at = length < now ? now - length : 1;
	return true;
}

bool obol_history_filter_read(struct obol_history_filter *filter, uint64_t now)
{
	return (!filter->operation || read_operation(filter)) &&
		   (!filter->with || read_kind(filter)) &&
		   (!filter->since || read_since(filter, now));
}

bool obol_history_filter_fits(const struct obol_history_filter *filter,
							  const struct obol_history_item *item)
{
	return (!filter->operation ||
			item->operation == filter->operation_number) &&
		   (!filter->with || item->kind == filter->kind) &&
		   (!filter->source ||
			obol_bytes_eq(item->source, obol_bytes_str(filter->source))) &&
		   (!filter->is_failed_only || item->reply >= 400) &&
		   item->at >= filter->since_at;
}

bool obol_history_filter_is_over(const struct obol_history_filter *filter,
								 const struct obol_history_item *item)
{
	return item->at + GRACE_S < filter->since_at;
}
