/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles in strongswan.conf. */

#include "obol_options.h"

#include <obol/pkcs11.h>

#include <ipsec/ipsec_types.h>
#include <utils/debug.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Default time limit, in seconds */
#define TIMEOUT_DEFAULT (OBOL_CLIENT_TIMEOUT_MS / 1000)

/** Ending of a device file, and of the state file beside it */
#define DEVICE_SUFFIX ".device"
#define STATE_SUFFIX ".state"

/**
 * Options of a profile that are strings, and where they go
 */
static const struct {
	/** name in strongswan.conf */
	char *name;
	/** offset of the member */
	size_t offset;
	/** whether it is an absolute path */
	bool path;
} strings[] = {
	{ "server",			offsetof(obol_options_t, server),		FALSE	},
	{ "server_name",	offsetof(obol_options_t, server_name),	FALSE	},
	{ "account",		offsetof(obol_options_t, account),		FALSE	},
	{ "credential",		offsetof(obol_options_t, credential),	FALSE	},
	{ "tls_ca",			offsetof(obol_options_t, tls_ca),		TRUE	},
	{ "device_file",	offsetof(obol_options_t, device_file),	TRUE	},
	{ "state_file",		offsetof(obol_options_t, state_file),	TRUE	},
	{ "token",			offsetof(obol_options_t, token),		FALSE	},
};

/**
 * The string member with the given index
 */
static char **string_at(obol_options_t *this, size_t i)
{
	return (char**)((char*)this + strings[i].offset);
}

/**
 * Get a string of a profile, NULL if it is not set or empty
 */
static char *get_string(char *profile, char *name)
{
	char *value;

	value = lib->settings->get_str(lib->settings,
								   "%s.plugins.obol.profiles.%s.%s", NULL,
								   lib->ns, profile, name);
	return value && *value ? strdup(value) : NULL;
}

/**
 * Read the profile's strings, FALSE if one is no use
 */
static bool load_strings(obol_options_t *this)
{
	char **value;
	size_t i;

	for (i = 0; i < countof(strings); i++)
	{
		value = string_at(this, i);
		*value = get_string(this->name, strings[i].name);
		if (*value && strings[i].path && **value != '/')
		{
			DBG1(DBG_CFG, "obol: profile '%s' is not used: %s must be an "
				 "absolute path", this->name, strings[i].name);
			return FALSE;
		}
	}
	if (!this->account)
	{
		DBG1(DBG_CFG, "obol: profile '%s' is not used: it has no account, add "
			 "'account = NAME' to it", this->name);
		return FALSE;
	}
	if (!this->credential)
	{
		this->credential = strdup(OBOL_CLIENT_VPN);
	}
	return TRUE;
}

/**
 * Check the URI of the profile's token, if it has one
 */
static bool check_token(obol_options_t *this)
{
	char pin_path[OBOL_PKCS11_PATH_MAX], why[256];

	if (this->token &&
		obol_pkcs11_check_uri(this->token, pin_path, why,
							  sizeof(why)) != OBOL_OK)
	{
		DBG1(DBG_CFG, "obol: profile '%s' is not used: its token %s",
			 this->name, why);
		return FALSE;
	}
	return TRUE;
}

/**
 * Read the profile's time limit, bounded as nothing may wait longer
 */
static bool load_timeout(obol_options_t *this)
{
	uint32_t seconds;

	seconds = lib->settings->get_time(lib->settings, "%s.plugins.obol.timeout",
									  TIMEOUT_DEFAULT, lib->ns);
	seconds = lib->settings->get_time(lib->settings,
									  "%s.plugins.obol.profiles.%s.timeout",
									  seconds, lib->ns, this->name);
	if (seconds < 1 || seconds > OBOL_TIMEOUT_MAX_MS / 1000)
	{
		DBG1(DBG_CFG, "obol: profile '%s' is not used: timeout must be 1 to %d "
			 "seconds, as gateways give up after 30", this->name,
			 OBOL_TIMEOUT_MAX_MS / 1000);
		return FALSE;
	}
	this->timeout_ms = seconds * 1000;
	return TRUE;
}

/**
 * Read the mark for the profile's sockets: its own, the plugin's, charon's
 */
static bool load_fwmark(obol_options_t *this)
{
	mark_t mark = {};
	char *value;

	value = lib->settings->get_str(lib->settings,
								   "%s.plugins.socket-default.fwmark", NULL,
								   lib->ns);
	value = lib->settings->get_str(lib->settings, "%s.plugins.obol.fwmark",
								   value, lib->ns);
	value = lib->settings->get_str(lib->settings,
								   "%s.plugins.obol.profiles.%s.fwmark",
								   value, lib->ns, this->name);
	if (value && *value && !mark_from_string(value, MARK_OP_NONE, &mark))
	{
		DBG1(DBG_CFG, "obol: profile '%s' is not used: fwmark must be a number "
			 "such as 0x2a", this->name);
		return FALSE;
	}
	this->fwmark = mark.value;
	return TRUE;
}

/**
 * Point out misspelt options, which would silently have no effect
 */
