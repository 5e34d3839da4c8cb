/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device file: three lines of text, "obol-device 1", "id HEX",
 * "secret HEX". */
#include "base/file.h"
#include "client/error.h"
#include "client/lines.h"

#include <stdio.h>

#define FILE_MAX 256
#define WHY_MAX 256

void obol_device_clear(struct obol_device *device)
{
	if (device)
	{
		obol_secret_free(device->secret);
		memset(device, 0, sizeof(*device));
	}
}

static enum obol_status file_failed(struct obol_error *error,
									enum obol_status status, const char *why)
{
	struct obol_error_subject nobody = { NULL, NULL, NULL, OBOL_SLOT_DEVICE };

	if (error)
	{
		memset(error, 0, sizeof(*error));
		(void)obol_error_set(error,
							 status == OBOL_ERR_NOMEM ? OBOL_CAUSE_INTERNAL
													  : OBOL_CAUSE_FILE,
							 &nobody, why);
		error->status = status;
	}
	return status;
}

static bool parse(struct obol_bytes text, struct obol_device *device)
{
	struct obol_lines lines = obol_lines_over(text);

	if (obol_lines_next(&lines) && obol_lines_word(&lines, "obol-device") &&
		obol_lines_word(&lines, "1") && obol_lines_next(&lines) &&
		obol_lines_word(&lines, "id"))
	{
		obol_lines_hex(&lines, device->id, sizeof(device->id));
		if (obol_lines_next(&lines) && obol_lines_word(&lines, "secret"))
		{
			obol_lines_hex(&lines, obol_secret_ptr(device->secret),
						   OBOL_CLIENT_DEVICE_LEN);
			return !obol_lines_next(&lines) && !lines.failed;
		}
	}
	return false;
}

enum obol_status obol_device_load(const char *path, struct obol_device *device,
								  struct obol_error *error)
{
	struct obol_secret *content = NULL;
	struct obol_device found = { { 0 }, NULL };
	char why[WHY_MAX];
	enum obol_status status = obol_file_read(path, OBOL_FILE_PRIVATE, FILE_MAX,
											 &content, why, sizeof(why));

	if (status != OBOL_OK)
	{
		return file_failed(error, status, why);
	}
	found.secret = obol_secret_new(OBOL_CLIENT_DEVICE_LEN);
	if (!found.secret)
	{
		obol_secret_free(content);
		return file_failed(error, OBOL_ERR_NOMEM, "memory ran out");
	}
	if (!parse(obol_secret_view(content), &found))
	{
		(void)snprintf(why, sizeof(why),
					   "%s: this is no device file, or it was cut short; "
					   "activate the device again to make a new one",
					   path);
		status = file_failed(error, OBOL_ERR_FORMAT, why);
		obol_device_clear(&found);
	}
	else
	{
		*device = found;
	}
	obol_secret_free(content);
	return status;
}

enum obol_status obol_device_save(const char *path,
								  const struct obol_device *device,
								  struct obol_error *error)
{
	struct obol_writer w;
	char why[WHY_MAX];
	enum obol_status status;

	obol_writer_init(&w);
	obol_write_str(&w, "obol-device 1\nid ");
	obol_write_hex(&w, obol_bytes(device->id, sizeof(device->id)));
	obol_write_str(&w, "\nsecret ");
	obol_write_hex(&w, obol_secret_view(device->secret));
	obol_write_str(&w, "\n");
	(void)snprintf(why, sizeof(why), "memory ran out");
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		status = obol_file_replace(path, obol_writer_view(&w), 0600, why,
								   sizeof(why));
	}
	obol_writer_clear(&w);
	return status == OBOL_OK ? OBOL_OK : file_failed(error, status, why);
}
