/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A file that gets its name once it is whole and durable.
 */
#ifndef OBOL_TOOLS_SPOOL_H_
#define OBOL_TOOLS_SPOOL_H_

#include "base/bytes.h"

/**
 * Open a file without a name beside the path; where the file system has none
 * such, with a temporary one.
 *
 * @param temporary	receives the temporary name, or is made empty
 * @return			a descriptor; -1 with errno
 */
int spool_open(const char *path, char *temporary, size_t size);

/**
 * Make it durable under its name; closes it.
 *
 * @param force	in place of what is there
 * @return		false with errno; EEXIST when something is there
 */
bool spool_commit(int fd, const char *temporary, const char *path, bool force);

/** Close it and leave nothing. */
void spool_abort(int fd, const char *temporary);

#endif /* OBOL_TOOLS_SPOOL_H_ */
