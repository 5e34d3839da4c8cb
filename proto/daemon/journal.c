/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries for systemd's journal. */
#include "daemon/journal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/** An entry under way. */
struct entry {
	char *out;
	size_t len;
	bool is_full;
};

/* A field's value ends with its line, so it has no end of a line in it. */
static void add(struct entry *entry, const char *name, const char *value,
				size_t len)
{
	size_t name_len = strlen(name), i;

	if (entry->is_full ||
		name_len + len + 2 > OBOL_JOURNAL_ENTRY_MAX - entry->len)
	{
		entry->is_full = true;
		return;
	}
	memcpy(entry->out + entry->len, name, name_len);
	entry->len += name_len;
	entry->out[entry->len++] = '=';
	for (i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char)value[i];

		entry->out[entry->len++] = c < 0x20 || c == 0x7f ? '?' : value[i];
	}
	entry->out[entry->len++] = '\n';
}

static void add_text(struct entry *entry, const char *name, const char *value)
{
	if (value)
	{
		add(entry, name, value, strlen(value));
	}
}

size_t obol_journal_entry(enum obol_log_level level, const char *line,
						  const struct obol_log_fields *fields, char *out)
{
	/* as in syslog(3) */
	static const char *const priorities[] = {
		[OBOL_LOG_ERROR] = "3",
		[OBOL_LOG_WARN] = "4",
		[OBOL_LOG_INFO] = "6",
		[OBOL_LOG_DEBUG] = "7",
	};
	struct entry entry = { .out = out };
	const char *colon = strchr(line, ':');

	add_text(&entry, "PRIORITY", priorities[level]);
	add_text(&entry, "SYSLOG_IDENTIFIER", "obold");
	if (colon)
	{
		add(&entry, "OBOL_ROOM", line, (size_t)(colon - line));
	}
	if (fields)
	{
		add_text(&entry, "MESSAGE_ID", fields->id);
		add_text(&entry, "OBOL_OPERATION", fields->operation);
		add_text(&entry, "OBOL_RESULT", fields->result);
		add_text(&entry, "OBOL_SOURCE", fields->source);
		add_text(&entry, "OBOL_ACCOUNT", fields->account);
	}
	add_text(&entry, "MESSAGE", line);
	return entry.is_full ? 0 : entry.len;
}

bool obol_journal_open(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	bool is_open = false;
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
	{
		return false;
	}
	memcpy(addr.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
	{
		is_open = dup2(fd, STDOUT_FILENO) == STDOUT_FILENO;
	}
	if (fd >= 0 && fd != STDOUT_FILENO)
	{
		(void)close(fd);
	}
	return is_open;
}

bool obol_journal_write(enum obol_log_level level, const char *line,
						const struct obol_log_fields *fields)
{
	char out[OBOL_JOURNAL_ENTRY_MAX];
	size_t len = obol_journal_entry(level, line, fields, out);
	ssize_t n;

	if (!len)
	{
		return false;
	}
	do
	{
		n = write(STDOUT_FILENO, out, len);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)len;
}
