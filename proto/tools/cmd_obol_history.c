/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol history */
#include "tools/cmd_obol.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/text.h"

#define COLUMNS 7
#define LIMIT_DEFAULT 20

struct history_options {
	struct common_options common;
	uint32_t limit;
	uint32_t before;
};

static const struct option_row rows[] = {
	{ "limit", 'n', OBOL_OPTION_NUMBER, offsetof(struct history_options, limit),
	  "N", "lines at most, 1 to 200 (20)", 1, OBOL_HISTORY_MAX },
	{ "before", 0, OBOL_OPTION_NUMBER, offsetof(struct history_options, before),
	  "ID", "only what is older than this line", 1, INT32_MAX },
};

/* A line's cells. */
struct history_row {
	char id[24];
	char at[TEXT_TIME_MAX];
	char result[16];
	char label[OBOL_LABEL_MAX + 40];
	char source[OBOL_SOURCE_MAX + 1];
	char detail[OBOL_TEXT_MAX + 1];
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct history_options *options)
{
	struct option_words words = { NULL, 0, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	options->limit = LIMIT_DEFAULT;
	return tool_parse(tool, command, argc, argv, options, &words);
}

static void fill_row(const struct obol_history_line *line,
					 struct history_row *row, const char *cells[COLUMNS])
{
	char label[OBOL_LABEL_MAX + 1];

	(void)snprintf(row->id, sizeof(row->id), "%" PRIu64, line->id);
	(void)text_time(row->at, line->at);
	if (line->reply == OBOL_REPLY_OK)
	{
		(void)snprintf(row->result, sizeof(row->result), "done");
	}
	else
	{
		(void)snprintf(row->result, sizeof(row->result), "refused %u",
					   (unsigned)line->reply);
	}
	(void)text_clean(label, sizeof(label), line->label);
	(void)snprintf(row->label, sizeof(row->label), "%s%s%s",
				   tool_kind_name(line->kind), label[0] ? " " : "", label);
	(void)text_clean(row->source, sizeof(row->source),
					 line->source[0] ? line->source : "-");
	(void)text_clean(row->detail, sizeof(row->detail), line->detail);
	cells[0] = row->id;
	cells[1] = row->at;
	cells[2] = obol_operation_name(line->operation);
	cells[3] = row->result;
	cells[4] = row->label;
	cells[5] = row->source;
	cells[6] = row->detail;
}

static bool print_table(const struct obol_history_line *lines, size_t n)
{
	static const char *const heading[COLUMNS] = {
		"ID", "WHEN", "WHAT", "RESULT", "BY", "FROM", "DETAIL",
	};
	const char **cells = calloc(n + 1, sizeof(heading));
	struct history_row *list = calloc(n + 1, sizeof(*list));
	size_t i;

	if (cells && list)
	{
		memcpy(cells, heading, sizeof(heading));
		for (i = 0; i < n; i++)
		{
			fill_row(&lines[i], &list[i], cells + (i + 1) * COLUMNS);
		}
		text_table(stdout, cells, n + 1, COLUMNS);
	}
	free(cells);
	free(list);
	return cells && list;
}

static void print_json(struct tool *tool, const struct obol_history_line *lines,
					   size_t n)
{
	size_t i;

	obol_json_begin_array(&tool->json, "history");
	for (i = 0; i < n; i++)
	{
		obol_json_begin_object(&tool->json, NULL);
		obol_json_number(&tool->json, "id", (int64_t)lines[i].id);
		tool_json_time(tool, "at", lines[i].at);
		obol_json_str(&tool->json, "operation",
					  obol_operation_name(lines[i].operation));
		obol_json_number(&tool->json, "reply", lines[i].reply);
		obol_json_str(&tool->json, "by", tool_kind_name(lines[i].kind));
		obol_json_str(&tool->json, "name", lines[i].label);
		obol_json_str(&tool->json, "source", lines[i].source);
		obol_json_str(&tool->json, "detail", lines[i].detail);
		obol_json_end_object(&tool->json);
	}
	obol_json_end_array(&tool->json);
}

static enum obol_cause do_history(struct tool *tool,
								  const struct history_options *options)
{
	struct obol_history_line *lines = NULL;
	enum obol_cause cause = tool_open(tool);
	bool good = true;
	size_t n = 0;

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_login(tool);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	if (obol_client_history(tool->client, (uint64_t)options->before,
							(uint16_t)options->limit, &lines, &n) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	if (tool->common.json)
	{
		print_json(tool, lines, n);
	}
	else
	{
		good = print_table(lines, n);
	}
	free(lines);
	return good ? OBOL_CAUSE_NONE
				: tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct history_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	return do_history(tool, &options);
}

const struct command cmd_obol_history = {
	.name = "history",
	.usage = "",
	.summary = "show who did what with the account",
	.text =
		"Shows the account's own audit trail, newest first: when, from where, "
		"with what (password, code, device), what, and with what result.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
