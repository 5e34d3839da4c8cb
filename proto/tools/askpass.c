/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking a person. */
#include "tools/askpass.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#define TERMINAL "/dev/tty"
#define ATTEMPTS 3

bool obol_ask_possible(void)
{
	int fd = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
	{
		return false;
	}
	(void)close(fd);
	return true;
}

/** All of it, or false. */
static bool say(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0)
	{
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
		{
			return false;
		}
		if (n > 0)
		{
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/** A line, byte by byte: what follows it is left in the input. */
static enum obol_status read_line(int fd, const struct termios *keys,
								  struct obol_secret *line, size_t *len)
{
	for (;;)
	{
		uint8_t *at = obol_secret_ptr(line) + *len;
		ssize_t n = read(fd, at, 1);

		if (n < 0 && errno == EINTR)
		{
			continue;
		}
		if (n < 0)
		{
			return OBOL_ERR_IO;
		}
		if (keys && n == 1 &&
			(*at == keys->c_cc[VINTR] || *at == keys->c_cc[VQUIT]))
		{
			return OBOL_ERR_TIMEOUT;
		}
		if (n == 0 || *at == '\n')
		{
			return OBOL_OK;
		}
		if (++*len > OBOL_ASKPASS_MAX)
		{
			return OBOL_ERR_FORMAT;
		}
	}
}

/** @param keys	those that interrupt, when the terminal does not see to it */
static enum obol_status read_secret(int fd, const struct termios *keys,
									struct obol_secret **secret)
{
	struct obol_secret *line = obol_secret_new(OBOL_ASKPASS_MAX + 1);
	enum obol_status status = OBOL_ERR_NOMEM;
	size_t len = 0;

	if (!line)
	{
		return OBOL_ERR_NOMEM;
	}
	status = read_line(fd, keys, line, &len);
	if (len > 0 && obol_secret_ptr(line)[len - 1] == '\r')
	{
		len--;
	}
	if (status == OBOL_OK && len == 0)
	{
		status = OBOL_ERR_FORMAT;
	}
	if (status != OBOL_OK)
	{
		obol_secret_free(line);
		return status;
	}
	obol_secret_cut(line, len);
	*secret = line;
	return OBOL_OK;
}

/** Signals from elsewhere wait while the echo is off. */
static void hold_signals(sigset_t *before)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	sigset_t held;
	size_t i;

	(void)sigemptyset(&held);
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
	{
		(void)sigaddset(&held, ending[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &held, before);
}

/** Without echo; the keys that interrupt are read as characters, so that the
 * terminal is put right before anything ends. */
/* The prompt comes after the echo is off: what is typed from then on counts,
 * and nothing of it shows. */
static enum obol_status read_silently(int fd, const char *prompt,
									  struct obol_secret **secret)
{
	struct termios before, silent;
	enum obol_status status;
	sigset_t mask;

	if (tcgetattr(fd, &before) != 0)
	{
		return OBOL_ERR_IO;
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	silent.c_lflag |= ICANON;
	/* they end a line too, or they would not be seen before the next one */
	silent.c_cc[VEOL] = before.c_cc[VINTR];
	silent.c_cc[VEOL2] = before.c_cc[VQUIT];
	hold_signals(&mask);
	status = OBOL_ERR_IO;
	if (tcsetattr(fd, TCSAFLUSH, &silent) == 0)
	{
		if (say(fd, prompt))
		{
			status = read_secret(fd, &before, secret);
		}
		(void)tcsetattr(fd, TCSAFLUSH, &before);
		(void)say(fd, "\n");
	}
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	return status;
}

enum obol_status obol_askpass(const char *prompt, struct obol_secret **secret)
{
	int fd = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);
	enum obol_status status;

	if (fd < 0)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	status = read_silently(fd, prompt, secret);
	(void)close(fd);
	return status;
}

enum obol_status obol_askpass_new(const char *prompt, const char *again,
								  struct obol_secret **secret)
{
	struct obol_secret *first = NULL, *second = NULL;
	enum obol_status status = OBOL_ERR_AUTH;
	int i;

	for (i = 0; i < ATTEMPTS && status == OBOL_ERR_AUTH; i++)
	{
		status = obol_askpass(prompt, &first);
		if (status == OBOL_OK)
		{
			status = obol_askpass(again, &second);
		}
		if (status == OBOL_OK &&
			!obol_bytes_eq(obol_secret_view(first), obol_secret_view(second)))
		{
			status = OBOL_ERR_AUTH;
		}
		if (status == OBOL_OK)
		{
			*secret = first;
			first = NULL; /* moved to the caller */
		}
		obol_secret_free(first);
		obol_secret_free(second);
		first = NULL;
		second = NULL;
	}
	return status;
}

enum obol_status obol_askpass_fd(int fd, struct obol_secret **secret)
{
	return read_secret(fd, NULL, secret);
}

enum obol_status obol_ask(const char *prompt, const char *preset, char *answer,
						  size_t size)
{
	int fd = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct obol_secret *line = NULL;
	enum obol_status status = OBOL_ERR_IO;
	size_t len;

	if (fd < 0)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	if (say(fd, prompt) &&
		(!preset || (say(fd, " [") && say(fd, preset) && say(fd, "]"))) &&
		say(fd, " "))
	{
		status = read_secret(fd, NULL, &line);
	}
	(void)close(fd);
	if (status == OBOL_ERR_FORMAT && preset)
	{
		len = strlen(preset);
		status = len < size ? OBOL_OK : OBOL_ERR_FORMAT;
		if (status == OBOL_OK)
		{
			memcpy(answer, preset, len + 1);
		}
	}
	else if (status == OBOL_OK)
	{
		len = obol_secret_len(line);
		status = len < size ? OBOL_OK : OBOL_ERR_FORMAT;
		if (status == OBOL_OK)
		{
			memcpy(answer, obol_secret_view(line).ptr, len);
			answer[len] = '\0';
		}
	}
	obol_secret_free(line);
	return status;
}

bool obol_ask_yes(const char *question)
{
	char answer[16];

	return obol_ask(question, "no", answer, sizeof(answer)) == OBOL_OK &&
		   (strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0);
}
