/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets from a terminal or a file descriptor. */
#include "tools/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

int prompt_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static enum obol_status read_byte(int fd, uint8_t *byte)
{
	ssize_t n;

	do
	{
		n = read(fd, byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
	{
		return OBOL_ERR_IO;
	}
	return n == 0 ? OBOL_ERR_NOT_FOUND : OBOL_OK;
}

enum obol_status prompt_line(int fd, struct obol_secret **secret)
{
	/* the byte more is the zero behind the longest line */
	struct obol_secret *line = obol_secret_new(PROMPT_MAX + 1);
	enum obol_status status = OBOL_ERR_NOMEM;
	size_t len = 0;
	uint8_t byte = 0;

	if (!line)
	{
		return status;
	}
	while ((status = read_byte(fd, &byte)) == OBOL_OK && byte != '\n')
	{
		if (len == PROMPT_MAX)
		{
			status = OBOL_ERR_FORMAT;
			break;
		}
		obol_secret_ptr(line)[len++] = byte;
	}
	obol_wipe(&byte, sizeof(byte));
	/* a last line without newline is one */
	if (status == OBOL_ERR_NOT_FOUND && len)
	{
		status = OBOL_OK;
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

static void say(int tty, const char *text)
{
	size_t len = strlen(text);

	while (len)
	{
		ssize_t n = write(tty, text, len);

		if (n < 0 && errno != EINTR)
		{
			return;
		}
		if (n > 0)
		{
			text += n;
			len -= (size_t)n;
		}
	}
}

/* Wait until the terminal has a line or a signal has come. */
static bool wait_line(int tty, int signals, bool *signalled)
{
	struct pollfd fds[2] = {
		{ .fd = tty, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int n;

	do
	{
		n = poll(fds, 2, -1);
	} while (n < 0 && errno == EINTR);
	*signalled = n > 0 && fds[1].revents;
	return n > 0;
}

/* Echo off for one line. The signals are blocked meanwhile and only looked at:
 * once the terminal is as it was, they are unblocked and do what they do. */
static enum obol_status ask_once(int tty, int signals, const char *prompt,
								 struct obol_secret **secret, bool *signalled)
{
	enum obol_status status = OBOL_ERR_IO;
	struct termios before, quiet;

	*signalled = false;
	if (tcgetattr(tty, &before))
	{
		return OBOL_ERR_IO;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	if (tcsetattr(tty, TCSAFLUSH, &quiet))
	{
		return OBOL_ERR_IO;
	}
	say(tty, prompt);
	if (wait_line(tty, signals, signalled))
	{
		status = *signalled ? OBOL_ERR_TIMEOUT : prompt_line(tty, secret);
	}
	say(tty, "\n");
	(void)tcsetattr(tty, TCSAFLUSH, &before);
	return status;
}

enum obol_status prompt_ask(int tty, const char *prompt,
							struct obol_secret **secret)
{
	static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	enum obol_status status = OBOL_ERR_IO;
	sigset_t set, before;
	bool signalled = true;
	int signals;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
	{
		(void)sigaddset(&set, watched[i]);
	}
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0)
	{
		return OBOL_ERR_IO;
	}
	while (signalled)
	{
		(void)sigprocmask(SIG_BLOCK, &set, &before);
		status = ask_once(tty, signals, prompt, secret, &signalled);
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		/* here the signal arrives: most end the process, a stop comes back */
	}
	(void)close(signals);
	return status;
}

enum obol_status prompt_question(int tty, const char *question,
								 struct obol_secret **answer)
{
	say(tty, question);
	return prompt_line(tty, answer);
}

bool prompt_confirm(int tty, const char *question, bool by_default)
{
	int tries;

	for (tries = 0; tries < 3; tries++)
	{
		struct obol_secret *line = NULL;
		char answer[8] = "";

		say(tty, question);
		say(tty, by_default ? " [Y/n] " : " [y/N] ");
		if (prompt_line(tty, &line) != OBOL_OK)
		{
			return false;
		}
		if (obol_secret_len(line) < sizeof(answer))
		{
			memcpy(answer, obol_secret_view(line).ptr, obol_secret_len(line));
		}
		else
		{
			(void)snprintf(answer, sizeof(answer), "?");
		}
		obol_secret_free(line);
		if (!answer[0])
		{
			return by_default;
		}
		if (!strcasecmp(answer, "y") || !strcasecmp(answer, "yes"))
		{
			return true;
		}
		if (!strcasecmp(answer, "n") || !strcasecmp(answer, "no"))
		{
			return false;
		}
		say(tty, "Please answer yes or no.\n");
	}
	return false;
}
