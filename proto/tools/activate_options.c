/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obol activate and obol enrol take alike on the command line. */
#include "tools/activate.h"

#include <string.h>

#include "tools/device_label.h"
#include "tools/quality.h"

void activate_options_init(struct activate_options *options)
{
	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	options->code_fd = TOOL_NONE;
	options->new_password_fd = TOOL_NONE;
	options->pin_fd = TOOL_NONE;
	options->min_quality = QUALITY_MINIMUM;
	options->remote_ts = ACTIVATE_EVERYTHING;
}

static bool texts_ok(const struct activate_options *options)
{
	return profile_text_ok(options->remote_ts) &&
		   (!options->gateway || profile_text_ok(options->gateway)) &&
		   (!options->gateway_id || profile_text_ok(options->gateway_id));
}

enum obol_cause activate_options_check(struct tool *tool,
									   const struct activate_options *options,
									   struct activate_answers *answers)
{
	if (!texts_ok(options))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "--gateway, --gateway-id and --remote-ts take no "
						 "control characters");
	}
	if (!device_label(options->device, answers->label))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "a device's name is 1 to %d bytes of UTF-8 without "
						 "control characters",
						 OBOL_LABEL_MAX);
	}
	return OBOL_CAUSE_NONE;
}
