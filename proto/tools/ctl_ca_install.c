/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl ca install: a gateway's directory of CA certificates. */
#include "tools/ctl_commands.h"

#include "base/file.h"
#include "tools/ctl_ca.h"
#include "tools/ctl_pem.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SWANCTL_DIR "/etc/swanctl"
#define PREFIX "obol-ca"
#define SUFFIX ".pem"
#define PATH_SIZE 1024
#define FILE_MAX ((size_t)64 << 10)

/** The present CA's are numbered, others have a name of their own: the first
 * digits of their fingerprint. */
static void path_of(const char *dir, const struct obol_ctl_ca_list *list,
					size_t i, char path[PATH_SIZE])
{
	char fingerprint[2 * OBOL_STORE_ROOT_LEN + 1];

	if (i < list->n_present)
	{
		(void)snprintf(path, PATH_SIZE, "%s/" PREFIX "%.0zu" SUFFIX, dir, i);
		return;
	}
	obol_ctl_ca_fingerprint(list->cas[i], fingerprint);
	(void)snprintf(path, PATH_SIZE, "%s/" PREFIX "-%.8s" SUFFIX, dir,
				   fingerprint);
}

static bool is_same(const char *path, const struct obol_secret *text)
{
	struct obol_secret *there = NULL;
	char why[OBOL_WHY_MAX];
	bool same = obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &there, why,
							   sizeof(why)) == OBOL_OK &&
				obol_bytes_eq(obol_secret_view(there), obol_secret_view(text));

	obol_secret_free(there);
	return same;
}

static bool write_ca(const char *dir, const struct obol_ctl_ca_list *list,
					 size_t i)
{
	struct obol_secret *text = NULL;
	char path[PATH_SIZE], why[OBOL_WHY_MAX];
	bool done;

	if (!obol_ctl_pem_certificate(list->cas[i], &text))
	{
		return false;
	}
	path_of(dir, list, i, path);
	done = is_same(path, text);
	if (!done && obol_file_replace(path, obol_secret_view(text), 0644, why,
								   sizeof(why)) == OBOL_OK)
	{
		done = true;
	}
	else if (!done)
	{
		(void)obol_ctl_fail("%s", why);
	}
	obol_secret_free(text);
	return done;
}

static bool is_ours(const char *name)
{
	size_t len = strlen(name);

	return len > sizeof(SUFFIX) - 1 &&
		   strncmp(name, PREFIX, sizeof(PREFIX) - 1) == 0 &&
		   strcmp(name + len - (sizeof(SUFFIX) - 1), SUFFIX) == 0;
}

static bool is_wanted(const char *dir, const char *name,
					  const struct obol_ctl_ca_list *list)
{
	char path[PATH_SIZE];
	size_t i;

	for (i = 0; i < list->n; i++)
	{
		path_of(dir, list, i, path);
		if (strcmp(strrchr(path, '/') + 1, name) == 0)
		{
			return true;
		}
	}
	return false;
}

/** Ours that are not wanted any more. */
static bool remove_others(const char *dir, const struct obol_ctl_ca_list *list)
{
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	char path[PATH_SIZE];
	bool done = stream != NULL;

	while (stream && (entry = readdir(stream)))
	{
		if (!is_ours(entry->d_name) || is_wanted(dir, entry->d_name, list))
		{
			continue;
		}
		if (snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) >=
				(int)sizeof(path) ||
			unlink(path) != 0)
		{
			(void)obol_ctl_fail("%s in %s cannot be removed: %s", entry->d_name,
								dir, strerror(errno));
			done = false;
		}
	}
	if (stream)
	{
		(void)closedir(stream);
	}
	return done;
}

bool obol_ctl_ca_install(const char *dir, const struct obol_ctl_ca_list *list)
{
	bool done = true;
	size_t i;

	/* the old CA has its new name before it loses its number, and none goes
	 * before all are there */
	for (i = list->n; done && i > 0; i--)
	{
		done = write_ca(dir, list, i - 1);
	}
	return done && remove_others(dir, list);
}

struct install {
	struct obol_ctl *ctl;
	struct obol_ctl_cas cas;
	const char *dir;
};

static bool make_directory(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
	{
		(void)obol_ctl_fail("the directory %s cannot be made: %s", path,
							strerror(errno));
		return false;
	}
	return true;
}

static int work(struct install *install)
{
	struct obol_ctl_ca_list all;
	char path[PATH_SIZE];
	struct obol_json json;

	if (strlen(install->dir) > PATH_SIZE / 2)
	{
		return obol_ctl_fail("the directory's name is too long");
	}
	(void)snprintf(path, sizeof(path), "%s/x509ca", install->dir);
	if (!obol_ctl_cas_open(&install->cas, install->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	obol_ctl_cas_all(&install->cas, &all);
	if (!make_directory(install->dir) || !make_directory(path) ||
		!obol_ctl_ca_install(path, &all))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!install->ctl->is_json)
	{
		(void)printf("%zu CA certificate%s in %s\n\n"
					 "next: swanctl --load-all --clear\n",
					 all.n, all.n == 1 ? "" : "s", path);
		return OBOL_EXIT_DONE;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "directory", path);
	obol_json_number(&json, "certificates", (int64_t)all.n);
	obol_json_end_object(&json);
	return OBOL_EXIT_DONE;
}

int obol_ctl_ca_install_command(struct obol_ctl *ctl, int argc, char **argv)
{
	struct install install = { .ctl = ctl, .dir = SWANCTL_DIR };
	const struct obol_option options[] = {
		OBOL_TEXT_OPTION("out", 'o', "DIR",
						 "swanctl's directory, default " SWANCTL_DIR,
						 &install.dir),
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl ca install",
		.arguments = "",
		.about = "Bring a gateway's CA certificates up to date: the present "
				 "CA, the next one and those that the set still has, as "
				 "x509ca/obol-ca*.pem, and no others of that name.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	enum obol_options_result result;
	int code;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	code = work(&install);
	obol_ctl_cas_close(&install.cas);
	return code;
}
