/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemons' log. */
#include "daemon/daemon_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "daemon/journal.h"

#define LINE_MAX_LEN 1024

/* $JOURNAL_STREAM is device and inode of what the journal reads from
 * (systemd.exec(5)); somebody may have redirected standard error since. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
		   fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
		   st.st_ino == inode;
}

static void write_journal(struct obol_log *log, enum obol_log_level level,
						  const char *line)
{
	static const char *const priorities[] = {
		[OBOL_LOG_ERROR] = SD_ERR,
		[OBOL_LOG_WARN] = SD_WARNING,
		[OBOL_LOG_INFO] = SD_INFO,
		[OBOL_LOG_DEBUG] = SD_DEBUG,
	};

	(void)log;
	/* one write: processes share the stream */
	(void)fprintf(stderr, "%s%s\n", priorities[level], line);
}

/* With its fields, and if the journal does not take that, as a line. */
static void write_native(struct obol_log *log, enum obol_log_level level,
						 const char *line)
{
	if (!obol_journal_write(level, line, log->fields))
	{
		write_journal(log, level, line);
	}
}

static void write_line(struct obol_log *log, enum obol_log_level level,
					   const char *line)
{
	struct obol_daemon_log *this = log->ctx;
	char counted[LINE_MAX_LEN];
	unsigned n_held = 0;

	if (level <= OBOL_LOG_WARN &&
		!obol_log_repeat_passes(&this->repeat, line, obol_mono_ms(this->clock),
								&n_held))
	{
		return;
	}
	if (n_held > 0)
	{
		(void)snprintf(counted, sizeof(counted), "%s (and %u times before)",
					   line, n_held);
		line = counted;
	}
	this->sink.fields = log->fields;
	this->sink.write(&this->sink, level, line);
}

void obol_daemon_log_init(struct obol_daemon_log *log, const char *program,
						  enum obol_log_level level)
{
	/* a line in one piece, whole lines of several processes in turn */
	(void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	obol_log_init_stderr(&log->sink, program, level);
	if (is_journal())
	{
		log->sink.write =
			obol_journal_open(OBOL_JOURNAL_PATH) ? write_native : write_journal;
	}
	obol_log_repeat_init(&log->repeat);
	log->clock = obol_clock_system();
	log->log.level = level;
	log->log.fields = NULL;
	log->log.write = write_line;
	log->log.ctx = log;
}
