/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reader for strongSwan's configuration syntax. */
#include "tools/settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 16

struct scanner {
	struct obol_bytes text;
	size_t pos;
	unsigned line;
	char path[SETTINGS_PATH_MAX];
	/** length of the path at each level */
	size_t lengths[DEPTH_MAX];
	size_t depth;
};

/* The next character, 0 at the end. */
static char peek(const struct scanner *s)
{
	return s->pos < s->text.len ? (char)s->text.ptr[s->pos] : '\0';
}

static void advance(struct scanner *s)
{
	if (peek(s) == '\n')
	{
		s->line++;
	}
	s->pos++;
}

static void skip_comment(struct scanner *s)
{
	while (s->pos < s->text.len && peek(s) != '\n')
	{
		advance(s);
	}
}

/* Blanks and comments; line ends too, if wanted. */
static void skip(struct scanner *s, bool lines)
{
	while (s->pos < s->text.len)
	{
		char c = peek(s);

		if (c == '#')
		{
			skip_comment(s);
		}
		else if (c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n'))
		{
			advance(s);
		}
		else
		{
			return;
		}
	}
}

/* strchr() finds the final zero as well, which texts may have inside. */
static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool in_word(char c)
{
	return c > ' ' && c != 0x7f && !is_one_of(c, "{}=#\"\\:,$");
}

/* A name of a section or key. */
static bool read_name(struct scanner *s, char *name, size_t size)
{
	size_t len = 0;

	while (in_word(peek(s)) && peek(s) != '.')
	{
		if (len + 1 == size)
		{
			return false;
		}
		name[len++] = peek(s);
		advance(s);
	}
	name[len] = '\0';
	return len > 0;
}

static bool read_quoted(struct scanner *s, char *value, size_t size)
{
	size_t len = 0;

	advance(s);
	while (peek(s) != '"')
	{
		if (peek(s) == '\\')
		{
			advance(s);
			if (peek(s) != '"' && peek(s) != '\\')
			{
				return false;
			}
		}
		if (s->pos >= s->text.len || peek(s) == '\n' || peek(s) == '\0' ||
			len + 1 == size)
		{
			return false;
		}
		value[len++] = peek(s);
		advance(s);
	}
	advance(s);
	value[len] = '\0';
	return true;
}

/* To the end of the line, a comment or a brace; blanks at its end dropped. */
static bool read_plain(struct scanner *s, char *value, size_t size)
{
	size_t len = 0;

	while (s->pos < s->text.len && !is_one_of(peek(s), "\n#}{\"$"))
	{
		if (len + 1 == size || peek(s) == '\0')
		{
			return false;
		}
		value[len++] = peek(s);
		advance(s);
	}
	while (len && is_one_of(value[len - 1], " \t\r"))
	{
		len--;
	}
	value[len] = '\0';
	return true;
}

static bool read_value(struct scanner *s, char *value, size_t size)
{
	bool good;

	skip(s, false);
	good = peek(s) == '"' ? read_quoted(s, value, size)
						  : read_plain(s, value, size);
	skip(s, false);
	return good && (s->pos == s->text.len || is_one_of(peek(s), "\n}"));
}

static bool push(struct scanner *s, const char *name)
{
	size_t len = strlen(s->path);
	int n;

	if (s->depth == DEPTH_MAX)
	{
		return false;
	}
	n = snprintf(s->path + len, sizeof(s->path) - len, "%s%s", len ? "." : "",
				 name);
	if (n < 0 || (size_t)n >= sizeof(s->path) - len)
	{
		return false;
	}
	s->lengths[s->depth++] = len;
	return true;
}

static bool pop(struct scanner *s)
{
	if (s->depth == 0)
	{
		return false;
	}
	s->path[s->lengths[--s->depth]] = '\0';
	return true;
}

/* A section's head, or a key with its value. */
static bool read_entry(struct scanner *s, settings_fn *fn, void *ctx)
{
	char name[SETTINGS_PATH_MAX], value[SETTINGS_VALUE_MAX];

	if (!read_name(s, name, sizeof(name)) || !push(s, name))
	{
		return false;
	}
	skip(s, false);
	if (peek(s) == '=')
	{
		advance(s);
		if (!read_value(s, value, sizeof(value)))
		{
			return false;
		}
		fn(ctx, s->path, value);
		return pop(s);
	}
	skip(s, true);
	if (peek(s) != '{')
	{
		return false;
	}
	advance(s);
	return true;
}

enum obol_status settings_read(struct obol_bytes text, settings_fn *fn,
							   void *ctx, unsigned *line)
{
	struct scanner s = { .text = text, .line = 1 };
	bool good = true;

	skip(&s, true);
	while (good && s.pos < text.len)
	{
		if (peek(&s) == '}')
		{
			good = pop(&s);
			advance(&s);
		}
		else
		{
			good = read_entry(&s, fn, ctx);
		}
		if (good)
		{
			skip(&s, true);
		}
	}
	*line = s.line;
	return good && s.depth == 0 ? OBOL_OK : OBOL_ERR_FORMAT;
}
