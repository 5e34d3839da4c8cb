/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process needs of the file system for its database. */
#include "daemon/sandbox_database.h"

#include "daemon/sandbox.h"

void obol_sandbox_database_of(const char *database,
							  struct obol_sandbox_database *folders)
{
	size_t i;

	memset(folders, 0, sizeof(*folders));
	if (!obol_store_is_remote(database))
	{
		obol_sandbox_folder_of(database, folders->folder,
							   sizeof(folders->folder));
		folders->list[folders->n++] = folders->folder;
		return;
	}
	obol_store_files_of(database, &folders->files);
	for (i = 0; i < folders->files.n; i++)
	{
		folders->list[folders->n++] = folders->files.paths[i];
	}
}
