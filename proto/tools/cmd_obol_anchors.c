/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of CA certificates, shown; a CA's fingerprint, read. */
#include "tools/cmd_obol.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "group/sha256.h"
#include "tools/certificate.h"
#include "tools/output.h"
#include "tools/text.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
	{
		return c - '0';
	}
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cmd_read_fingerprint(const char *text, uint8_t out[OBOL_SHA256_LEN])
{
	size_t n = 0;

	for (; *text; text++)
	{
		int value = digit(*text);

		if (*text == ':' && n % 2 == 0 && n > 0 && text[1])
		{
			continue;
		}
		if (value < 0 || n == 2 * (size_t)OBOL_SHA256_LEN)
		{
			return false;
		}
		out[n / 2] = (uint8_t)(n % 2 ? out[n / 2] << 4 | value : value);
		n++;
	}
	return n == 2 * (size_t)OBOL_SHA256_LEN;
}

static void show_ca(struct tool *tool, struct obol_bytes der)
{
	char fingerprint[2 * OBOL_SHA256_LEN + 1] = "";
	uint8_t hash[OBOL_SHA256_LEN];
	struct certificate ca;
	char until[TEXT_TIME_MAX];

	if (certificate_read(der, &ca) != OBOL_OK ||
		obol_sha256(&der, 1, hash) != OBOL_OK)
	{
		return;
	}
	obol_output_hex(obol_bytes(hash, sizeof(hash)), fingerprint);
	if (tool->common.json)
	{
		obol_json_begin_object(&tool->json, NULL);
		obol_json_str(&tool->json, "subject", ca.subject);
		obol_json_str(&tool->json, "sha256", fingerprint);
		tool_json_time(tool, "not_after", ca.not_after);
		obol_json_end_object(&tool->json);
		return;
	}
	tool_say(tool, "             %s, to %s, SHA-256 %.16s...", ca.subject,
			 text_time(until, ca.not_after), fingerprint);
}

void cmd_show_anchors(struct tool *tool, const struct obol_anchors *set,
					  const struct obol_error *problem)
{
	char made[TEXT_TIME_MAX];
	size_t i;

	if (tool->common.json)
	{
		obol_json_begin_object(&tool->json, "ca_set");
		obol_json_number(&tool->json, "number",
						 set ? obol_anchors_number(set) : 0);
		tool_json_time(tool, "created_at",
					   set ? obol_anchors_created_at(set) : 0);
		obol_json_begin_array(&tool->json, "cas");
	}
	else if (set)
	{
		tool_say(tool, "CA set       %" PRIu32 ", of %s",
				 obol_anchors_number(set),
				 text_time(made, obol_anchors_created_at(set)));
	}
	else
	{
		tool_say(tool, "CA set       none, what the certificate came with is "
					   "trusted");
	}
	for (i = 0; set && i < obol_anchors_n_cas(set); i++)
	{
		show_ca(tool, obol_anchors_ca(set, i));
	}
	if (tool->common.json)
	{
		obol_json_end_array(&tool->json);
		if (problem && problem->cause != OBOL_CAUSE_NONE)
		{
			obol_json_str(&tool->json, "problem", problem->text);
		}
		obol_json_end_object(&tool->json);
	}
}
