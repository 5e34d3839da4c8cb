/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl backup: database and keys, to two outputs. */
#include "tools/ctl_commands.h"

#include "tools/ctl_backup.h"
#include "tools/ctl_signer.h"

#include "base/file.h"
#include "store/store_sqlite.h"
#include "issue/ca_path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/** Largest file that is copied. */
#define FILE_MAX ((size_t)1 << 20)

struct backup {
	struct obol_ctl *ctl;
	const char *database;
	const char *keys;
};

size_t
obol_ctl_backup_files(const struct obol_ctl *ctl,
					  struct obol_ctl_backup_file files[OBOL_CTL_BACKUP_FILES])
{
	const struct obol_config *config = ctl->config;
	const char *ca = config->ca.certificate;
	/* one that is with a signer is that machine's to keep */
	const char *ca_key =
		obol_config_signer_is_away(config) ? "" : config->ca.key;
	/* the CA that follows and the one before lie beside the CA */
	const struct {
		const char *name;
		const char *path;
		const char *word;
		bool is_secret;
	} all[OBOL_CTL_BACKUP_FILES] = {
		{ "obold.conf", ctl->config_path, "", false },
		{ "obold.keys", config->keys, "", true },
		{ "ca.crt", ca, "", false },
		{ "ca.key", ca_key, "", true },
		{ "tls.crt", config->tls.certificate, "", false },
		{ "tls.key", config->tls.key, "", true },
		{ "ca-next.crt", ca, OBOL_CA_NEXT, false },
		{ "ca-next.key", ca_key, OBOL_CA_NEXT, true },
		{ "ca-old.crt", ca, OBOL_CA_OLD, false },
		{ "ca-old.key", ca_key, OBOL_CA_OLD, true },
	};
	size_t n = 0, i;

	for (i = 0; i < OBOL_CTL_BACKUP_FILES; i++)
	{
		struct obol_ctl_backup_file *file = &files[n];

		if (*all[i].path && obol_ca_path(all[i].path, all[i].word, file->path,
										 sizeof(file->path)))
		{
			file->name = all[i].name;
			file->is_secret = all[i].is_secret;
			file->may_lack = *all[i].word;
			n++;
		}
	}
	return n;
}

/** A path with its directory's links resolved; false when that is not there. */
static bool resolve(const char *path, char out[PATH_MAX])
{
	char copy[PATH_MAX], directory[PATH_MAX];
	char *slash;
	size_t len;

	if (strlen(path) >= sizeof(copy))
	{
		return false;
	}
	(void)strcpy(copy, path);
	for (len = strlen(copy); len > 1 && copy[len - 1] == '/'; len--)
	{
		copy[len - 1] = '\0';
	}
	slash = strrchr(copy, '/');
	if (slash)
	{
		*slash = '\0';
	}
	if (!realpath(slash ? (*copy ? copy : "/") : ".", directory))
	{
		return false;
	}
	return snprintf(out, PATH_MAX, "%s/%s", directory,
					slash ? slash + 1 : copy) < PATH_MAX;
}

/** Whoever gets one of the two must not get the other by it. */
static bool are_apart(const char *database, const char *keys)
{
	char file[PATH_MAX], directory[PATH_MAX];
	size_t len;

	if (!resolve(database, file) || !resolve(keys, directory))
	{
		(void)obol_ctl_fail("an output's directory is not there");
		return false;
	}
	len = strlen(directory);
	if (strncmp(file, directory, len) == 0 &&
		(file[len] == '/' || file[len] == '\0'))
	{
		(void)obol_ctl_fail("the database does not go where the keys go: a "
							"thief of both can guess passwords");
		return false;
	}
	return true;
}

