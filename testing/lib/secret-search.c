/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches files for a secret: raw, in hex, in base64 at its three offsets.
 *
 * usage: secret-search SECRET-FILE PATH...
 *
 * SECRET-FILE (or "-" for standard input) holds the secret; one newline at its
 * end is not part of it. Folders are searched with all below them, on their own
 * file system; SECRET-FILE itself is left out. Before that, the search has to
 * prove itself: next to (or in) each PATH a file is made in which the secret is
 * planted in every form, and each must be found.
 *
 * Prints "clean: N files" and exits with 0 if nothing is found; else a line
 * "found: FORM at OFFSET in FILE" for each place, never the secret, and 1.
 * 2: wrong usage, 3: could not search, or did not find what was planted. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MIN 4
#define SECRET_MAX 65536
#define FORMS_MAX 16
#define FORM_LEN_MAX (3 * SECRET_MAX + 8)

enum exit_code {
	EXIT_CLEAN = 0,
	EXIT_FOUND = 1,
	EXIT_USAGE = 2,
	EXIT_BROKEN = 3,
};

struct form {
	const char *name;
	char *text;
	size_t len;
};

struct search {
	struct form forms[FORMS_MAX];
	size_t n_forms;
	struct stat secret_file;
	char *planted; /* path of the planted file while it must be found */
	bool hit[FORMS_MAX];
	size_t n_files;
	size_t n_found;
	bool broken;
};

static void add_form(struct search *search, const char *name, const char *text,
					 size_t len)
{
	struct form *form;
	size_t i;

	for (i = 0; i < search->n_forms; i++)
	{
		form = &search->forms[i];
		if (form->len == len && memcmp(form->text, text, len) == 0)
		{
			return; /* such as hex without a letter */
		}
	}
	form = &search->forms[search->n_forms++];
	form->name = name;
	form->len = len;
	form->text = malloc(len);
	if (!form->text)
	{
		fprintf(stderr, "secret-search: out of memory\n");
		exit(EXIT_BROKEN);
	}
	memcpy(form->text, text, len);
}

static void add_hex(struct search *search, const char *name,
					const unsigned char *secret, size_t len, const char *digits,
					const char *separator)
{
	char *text = malloc(3 * len + 1);
	size_t i, used = 0;

	if (!text)
	{
		fprintf(stderr, "secret-search: out of memory\n");
		exit(EXIT_BROKEN);
	}
	for (i = 0; i < len; i++)
	{
		if (i && *separator)
		{
			text[used++] = *separator;
		}
		text[used++] = digits[secret[i] >> 4];
		text[used++] = digits[secret[i] & 15];
	}
	add_form(search, name, text, used);
	free(text);
}

/* Base64 of the secret when `offset` unknown octets precede it in their group
 * of three: only the characters that the secret alone decides. */
static void add_base64(struct search *search, const char *name,
					   const unsigned char *secret, size_t len, size_t offset,
					   const char *last_two)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
								  "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t first_bit = offset * 8, end_bit = first_bit + len * 8;
	size_t i, bit, used = 0;
	char *text = malloc(2 * len + 4);
	unsigned value;

	if (!text)
	{
		fprintf(stderr, "secret-search: out of memory\n");
		exit(EXIT_BROKEN);
	}
	for (i = (first_bit + 5) / 6; (i + 1) * 6 <= end_bit; i++)
	{
		value = 0;
		for (bit = i * 6 - first_bit; bit < i * 6 - first_bit + 6; bit++)
		{
			value = value << 1 | (secret[bit / 8] >> (7 - bit % 8) & 1);
		}
		text[used++] = value < 62 ? letters[value] : last_two[value - 62];
	}
	add_form(search, name, text, used);
	free(text);
}

static void make_forms(struct search *search, const unsigned char *secret,
					   size_t len)
{
	const char *lower = "0123456789abcdef", *upper = "0123456789ABCDEF";

	add_form(search, "raw", (const char *)secret, len);
	add_hex(search, "hex", secret, len, lower, "");
	add_hex(search, "HEX", secret, len, upper, "");
	add_hex(search, "hex with colons", secret, len, lower, ":");
	add_hex(search, "HEX with colons", secret, len, upper, ":");
	add_hex(search, "hex with blanks", secret, len, lower, " ");
	add_hex(search, "HEX with blanks", secret, len, upper, " ");
	add_base64(search, "base64, offset 0", secret, len, 0, "+/");
	add_base64(search, "base64, offset 1", secret, len, 1, "+/");
	add_base64(search, "base64, offset 2", secret, len, 2, "+/");
	add_base64(search, "base64url, offset 0", secret, len, 0, "-_");
	add_base64(search, "base64url, offset 1", secret, len, 1, "-_");
	add_base64(search, "base64url, offset 2", secret, len, 2, "-_");
}

static void free_forms(struct search *search)
{
	while (search->n_forms)
	{
		free(search->forms[--search->n_forms].text);
	}
}

static void search_text(struct search *search, const char *path,
						const char *text, size_t len)
{
	const struct form *form;
	const char *at;
	size_t i;

	for (i = 0; i < search->n_forms; i++)
	{
		form = &search->forms[i];
		at = memmem(text, len, form->text, form->len);
		if (!at)
		{
			continue;
		}
		search->hit[i] = true;
		if (!search->planted)
		{
			search->n_found++;
			printf("found: %s at %zu in %s\n", form->name, (size_t)(at - text),
				   path);
		}
	}
}

