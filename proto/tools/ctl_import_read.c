/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account import: the table. */
#include "tools/ctl_import.h"

#include "base/file.h"
#include "tools/csv.h"
#include "tools/ctl_account_fill.h"

#include <stdlib.h>
#include <strings.h>

#define FILE_MAX ((size_t)16 << 20)

/** Columns by name, and their order without a head line. */
enum column {
	COLUMN_NAME,
	COLUMN_IDENTITY,
	COLUMN_LIFETIME,
	COLUMN_EXPIRES,
	COLUMN_MODE,
	COLUMN_KEY_TYPE,
	N_COLUMNS,
};

static const char *const column_names[N_COLUMNS] = {
	"name", "identity", "lifetime", "expires", "mode", "key_type",
};

/** Which of the table's fields is which column; SIZE_MAX for none. */
struct layout {
	size_t n;
	enum column columns[OBOL_CSV_FIELDS_MAX];
};

static bool find_column(const char *text, enum column *column)
{
	size_t i;

	for (i = 0; i < N_COLUMNS; i++)
	{
		if (strcasecmp(text, column_names[i]) == 0)
		{
			*column = (enum column)i;
			return true;
		}
	}
	return false;
}

/** A head line names the columns; it has one that is called name. */
static bool is_head(const struct obol_csv_row *row)
{
	enum column column;
	size_t i;

	for (i = 0; i < row->n; i++)
	{
		if (find_column(row->fields[i], &column) && column == COLUMN_NAME)
		{
			return true;
		}
	}
	return false;
}

static bool read_head(const struct obol_csv_row *row, const char *path,
					  struct layout *layout)
{
	size_t i, j;

	for (i = 0; i < row->n; i++)
	{
		if (!find_column(row->fields[i], &layout->columns[i]))
		{
			(void)obol_ctl_fail("%s: column %zu of its head line is none of "
								"name, identity, lifetime, expires, "
								"mode, key_type",
								path, i + 1);
			return false;
		}
		for (j = 0; j < i; j++)
		{
			if (layout->columns[j] == layout->columns[i])
			{
				(void)obol_ctl_fail("%s: column '%s' is there twice", path,
									column_names[layout->columns[i]]);
				return false;
			}
		}
	}
	layout->n = row->n;
	return true;
}

void obol_import_refuse(struct obol_import *import, struct obol_import_row *row,
						const char *text)
{
	char *copy = strdup(text);
	char **texts =
		realloc(import->texts, (import->n_texts + 1) * sizeof(*texts));

	row->refused = "memory ran out";
	if (texts)
	{
		import->texts = texts;
	}
	if (texts && copy)
	{
		texts[import->n_texts++] = copy;
		row->refused = copy;
		copy = NULL; /* moved to the import */
	}
	free(copy);
}

static void take_row(struct obol_import *import, const struct layout *layout,
					 const struct obol_csv_row *fields,
					 struct obol_import_row *row)
{
	const char *values[N_COLUMNS] = { NULL };
	struct obol_ctl_account_wish wish;
	char why[OBOL_WHY_MAX];
	size_t i;

	row->line = fields->line;
	if (fields->fault || fields->n > layout->n)
	{
		obol_import_refuse(import, row,
						   fields->fault ? fields->fault
										 : "it has more fields than columns");
		return;
	}
	for (i = 0; i < fields->n; i++)
	{
		values[layout->columns[i]] = fields->fields[i];
	}
	wish.name = values[COLUMN_NAME] ? values[COLUMN_NAME] : "";
	wish.identity = values[COLUMN_IDENTITY];
	wish.lifetime = values[COLUMN_LIFETIME];
	wish.expires = values[COLUMN_EXPIRES];
	wish.mode = values[COLUMN_MODE];
	wish.key_type = values[COLUMN_KEY_TYPE];
	if (!obol_ctl_account_fill(import->ctl, &wish, &row->account, why,
							   sizeof(why)))
	{
		obol_import_refuse(import, row, why);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct obol_import_row *const *x = a;
	const struct obol_import_row *const *y = b;
	int order = strcmp((*x)->account.name, (*y)->account.name);

	return order ? order : (*x)->line < (*y)->line ? -1 : 1;
}

/** A name that comes twice is refused from its second time on. */
static bool refuse_doubles(struct obol_import *import)
{
	struct obol_import_row **sorted =
		calloc(import->n_rows + 1, sizeof(*sorted));
	size_t n = 0, i;
	char why[96];

	if (!sorted)
	{
		return false;
	}
	for (i = 0; i < import->n_rows; i++)
	{
		if (!import->rows[i].refused)
		{
			sorted[n++] = &import->rows[i];
		}
	}
	qsort(sorted, n, sizeof(struct obol_import_row *), by_name);
	for (i = 1; i < n; i++)
	{
		if (strcmp(sorted[i]->account.name, sorted[i - 1]->account.name) == 0)
		{
			(void)snprintf(why, sizeof(why), "the same name is in line %zu",
						   sorted[i - 1]->line);
			obol_import_refuse(import, sorted[i], why);
		}
	}
	free(sorted);
	return true;
}

/** Room for one more row, zeroed; NULL when there is none. */
static struct obol_import_row *next_row(struct obol_import *import,
										size_t *size)
{
	struct obol_import_row *rows;

	if (import->n_rows == OBOL_IMPORT_ROWS_MAX)
	{
		return NULL;
	}
	if (import->n_rows == *size)
	{
		*size = *size ? 2 * *size : 1024;
		rows = realloc(import->rows, *size * sizeof(*rows));
		if (!rows)
		{
			return NULL;
		}
		import->rows = rows;
	}
	memset(&import->rows[import->n_rows], 0, sizeof(*import->rows));
	return &import->rows[import->n_rows++];
}

static bool read_rows(struct obol_import *import, const char *path,
					  struct obol_csv *csv)
{
	struct layout layout = { N_COLUMNS,
							 { COLUMN_NAME, COLUMN_IDENTITY, COLUMN_LIFETIME,
							   COLUMN_EXPIRES, COLUMN_MODE, COLUMN_KEY_TYPE } };
	struct obol_csv_row *fields = calloc(1, sizeof(*fields));
	bool done = fields != NULL;
	bool is_first = true;
	size_t size = 0;

	while (done && obol_csv_next(csv, fields))
	{
		struct obol_import_row *row;

		if (is_first && !fields->fault && is_head(fields))
		{
			done = read_head(fields, path, &layout);
			is_first = false;
			continue;
		}
		is_first = false;
		row = next_row(import, &size);
		if (!row)
		{
			(void)obol_ctl_fail("%s: more than %d rows, or no memory for them",
								path, OBOL_IMPORT_ROWS_MAX);
			done = false;
			break;
		}
		take_row(import, &layout, fields, row);
	}
	free(fields);
	return done;
}

bool obol_import_read(struct obol_import *import, const char *path)
{
	struct obol_secret *file = NULL;
	char why[OBOL_WHY_MAX];
	struct obol_csv csv;
	bool done;

	if (obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &file, why,
					   sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	csv = obol_csv_over(obol_secret_view(file));
	done = read_rows(import, path, &csv) && refuse_doubles(import);
	obol_secret_free(file);
	return done;
}

void obol_import_clear(struct obol_import *import)
{
	size_t i;

	for (i = 0; i < import->n_texts; i++)
	{
		free(import->texts[i]);
	}
	free(import->texts);
	if (import->rows)
	{
		obol_wipe(import->rows, import->n_rows * sizeof(*import->rows));
	}
	free(import->rows);
	memset(import, 0, sizeof(*import));
}
