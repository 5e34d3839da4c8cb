/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What relay kept, read again. */
#include "testing/lib/transcript.h"

#include "wire/frame.h"

#include <stdio.h>
#include <stdlib.h>

#define EXIT_BROKEN 3

static void die(const char *path, const char *what)
{
	fprintf(stderr, "guess-from-transcript: %s: %s\n", path, what);
	exit(EXIT_BROKEN);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool append_hex(struct obol_writer *w, const char *text)
{
	int high, low;

	while (*text && *text != '\n')
	{
		high = hex_digit(*text++);
		low = hex_digit(*text);
		if (high < 0 || low < 0)
		{
			return false;
		}
		text++;
		obol_write_u8(w, (uint8_t)(high << 4 | low));
	}
	return true;
}

static struct transcript_connection *add_connection(struct transcript *this,
													const char *path)
{
	struct transcript_connection *connection;

	if (this->n_connections == TRANSCRIPT_CONNECTIONS_MAX)
	{
		die(path, "too many connections");
	}
	connection = &this->connections[this->n_connections++];
	obol_writer_init(&connection->all);
	obol_writer_init(&connection->client);
	obol_writer_init(&connection->server);
	return connection;
}

/* the writer that a line's bytes go to, and where the bytes begin */
static struct obol_writer *target_of(struct transcript_connection *connection,
									 const char *line, const char **bytes)
{
	const struct {
		const char *word;
		struct obol_writer *target;
	} words[] = {
		{ "exporter-c ", &connection->all },
		{ "exporter-s ", &connection->all },
		{ "c ", &connection->client },
		{ "s ", &connection->server },
	};
	size_t i, len;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		len = strlen(words[i].word);
		if (strncmp(line, words[i].word, len) == 0)
		{
			*bytes = line + len;
			return words[i].target;
		}
	}
	return NULL;
}

static void read_lines(struct transcript *this, const char *path, FILE *file)
{
	struct transcript_connection *connection = NULL;
	struct obol_writer *target;
	const char *bytes;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, file) > 0)
	{
		if (strcmp(line, "connection\n") == 0)
		{
			connection = add_connection(this, path);
			continue;
		}
		target = connection ? target_of(connection, line, &bytes) : NULL;
		if (!target || !append_hex(target, bytes))
		{
			die(path, "this is no transcript of relay's");
		}
	}
	free(line);
}

static bool first_frame(const struct obol_writer *bytes, uint8_t type,
						struct obol_frame *frame)
{
	size_t used = 0;

	return obol_frame_decode(obol_writer_view(bytes), OBOL_FRAME_EARLY_MAX,
							 frame, &used) == OBOL_OK &&
		   used > 0 && frame->type == type;
}

static void find_login(struct transcript_connection *connection)
{
	struct obol_frame frame;

	connection->has_start =
		first_frame(&connection->client, OBOL_LOGIN_START, &frame) &&
		obol_login_start_decode(frame.body, &connection->start) == OBOL_OK;
	connection->has_challenge =
		first_frame(&connection->server, OBOL_LOGIN_CHALLENGE, &frame) &&
		obol_login_challenge_decode(frame.body, &connection->challenge) ==
			OBOL_OK;
	obol_write_bytes(&connection->all, obol_writer_view(&connection->client));
	obol_write_bytes(&connection->all, obol_writer_view(&connection->server));
}

struct transcript *transcript_read(const char *path)
{
	struct transcript *this = calloc(1, sizeof(*this));
	FILE *file = fopen(path, "re");
	size_t i;

	if (!this || !file)
	{
		die(path, "cannot be read");
		return NULL;
	}
	read_lines(this, path, file);
	fclose(file);
	for (i = 0; i < this->n_connections; i++)
	{
		find_login(&this->connections[i]);
		if (obol_writer_status(&this->connections[i].all) != OBOL_OK)
		{
			die(path, "out of memory");
		}
	}
	return this;
}

void transcript_free(struct transcript *transcript)
{
	struct transcript_connection *connection;

	while (transcript->n_connections)
	{
		connection = &transcript->connections[--transcript->n_connections];
		obol_writer_clear(&connection->all);
		obol_writer_clear(&connection->client);
		obol_writer_clear(&connection->server);
	}
	free(transcript);
}
