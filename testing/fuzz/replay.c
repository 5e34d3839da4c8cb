/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plain driver: replays corpora, makes seeds, lists targets. */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX ((size_t)4 << 20)

static const char usage[] =
	"usage: fuzz-replay FOLDER            replays FOLDER/TARGET of each "
	"target\n"
	"       fuzz-replay TARGET PATH...    replays files, or folders' files\n"
	"       fuzz-replay --seeds FOLDER    makes FOLDER/TARGET/seed-... anew\n"
	"       fuzz-replay --list            names, longest inputs, purposes\n";

static void die(const char *path, const char *what)
{
	(void)fprintf(stderr, "fuzz-replay: %s: %s\n", path, what);
	exit(2);
}

/* in memory of exactly its size, so that a read beyond it is seen */
static void replay_file(const struct fuzz_target *target, const char *path)
{
	uint8_t *bytes = malloc(INPUT_MAX), *exact;
	FILE *file = fopen(path, "rb");
	size_t len;

	if (!bytes || !file)
	{
		die(path, "cannot be read");
	}
	len = fread(bytes, 1, INPUT_MAX, file);
	if (ferror(file) || !feof(file))
	{
		die(path, "cannot be read, or is larger than 4 MiB");
	}
	(void)fclose(file);
	exact = malloc(len ? len : 1);
	if (!exact)
	{
		die(path, "no memory for it");
	}
	memcpy(exact, bytes, len);
	free(bytes);
	target->run(obol_bytes(exact, len));
	free(exact);
}

static size_t replay_folder(const struct fuzz_target *target, const char *path)
{
	char file[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(path);
	size_t n = 0;

	if (!dir)
	{
		die(path, strerror(errno));
	}
	while ((entry = readdir(dir)))
	{
		if (entry->d_name[0] == '.')
		{
			continue;
		}
		(void)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		/* the last line of a log names the input that ended it */
		(void)printf("%s\n", file);
		(void)fflush(stdout);
		replay_file(target, file);
		n++;
	}
	(void)closedir(dir);
	return n;
}

static int replay_all(const char *folder)
{
	const struct fuzz_target *target;
	char path[PATH_MAX];
	size_t n, all = 0;

	for (target = fuzz_targets(); target; target = target->next)
	{
		(void)snprintf(path, sizeof(path), "%s/%s", folder, target->name);
		n = replay_folder(target, path);
		if (n == 0)
		{
			die(path, "has no input: a target without a corpus");
		}
		all += n;
	}
	(void)printf("%zu inputs replayed\n", all);
	return all ? 0 : 1;
}

static int replay_some(const char *name, char **paths, int n)
{
	const struct fuzz_target *target = fuzz_target_find(name);
	struct stat info;
	int i;

	if (!target)
	{
		die(name, "no such target");
	}
	for (i = 0; i < n; i++)
	{
		if (stat(paths[i], &info) == 0 && S_ISDIR(info.st_mode))
		{
			(void)replay_folder(target, paths[i]);
		}
		else
		{
			replay_file(target, paths[i]);
		}
	}
	return 0;
}

static int list(void)
{
	const struct fuzz_target *target;

	for (target = fuzz_targets(); target; target = target->next)
	{
		(void)printf("%s %zu %s\n", target->name, target->max_len,
					 target->what);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
	{
		(void)fputs(usage, stdout);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
	{
		return list();
	}
	if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
	{
		fuzz_make_seeds(argv[2]);
		return 0;
	}
	if (argc == 2 && argv[1][0] != '-')
	{
		return replay_all(argv[1]);
	}
	if (argc > 2 && argv[1][0] != '-')
	{
		return replay_some(argv[1], argv + 2, argc - 2);
	}
	(void)fputs(usage, stderr);
	return 2;
}
