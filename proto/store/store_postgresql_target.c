/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL: where the database is. */
#include "store/store_open.h"
#include "store/store_postgresql_private.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

/** Parameters of a connection at most; libpq has fewer. */
#define PARAMETERS_MAX 64

/* What the server shall do when obold or the network is gone: end statements
 * and transactions that hold locks others wait for. */
#define SETTINGS                                                               \
	"-c lock_timeout=3s -c statement_timeout=4s "                              \
	"-c idle_in_transaction_session_timeout=8s -c client_min_messages=warning"

static const char *value_of(const PQconninfoOption *options,
							const char *keyword)
{
	for (; options->keyword; options++)
	{
		if (strcmp(options->keyword, keyword) == 0)
		{
			return options->val ? options->val : "";
		}
	}
	return "";
}

void obol_store_postgresql_describe(const char *target, char *text, size_t size)
{
	PQconninfoOption *options = PQconninfoParse(target, NULL);

	(void)snprintf(text, size, "PostgreSQL database");
	if (options)
	{
		const char *host = value_of(options, "host");
		const char *address = value_of(options, "hostaddr");

		(void)snprintf(text, size, "PostgreSQL database %s%s%s",
					   value_of(options, "dbname"),
					   *host || *address ? " at " : "", *host ? host : address);
		PQconninfoFree(options);
	}
}

enum obol_status obol_store_postgresql_check(const char *target, char *why,
											 size_t size)
{
	PQconninfoOption *options = PQconninfoParse(target, NULL);
	enum obol_status status = OBOL_OK;

	if (!options)
	{
		(void)snprintf(why, size, "it is no connection string of PostgreSQL's");
		return OBOL_ERR_ARG;
	}
	if (*value_of(options, "password") || *value_of(options, "sslpassword"))
	{
		(void)snprintf(why, size,
					   "it has a password in it; put that into a file and "
					   "name the file: passfile=/etc/obol/pgpass");
		status = OBOL_ERR_ARG;
	}
	else if (*value_of(options, "service"))
	{
		(void)snprintf(why, size,
					   "it names a service; say what that stands "
					   "for");
		status = OBOL_ERR_ARG;
	}
	PQconninfoFree(options);
	return status;
}

bool obol_store_postgresql_passfile(const char *target, char *path, size_t size)
{
	PQconninfoOption *options = PQconninfoParse(target, NULL);
	bool found = false;

	if (options)
	{
		const char *value = value_of(options, "passfile");

		found = *value && strlen(value) < size;
		(void)snprintf(path, size, "%s", value);
		PQconninfoFree(options);
	}
	return found;
}

void obol_store_postgresql_files(const char *target,
								 struct obol_store_files *files)
{
	static const char *const keywords[OBOL_STORE_FILES_MAX] = {
		"sslrootcert",
		"sslcert",
		"sslkey",
		"sslcrl",
	};
	PQconninfoOption *options = PQconninfoParse(target, NULL);
	size_t i;

	for (i = 0; options && i < OBOL_STORE_FILES_MAX; i++)
	{
		const char *path = value_of(options, keywords[i]);

		if (*path == '/')
		{
			(void)snprintf(files->paths[files->n++], sizeof(files->paths[0]),
						   "%s", path);
		}
	}
	PQconninfoFree(options);
}

/** The n-th of values between commas, or the last one; false when the list is
 * at its end. */
static bool nth(const char *list, size_t n, bool or_last, char *out,
				size_t size)
{
	const char *comma = strchr(list, ',');

	for (; n > 0 && comma; n--)
	{
		list = comma + 1;
		comma = strchr(list, ',');
	}
	if (n > 0 && !or_last)
	{
		return false;
	}
	(void)snprintf(out, size, "%.*s",
				   (int)(comma ? (size_t)(comma - list) : strlen(list)), list);
	return true;
}

static struct obol_postgresql_host *
next_host(struct obol_postgresql_target *target, const char *name,
		  const char *port)
{
	struct obol_postgresql_host *host = &target->hosts[target->n_hosts];

	if (target->n_hosts == OBOL_POSTGRESQL_HOSTS_MAX)
	{
		return NULL;
	}
	(void)snprintf(host->name, sizeof(host->name), "%s", name);
	(void)snprintf(host->port, sizeof(host->port), "%s", port);
	host->address[0] = '\0';
	target->n_hosts++;
	return host;
}

/** A host with each of its addresses. */
static bool look_up(struct obol_postgresql_target *target, const char *name,
					const char *port, char *why, size_t size)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL, *info;
	int code = getaddrinfo(name, NULL, &hints, &list);

	if (code != 0)
	{
		(void)snprintf(why, size, "the database's host %s has no address: %s",
					   name, gai_strerror(code));
		return false;
	}
	for (info = list; info; info = info->ai_next)
	{
		struct obol_postgresql_host *host = next_host(target, name, port);

		if (host &&
			getnameinfo(info->ai_addr, info->ai_addrlen, host->address,
						sizeof(host->address), NULL, 0, NI_NUMERICHOST) != 0)
		{
			target->n_hosts--;
		}
	}
	freeaddrinfo(list);
	return true;
}

