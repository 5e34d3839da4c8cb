/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl migrate: from a file of SQLite's to a PostgreSQL server. */
#include "tools/ctl_commands.h"

#include <unistd.h>

#include "store/store_migrate.h"
#include "tools/ctl_place.h"

#define BAR_WIDTH 30

struct migrate {
	struct obol_ctl *ctl;
	const char *to;
	struct obol_store_migrated result;
	uint64_t begun_ms;
	bool shows_bar;
};

static void show_bar(void *ctx, uint64_t done, uint64_t total)
{
	const struct migrate *migrate = ctx;
	uint64_t ms = obol_mono_ms(migrate->ctl->clock) - migrate->begun_ms;
	char bar[BAR_WIDTH + 1];

	if (!migrate->shows_bar)
	{
		return;
	}
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '=', total ? (size_t)(BAR_WIDTH * done / total) : BAR_WIDTH);
	bar[BAR_WIDTH] = '\0';
	(void)fprintf(stderr, "\r[%s] %llu %%  %llu s", bar,
				  (unsigned long long)(total ? 100 * done / total : 100),
				  (unsigned long long)(ms / 1000));
	(void)fflush(stderr);
}

static void print(const struct migrate *migrate)
{
	const struct obol_store_migrated *result = &migrate->result;
	struct obol_json json;

	if (migrate->ctl->is_json)
	{
		obol_json_init(&json, stdout);
		obol_json_begin_object(&json, NULL);
		obol_json_number(&json, "accounts", result->n_accounts);
		obol_json_number(&json, "rows", result->n_rows);
		obol_json_str(&json, "sha256", result->digest);
		obol_json_end_object(&json);
		return;
	}
	(void)printf("accounts  %llu\n", (unsigned long long)result->n_accounts);
	(void)printf("rows      %llu, and the same there\n",
				 (unsigned long long)result->n_rows);
	(void)printf("SHA-256   %s\n\n", result->digest);
	(void)printf("next: in %s\n      database = \"%s\"\n"
				 "      and start obold; %s is left as it is\n",
				 migrate->ctl->config_path, migrate->to,
				 migrate->ctl->config->database);
}

static int work(struct migrate *migrate)
{
	struct obol_ctl *ctl = migrate->ctl;
	struct obol_store_migrate_options options = {
		.to = migrate->to,
		.rng = ctl->rng,
		.log = &ctl->log,
		.progress = show_bar,
		.ctx = migrate,
	};
	struct obol_config there = *ctl->config;
	char why[OBOL_WHY_MAX];
	enum obol_status status;

	options.from = ctl->config->database;
	if (obol_store_is_remote(options.from))
	{
		return obol_ctl_fail("the database is PostgreSQL's already");
	}
	if (!obol_store_is_remote(migrate->to) ||
		strlen(migrate->to) >= sizeof(there.database))
	{
		return obol_ctl_fail("--to takes a connection string, see "
							 "obold.conf(5)");
	}
	if (obol_store_check_target(migrate->to, why, sizeof(why)) != OBOL_OK)
	{
		return obol_ctl_fail("--to: %s", why);
	}
	migrate->begun_ms = obol_mono_ms(ctl->clock);
	migrate->shows_bar = isatty(STDERR_FILENO) == 1;
	status = obol_store_migrate(&options, &migrate->result, why, sizeof(why));
	if (migrate->shows_bar)
	{
		(void)fprintf(stderr, "\n");
	}
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return obol_ctl_fail("nothing was migrated");
	}
	(void)snprintf(there.database, sizeof(there.database), "%s", migrate->to);
	if (!obol_ctl_place_database(&there))
	{
		return OBOL_EXIT_FAILED;
	}
	print(migrate);
	return OBOL_EXIT_DONE;
}

int obol_ctl_migrate(struct obol_ctl *ctl, int argc, char **argv)
{
	struct migrate migrate = { .ctl = ctl };
	const struct obol_option options[] = {
		{ .name = "to",
		  .letter = 't',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "TARGET",
		  .help = "connection string of an empty PostgreSQL database",
		  .value = &migrate.to },
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl migrate",
		.arguments = "",
		.about = "Copy everything from the SQLite database that obold.conf "
				 "names to PostgreSQL, while obold is stopped: all of it in "
				 "one transaction, compared before that is committed.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	enum obol_options_result result;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!migrate.to)
	{
		(void)obol_ctl_fail("--to is missing: where the database shall be");
		return OBOL_EXIT_USAGE;
	}
	return obol_ctl_need_config(ctl) ? work(&migrate) : OBOL_EXIT_FAILED;
}
