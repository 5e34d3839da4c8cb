/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a backup of the keys consists of.
 */
#ifndef OBOL_TOOLS_CTL_BACKUP_H_
#define OBOL_TOOLS_CTL_BACKUP_H_

#include "tools/ctl.h"

#define OBOL_CTL_BACKUP_FILES 10

struct obol_ctl_backup_file {
	/** in the backup's directory */
	const char *name;
	/** where it is at the server */
	char path[OBOL_CONFIG_TEXT_MAX + 16];
	bool is_secret;
	/** it need not be there */
	bool may_lack;
};

/** The files that this server has; returns their number. The configuration
 * comes first. */
size_t
obol_ctl_backup_files(const struct obol_ctl *ctl,
					  struct obol_ctl_backup_file files[OBOL_CTL_BACKUP_FILES]);

#endif /* OBOL_TOOLS_CTL_BACKUP_H_ */
