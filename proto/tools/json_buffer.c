/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON in memory that is wiped. */
#include "tools/json_buffer.h"

/* Trouble shows in the writer's status. */
static ssize_t append(void *cookie, const char *bytes, size_t len)
{
	struct json_buffer *buffer = cookie;

	obol_write_bytes(&buffer->out, obol_bytes(bytes, len));
	return (ssize_t)len;
}

enum obol_status json_buffer_init(struct json_buffer *buffer,
								  struct obol_json *json)
{
	cookie_io_functions_t functions = { .write = append };

	obol_writer_init(&buffer->out);
	buffer->file = fopencookie(buffer, "w", functions);
	if (!buffer->file || setvbuf(buffer->file, NULL, _IONBF, 0))
	{
		json_buffer_clear(buffer);
		return OBOL_ERR_NOMEM;
	}
	obol_json_init(json, buffer->file);
	json->is_compact = true;
	obol_json_begin_object(json, NULL);
	return OBOL_OK;
}

enum obol_status json_buffer_end(struct json_buffer *buffer,
								 struct obol_json *json,
								 struct obol_bytes *text)
{
	obol_json_end_object(json);
	if (obol_writer_status(&buffer->out) != OBOL_OK)
	{
		return obol_writer_status(&buffer->out);
	}
	*text = obol_writer_view(&buffer->out);
	return OBOL_OK;
}

void json_buffer_clear(struct json_buffer *buffer)
{
	if (buffer->file)
	{
		(void)fclose(buffer->file);
	}
	buffer->file = NULL;
	obol_writer_clear(&buffer->out);
}
