/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol list */
#include "tools/cmd_obol.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/text.h"

#define COLUMNS 5

struct list_options {
	struct common_options common;
	bool all;
};

static const struct option_row rows[] = {
	{ "all", 0, OBOL_OPTION_FLAG, offsetof(struct list_options, all), NULL,
	  "deleted names too", 0, 0 },
};

/* A row's cells. */
struct list_row {
	char name[2 * OBOL_CREDENTIAL_NAME_MAX];
	char format[32];
	char version[24];
	char size[24];
	char changed[TEXT_TIME_MAX];
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct list_options *options)
{
	struct option_words words = { NULL, 0, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	return tool_parse(tool, command, argc, argv, options, &words);
}

static void fill_row(const struct obol_credential_info *item,
					 struct list_row *row, const char *cells[COLUMNS])
{
	char number[16];

	(void)text_clean(row->name, sizeof(row->name), item->name);
	(void)snprintf(row->format, sizeof(row->format), "%s",
				   item->deleted ? "deleted"
								 : tool_format_name(item->format, number));
	(void)snprintf(row->version, sizeof(row->version), "%" PRIu64,
				   item->version);
	(void)snprintf(row->size, sizeof(row->size), "%" PRIu32, item->size);
	(void)text_time(row->changed, item->changed_at);
	cells[0] = row->name;
	cells[1] = row->format;
	cells[2] = row->version;
	cells[3] = row->size;
	cells[4] = row->changed;
}

static bool print_table(const struct obol_credential_info *items, size_t n,
						bool all)
{
	static const char *const heading[COLUMNS] = { "NAME", "FORMAT", "VERSION",
												  "BYTES", "CHANGED" };
	const char **cells = calloc(n + 1, sizeof(heading));
	struct list_row *list = calloc(n + 1, sizeof(*list));
	size_t shown = 0;
	size_t i;

	if (cells && list)
	{
		memcpy(cells, heading, sizeof(heading));
		for (i = 0; i < n; i++)
		{
			if (all || !items[i].deleted)
			{
				shown++;
				fill_row(&items[i], &list[i], cells + shown * COLUMNS);
			}
		}
		text_table(stdout, cells, shown + 1, COLUMNS);
	}
	free(cells);
	free(list);
	return cells && list;
}

static void print_json(struct tool *tool,
					   const struct obol_credential_info *items, size_t n,
					   bool all)
{
	char number[16];
	size_t i;

	obol_json_begin_array(&tool->json, "credentials");
	for (i = 0; i < n; i++)
	{
		if (!all && items[i].deleted)
		{
			continue;
		}
		obol_json_begin_object(&tool->json, NULL);
		obol_json_str(&tool->json, "name", items[i].name);
		obol_json_str(&tool->json, "format",
					  tool_format_name(items[i].format, number));
		obol_json_number(&tool->json, "version", (int64_t)items[i].version);
		obol_json_number(&tool->json, "size", items[i].size);
		tool_json_time(tool, "changed_at", items[i].changed_at);
		obol_json_bool(&tool->json, "deleted", items[i].deleted);
		obol_json_end_object(&tool->json);
	}
	obol_json_end_array(&tool->json);
}

static enum obol_cause do_list(struct tool *tool,
							   const struct list_options *options)
{
	struct obol_credential_info *items = NULL;
	enum obol_cause cause;
	bool good = true;
	size_t n = 0;

	cause = tool_open(tool);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_login(tool);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	if (obol_client_list(tool->client, &items, &n) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	if (tool->common.json)
	{
		print_json(tool, items, n, options->all);
	}
	else
	{
		good = print_table(items, n, options->all);
	}
	free(items);
	return good ? OBOL_CAUSE_NONE
				: tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct list_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	return do_list(tool, &options);
}

const struct command cmd_obol_list = {
	.name = "list",
	.usage = "",
	.summary = "list the account's credentials",
	.text = "Lists what is stored for the account: name, format, version, size "
			"as stored, and time of the last change.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
