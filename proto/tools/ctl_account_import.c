/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account import: a table of users at once. */
#include "tools/ctl_commands.h"

#include "tools/ctl_account_fill.h"
#include "tools/ctl_import.h"

#include <stdlib.h>
#include <unistd.h>

#define BAR_WIDTH 40
#define PATH_SIZE 1024

struct options {
	struct obol_ctl *ctl;
	const char *table;
	const char *codes;
	const char *code_valid;
	bool disables_missing;
	bool is_sure;
	char codes_path[PATH_SIZE];
};

/** Rows to do, and how far it has come. */
struct run {
	struct obol_import *import;
	struct obol_import_codes *codes;
	size_t n;
	struct obol_import_row **rows;
	size_t n_done;
	uint64_t begun_ms;
	bool shows_bar;
};

static enum obol_options_result read_options(struct options *options, int argc,
											 char **argv)
{
	const struct obol_option table[] = {
		{ .name = "codes",
		  .letter = 'o',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "FILE",
		  .help = "file for the activation codes, default FILE.codes.csv; one "
				  "of an earlier run is carried on",
		  .value = &options->codes },
		{ .name = "code-valid",
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "TIME",
		  .help = "how long the codes are good, default 14d",
		  .value = &options->code_valid },
		OBOL_FLAG_OPTION("disable-missing", 0,
						 "the table has all accounts: disable those that it "
						 "lacks, and take no offence at those that are there",
						 &options->disables_missing),
		OBOL_FLAG_OPTION("yes", 'y', "do not ask before disabling",
						 &options->is_sure),
		OBOL_CTL_OPTIONS(options->ctl),
		OBOL_CTL_JSON(options->ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl account import",
		.arguments = "FILE",
		.about =
			"Add an account for each row of a table of comma-separated "
			"values: name, then, where wanted, identity, lifetime, expires, "
			"mode, key_type; a head line may name the columns in another "
			"order. Codes go to a "
			"file that only its owner can read. When it was interrupted, run "
			"it again: no code in that file becomes void.",
		.options = table,
		.n_options = sizeof(table) / sizeof(table[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};

	return obol_options_parse_one(&usage, argc, argv, &options->table);
}

static bool check(struct options *options, struct obol_import *import)
{
	char why[OBOL_WHY_MAX];
	int len;

	if (!obol_ctl_code_end(options->ctl, options->code_valid,
						   &import->code_expires_at, why, sizeof(why)))
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	len = options->codes
			  ? snprintf(options->codes_path, PATH_SIZE, "%s", options->codes)
			  : snprintf(options->codes_path, PATH_SIZE, "%s.codes.csv",
						 options->table);
	if (len < 0 || len >= PATH_SIZE)
	{
		(void)obol_ctl_fail("the name of the file of codes is too long");
		return false;
	}
	return true;
}

/** Which accounts are there: from an earlier run, or otherwise. */
static bool find_existing(struct obol_import *import)
{
	size_t i;

	for (i = 0; i < import->n_rows; i++)
	{
		struct obol_import_row *row = &import->rows[i];
		struct obol_store_account_find find = {
			.in = { .name = obol_bytes_str(row->account.name) }
		};
		enum obol_status status;

		if (row->refused)
		{
			continue;
		}
		status =
			obol_store_run(import->ctl->store, OBOL_STORE_ACCOUNT_FIND, &find);
		if (status == OBOL_OK && row->has_code)
		{
			row->is_done_before = true;
			import->n_done_before++;
		}
		else if (status == OBOL_OK && import->is_complete)
		{
			row->is_known = true;
			import->n_known++;
		}
		else if (status == OBOL_OK)
		{
			row->refused = "there is an account of this name already";
		}
		else if (status != OBOL_ERR_NOT_FOUND)
		{
			(void)obol_ctl_fail_store(status, "looking for accounts");
			return false;
		}
	}
	return true;
}

/** Rows to do, each with a code: an earlier run's, or a new one. */
static bool prepare(struct run *run)
{
	struct obol_import *import = run->import;
	size_t i;

	run->rows = calloc(import->n_rows + 1, sizeof(*run->rows));
	for (i = 0; run->rows && i < import->n_rows; i++)
	{
		struct obol_import_row *row = &import->rows[i];
		struct obol_secret *secret = NULL, *text = NULL;

		if (row->refused || row->is_done_before || row->is_known)
		{
			continue;
		}
		if (!row->has_code)
		{
			if (obol_code_new(import->ctl->rng, OBOL_ACTIVATION_BITS, &secret,
							  &text) != OBOL_OK)
			{
				(void)obol_ctl_fail("no code could be made");
				return false;
			}
			memcpy(row->code, obol_secret_view(secret).ptr, sizeof(row->code));
			(void)snprintf(row->code_text, sizeof(row->code_text), "%.*s",
						   (int)obol_secret_len(text),
						   (const char *)obol_secret_view(text).ptr);
			row->has_code = true;
			obol_secret_free(secret);
			obol_secret_free(text);
		}
		run->rows[run->n++] = row;
	}
	return run->rows || obol_ctl_fail("memory ran out") == OBOL_EXIT_DONE;
}

static void show_bar(const struct run *run)
{
	size_t filled = run->n ? BAR_WIDTH * run->n_done / run->n : BAR_WIDTH;
	uint64_t ms = obol_mono_ms(run->import->ctl->clock) - run->begun_ms;
	char bar[BAR_WIDTH + 1];

	if (!run->shows_bar)
	{
		return;
	}
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '=', filled);
	bar[BAR_WIDTH] = '\0';
	(void)fprintf(stderr, "\r[%s] %zu/%zu  %llu s", bar, run->n_done, run->n,
				  (unsigned long long)(ms / 1000));
	(void)fflush(stderr);
}

/** What the database said to a batch; false when it failed. */
static bool take_results(struct run *run, const struct obol_store_op *ops,
						 size_t first, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (ops[i].status == OBOL_OK)
		{
			run->import->n_imported++;
		}
		else if (ops[i].status == OBOL_ERR_EXISTS)
		{
			run->rows[first + i]->refused =
				"somebody else added it meanwhile; its code in the file of "
				"codes is void";
		}
		else
		{
			return obol_ctl_fail_store(ops[i].is_in_doubt ? OBOL_ERR_IO
														  : ops[i].status,
									   "adding accounts") == OBOL_EXIT_DONE;
		}
	}
	return true;
}

/** Write a batch's codes, then commit its accounts. */
static bool do_batch(struct run *run, struct obol_import_workers *workers,
					 size_t wave, size_t first, size_t n)
{
	struct obol_store_account_add *adds = calloc(n, sizeof(*adds));
	struct obol_store_op *ops = calloc(n, sizeof(*ops));
	struct obol_ctl *ctl = run->import->ctl;
	bool done = adds && ops;
	size_t i;

	for (i = 0; done && i < n; i++)
	{
		const struct obol_slot *slot =
			obol_import_workers_slot(workers, first - wave + i);

		done = slot != NULL;
		if (done)
		{
			adds[i].in.account = run->rows[first + i]->account;
			adds[i].in.activation = *slot;
			adds[i].in.actor = ctl->actor;
			adds[i].in.now = obol_now(ctl->clock);
			ops[i].verb = OBOL_STORE_ACCOUNT_ADD;
			ops[i].arg.account_add = &adds[i];
		}
	}
	done = done && obol_import_codes_write(run->import, run->codes,
										   run->rows + first, n);
	for (i = 0; done && i < n; i++)
	{
		obol_store_submit(ctl->store, &ops[i]);
	}
	obol_store_flush(ctl->store);
	done = done && take_results(run, ops, first, n);
	free(ops);
	free(adds);
	return done;
}

static bool do_wave(struct run *run, size_t wave, size_t n)
{
	struct obol_import_workers *workers =
		obol_import_workers_start(run->import, run->rows + wave, n);
	bool done = workers != NULL;
	size_t i;

	for (i = 0; done && i < n; i += OBOL_IMPORT_BATCH)
	{
		size_t left = n - i;
		size_t batch = left < OBOL_IMPORT_BATCH ? left : OBOL_IMPORT_BATCH;

		done = do_batch(run, workers, wave, wave + i, batch);
		run->n_done += batch;
		show_bar(run);
	}
	obol_import_workers_stop(workers);
	return done;
}

static bool do_all(struct run *run)
{
	bool done = true;
	size_t i;

	run->begun_ms = obol_mono_ms(run->import->ctl->clock);
	run->shows_bar = isatty(STDERR_FILENO) == 1;
	show_bar(run);
	for (i = 0; done && i < run->n; i += OBOL_IMPORT_WAVE)
	{
		size_t left = run->n - i;

		done =
			do_wave(run, i, left < OBOL_IMPORT_WAVE ? left : OBOL_IMPORT_WAVE);
	}
	if (run->shows_bar)
	{
		(void)fputc('\n', stderr);
	}
	return done;
}

static void missing_json(struct obol_json *json,
						 const struct obol_import_missing *missing)
{
	size_t i;

	obol_json_begin_array(json, "disabled");
	for (i = 0; i < missing->n_disabled; i++)
	{
		obol_json_str(json, NULL, missing->accounts[i].name);
	}
	obol_json_end_array(json);
}

static void report_json(const struct obol_import *import, const char *codes,
						const struct obol_import_missing *missing, bool done)
{
	struct obol_json json;
	size_t i;

	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_bool(&json, "finished", done);
	obol_json_number(&json, "imported", (int64_t)import->n_imported);
	obol_json_number(&json, "done_before", (int64_t)import->n_done_before);
	if (import->is_complete)
	{
		obol_json_number(&json, "known", (int64_t)import->n_known);
		missing_json(&json, missing);
	}
	obol_json_str(&json, "codes", codes);
	obol_json_begin_array(&json, "refused");
	for (i = 0; i < import->n_rows; i++)
	{
		if (import->rows[i].refused)
		{
			obol_json_begin_object(&json, NULL);
			obol_json_number(&json, "line", (int64_t)import->rows[i].line);
			obol_json_str(&json, "name", import->rows[i].account.name);
			obol_json_str(&json, "reason", import->rows[i].refused);
			obol_json_end_object(&json);
		}
	}
	obol_json_end_array(&json);
	obol_json_end_object(&json);
}

static void report_missing(const struct obol_import *import,
						   const struct obol_import_missing *missing)
{
	size_t i;

	if (!import->is_complete)
	{
		return;
	}
	(void)printf("there already %zu, disabled %zu\n", import->n_known,
				 missing->n_disabled);
	for (i = 0; i < missing->n_disabled; i++)
	{
		(void)fputs("  ", stdout);
		obol_output_text(stdout, obol_bytes_str(missing->accounts[i].name), 0);
		(void)putchar('\n');
	}
}

/** Refused rows to standard error, the sum to standard output. */
static void report(struct obol_import *import, const struct options *options,
				   const struct obol_import_missing *missing, bool done)
{
	size_t i;

	for (i = 0; i < import->n_rows; i++)
	{
		const struct obol_import_row *row = &import->rows[i];

		if (!row->refused)
		{
			continue;
		}
		import->n_refused++;
		if (!options->ctl->is_json)
		{
			(void)fprintf(stderr, "%s, line %zu%s", options->table, row->line,
						  *row->account.name ? ", " : "");
			obol_output_text(stderr, obol_bytes_str(row->account.name), 0);
			(void)fprintf(stderr, ": %s\n", row->refused);
		}
	}
	if (options->ctl->is_json)
	{
		report_json(import, options->codes_path, missing, done);
		return;
	}
	(void)printf("imported %zu, done before %zu, refused %zu; codes in %s\n",
				 import->n_imported, import->n_done_before, import->n_refused,
				 options->codes_path);
	report_missing(import, missing);
	if (!done)
	{
		(void)printf("not finished: run it again, the codes in the file stay "
					 "good\n");
	}
}

/** Read the table and see what is to be done; nothing is changed yet. */
static bool plan(struct options *options, struct run *run,
				 struct obol_import_missing *missing)
{
	struct obol_import *import = run->import;

	import->is_complete = options->disables_missing;
	return obol_ctl_need_keys(import->ctl) && check(options, import) &&
		   obol_import_read(import, options->table) &&
		   (!import->is_complete ||
			(obol_import_missing_find(import, missing) &&
			 obol_import_missing_confirm(missing, options->is_sure))) &&
		   obol_import_codes_open(import, options->codes_path, run->codes) &&
		   find_existing(import) && prepare(run);
}

int obol_ctl_account_import(struct obol_ctl *ctl, int argc, char **argv)
{
	struct obol_import_codes codes = { .fd = -1 };
	struct obol_import_missing missing = { .n = 0 };
	struct obol_import import = { .ctl = ctl };
	struct options options = { .ctl = ctl };
	struct run run = { .import = &import, .codes = &codes };
	enum obol_options_result result;
	int code = OBOL_EXIT_FAILED;
	bool done;

	result = read_options(&options, argc, argv);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (plan(&options, &run, &missing))
	{
		/* leavers first: whatever holds the new ones up */
		done = obol_import_missing_disable(&import, &missing) && do_all(&run);
		report(&import, &options, &missing, done);
		code = done && import.n_refused == 0 ? OBOL_EXIT_DONE : code;
	}
	obol_import_codes_close(&codes);
	obol_import_missing_clear(&missing);
	free(run.rows);
	obol_import_clear(&import);
	return code;
}
