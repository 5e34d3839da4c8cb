/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obold's parent process: has the privileges, opens what needs them, keeps the
 * workers alive, and never reads a byte from a stranger.
 */
#ifndef OBOL_DAEMON_PARENT_H_
#define OBOL_DAEMON_PARENT_H_

#include "base/clock.h"
#include "base/log.h"

struct obol_parent_options {
	const char *config_path;
	/** the log's level is DEBUG whatever the configuration says */
	bool is_debug;
	struct obol_clock *clock;
	struct obol_log *log;
};

/** Exit code when a token has refused a PIN (EX_CONFIG of sysexits.h): the unit
 * does not start obold again then, as each try brings the token's lock closer.
 */
#define OBOL_EXIT_PIN_REFUSED 78

/**
 * Run until SIGTERM or SIGINT. SIGHUP reads everything anew.
 *
 * @return	the program's exit code
 */
int obol_parent_run(const struct obol_parent_options *options);

#endif /* OBOL_DAEMON_PARENT_H_ */