static enum obol_status take_hosts(struct obol_postgresql_target *target,
								   char *why, size_t size)
{
	const char *hosts = value_of(target->options, "host");
	const char *addresses = value_of(target->options, "hostaddr");
	const char *ports = value_of(target->options, "port");
	char name[256], address[64], port[8];
	enum obol_status status = OBOL_OK;
	size_t i;

	for (i = 0; status == OBOL_OK; i++)
	{
		bool has_name = *hosts && nth(hosts, i, false, name, sizeof(name));
		bool has_address =
			*addresses && nth(addresses, i, false, address, sizeof(address));

		if (!has_name && !has_address)
		{
			break;
		}
		(void)nth(*ports ? ports : "5432", i, true, port, sizeof(port));
		if (has_address || name[0] == '/')
		{
			struct obol_postgresql_host *host =
				next_host(target, has_name ? name : address, port);

			if (host && has_address)
			{
				memcpy(host->address, address, sizeof(address));
			}
		}
		else if (!look_up(target, name, port, why, size))
		{
			status = OBOL_ERR_NOT_FOUND;
		}
	}
	if (status == OBOL_OK && target->n_hosts == 0)
	{
		(void)snprintf(why, size,
					   "the database's connection string names no host");
		status = OBOL_ERR_ARG;
	}
	return status;
}

enum obol_status
obol_postgresql_target_init(struct obol_postgresql_target *target,
							const char *text, char *why, size_t size)
{
	char *error = NULL;

	memset(target, 0, sizeof(*target));
	target->options = PQconninfoParse(text, &error);
	if (!target->options)
	{
		/* libpq's own words repeat the text, which may have a password */
		(void)snprintf(why, size,
					   "the database's connection string cannot be read");
		PQfreemem(error);
		return OBOL_ERR_ARG;
	}
	return take_hosts(target, why, size);
}

void obol_postgresql_target_clear(struct obol_postgresql_target *target)
{
	PQconninfoOption *option;

	for (option = target->options; option && option->keyword; option++)
	{
		if (option->val && strcmp(option->keyword, "password") == 0)
		{
			obol_wipe(option->val, strlen(option->val));
		}
	}
	PQconninfoFree(target->options);
	target->options = NULL;
	obol_secret_free(target->password);
	target->password = NULL;
}

struct parameters {
	const char *keywords[PARAMETERS_MAX + 1];
	const char *values[PARAMETERS_MAX + 1];
	size_t n;
};

static void add(struct parameters *to, const char *keyword, const char *value)
{
	if (to->n < PARAMETERS_MAX)
	{
		to->keywords[to->n] = keyword;
		to->values[to->n++] = value;
	}
}

/** What libpq need not look for in files and environment, and what makes it
 * tell early that the other end is gone; before what the operator says. */
static void add_defaults(struct parameters *to)
{
	add(to, "target_session_attrs", "read-write");
	add(to, "gssencmode", "disable");
	add(to, "application_name", "obol");
	add(to, "client_encoding", "UTF8");
	add(to, "keepalives_idle", "5");
	add(to, "keepalives_interval", "2");
	add(to, "keepalives_count", "3");
	add(to, "tcp_user_timeout", "5000");
}

PGconn *
obol_postgresql_target_connect(const struct obol_postgresql_target *target,
							   size_t i)
{
	const struct obol_postgresql_host *host = &target->hosts[i];
	struct parameters parameters = { .n = 0 };
	const PQconninfoOption *option;
	char settings[1024];

	add_defaults(&parameters);
	(void)snprintf(settings, sizeof(settings), "%s %s", SETTINGS,
				   value_of(target->options, "options"));
	for (option = target->options; option->keyword; option++)
	{
		if (option->val && strcmp(option->keyword, "host") != 0 &&
			strcmp(option->keyword, "hostaddr") != 0 &&
			strcmp(option->keyword, "port") != 0 &&
			strcmp(option->keyword, "options") != 0)
		{
			add(&parameters, option->keyword, option->val);
		}
	}
	add(&parameters, "host", host->name);
	add(&parameters, "port", host->port);
	add(&parameters, "options", settings);
	if (host->address[0])
	{
		add(&parameters, "hostaddr", host->address);
	}
	if (target->password)
	{
		add(&parameters, "password",
			(const char *)obol_secret_view(target->password).ptr);
	}
	return PQconnectStartParams(parameters.keywords, parameters.values, 0);
}
