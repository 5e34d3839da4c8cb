/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of all that a signer has signed. */
#include "daemon/signer_audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define TIME_MAX 24
#define LINE_MAX_LEN 2048

enum obol_status obol_signer_audit_open(const char *path, int *fd, char *why,
										size_t size)
{
	*fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			   0600);
	if (*fd < 0)
	{
		(void)snprintf(why, size,
					   "%s: cannot be opened to note what is "
					   "signed: %s",
					   path, strerror(errno));
		return OBOL_ERR_IO;
	}
	return OBOL_OK;
}

static const char *time_text(uint64_t at, char text[TIME_MAX])
{
	time_t seconds = (time_t)at;
	struct tm tm;

	text[0] = '\0';
	if (gmtime_r(&seconds, &tm))
	{
		(void)strftime(text, TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
	}
	return text;
}

/* In one write, as appended lines of several processes stay whole. */
static enum obol_status note(int fd, const char *line, int len)
{
	ssize_t n;

	if (len <= 0 || len >= LINE_MAX_LEN)
	{
		return OBOL_ERR_IO;
	}
	do
	{
		n = write(fd, line, (size_t)len);
	} while (n < 0 && errno == EINTR);
	return n == len && fdatasync(fd) == 0 ? OBOL_OK : OBOL_ERR_IO;
}

enum obol_status obol_signer_audit_issued(int fd, uint64_t now,
										  const char *asker,
										  const struct obol_issued *issued)
{
	char line[LINE_MAX_LEN], at[TIME_MAX], until[TIME_MAX];
	char serial[2 * sizeof(issued->serial) + 1] = "";
	char subject[2 * sizeof(issued->subject)];
	size_t i;

	if (fd < 0)
	{
		return OBOL_OK;
	}
	for (i = 0; i < issued->serial_len; i++)
	{
		(void)snprintf(serial + 2 * i, 3, "%02x", issued->serial[i]);
	}
	return note(fd, line,
				snprintf(line, sizeof(line), "%s certificate %s %s %s %s\n",
						 time_text(now, at), asker, serial,
						 time_text(issued->not_after, until),
						 obol_log_quote(subject, sizeof(subject),
										obol_bytes_str(issued->subject))));
}

enum obol_status obol_signer_audit_list(int fd, uint64_t now, const char *asker,
										const struct obol_crl_parts *parts)
{
	char line[LINE_MAX_LEN], at[TIME_MAX], until[TIME_MAX];

	if (fd < 0)
	{
		return OBOL_OK;
	}
	return note(fd, line,
				snprintf(line, sizeof(line), "%s crl %s %llu %zu %s\n",
						 time_text(now, at), asker,
						 (unsigned long long)parts->number, parts->n_entries,
						 time_text(parts->next_update, until)));
}
