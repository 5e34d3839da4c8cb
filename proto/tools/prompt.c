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

/* Signals that the caller has blocked, to hear of them in his own way: they
 * end a question, and stay pending for him. */
static int blocked_signals(void)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t blocked, set;
	size_t i;

	(void)sigemptyset(&set);
	(void)sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
	{
		if (sigismember(&blocked, ending[i]) == 1)
		{
			(void)sigaddset(&set, ending[i]);
		}
	}
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* One answer; false at the end of the input, or when a signal has come. */
static bool read_answer(int tty, int signals, char answer[8])
{
	struct obol_secret *line = NULL;
	bool signalled;

	if (!wait_line(tty, signals, &signalled) || signalled ||
		prompt_line(tty, &line) != OBOL_OK)
	{
		say(tty, "\n");
		return false;
	}
	memset(answer, 0, 8);
	if (obol_secret_len(line) < 8)
	{
		memcpy(answer, obol_secret_view(line).ptr, obol_secret_len(line));
	}
	else
	{
		answer[0] = '?';
	}
	obol_secret_free(line);
	return true;
}

bool prompt_confirm(int tty, const char *question, bool by_default)
{
	int signals = blocked_signals(), tries;
	bool is_yes = false;
	char answer[8];

	for (tries = 0; tries < 3; tries++)
	{
		say(tty, question);
		say(tty, by_default ? " [Y/n] " : " [y/N] ");
		if (!read_answer(tty, signals, answer))
		{
			break;
		}
		if (!answer[0] || !strcasecmp(answer, "y") ||
			!strcasecmp(answer, "yes"))
		{
			is_yes = answer[0] ? true : by_default;
			break;
		}
		if (!strcasecmp(answer, "n") || !strcasecmp(answer, "no"))
		{
			break;
		}
		say(tty, "Please answer yes or no.\n");
	}
	if (signals >= 0)
	{
		(void)close(signals);
	}
	return is_yes;
}
