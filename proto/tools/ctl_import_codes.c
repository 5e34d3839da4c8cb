/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account import: the file of codes. */
#include "tools/ctl_import.h"

#include "base/file.h"
#include "tools/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 20)
#define HEAD "name,identity,code,expires\n"

enum field {
	FIELD_NAME,
	FIELD_IDENTITY,
	FIELD_CODE,
	FIELD_EXPIRES,
	N_FIELDS
};

static int by_name(const void *a, const void *b)
{
	const struct obol_import_row *const *x = a;
	const struct obol_import_row *const *y = b;

	return strcmp((*x)->account.name, (*y)->account.name);
}

static int name_to_row(const void *key, const void *element)
{
	const struct obol_import_row *const *row = element;

	return strcmp(key, (*row)->account.name);
}

/** Rows that are not refused, by name; NULL behind the last is not there. */
static struct obol_import_row **sort_rows(struct obol_import *import, size_t *n)
{
	struct obol_import_row **sorted =
		calloc(import->n_rows + 1, sizeof(*sorted));
	size_t i;

	*n = 0;
	for (i = 0; sorted && i < import->n_rows; i++)
	{
		if (!import->rows[i].refused)
		{
			sorted[(*n)++] = &import->rows[i];
		}
	}
	if (sorted)
	{
		qsort(sorted, *n, sizeof(struct obol_import_row *), by_name);
	}
	return sorted;
}

/** A code of a run before this one; a later line of a name counts. */
static bool take_code(struct obol_import_row *row, const char *text)
{
	struct obol_secret *secret = NULL;

	if (strlen(text) >= sizeof(row->code_text) ||
		obol_code_parse(obol_bytes_str(text), OBOL_ACTIVATION_BITS, &secret) !=
			OBOL_OK)
	{
		return false;
	}
	memcpy(row->code, obol_secret_view(secret).ptr, sizeof(row->code));
	(void)snprintf(row->code_text, sizeof(row->code_text), "%s", text);
	row->has_code = true;
	row->is_written = true;
	obol_secret_free(secret);
	return true;
}

static bool say_other(const char *path)
{
	(void)obol_ctl_fail("%s is there and is no file of codes; give another "
						"one by --codes",
						path);
	return false;
}

static bool read_codes(struct obol_import *import, const char *path,
					   struct obol_bytes text)
{
	struct obol_csv_row *fields = calloc(1, sizeof(*fields));
	struct obol_import_row **sorted, **found;
	struct obol_csv csv = obol_csv_over(text);
	bool done;
	size_t n;

	sorted = sort_rows(import, &n);
	done = fields && sorted && obol_csv_next(&csv, fields);
	if (done && (fields->n != N_FIELDS ||
				 strcmp(fields->fields[FIELD_CODE], "code") != 0))
	{
		done = say_other(path);
	}
	while (done && obol_csv_next(&csv, fields))
	{
		found = bsearch(fields->fields[FIELD_NAME], sorted, n,
						sizeof(struct obol_import_row *), name_to_row);
		if (fields->fault || fields->n != N_FIELDS ||
			(found && !take_code(*found, fields->fields[FIELD_CODE])))
		{
			(void)obol_ctl_fail("%s, line %zu: this is no code that obolctl "
								"wrote; put it right or move the file away",
								path, fields->line);
			done = false;
		}
	}
	if (fields)
	{
		obol_wipe(fields, sizeof(*fields));
	}
	free(fields);
	free(sorted);
	return done;
}

static bool say_failed(const char *path, const char *what)
{
	(void)obol_ctl_fail("%s cannot be %s: %s", path, what, strerror(errno));
	return false;
}

/** All of it, and durable. */
static bool append(const struct obol_import_codes *codes,
				   struct obol_bytes bytes)
{
	while (bytes.len > 0)
	{
		ssize_t n = write(codes->fd, bytes.ptr, bytes.len);

		if (n < 0 && errno != EINTR)
		{
			return say_failed(codes->path, "written");
		}
		if (n > 0)
		{
			bytes = obol_bytes(bytes.ptr + n, bytes.len - (size_t)n);
		}
	}
	return fsync(codes->fd) == 0 || say_failed(codes->path, "written");
}

/** The name of a new file is durable when its directory is. */
static bool sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd =
		copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
	{
		(void)close(fd);
	}
	free(copy);
	return done || say_failed(path, "written");
}

/** A new one, or one that was left with a part of its head line. */
static bool is_unbegun(struct obol_bytes text)
{
	return text.len < sizeof(HEAD) - 1 &&
		   obol_bytes_eq(text, obol_bytes(HEAD, text.len));
}

/** What is there: whole lines are read, what is cut behind them goes. Nothing
 * goes of a file of something else. */
static bool read_file(struct obol_import *import,
					  struct obol_import_codes *codes)
{
	struct obol_secret *file = NULL;
	char why[OBOL_WHY_MAX];
	struct obol_bytes all, text;
	bool done;

	if (obol_file_read(codes->path, OBOL_FILE_PRIVATE, FILE_MAX, &file, why,
					   sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	all = obol_secret_view(file);
	text = all;
	while (text.len > 0 && text.ptr[text.len - 1] != '\n')
	{
		text.len--;
	}
	if (text.len == 0)
	{
		done = (is_unbegun(all) || say_other(codes->path)) &&
			   (ftruncate(codes->fd, 0) == 0 ||
				say_failed(codes->path, "written")) &&
			   append(codes, obol_bytes_str(HEAD)) &&
			   sync_directory(codes->path);
	}
	else
	{
		done = read_codes(import, codes->path, text) &&
			   (ftruncate(codes->fd, (off_t)text.len) == 0 ||
				say_failed(codes->path, "written"));
	}
	obol_secret_free(file);
	return done;
}

bool obol_import_codes_open(struct obol_import *import, const char *path,
							struct obol_import_codes *codes)
{
	codes->path = path;
	codes->fd = open(path,
					 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
						 O_NONBLOCK | O_NOCTTY,
					 0600);
	if (codes->fd < 0)
	{
		return say_failed(path, "opened");
	}
	if (flock(codes->fd, LOCK_EX | LOCK_NB) != 0)
	{
		(void)obol_ctl_fail("another import writes to %s", path);
		return false;
	}
	return read_file(import, codes);
}

bool obol_import_codes_write(struct obol_import *import,
							 struct obol_import_codes *codes,
							 struct obol_import_row *const *rows, size_t n)
{
	char end[OBOL_TIME_TEXT_MAX];
	struct obol_writer w;
	bool done;
	size_t i;

	obol_writer_init(&w);
	(void)obol_output_time(import->code_expires_at, end);
	for (i = 0; i < n; i++)
	{
		if (rows[i]->is_written)
		{
			continue;
		}
		obol_csv_write(&w, rows[i]->account.name);
		obol_write_u8(&w, ',');
		obol_csv_write(&w, rows[i]->account.identity);
		obol_write_u8(&w, ',');
		obol_csv_write(&w, rows[i]->code_text);
		obol_write_u8(&w, ',');
		obol_csv_write(&w, end);
		obol_write_u8(&w, '\n');
	}
	done =
		obol_writer_status(&w) == OBOL_OK &&
		(obol_writer_view(&w).len == 0 || append(codes, obol_writer_view(&w)));
	obol_writer_clear(&w);
	for (i = 0; done && i < n; i++)
	{
		rows[i]->is_written = true;
	}
	return done;
}

void obol_import_codes_close(struct obol_import_codes *codes)
{
	if (codes->fd >= 0)
	{
		(void)close(codes->fd);
		codes->fd = -1;
	}
}
