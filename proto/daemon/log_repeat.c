/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the log that repeat themselves. */
#include "daemon/log_repeat.h"

#include <stdio.h>
#include <string.h>

void obol_log_repeat_init(struct obol_log_repeat *repeat)
{
	memset(repeat, 0, sizeof(*repeat));
}

bool obol_log_repeat_passes(struct obol_log_repeat *repeat, const char *line,
							uint64_t now_ms, unsigned *n_held)
{
	size_t i, oldest = 0;

	for (i = 0; i < OBOL_LOG_REPEAT_LINES; i++)
	{
		if (strncmp(repeat->lines[i].text, line, OBOL_LOG_REPEAT_LEN - 1) == 0)
		{
			if (now_ms - repeat->lines[i].said_ms < OBOL_LOG_REPEAT_MS)
			{
				repeat->lines[i].n_held++;
				return false;
			}
			*n_held = repeat->lines[i].n_held;
			repeat->lines[i].n_held = 0;
			repeat->lines[i].said_ms = now_ms;
			return true;
		}
		if (repeat->lines[i].said_ms < repeat->lines[oldest].said_ms)
		{
			oldest = i;
		}
	}
	(void)snprintf(repeat->lines[oldest].text, OBOL_LOG_REPEAT_LEN, "%s", line);
	repeat->lines[oldest].said_ms = now_ms;
	repeat->lines[oldest].n_held = 0;
	*n_held = 0;
	return true;
}
