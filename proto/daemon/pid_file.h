/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The file with the parent's process number.
 */
#ifndef OBOL_DAEMON_PID_FILE_H_
#define OBOL_DAEMON_PID_FILE_H_

#include "base/log.h"

/** Write it; an empty path is none. A failure is logged. */
void obol_pid_file_write(const char *path, struct obol_log *log);

#endif /* OBOL_DAEMON_PID_FILE_H_ */
