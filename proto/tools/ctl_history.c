/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl history: the audit trail. */
#include "tools/ctl_commands.h"
#include "tools/ctl_control.h"
#include "tools/ctl_history_filter.h"

#include <obol/client.h>

#include <stdlib.h>

struct history {
	struct obol_ctl *ctl;
	uint32_t limit;
	uint32_t before;
	const char *name;
	struct obol_history_filter filter;
	struct obol_json json;
	struct obol_store_history arg;
};

static enum obol_options_result read_options(struct history *history, int argc,
											 char **argv)
{
	const struct obol_option options[] = {
		{ .name = "limit",
		  .letter = 'n',
		  .kind = OBOL_OPTION_NUMBER,
		  .argument = "N",
		  .help = "lines at most, default 50",
		  .value = &history->limit,
		  .min = 1,
		  .max = 100000 },
		{ .name = "before",
		  .kind = OBOL_OPTION_NUMBER,
		  .argument = "ID",
		  .help = "only what came before the line with this id",
		  .value = &history->before,
		  .min = 1,
		  .max = UINT32_MAX },
		OBOL_TEXT_OPTION("operation", 'o', "NAME",
						 "only this, as the third column names it",
						 &history->filter.operation),
		OBOL_TEXT_OPTION("with", 'w', "KIND",
						 "only by this: operator, password, activation, "
						 "recovery, device, enrolment",
						 &history->filter.with),
		OBOL_TEXT_OPTION("source", 's', "WHERE",
						 "only from this address or operator",
						 &history->filter.source),
		OBOL_TEXT_OPTION("since", 0, "TIME",
						 "only the last so much time, such as 7d",
						 &history->filter.since),
		OBOL_FLAG_OPTION("failed", 'f', "only what was refused",
						 &history->filter.is_failed_only),
		OBOL_CTL_OPTIONS(history->ctl),
		OBOL_CTL_CONTROL(history->ctl),
		OBOL_CTL_JSON(history->ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl history",
		.arguments = "[ACCOUNT]",
		.about = "Show the audit trail, of one account or of all, newest "
				 "first.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.max_arguments = 1,
	};

	return obol_options_parse_one(&usage, argc, argv, &history->name);
}

static void print_line(struct history *history, size_t i)
{
	const struct obol_history_item *item = &history->arg.out.answer.items[i];
	const char *name = history->arg.out.names[i];
	char at[OBOL_TIME_TEXT_MAX];

	if (!history->ctl->is_json)
	{
		(void)printf("%-16s ", obol_output_time(item->at, at));
		obol_output_text(stdout, obol_bytes_str(*name ? name : "-"), 20);
		(void)printf(" %-15s %u  %s", obol_operation_name(item->operation),
					 item->reply, obol_history_kind_name(item->kind));
		if (item->label.len > 0)
		{
			(void)putchar(' ');
			obol_output_text(stdout, item->label, 0);
		}
		(void)fputs(", ", stdout);
		obol_output_text(stdout, item->source, 0);
		if (item->detail.len > 0)
		{
			(void)fputs(": ", stdout);
			obol_output_text(stdout, item->detail, 0);
		}
		(void)putchar('\n');
		return;
	}
	obol_json_begin_object(&history->json, NULL);
	obol_json_number(&history->json, "id", (int64_t)item->id);
	obol_json_number(&history->json, "at", (int64_t)item->at);
	obol_json_str(&history->json, "account", name);
	obol_json_str(&history->json, "operation",
				  obol_operation_name(item->operation));
	obol_json_number(&history->json, "reply", item->reply);
	obol_json_str(&history->json, "with", obol_history_kind_name(item->kind));
	obol_json_text(&history->json, "label", item->label);
	obol_json_text(&history->json, "source", item->source);
	obol_json_text(&history->json, "detail", item->detail);
	obol_json_end_object(&history->json);
}

/* The lines of one page that fit; how many more may be printed then. */
static uint32_t print_page(struct history *history, size_t n, uint32_t left)
{
	const struct obol_history_item *items = history->arg.out.answer.items;
	size_t i;

	for (i = 0; i < n && left > 0; i++)
	{
		if (obol_history_filter_fits(&history->filter, &items[i]))
		{
			print_line(history, i);
			left--;
		}
	}
	if (n > 0 && obol_history_filter_is_over(&history->filter, &items[n - 1]))
	{
		return 0;
	}
	return left;
}

static enum obol_status print_all(struct history *history)
{
	uint32_t left = history->limit;
	enum obol_status status;
	size_t n;

	history->arg.in.before = history->before;
	/* what does not fit is passed over: whole pages cost least */
	history->arg.in.limit = OBOL_HISTORY_MAX;
	do
	{
		status = obol_store_run(history->ctl->store, OBOL_STORE_HISTORY,
								&history->arg);
		n = status == OBOL_OK ? history->arg.out.answer.n_items : 0;
		left = print_page(history, n, left);
		if (n > 0)
		{
			history->arg.in.before = history->arg.out.answer.items[n - 1].id;
		}
	} while (left > 0 && n == OBOL_HISTORY_MAX);
	return status;
}

static int work(struct history *history)
{
	struct obol_account account;
	enum obol_status status;

	if (!obol_history_filter_read(&history->filter,
								  obol_now(history->ctl->clock)))
	{
		return OBOL_EXIT_USAGE;
	}
	if (!obol_ctl_need_store(history->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	if (history->ctl->is_control && !history->name)
	{
		return obol_ctl_fail("a help desk sees one account's history: give its "
							 "name");
	}
	if (history->name)
	{
		if (!obol_ctl_find(history->ctl, history->name, &account))
		{
			return OBOL_EXIT_FAILED;
		}
		history->arg.in.account_id = account.id;
	}
	obol_json_init(&history->json, stdout);
	if (history->ctl->is_json)
	{
		obol_json_begin_array(&history->json, NULL);
	}
	status = print_all(history);
	if (history->ctl->is_json)
	{
		obol_json_end_array(&history->json);
	}
	return status == OBOL_OK
			   ? OBOL_EXIT_DONE
			   : obol_ctl_fail_store(status, "reading the history");
}

int obol_ctl_history(struct obol_ctl *ctl, int argc, char **argv)
{
	struct history *history = calloc(1, sizeof(*history));
	enum obol_options_result result;
	int code;

	if (!history)
	{
		return obol_ctl_fail("memory ran out");
	}
	history->ctl = ctl;
	history->limit = 50;
	result = read_options(history, argc, argv);
	code =
		result == OBOL_OPTIONS_OK ? work(history) : obol_ctl_exit_code(result);
	free(history);
	return code;
}
