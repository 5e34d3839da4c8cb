/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking a person: what is made of lines from terminal and descriptor. */
#include "tools/askpass.h"

#include <stdio.h>
#include <unistd.h>

#include "tools/prompt.h"

#define QUESTION_MAX 1024

bool obol_ask_possible(void)
{
	int tty = prompt_terminal();

	if (tty < 0)
	{
		return false;
	}
	(void)close(tty);
	return true;
}

/* A secret is not empty, and the end of the input is none. */
static enum obol_status take(enum obol_status status, struct obol_secret *line,
							 struct obol_secret **secret)
{
	size_t len = obol_secret_len(line);

	if (status != OBOL_OK)
	{
		return status == OBOL_ERR_NOT_FOUND ? OBOL_ERR_FORMAT : status;
	}
	/* from a file that another system wrote */
	if (len && obol_secret_view(line).ptr[len - 1] == '\r')
	{
		obol_secret_cut(line, --len);
	}
	if (len == 0)
	{
		obol_secret_free(line);
		return OBOL_ERR_FORMAT;
	}
	*secret = line;
	return OBOL_OK;
}

enum obol_status obol_askpass(const char *prompt, struct obol_secret **secret)
{
	struct obol_secret *line = NULL;
	int tty = prompt_terminal();
	enum obol_status status;

	if (tty < 0)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	status = prompt_ask(tty, prompt, &line);
	(void)close(tty);
	return take(status, line, secret);
}

enum obol_status obol_askpass_fd(int fd, struct obol_secret **secret)
{
	struct obol_secret *line = NULL;
	enum obol_status status = prompt_line(fd, &line);

	return take(status, line, secret);
}

/* What was typed, or what an empty line stands for. */
static enum obol_status copy_answer(const struct obol_secret *line,
									const char *preset, char *answer,
									size_t size)
{
	const char *text = (const char *)obol_secret_view(line).ptr;

	text = preset && !obol_secret_len(line) ? preset : text;
	if (!*text || strlen(text) >= size)
	{
		return OBOL_ERR_FORMAT;
	}
	memcpy(answer, text, strlen(text) + 1);
	return OBOL_OK;
}

enum obol_status obol_ask(const char *prompt, const char *preset, char *answer,
						  size_t size)
{
	char question[QUESTION_MAX];
	struct obol_secret *line = NULL;
	enum obol_status status;
	int tty = prompt_terminal();

	if (tty < 0)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	(void)snprintf(question, sizeof(question), "%s%s%s%s ", prompt,
				   preset ? " [" : "", preset ? preset : "", preset ? "]" : "");
	status = prompt_question(tty, question, &line);
	(void)close(tty);
	if (status == OBOL_OK)
	{
		status = copy_answer(line, preset, answer, size);
	}
	obol_secret_free(line);
	return status == OBOL_ERR_NOT_FOUND ? OBOL_ERR_FORMAT : status;
}

bool obol_ask_yes(const char *question)
{
	int tty = prompt_terminal();
	bool yes;

	if (tty < 0)
	{
		return false;
	}
	yes = prompt_confirm(tty, question, false);
	(void)close(tty);
	return yes;
}
