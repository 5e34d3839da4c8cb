/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How good a new password is. */
#include "tools/quality.h"

#include <stdio.h>
#include <string.h>

#include <pwquality.h>

#include "base/precis.h"

static const char *text_of(const struct obol_secret *password)
{
	return password ? (const char *)obol_secret_view(password).ptr : NULL;
}

/* Not the password's fault, though the library says so: without dictionaries
 * (Debian only recommends the package) it takes none at all. */
static bool lacks_dictionary(int result, const char *reason)
{
	return result == PWQ_ERROR_CRACKLIB_CHECK &&
		   strstr(reason, "error loading dictionary");
}

static enum obol_status score(pwquality_settings_t *settings,
							  const struct obol_secret *password,
							  const struct obol_secret *before,
							  const char *user, uint32_t minimum, char *why,
							  size_t size)
{
	char reason[PWQ_MAX_ERROR_MESSAGE_LEN];
	void *more = NULL;
	int points;

	points = pwquality_check(settings, text_of(password), text_of(before), user,
							 &more);
	if (points < 0)
	{
		(void)snprintf(
			why, size, "%s",
			pwquality_strerror(reason, sizeof(reason), points, more));
		if (lacks_dictionary(points, why))
		{
			(void)snprintf(why, size,
						   "Passwords cannot be judged, for want of cracklib's "
						   "dictionary: install it (Debian's package "
						   "cracklib-runtime), or set dictcheck = 0 in "
						   "/etc/security/pwquality.conf");
			return OBOL_ERR_NOT_FOUND;
		}
		return points == PWQ_ERROR_MEM_ALLOC ? OBOL_ERR_NOMEM : OBOL_ERR_DENIED;
	}
	if (points < (int)minimum)
	{
		(void)snprintf(why, size,
					   "The password scores %d of 100, and %u are wanted: make "
					   "it longer, with a few words more",
					   points, (unsigned)minimum);
		return OBOL_ERR_DENIED;
	}
	return OBOL_OK;
}

enum obol_status quality_check(const struct obol_secret *password,
							   const struct obol_secret *before,
							   const char *user, uint32_t minimum, char *why,
							   size_t size)
{
	struct obol_secret *normal = NULL;
	pwquality_settings_t *settings;
	enum obol_status status;
	void *more = NULL;
	int result;

	status = obol_precis_password(password, &normal);
	if (status != OBOL_OK)
	{
		(void)snprintf(why, size,
					   "The password is empty, longer than 1024 bytes, or has "
					   "characters that a password cannot have");
		return status;
	}
	obol_secret_free(normal);
	settings = pwquality_default_settings();
	if (!settings)
	{
		(void)snprintf(why, size, "out of memory");
		return OBOL_ERR_NOMEM;
	}
	result = pwquality_read_config(settings, NULL, &more);
	/* no file at all leaves the library's own rules */
	if (result && result != PWQ_ERROR_CFGFILE_OPEN)
	{
		char reason[PWQ_MAX_ERROR_MESSAGE_LEN];

		(void)snprintf(
			why, size, "/etc/security/pwquality.conf: %s",
			pwquality_strerror(reason, sizeof(reason), result, more));
		status = OBOL_ERR_IO;
	}
	else
	{
		status = score(settings, password, before, user, minimum, why, size);
	}
	pwquality_free_settings(settings);
	return status;
}
