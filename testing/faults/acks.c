/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of acknowledgements: lines written and read. */
#include "testing/faults/acks.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 1024

static int log_fd = -1;

uint64_t acks_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool acks_open(const char *path)
{
	log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	return log_fd >= 0;
}

void acks_begin(struct acks_line *line, const char *operation, const char *name)
{
	memset(line, 0, sizeof(*line));
	(void)snprintf(line->operation, sizeof(line->operation), "%s", operation);
	(void)snprintf(line->name, sizeof(line->name), "%s", name);
	line->begun_ms = acks_now_ms();
}

void acks_end(struct acks_line *line, const char *outcome, const char *fmt, ...)
{
	char text[LINE_MAX_LEN];
	va_list args;
	int len;

	va_start(args, fmt);
	(void)vsnprintf(line->rest, sizeof(line->rest), fmt, args);
	va_end(args);
	(void)snprintf(line->outcome, sizeof(line->outcome), "%s", outcome);
	line->took_ms = acks_now_ms() - line->begun_ms;
	len = snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64 " %s %s %s%s%s\n",
				   line->begun_ms, line->took_ms, line->operation, line->name,
				   line->outcome, *line->rest ? " " : "", line->rest);
	/* one write to a file that is appended to: lines do not mix */
	if (len < 0 || (size_t)len >= sizeof(text) ||
		write(log_fd, text, (size_t)len) != len)
	{
		(void)fputs("clients: the log cannot be written\n", stderr);
		exit(2);
	}
}

/* The next word of a line; empty at its end. */
static void take_word(const char **from, char *out, size_t size)
{
	size_t len = strcspn(*from, " \n");

	if (len >= size)
	{
		len = size - 1;
	}
	memcpy(out, *from, len);
	out[len] = '\0';
	*from += strcspn(*from, " \n");
	*from += strspn(*from, " ");
}

bool acks_read(FILE *file, struct acks_line *line)
{
	char text[LINE_MAX_LEN];
	const char *next = text;
	char *end;

	if (!fgets(text, sizeof(text), file) || !strchr(text, '\n'))
	{
		return false;
	}
	line->begun_ms = strtoull(next, &end, 10);
	next = end;
	line->took_ms = strtoull(next, &end, 10);
	next = end + strspn(end, " ");
	take_word(&next, line->operation, sizeof(line->operation));
	take_word(&next, line->name, sizeof(line->name));
	take_word(&next, line->outcome, sizeof(line->outcome));
	(void)snprintf(line->rest, sizeof(line->rest), "%.*s",
				   (int)strcspn(next, "\n"), next);
	return *line->outcome != '\0';
}

bool acks_is(const struct acks_line *line, const char *operation)
{
	return strcmp(line->operation, operation) == 0;
}

bool acks_ended(const struct acks_line *line, const char *outcome)
{
	return strcmp(line->outcome, outcome) == 0;
}

bool acks_text(const struct acks_line *line, const char *key, char *out,
			   size_t size)
{
	size_t key_len = strlen(key), len;
	const char *at = line->rest;

	while (*at)
	{
		if (strncmp(at, key, key_len) == 0 && at[key_len] == '=')
		{
			at += key_len + 1;
			len = strcspn(at, " ");
			if (len >= size)
			{
				return false;
			}
			memcpy(out, at, len);
			out[len] = '\0';
			return true;
		}
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return false;
}

uint64_t acks_number(const struct acks_line *line, const char *key)
{
	char text[ACKS_WORD_MAX];

	return acks_text(line, key, text, sizeof(text)) ? strtoull(text, NULL, 10)
													: 0;
}