static void search_file(struct search *search, const char *path,
						const struct stat *info)
{
	void *text;
	int fd;

	if (info->st_dev == search->secret_file.st_dev &&
		info->st_ino == search->secret_file.st_ino)
	{
		return;
	}
	search->n_files++;
	if (info->st_size == 0)
	{
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	text = MAP_FAILED;
	if (fd >= 0)
	{
		text = mmap(NULL, (size_t)info->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		close(fd);
	}
	if (text == MAP_FAILED)
	{
		fprintf(stderr, "secret-search: %s: %s\n", path, strerror(errno));
		search->broken = true;
		return;
	}
	search_text(search, path, text, (size_t)info->st_size);
	munmap(text, (size_t)info->st_size);
}

/* With a planted file, that alone is read: the walk must come to it. */
static void search_tree(struct search *search, char *path)
{
	char *paths[] = { path, NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!walk)
	{
		search->broken = true;
		return;
	}
	while ((entry = fts_read(walk)))
	{
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
			entry->fts_info == FTS_NS)
		{
			fprintf(stderr, "secret-search: %s: %s\n", entry->fts_path,
					strerror(entry->fts_errno));
			search->broken = true;
		}
		if (entry->fts_info == FTS_F &&
			(!search->planted || strcmp(entry->fts_path, search->planted) == 0))
		{
			search_file(search, entry->fts_path, entry->fts_statp);
		}
	}
	fts_close(walk);
}

/* Each form between other text, so that it is met at odd places too. */
static bool write_planted(const struct search *search, int fd)
{
	size_t i;

	for (i = 0; i < search->n_forms; i++)
	{
		if (dprintf(fd, "%.*s<", (int)(i + 1), "planted for the search") < 0 ||
			write(fd, search->forms[i].text, search->forms[i].len) !=
				(ssize_t)search->forms[i].len ||
			dprintf(fd, ">\n") < 0)
		{
			return false;
		}
	}
	return true;
}

/* The file goes into a folder, or beside a file and is then searched itself. */
static bool proves_itself(struct search *search, char *path,
						  const struct stat *info)
{
	char *slash = strrchr(path, '/');
	size_t i, len = strlen(path);
	bool proven = true;
	int fd;

	if (S_ISDIR(info->st_mode))
	{
		while (len > 1 && path[len - 1] == '/')
		{
			path[--len] = '\0';
		}
	}
	else
	{
		len = slash ? (size_t)(slash - path) : 0;
	}
	if (asprintf(&search->planted, "%.*s%s.planted-XXXXXX", (int)len, path,
				 len ? "/" : "") < 0)
	{
		exit(EXIT_BROKEN);
	}
	fd = mkstemp(search->planted);
	if (fd < 0 || !write_planted(search, fd))
	{
		fprintf(stderr, "secret-search: cannot plant in %s: %s\n", path,
				strerror(errno));
		proven = false;
	}
	if (fd >= 0)
	{
		close(fd);
		memset(search->hit, 0, sizeof(search->hit));
		search_tree(search, S_ISDIR(info->st_mode) ? path : search->planted);
		unlink(search->planted);
	}
	for (i = 0; i < search->n_forms && proven; i++)
	{
		proven = search->hit[i];
	}
	free(search->planted);
	search->planted = NULL;
	search->n_files = 0;
	return proven;
}

static size_t read_secret(struct search *search, const char *path,
						  unsigned char *secret)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY);
	size_t len = 0;
	ssize_t got;

	if (fd < 0 || fstat(fd, &search->secret_file) != 0)
	{
		fprintf(stderr, "secret-search: %s: %s\n", path, strerror(errno));
		exit(EXIT_USAGE);
	}
	while (len <= SECRET_MAX &&
		   (got = read(fd, secret + len, SECRET_MAX + 1 - len)) > 0)
	{
		len += (size_t)got;
	}
	if (len > 0 && secret[len - 1] == '\n')
	{
		len--;
	}
	if (len < SECRET_MIN || len > SECRET_MAX)
	{
		fprintf(stderr,
				"secret-search: the secret has %zu octets, %d to %d "
				"can be searched for\n",
				len, SECRET_MIN, SECRET_MAX);
		exit(EXIT_USAGE);
	}
	return len;
}

static enum exit_code search_path(struct search *search, char *path)
{
	struct stat info;

	if (stat(path, &info) != 0)
	{
		fprintf(stderr, "secret-search: %s: %s\n", path, strerror(errno));
		return EXIT_BROKEN;
	}
	if (!proves_itself(search, path, &info))
	{
		fprintf(stderr, "secret-search: does not find what was planted in %s\n",
				path);
		return EXIT_BROKEN;
	}
	search_tree(search, path);
	if (search->broken)
	{
		return EXIT_BROKEN;
	}
	return search->n_found ? EXIT_FOUND : EXIT_CLEAN;
}

int main(int argc, char *argv[])
{
	static unsigned char secret[SECRET_MAX + 1];
	struct search search = { 0 };
	enum exit_code code, worst = EXIT_CLEAN;
	size_t n_files = 0;
	int i;

	if (argc < 3)
	{
		fprintf(stderr, "usage: secret-search SECRET-FILE PATH...\n");
		return EXIT_USAGE;
	}
	make_forms(&search, secret, read_secret(&search, argv[1], secret));
	for (i = 2; i < argc; i++)
	{
		code = search_path(&search, argv[i]);
		worst = code > worst ? code : worst;
		n_files += search.n_files;
	}
	free_forms(&search);
	if (worst == EXIT_CLEAN)
	{
		printf("clean: %zu files\n", n_files);
	}
	return (int)worst;
}
