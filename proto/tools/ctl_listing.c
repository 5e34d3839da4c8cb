/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a listing begins and ends. */
#include "tools/ctl_listing.h"

bool obol_ctl_listing_begin(struct obol_ctl_listing *listing,
							struct obol_ctl *ctl)
{
	if (!obol_ctl_need_store(ctl))
	{
		return false;
	}
	listing->ctl = ctl;
	listing->now = obol_now(ctl->clock);
	listing->n = 0;
	obol_json_init(&listing->json, stdout);
	if (ctl->is_json)
	{
		obol_json_begin_array(&listing->json, NULL);
	}
	return true;
}

int obol_ctl_listing_end(struct obol_ctl_listing *listing,
						 enum obol_status status, const char *what,
						 const char *none)
{
	if (listing->ctl->is_json)
	{
		obol_json_end_array(&listing->json);
	}
	else if (listing->n == 0 && status == OBOL_OK)
	{
		(void)printf("%s\n", none);
	}
	return status == OBOL_OK ? OBOL_EXIT_DONE
							 : obol_ctl_fail_store(status, what);
}
