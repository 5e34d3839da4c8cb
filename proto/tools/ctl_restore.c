/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl restore: what obolctl backup wrote, back in its place. */
#include "tools/ctl_commands.h"

#include "base/file.h"
#include "store/store_sqlite.h"
#include "tools/askpass.h"
#include "tools/ctl_backup.h"
#include "tools/ctl_place.h"

#include <limits.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20)

struct restore {
	struct obol_ctl *ctl;
	const char *database;
	const char *keys;
	bool without_present;
	bool is_sure;
	struct obol_store_restored result;
};

/** A file of the backup to its place, unless the same is there. */
static bool put_back(const char *directory,
					 const struct obol_ctl_backup_file *file)
{
	struct obol_secret *content = NULL, *there = NULL;
	char path[PATH_MAX];
	char why[OBOL_WHY_MAX];
	enum obol_status status;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, file->name);
	if (file->may_lack && access(path, F_OK) != 0)
	{
		return true;
	}
	status = obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &content, why,
							sizeof(why));
	if (status == OBOL_OK)
	{
		status =
			obol_file_create(file->path, obol_secret_view(content),
							 file->is_secret ? 0600 : 0644, why, sizeof(why));
	}
	if (status == OBOL_ERR_EXISTS &&
		obol_file_read(file->path, OBOL_FILE_PUBLIC, FILE_MAX, &there, why,
					   sizeof(why)) == OBOL_OK)
	{
		status =
			obol_bytes_eq(obol_secret_view(there), obol_secret_view(content))
				? OBOL_OK
				: OBOL_ERR_EXISTS;
		(void)snprintf(why, sizeof(why),
					   "%.900s is there and is another one; move it away first",
					   file->path);
	}
	obol_secret_free(there);
	obol_secret_free(content);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
	}
	return status == OBOL_OK;
}

/** On an empty machine nobody has made them; of a database on a server nothing
 * else is put back here that would. */
static bool place_users(const struct obol_config *config)
{
	obol_ctl_place_users(config);
	return !obol_store_is_remote(config->database) ||
		   obol_ctl_place_database(config);
}

/** The configuration first: it says where all else goes. */
static bool restore_keys(struct restore *restore)
{
	struct obol_ctl_backup_file files[OBOL_CTL_BACKUP_FILES];
	struct obol_ctl_backup_file config = { .name = "obold.conf" };
	size_t n, i;

	if (snprintf(config.path, sizeof(config.path), "%s",
				 restore->ctl->config_path) >= (int)sizeof(config.path))
	{
		(void)obol_ctl_fail("the configuration's path is too long");
		return false;
	}
	if (access(config.path, F_OK) != 0 &&
		(!obol_ctl_place_directory(config.path, 0755) ||
		 !put_back(restore->keys, &config)))
	{
		return false;
	}
	if (!obol_ctl_need_config(restore->ctl))
	{
		return false;
	}
	n = obol_ctl_backup_files(restore->ctl, files);
	for (i = 1; i < n; i++)
	{
		if (!obol_ctl_place_directory(files[i].path, 0755) ||
			!put_back(restore->keys, &files[i]))
		{
			return false;
		}
	}
	return place_users(restore->ctl->config);
}

static bool restore_database(struct restore *restore)
{
	struct obol_store_restore_options options = {
		.backup = restore->database,
		.rng = restore->ctl->rng,
		.log = &restore->ctl->log,
		.actor = restore->ctl->actor,
		.now = obol_now(restore->ctl->clock),
		.without_present = restore->without_present,
	};
	char why[OBOL_WHY_MAX];

	if (!obol_ctl_need_config(restore->ctl))
	{
		return false;
	}
	options.path = restore->ctl->config->database;
	if (obol_store_is_remote(options.path))
	{
		(void)obol_ctl_fail("the database is PostgreSQL's: restore it with "
							"pg_restore, or to a moment from its WAL archive, "
							"into an empty one; obolctl(8) says what to do "
							"then");
		return false;
	}
	if (!obol_ctl_place_directory(options.path, 0700))
	{
		return false;
	}
	if (obol_store_sqlite_restore(&options, &restore->result, why,
								  sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		if (!restore->without_present)
		{
			(void)obol_ctl_fail(
				"nothing was changed; --without-present goes "
				"on without a database that is gone or damaged");
		}
		return false;
	}
	return obol_ctl_place_database(restore->ctl->config);
}

static void print(const struct restore *restore)
{
	const struct obol_store_restored *result = &restore->result;
	struct obol_json json;

	if (restore->ctl->is_json)
	{
		obol_json_init(&json, stdout);
		obol_json_begin_object(&json, NULL);
		obol_json_number(&json, "accounts", result->n_accounts);
		obol_json_number(&json, "disabled", result->n_disabled);
		obol_json_number(&json, "need_reset", result->n_without_slots);
		obol_json_number(&json, "lost", result->n_lost);
		obol_json_end_object(&json);
		return;
	}
	if (restore->keys)
	{
		(void)printf("keys are in their places\n");
	}
	if (!restore->database)
	{
		return;
	}
	(void)printf("database restored, accounts: %lu\n",
				 (unsigned long)result->n_accounts);
	(void)printf("  %lu disabled or removed since the backup: disabled now\n",
				 (unsigned long)result->n_disabled);
	(void)printf("  %lu with another account key since: nobody can log in, "
				 "obolctl account reset\n",
				 (unsigned long)result->n_without_slots);
	(void)printf("  %lu added since, and gone\n",
				 (unsigned long)result->n_lost);
	if (result->is_kept)
	{
		(void)printf("what was there before is %s.before-restore\n",
					 restore->ctl->config->database);
	}
}

static int work(struct restore *restore)
{
	if (restore->without_present && !restore->is_sure &&
		!obol_ask_yes("Without the present database, spent guesses come back, "
					  "and so do revoked devices, replaced passwords and "
					  "disabled accounts. Go on? (yes/no)"))
	{
		return obol_ctl_fail(
			"nothing was changed%s",
			obol_ask_possible() ? "" : "; without a terminal give --yes");
	}
	if ((restore->keys && !restore_keys(restore)) ||
		(restore->database && !restore_database(restore)))
	{
		return OBOL_EXIT_FAILED;
	}
	print(restore);
	return OBOL_EXIT_DONE;
}

int obol_ctl_restore(struct obol_ctl *ctl, int argc, char **argv)
{
	struct restore restore = { .ctl = ctl };
	const struct obol_option options[] = {
		{ .name = "database",
		  .letter = 'd',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "FILE",
		  .help = "the database's backup",
		  .value = &restore.database },
		{ .name = "keys",
		  .letter = 'k',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "DIR",
		  .help = "the keys' backup; files that are there are not replaced",
		  .value = &restore.keys },
		{ .name = "without-present",
		  .kind = OBOL_OPTION_FLAG,
		  .help = "the present database is gone or damaged: take nothing over "
				  "from it",
		  .value = &restore.without_present },
		{ .name = "yes",
		  .letter = 'y',
		  .kind = OBOL_OPTION_FLAG,
		  .help = "do not ask",
		  .value = &restore.is_sure },
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl restore",
		.arguments = "",
		.about =
			"Put back what obolctl backup wrote, while obold is stopped. Spent "
			"guesses stay spent, and what was disabled, removed, revoked or "
			"replaced since the backup stays so.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	enum obol_options_result result;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!restore.database && !restore.keys)
	{
		(void)obol_ctl_fail("give --database, --keys, or both");
		return OBOL_EXIT_USAGE;
	}
	return work(&restore);
}