static bool copy_file(const char *directory,
					  const struct obol_ctl_backup_file *file)
{
	struct obol_secret *content = NULL;
	char path[PATH_MAX];
	char why[OBOL_WHY_MAX];
	enum obol_status status;

	if (file->may_lack && access(file->path, F_OK) != 0)
	{
		return true;
	}
	(void)snprintf(path, sizeof(path), "%s/%s", directory, file->name);
	status = obol_file_read(
		file->path, file->is_secret ? OBOL_FILE_PRIVATE : OBOL_FILE_PUBLIC,
		FILE_MAX, &content, why, sizeof(why));
	if (status == OBOL_OK)
	{
		status = obol_file_create(path, obol_secret_view(content), 0600, why,
								  sizeof(why));
	}
	obol_secret_free(content);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
	}
	return status == OBOL_OK;
}

/** Into a new directory; one that was made half is taken away. */
static bool copy_keys(struct backup *backup)
{
	struct obol_ctl_backup_file files[OBOL_CTL_BACKUP_FILES];
	char path[PATH_MAX];
	bool done = true;
	size_t n, i, j;

	/* without the database: the keys are to be had when that is down */
	if (!obol_ctl_need_config(backup->ctl))
	{
		return false;
	}
	n = obol_ctl_backup_files(backup->ctl, files);
	if (mkdir(backup->keys, 0700) != 0)
	{
		(void)obol_ctl_fail("the directory %s cannot be made: %s", backup->keys,
							strerror(errno));
		return false;
	}
	for (i = 0; done && i < n; i++)
	{
		done = copy_file(backup->keys, &files[i]);
	}
	for (j = 0; !done && j < n; j++)
	{
		(void)snprintf(path, sizeof(path), "%s/%s", backup->keys,
					   files[j].name);
		(void)unlink(path);
	}
	if (!done)
	{
		(void)rmdir(backup->keys);
	}
	return done;
}

static bool copy_database(struct backup *backup)
{
	enum obol_status status;

	if (!obol_ctl_need_config(backup->ctl))
	{
		return false;
	}
	if (obol_store_is_remote(backup->ctl->config->database))
	{
		(void)obol_ctl_fail("the database is PostgreSQL's, which has backups "
							"of its own, also to any moment: pg_dump, or "
							"pg_basebackup with WAL archiving");
		return false;
	}
	if (!obol_ctl_need_store(backup->ctl))
	{
		return false;
	}
	status = obol_store_sqlite_backup(backup->ctl->store, backup->database);
	if (status == OBOL_ERR_EXISTS)
	{
		(void)obol_ctl_fail("%s is there already and is left as it is",
							backup->database);
	}
	else if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s cannot be written; is the disk full?",
							backup->database);
	}
	return status == OBOL_OK;
}

static int work(struct backup *backup)
{
	struct obol_json json;

	if ((backup->database && !copy_database(backup)) ||
		(backup->keys && !copy_keys(backup)))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!backup->ctl->is_json)
	{
		if (backup->database)
		{
			(void)printf("database in %s\n", backup->database);
		}
		if (backup->keys)
		{
			(void)printf("keys in %s; keep them apart from the database\n",
						 backup->keys);
		}
		return OBOL_EXIT_DONE;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "database", backup->database);
	obol_json_str(&json, "keys", backup->keys);
	obol_json_end_object(&json);
	return OBOL_EXIT_DONE;
}

int obol_ctl_backup(struct obol_ctl *ctl, int argc, char **argv)
{
	struct backup backup = { .ctl = ctl };
	const struct obol_option options[] = {
		{ .name = "database",
		  .letter = 'd',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "FILE",
		  .help = "new file for the database",
		  .value = &backup.database },
		{ .name = "keys",
		  .letter = 'k',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "DIR",
		  .help = "new directory for key file, CA, TLS key and configuration",
		  .value = &backup.keys },
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl backup",
		.arguments = "",
		.about = "Copy the database, while it is used, to one place and the "
				 "keys to another. Who has one of them alone cannot guess "
				 "passwords off line; so keep them apart.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	enum obol_options_result result;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!backup.database && !backup.keys)
	{
		(void)obol_ctl_fail("give --database, --keys, or both");
		return OBOL_EXIT_USAGE;
	}
	if (backup.database && backup.keys &&
		!are_apart(backup.database, backup.keys))
	{
		return OBOL_EXIT_FAILED;
	}
	return work(&backup);
}
