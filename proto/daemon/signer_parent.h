/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obol-signer's parent process: has the privileges, opens the ports, and forks
 * the process that reads the keys and serves (signer_server.h). It never has a
 * key itself, and reads no byte from a stranger.
 */
#ifndef OBOL_DAEMON_SIGNER_PARENT_H_
#define OBOL_DAEMON_SIGNER_PARENT_H_

#include "base/clock.h"
#include "base/log.h"

struct obol_signer_parent_options {
	const char *config_path;
	/** the log's level is DEBUG whatever the configuration says */
	bool is_debug;
	struct obol_clock *clock;
	struct obol_log *log;
};

/**
 * Run until SIGTERM or SIGINT, or until the process that serves ends by itself.
 * SIGHUP reads everything anew: a process with the new configuration serves
 * before the old one ends, and where that cannot be, nothing changes.
 *
 * @return	the program's exit code, see parent.h
 */
int obol_signer_parent_run(const struct obol_signer_parent_options *options);

/** Look whether configuration, CA and keys are good; the exit code. */
int obol_signer_parent_check(const struct obol_signer_parent_options *options);

#endif /* OBOL_DAEMON_SIGNER_PARENT_H_ */
