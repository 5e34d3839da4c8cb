/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comments of obold.conf. */
#include "daemon/config_comments.h"

#include <string.h>

/* The end of a quoted string, behind its closing quote; at the text's end when
 * it is not closed. */
static char *skip_string(char *pos)
{
	char quote = *pos++;

	while (*pos && *pos != quote)
	{
		pos += *pos == '\\' && pos[1] ? 2 : 1;
	}
	return *pos ? pos + 1 : pos;
}

static char *blank_line(char *pos)
{
	while (*pos && *pos != '\n')
	{
		*pos++ = ' ';
	}
	return pos;
}

/* An open end is left for the parser to complain about. */
static char *blank_block(char *pos)
{
	char *end = strstr(pos + 2, "*/");

	if (!end)
	{
		return pos + strlen(pos);
	}
	for (end += 2; pos < end; pos++)
	{
		if (*pos != '\n')
		{
			*pos = ' ';
		}
	}
	return end;
}

void obol_config_blank_comments(char *text)
{
	/* a value without quotes may have slashes within it */
	static const char before_token[] = " \t\r\n={}(),+\"'";
	char *pos = text;

	while (*pos)
	{
		char before = pos == text ? '\n' : pos[-1];

		if (*pos == '"' || *pos == '\'')
		{
			pos = skip_string(pos);
		}
		else if (*pos == '#')
		{
			pos = blank_line(pos);
		}
		else if (!strchr(before_token, before))
		{
			pos++;
		}
		else if (*pos == '/' && pos[1] == '/')
		{
			pos = blank_line(pos);
		}
		else if (*pos == '/' && pos[1] == '*')
		{
			pos = blank_block(pos);
		}
		else
		{
			pos++;
		}
	}
}
