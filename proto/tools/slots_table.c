/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The account's slots, for people and for --json. */
#include "tools/obol.h"

#include <stdlib.h>
#include <string.h>

#include "tools/text.h"
#include "wire/registry.h"

#define COLUMNS 6

/* A row's cells that are not constants. */
struct slot_row {
	char label[OBOL_LABEL_MAX + 1];
	char id[2 * OBOL_CLIENT_DEVICE_LEN + 1];
	char created[TEXT_TIME_MAX];
	char used[TEXT_TIME_MAX];
	char source[OBOL_SOURCE_MAX + 1];
};

static void fill_row(const struct obol_slot_info *slot, struct slot_row *row,
					 const char *cells[COLUMNS], uint64_t now)
{
	size_t i;

	(void)text_clean(row->label, sizeof(row->label),
					 slot->label[0] ? slot->label : "-");
	(void)snprintf(row->id, sizeof(row->id), "-");
	/* eight digits tell an account's devices apart well enough */
	for (i = 0; slot->kind == OBOL_SLOT_DEVICE && i < 4; i++)
	{
		(void)snprintf(row->id + 2 * i, 3, "%02x", slot->device_id[i]);
	}
	(void)text_age(row->created, slot->created_at, now);
	(void)text_age(row->used, slot->last_used_at, now);
	(void)text_clean(row->source, sizeof(row->source),
					 slot->last_source[0] ? slot->last_source : "-");
	cells[0] = tool_kind_name(slot->kind);
	cells[1] = row->label;
	cells[2] = row->id;
	cells[3] = row->created;
	cells[4] = row->used;
	cells[5] = row->source;
}

static bool print_table(const struct obol_slot_info *slots, size_t n)
{
	static const char *const heading[COLUMNS] = {
		"KIND", "NAME", "ID", "MADE", "LAST USED", "FROM",
	};
	const char **cells = calloc(n + 1, sizeof(heading));
	struct slot_row *rows = calloc(n + 1, sizeof(*rows));
	uint64_t now = tool_now();
	size_t i;

	if (cells && rows)
	{
		memcpy(cells, heading, sizeof(heading));
		for (i = 0; i < n; i++)
		{
			fill_row(&slots[i], &rows[i], cells + (i + 1) * COLUMNS, now);
		}
		text_table(stdout, cells, n + 1, COLUMNS);
	}
	free(cells);
	free(rows);
	return cells && rows;
}

static void print_json(struct tool *tool, const struct obol_slot_info *slots,
					   size_t n)
{
	size_t i;

	obol_json_begin_array(&tool->json, "slots");
	for (i = 0; i < n; i++)
	{
		obol_json_begin_object(&tool->json, NULL);
		obol_json_str(&tool->json, "kind", tool_kind_name(slots[i].kind));
		obol_json_str(&tool->json, "name", slots[i].label);
		if (slots[i].kind == OBOL_SLOT_DEVICE)
		{
			obol_json_hex(
				&tool->json, "id",
				obol_bytes(slots[i].device_id, sizeof(slots[i].device_id)));
		}
		tool_json_time(tool, "created_at", slots[i].created_at);
		tool_json_time(tool, "last_used_at", slots[i].last_used_at);
		obol_json_str(&tool->json, "last_source", slots[i].last_source);
		tool_json_time(tool, "expires_at", slots[i].expires_at);
		obol_json_end_object(&tool->json);
	}
	obol_json_end_array(&tool->json);
}

enum obol_cause tool_list_slots(struct tool *tool, const char *heading)
{
	struct obol_slot_info *slots = NULL;
	size_t n = 0;
	bool good = true;

	if (obol_client_slots(tool->client, &slots, &n) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	if (tool->common.json)
	{
		print_json(tool, slots, n);
	}
	else
	{
		tool_say(tool, "%s", heading);
		good = print_table(slots, n);
	}
	free(slots);
	return good ? OBOL_CAUSE_NONE
				: tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
}