static void warn_unknown(obol_options_t *this)
{
	enumerator_t *enumerator;
	char *key, *value;
	bool known;
	size_t i;

	enumerator = lib->settings->create_key_value_enumerator(lib->settings,
							"%s.plugins.obol.profiles.%s", lib->ns, this->name);
	while (enumerator->enumerate(enumerator, &key, &value))
	{
		known = streq(key, "timeout") || streq(key, "fwmark");
		for (i = 0; i < countof(strings) && !known; i++)
		{
			known = streq(key, strings[i].name);
		}
		if (!known)
		{
			DBG1(DBG_CFG, "obol: profile '%s': there is no option '%s', it is "
				 "ignored; see strongswan-obol(5)", this->name, key);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * The state file's default: beside the device file, with another ending
 */
static char *state_beside(char *device_file)
{
	size_t len = strlen(device_file);
	char *path;

	if (len > strlen(DEVICE_SUFFIX) &&
		streq(device_file + len - strlen(DEVICE_SUFFIX), DEVICE_SUFFIX))
	{
		len -= strlen(DEVICE_SUFFIX);
	}
	if (asprintf(&path, "%.*s" STATE_SUFFIX, (int)len, device_file) < 0)
	{
		return NULL;
	}
	return path;
}

/**
 * Whether a file can be made beside the given one. Only trying tells: access()
 * does not ask AppArmor.
 */
static bool can_write_beside(char *path)
{
	char *probe;
	int fd = -1;

	if (asprintf(&probe, "%s.%d", path, (int)getpid()) >= 0)
	{
		fd = open(probe, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		if (fd != -1)
		{
			close(fd);
			unlink(probe);
		}
		free(probe);
	}
	return fd != -1;
}

/**
 * Find the state file, and whether it can be written
 */
static void load_state_file(obol_options_t *this)
{
	if (!this->state_file && this->device_file)
	{
		this->state_file = state_beside(this->device_file);
	}
	if (this->state_file && !can_write_beside(this->state_file))
	{
		this->state_read_only = TRUE;
		DBG2(DBG_CFG, "obol: profile '%s': %s is only read, files can not be "
			 "written there: %s", this->name, this->state_file,
			 strerror(errno));
	}
}

/**
 * Let libobol check what it will get, and tell what it makes of the names
 */
static bool check_with_libobol(obol_options_t *this)
{
	struct obol_client_options options;
	struct obol_client *client = NULL;
	struct obol_error error = {};

	obol_options_to_client(this, &options);
	if (obol_client_new(&options, &client, &error) != OBOL_OK)
	{
		DBG1(DBG_CFG, "obol: profile '%s' is not used: %s", this->name,
			 error.text);
		return FALSE;
	}
	if (asprintf(&this->owner, "obol:%s@%s", obol_client_account(client),
				 obol_client_server(client)) < 0)
	{
		this->owner = NULL;
	}
	obol_client_free(client);
	return this->owner != NULL;
}

/**
 * Load one profile, NULL if it can not be used
 */
static obol_options_t *load_profile(char *name)
{
	obol_options_t *this;

	INIT(this,
		.name = strdup(name),
	);
	warn_unknown(this);
	if (!load_strings(this) || !check_token(this) || !load_timeout(this) ||
		!load_fwmark(this) || !check_with_libobol(this))
	{
		obol_options_destroy(this);
		return NULL;
	}
	load_state_file(this);
	return this;
}

/*
 * see header file
 */
linked_list_t *obol_options_load()
{
	enumerator_t *enumerator;
	linked_list_t *list;
	obol_options_t *options;
	char *name;

	list = linked_list_create();
	enumerator = lib->settings->create_section_enumerator(lib->settings,
										"%s.plugins.obol.profiles", lib->ns);
	while (enumerator->enumerate(enumerator, &name))
	{
		options = load_profile(name);
		if (options)
		{
			list->insert_last(list, options);
		}
	}
	enumerator->destroy(enumerator);
	return list;
}

/*
 * see header file
 */
obol_options_t *obol_options_clone(obol_options_t *this)
{
	obol_options_t *clone;
	size_t i;

	INIT(clone,
		.name = strdup(this->name),
		.state_read_only = this->state_read_only,
		.timeout_ms = this->timeout_ms,
		.fwmark = this->fwmark,
		.owner = strdupnull(this->owner),
	);
	for (i = 0; i < countof(strings); i++)
	{
		*string_at(clone, i) = strdupnull(*string_at(this, i));
	}
	return clone;
}

/**
 * Compare strings, either of which may be NULL
 */
static bool same_string(char *a, char *b)
{
	return a && b ? streq(a, b) : a == b;
}

/*
 * see header file
 */
bool obol_options_equal(obol_options_t *this, obol_options_t *other)
{
	size_t i;

	for (i = 0; i < countof(strings); i++)
	{
		if (!same_string(*string_at(this, i), *string_at(other, i)))
		{
			return FALSE;
		}
	}
	return streq(this->name, other->name) &&
		   this->timeout_ms == other->timeout_ms &&
		   this->fwmark == other->fwmark;
}

/*
 * see header file
 */
void obol_options_to_client(obol_options_t *this,
							struct obol_client_options *options)
{
	obol_client_options_init(options);
	options->servers = this->server;
	options->server_name = this->server_name;
	options->account = this->account;
	options->tls_ca = this->tls_ca;
	options->state_file = this->state_file;
	options->state_read_only = this->state_read_only;
	options->timeout_ms = this->timeout_ms - OBOL_ANSWER_MS;
	/* a password comes from a file, but charon-cmd's user types it */
	options->unattended = !streq(lib->ns, "charon-cmd");
}

/*
 * see header file
 */
void obol_options_destroy(obol_options_t *this)
{
	size_t i;

	if (this)
	{
		for (i = 0; i < countof(strings); i++)
		{
			free(*string_at(this, i));
		}
		free(this->owner);
		free(this->name);
		free(this);
	}
}
