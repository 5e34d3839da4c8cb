/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles. */
#include "tools/profile.h"

#include <ctype.h>
#include <glob.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

#define PREFIX "charon.plugins.obol.profiles."
#define FILE_MAX 65536
#define PROFILES_MAX 32

/* The settings in the order in which they are written. */
static const struct {
	const char *key;
	size_t offset;
} keys[] = {
	{ "server", offsetof(struct profile, server) },
	{ "server_name", offsetof(struct profile, server_name) },
	{ "account", offsetof(struct profile, account) },
	{ "credential", offsetof(struct profile, credential) },
	{ "tls_ca", offsetof(struct profile, tls_ca) },
	{ "timeout", offsetof(struct profile, timeout) },
	{ "device_file", offsetof(struct profile, device_file) },
	{ "state_file", offsetof(struct profile, state_file) },
	{ "token", offsetof(struct profile, token) },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

bool profile_name_ok(const char *name)
{
	size_t len = strlen(name);
	size_t i;

	for (i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char)name[i];

		if (c > 0x7f || (!isalnum(c) && c != '-' && c != '_'))
		{
			return false;
		}
	}
	return len > 0 && len < PROFILE_NAME_MAX;
}

void profile_name_for(const char *servers, char name[PROFILE_NAME_MAX])
{
	bool bracket = false;
	size_t len = 0;

	for (; *servers && len + 1 < PROFILE_NAME_MAX; servers++)
	{
		unsigned char c = (unsigned char)*servers;

		if (c == ',' || c == ' ' || c == ']' || (c == ':' && !bracket))
		{
			break;
		}
		if (c == '[')
		{
			bracket = true;
			continue;
		}
		name[len++] = c < 0x80 && isalnum(c) ? (char)tolower(c) : '-';
	}
	if (len == 0)
	{
		name[len++] = '-';
	}
	name[len] = '\0';
}

bool profile_path(char out[PROFILE_PATH_MAX], const char *root,
				  const char *path)
{
	int n = snprintf(out, PROFILE_PATH_MAX, "%s%s", root ? root : "", path);

	return n > 0 && n < PROFILE_PATH_MAX;
}

bool profile_text_ok(const char *text)
{
	for (; *text; text++)
	{
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
		{
			return false;
		}
	}
	return true;
}

static void put(struct obol_writer *w, const char *text)
{
	obol_write_bytes(w, obol_bytes_str(text));
}

void profile_quote(struct obol_writer *w, const char *text)
{
	put(w, "\"");
	for (; *text; text++)
	{
		if (*text == '"' || *text == '\\')
		{
			put(w, "\\");
		}
		obol_write_bytes(w, obol_bytes(text, 1));
	}
	put(w, "\"");
}

void profile_write(struct obol_writer *w, const struct profile *profile)
{
	size_t i;

	put(w, "# Written by obol activate, see strongswan-obol(5).\n"
		   "charon {\n\tplugins {\n\t\tobol {\n\t\t\tprofiles {\n\t\t\t\t");
	put(w, profile->name);
	put(w, " {\n");
	for (i = 0; i < N_KEYS; i++)
	{
		const char *value = (const char *)profile + keys[i].offset;

		if (*value)
		{
			put(w, "\t\t\t\t\t");
			put(w, keys[i].key);
			put(w, " = ");
			profile_quote(w, value);
			put(w, "\n");
		}
	}
	put(w, "\t\t\t\t}\n\t\t\t}\n\t\t}\n\t}\n}\n");
}

struct collection {
	struct profile profiles[PROFILES_MAX];
	size_t n;
	bool full;
};

static struct profile *profile_named(struct collection *collection,
									 const char *name, size_t len)
{
	struct profile *profile;
	size_t i;

	for (i = 0; i < collection->n; i++)
	{
		profile = &collection->profiles[i];
		if (strlen(profile->name) == len && !memcmp(profile->name, name, len))
		{
			return profile;
		}
	}
	if (collection->n == PROFILES_MAX || len >= PROFILE_NAME_MAX)
	{
		collection->full = true;
		return NULL;
	}
	profile = &collection->profiles[collection->n++];
	memcpy(profile->name, name, len);
	return profile;
}

