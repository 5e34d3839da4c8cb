/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading Prometheus' text format. */
#include "metrics/reading.h"

#include <stdlib.h>

/** What is left of a line. */
struct rest {
	const char *at;
	const char *end;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		   c == ':';
}

static bool take(struct rest *rest, char c)
{
	bool is_there = rest->at < rest->end && *rest->at == c;

	rest->at += is_there;
	return is_there;
}

static bool take_name(struct rest *rest, char out[OBOL_SAMPLE_NAME_MAX + 1])
{
	size_t len = 0;

	while (rest->at < rest->end &&
		   (is_letter(*rest->at) ||
			(len > 0 && *rest->at >= '0' && *rest->at <= '9')))
	{
		if (len == OBOL_SAMPLE_NAME_MAX)
		{
			return false;
		}
		out[len++] = *rest->at++;
	}
	out[len] = '\0';
	return len > 0;
}

/* Behind the opening quote, and the closing one too. */
static bool take_value(struct rest *rest, char out[OBOL_SAMPLE_VALUE_MAX + 1])
{
	size_t len = 0;

	while (rest->at < rest->end && *rest->at != '"')
	{
		char c = *rest->at++;

		if (c == '\\')
		{
			if (rest->at == rest->end || !strchr("\\\"n", *rest->at))
			{
				return false;
			}
			c = *rest->at == 'n' ? '\n' : *rest->at;
			rest->at++;
		}
		if (len == OBOL_SAMPLE_VALUE_MAX || !c)
		{
			return false;
		}
		out[len++] = c;
	}
	out[len] = '\0';
	return take(rest, '"');
}

static bool take_labels(struct rest *rest, struct obol_sample *sample)
{
	do
	{
		size_t n = sample->n_labels;

		if (n == OBOL_SAMPLE_LABELS_MAX ||
			!take_name(rest, sample->labels[n].name) || !take(rest, '=') ||
			!take(rest, '"') || !take_value(rest, sample->labels[n].value))
		{
			return false;
		}
		sample->n_labels++;
	} while (take(rest, ','));
	return take(rest, '}');
}

static bool take_number(struct rest *rest, double *value)
{
	size_t len = (size_t)(rest->end - rest->at);
	char text[64];
	char *end;

	if (!len || len >= sizeof(text) || !strchr("-+.0123456789", *rest->at))
	{
		return false;
	}
	memcpy(text, rest->at, len);
	text[len] = '\0';
	*value = strtod(text, &end);
	return end == text + len;
}

static bool read_sample(struct rest line, struct obol_sample *sample)
{
	sample->n_labels = 0;
	return take_name(&line, sample->name) &&
		   (!take(&line, '{') || take_labels(&line, sample)) &&
		   take(&line, ' ') && take_number(&line, &sample->value);
}

enum obol_status obol_metrics_read(
	struct obol_bytes text,
	void (*take_sample)(void *ctx, const struct obol_sample *sample),
	void (*comment)(void *ctx, struct obol_bytes line), void *ctx)
{
	const char *at = (const char *)text.ptr;
	size_t left = text.len;
	struct obol_sample sample;

	while (left > 0)
	{
		const char *end = memchr(at, '\n', left);

		if (!end)
		{
			return OBOL_ERR_FORMAT; /* cut off */
		}
		if (end > at && *at == '#')
		{
			if (comment)
			{
				comment(ctx, obol_bytes(at, (size_t)(end - at)));
			}
		}
		else if (end > at)
		{
			if (!read_sample((struct rest){ at, end }, &sample))
			{
				return OBOL_ERR_FORMAT;
			}
			take_sample(ctx, &sample);
		}
		left -= (size_t)(end - at) + 1;
		at = end + 1;
	}
	return OBOL_OK;
}

const char *obol_sample_label(const struct obol_sample *sample,
							  const char *name)
{
	size_t i;

	for (i = 0; i < sample->n_labels; i++)
	{
		if (strcmp(sample->labels[i].name, name) == 0)
		{
			return sample->labels[i].value;
		}
	}
	return "";
}
