/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets and answers from people. */
#include "tools/obol.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/ct.h"
#include "tools/prompt.h"
#include "tools/quality.h"

#define TRIES_MAX 3
#define QUESTION_MAX 512

static bool terminal(struct tool *tool)
{
	if (tool->tty < 0)
	{
		tool->tty = prompt_terminal();
	}
	tool_busy(tool, NULL);
	return tool->tty >= 0;
}

static enum obol_cause read_failed(struct tool *tool, enum obol_status status,
								   const char *option)
{
	switch (status)
	{
		case OBOL_ERR_NOMEM:
			return tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
		case OBOL_ERR_FORMAT:
			return tool_fail(tool, OBOL_CAUSE_CONFIG,
							 "what was given for --%s is too long", option);
		case OBOL_ERR_NOT_FOUND:
			return tool_fail(tool, OBOL_CAUSE_ABORTED,
							 "nothing was entered for --%s", option);
		default:
			return tool_fail(tool, OBOL_CAUSE_FILE,
							 "cannot read what --%s stands for; is the "
							 "descriptor open?",
							 option);
	}
}

enum obol_cause tool_ask_secret(struct tool *tool, uint32_t fd,
								const char *prompt, const char *option,
								struct obol_secret **secret)
{
	enum obol_status status;

	if (fd != TOOL_NONE)
	{
		status = prompt_line((int)fd, secret);
	}
	else if (terminal(tool))
	{
		status = prompt_ask(tool->tty, prompt, secret);
	}
	else
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "there is no terminal to ask on; give --%s N and the "
						 "secret as a line on descriptor N",
						 option);
	}
	return status == OBOL_OK ? OBOL_CAUSE_NONE
							 : read_failed(tool, status, option);
}

static bool same(const struct obol_secret *a, const struct obol_secret *b)
{
	return obol_secret_len(a) == obol_secret_len(b) &&
		   obol_ct_eq(obol_secret_view(a).ptr, obol_secret_view(b).ptr,
					  obol_secret_len(a));
}

/* Once: typed, good enough, typed again. PASSWORD is worth another try. */
static enum obol_cause try_new_password(struct tool *tool, uint32_t fd,
										uint32_t minimum,
										const struct obol_secret *before,
										struct obol_secret **password)
{
	struct obol_secret *typed = NULL, *again = NULL;
	enum obol_cause cause;
	char why[256];

	cause =
		tool_ask_secret(tool, fd, "New password: ", "new-password-fd", &typed);
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	switch (quality_check(typed, before, obol_client_account(tool->client),
						  minimum, why, sizeof(why)))
	{
		case OBOL_OK:
			break;
		case OBOL_ERR_FORMAT:
		case OBOL_ERR_DENIED:
			cause = tool_fail(tool, OBOL_CAUSE_PASSWORD,
							  "The new password is not taken. %s.", why);
			goto out;
		case OBOL_ERR_IO:
		case OBOL_ERR_NOT_FOUND:
			cause = tool_fail(tool, OBOL_CAUSE_FILE, "%s.", why);
			goto out;
		default:
			cause = tool_fail(tool, OBOL_CAUSE_INTERNAL, "%s", why);
			goto out;
	}
	if (fd == TOOL_NONE)
	{
		cause = tool_ask_secret(
			tool, fd, "New password, again: ", "new-password-fd", &again);
		if (cause == OBOL_CAUSE_NONE && !same(typed, again))
		{
			cause = tool_fail(tool, OBOL_CAUSE_PASSWORD,
							  "The two passwords are not the same.");
		}
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		*password = typed;
		typed = NULL; /* moved to the caller */
	}
out:
	obol_secret_free(typed);
	obol_secret_free(again);
	return cause;
}

enum obol_cause tool_ask_new_password(struct tool *tool, uint32_t fd,
									  uint32_t minimum,
									  const struct obol_secret *before,
									  struct obol_secret **password)
{
	enum obol_cause cause = OBOL_CAUSE_PASSWORD;
	int tries;

	for (tries = 0; tries < (fd == TOOL_NONE ? TRIES_MAX : 1); tries++)
	{
		if (tries)
		{
			tool_note(tool, "%s", tool->error.text);
		}
		cause = try_new_password(tool, fd, minimum, before, password);
		if (cause != OBOL_CAUSE_PASSWORD)
		{
			break;
		}
	}
	return cause;
}

bool tool_confirm(struct tool *tool, bool by_default, const char *fmt, ...)
{
	char question[QUESTION_MAX];
	va_list args;

	if (!terminal(tool))
	{
		return false;
	}
	va_start(args, fmt);
	(void)vsnprintf(question, sizeof(question), fmt, args);
	va_end(args);
	return prompt_confirm(tool->tty, question, by_default);
}
