/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_LEN 1024

static void write_line(struct obol_log *log, enum obol_log_level level,
					   const char *room, const char *fmt, va_list args)
	__attribute__((format(printf, 4, 0)));

static void write_line(struct obol_log *log, enum obol_log_level level,
					   const char *room, const char *fmt, va_list args)
{
	char line[LINE_MAX_LEN];
	size_t len;
	size_t i;
	int done;

	done = snprintf(line, sizeof(line), "%s: ", room);
	len = done > 0 ? (size_t)done : 0;
	if (len < sizeof(line))
	{
		(void)vsnprintf(line + len, sizeof(line) - len, fmt, args);
	}
	for (i = 0; line[i]; i++)
	{
		unsigned char c = (unsigned char)line[i];

		if (c < 0x20 || c == 0x7f)
		{
			line[i] = '?';
		}
	}
	log->write(log, level, line);
}

void obol_log(struct obol_log *log, enum obol_log_level level, const char *room,
			  const char *fmt, ...)
{
	va_list args;

	if (log && level <= log->level)
	{
		va_start(args, fmt);
		write_line(log, level, room, fmt, args);
		va_end(args);
	}
}

void obol_log_event(struct obol_log *log, enum obol_log_level level,
					const char *room, const struct obol_log_fields *fields,
					const char *fmt, ...)
{
	va_list args;

	if (log && level <= log->level)
	{
		log->fields = fields;
		va_start(args, fmt);
		write_line(log, level, room, fmt, args);
		va_end(args);
		log->fields = NULL;
	}
}

static const char *level_text(enum obol_log_level level)
{
	switch (level)
	{
		case OBOL_LOG_ERROR:
			return "error: ";
		case OBOL_LOG_WARN:
			return "warning: ";
		case OBOL_LOG_DEBUG:
			return "debug: ";
		case OBOL_LOG_INFO:
			break;
	}
	return "";
}

static void write_stderr(struct obol_log *log, enum obol_log_level level,
						 const char *line)
{
	const char *program = log->ctx;

	(void)fprintf(stderr, "%s: %s%s\n", program, level_text(level), line);
}

void obol_log_init_stderr(struct obol_log *log, const char *program,
						  enum obol_log_level level)
{
	log->level = level;
	log->fields = NULL;
	log->write = write_stderr;
	log->ctx = (void *)(uintptr_t)program;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != 0x7f && c < 0x80 && c != '\\' && c != '\'';
}

const char *obol_log_quote(char *out, size_t size, struct obol_bytes text)
{
	size_t used = 0;
	size_t i;

	if (size == 0)
	{
		return out;
	}
	for (i = 0; i < text.len; i++)
	{
		/* room for one escape, "..." and the zero */
		if (used + 8 > size)
		{
			if (used + 4 <= size)
			{
				memcpy(out + used, "...", 3);
				used += 3;
			}
			break;
		}
		if (is_plain(text.ptr[i]))
		{
			out[used++] = (char)text.ptr[i];
		}
		else
		{
			used += (size_t)snprintf(out + used, 5, "\\x%02x", text.ptr[i]);
		}
	}
	out[used] = '\0';
	return out;
}