static void collect(void *ctx, const char *path, const char *value)
{
	struct profile *profile;
	const char *name, *dot;
	size_t i;

	if (strncmp(path, PREFIX, strlen(PREFIX)))
	{
		return;
	}
	name = path + strlen(PREFIX);
	dot = strchr(name, '.');
	profile = dot ? profile_named(ctx, name, (size_t)(dot - name)) : NULL;
	for (i = 0; profile && i < N_KEYS; i++)
	{
		if (!strcmp(dot + 1, keys[i].key))
		{
			(void)snprintf((char *)profile + keys[i].offset, SETTINGS_VALUE_MAX,
						   "%s", value);
		}
	}
}

static enum obol_status read_file(const char *path,
								  struct collection *collection, char *why,
								  size_t size)
{
	struct obol_secret *content = NULL;
	enum obol_status status;
	unsigned line;

	status =
		obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &content, why, size);
	if (status != OBOL_OK)
	{
		return status;
	}
	status =
		settings_read(obol_secret_view(content), collect, collection, &line);
	if (status != OBOL_OK)
	{
		(void)snprintf(why, size,
					   "%s, line %u: this is not what obol activate writes; "
					   "correct the line, or name the account and server",
					   path, line);
	}
	else if (collection->full)
	{
		(void)snprintf(why, size, "%s: there are more than %d profiles", path,
					   PROFILES_MAX);
		status = OBOL_ERR_FORMAT;
	}
	obol_secret_free(content);
	return status;
}

static enum obol_status read_all(const char *root,
								 struct collection *collection, char *why,
								 size_t size)
{
	enum obol_status status = OBOL_OK;
	char pattern[PROFILE_PATH_MAX];
	glob_t found;
	size_t i;
	int result;

	if (!profile_path(pattern, root, PROFILE_DIR "/obol-*.conf"))
	{
		(void)snprintf(why, size, "the root's path is too long");
		return OBOL_ERR_ARG;
	}
	result = glob(pattern, 0, NULL, &found);
	if (result == GLOB_NOSPACE)
	{
		return OBOL_ERR_NOMEM;
	}
	for (i = 0; result == 0 && status == OBOL_OK && i < found.gl_pathc; i++)
	{
		status = read_file(found.gl_pathv[i], collection, why, size);
	}
	globfree(&found);
	return status;
}

static enum obol_status pick(const struct collection *collection,
							 const char *root, const char *name,
							 struct profile *profile, char *why, size_t size)
{
	size_t i;

	if (!name && collection->n == 1)
	{
		*profile = collection->profiles[0];
		return OBOL_OK;
	}
	if (!name && collection->n > 1)
	{
		(void)snprintf(why, size,
					   "there are several profiles; choose with --profile, "
					   "such as --profile %s or --profile %s",
					   collection->profiles[0].name,
					   collection->profiles[1].name);
		return OBOL_ERR_EXISTS;
	}
	for (i = 0; name && i < collection->n; i++)
	{
		if (!strcmp(collection->profiles[i].name, name))
		{
			*profile = collection->profiles[i];
			return OBOL_OK;
		}
	}
	(void)snprintf(why, size, "there is no profile%s%s in %s" PROFILE_DIR,
				   name ? " " : "", name ? name : "", root ? root : "");
	return OBOL_ERR_NOT_FOUND;
}

enum obol_status profile_find(const char *root, const char *name,
							  struct profile *profile, char *why, size_t size)
{
	struct collection *collection = calloc(1, sizeof(*collection));
	enum obol_status status = OBOL_ERR_NOMEM;

	(void)snprintf(why, size, "out of memory");
	if (!collection)
	{
		return status;
	}
	status = read_all(root, collection, why, size);
	if (status == OBOL_OK)
	{
		status = pick(collection, root, name, profile, why, size);
	}
	free(collection);
	return status;
}
