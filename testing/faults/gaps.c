/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times without service. */
#include "testing/faults/gaps.h"

#include <stdlib.h>
#include <string.h>

#define KINDS_MAX 32

struct kind {
	char name[ACKS_NAME_MAX];
	unsigned n;
	uint64_t longest_first_ms;
	uint64_t longest_failing_ms;
	unsigned n_failed;
};

/** The fault that is looked at, until the next one begins. */
struct fault {
	struct kind *kind;
	/** service should be there from here on; 0 while the fault lasts */
	uint64_t since_ms;
	/** the next event: what it has met is its own */
	uint64_t until_ms;
	uint64_t first_ms;
	uint64_t last_failed_ms;
};

struct gaps {
	size_t n_lines;
	struct acks_line *lines;
	size_t n_kinds;
	struct kind kinds[KINDS_MAX];
};

/* Lines are written at their operations' ends; here they are wanted as they
 * began. Events stand before what began in the same millisecond. */
static int by_beginning(const void *a, const void *b)
{
	const struct acks_line *one = a, *other = b;

	if (one->begun_ms != other->begun_ms)
	{
		return one->begun_ms < other->begun_ms ? -1 : 1;
	}
	return (int)acks_is(other, "event") - (int)acks_is(one, "event");
}

static bool read_lines(struct gaps *gaps, const char *path)
{
	FILE *file = fopen(path, "re");
	struct acks_line line;

	while (file && acks_read(file, &line))
	{
		if (gaps->n_lines % 1024 == 0)
		{
			gaps->lines =
				reallocarray(gaps->lines, gaps->n_lines + 1024, sizeof(line));
		}
		if (!gaps->lines)
		{
			break;
		}
		gaps->lines[gaps->n_lines++] = line;
	}
	if (file)
	{
		(void)fclose(file);
	}
	if (gaps->lines)
	{
		qsort(gaps->lines, gaps->n_lines, sizeof(*gaps->lines), by_beginning);
	}
	return gaps->lines != NULL;
}

static struct kind *kind_of(struct gaps *gaps, const char *name)
{
	size_t i;

	for (i = 0; i < gaps->n_kinds; i++)
	{
		if (strcmp(gaps->kinds[i].name, name) == 0)
		{
			return &gaps->kinds[i];
		}
	}
	if (gaps->n_kinds == KINDS_MAX)
	{
		return &gaps->kinds[KINDS_MAX - 1];
	}
	(void)snprintf(gaps->kinds[gaps->n_kinds].name, ACKS_NAME_MAX, "%s", name);
	return &gaps->kinds[gaps->n_kinds++];
}

static void settle(struct fault *fault, uint64_t now_ms)
{
	uint64_t first, failing;

	if (!fault->kind || !fault->since_ms)
	{
		return;
	}
	first = (fault->first_ms ? fault->first_ms : now_ms) - fault->since_ms;
	failing =
		fault->last_failed_ms ? fault->last_failed_ms - fault->since_ms : 0;
	fault->kind->n++;
	if (first > fault->kind->longest_first_ms)
	{
		fault->kind->longest_first_ms = first;
	}
	if (failing > fault->kind->longest_failing_ms)
	{
		fault->kind->longest_failing_ms = failing;
	}
	memset(fault, 0, sizeof(*fault));
}

/* When the next event is, seen from a line; never for the last one. */
static uint64_t next_event(const struct gaps *gaps,
						   const struct acks_line *line)
{
	const struct acks_line *end = gaps->lines + gaps->n_lines;

	for (line++; line < end && !acks_is(line, "event"); line++)
	{
	}
	return line < end ? line->begun_ms : UINT64_MAX;
}

static void take_event(struct gaps *gaps, struct fault *fault,
					   const struct acks_line *line)
{
	if (strcmp(line->outcome, "end") != 0)
	{
		settle(fault, line->begun_ms);
		fault->kind = kind_of(gaps, line->name);
	}
	/* a kill is over when it has begun */
	fault->since_ms = strcmp(line->outcome, "begin") ? line->begun_ms : 0;
	fault->until_ms = next_event(gaps, line);
}

static bool is_failure(const struct acks_line *line)
{
	return acks_ended(line, ACKS_FAILED) || acks_ended(line, ACKS_REFUSED) ||
		   acks_ended(line, ACKS_UNKNOWN) || acks_ended(line, ACKS_WRONG);
}

static void take_operation(struct fault *fault, const struct acks_line *line)
{
	uint64_t end_ms = line->begun_ms + line->took_ms;

	if (is_failure(line) && fault->kind)
	{
		fault->kind->n_failed++;
	}
	if (!fault->since_ms)
	{
		return;
	}
	if (is_failure(line) && end_ms < fault->until_ms)
	{
		fault->last_failed_ms = line->begun_ms;
	}
	else if (acks_ended(line, ACKS_OK) &&
			 (!fault->first_ms || end_ms < fault->first_ms))
	{
		fault->first_ms = end_ms;
	}
}

static int print(const struct gaps *gaps, unsigned limit_ms)
{
	int status = 0;
	size_t i;

	for (i = 0; i < gaps->n_kinds; i++)
	{
		const struct kind *kind = &gaps->kinds[i];
		bool is_long = limit_ms && (kind->longest_first_ms > limit_ms ||
									kind->longest_failing_ms > limit_ms);

		(void)printf("%-10s times=%u failed=%u first_ms=%llu failing_ms=%llu"
					 "%s\n",
					 kind->name, kind->n, kind->n_failed,
					 (unsigned long long)kind->longest_first_ms,
					 (unsigned long long)kind->longest_failing_ms,
					 is_long ? " TOO LONG" : "");
		status = is_long ? 1 : status;
	}
	return status;
}

int gaps_run(const char *path, unsigned limit_ms)
{
	struct gaps gaps = { .n_lines = 0 };
	struct fault fault = { .kind = NULL };
	int status;
	size_t i;

	if (!read_lines(&gaps, path))
	{
		(void)fprintf(stderr, "clients: %s cannot be read\n", path);
		return 2;
	}
	for (i = 0; i < gaps.n_lines; i++)
	{
		const struct acks_line *line = &gaps.lines[i];

		if (acks_is(line, "event"))
		{
			take_event(&gaps, &fault, line);
		}
		else if (!acks_is(line, "account") && !acks_is(line, "guess"))
		{
			take_operation(&fault, line);
		}
	}
	settle(&fault, gaps.lines[gaps.n_lines - 1].begun_ms);
	status = print(&gaps, limit_ms);
	free(gaps.lines);
	return status;
}
