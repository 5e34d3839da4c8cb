/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A received credential for this machine's strongSwan: its user has asked for
 * that, so the key goes to swanctl's folder, readable by root alone. */
#include "tools/delivery.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tools/certificate.h"
#include "tools/connection.h"

#define SWANCTL "/etc/swanctl"
#define WHY_MAX 256

/** Certificates of chain and CAs, key, connection. */
#define FILES_MAX (2 * OBOL_BUNDLE_CERTIFICATES_MAX + 2)

struct target {
	struct delivery *delivery;
	const struct obol_bundle *bundle;
	/** new files, so far */
	char written[FILES_MAX][PROFILE_PATH_MAX];
	size_t n_written;
	/** of files and connection: "obol-" and the credential's name */
	char name[PROFILE_NAME_MAX];
};

/* "/etc/swanctl/FOLDER/NAME.SUFFIX" below the root. */
static bool path_of(const struct target *target, const char *folder,
					const char *suffix, char path[PROFILE_PATH_MAX])
{
	char plain[PROFILE_PATH_MAX];
	int n = snprintf(plain, sizeof(plain), SWANCTL "/%s/%s%s", folder,
					 target->name, suffix);

	return n > 0 && n < (int)sizeof(plain) &&
		   profile_path(path, target->delivery->tool->common.root, plain);
}

static void make_directories(const char *path, mode_t mode)
{
	char copy[PROFILE_PATH_MAX];
	char *slash, *last = strrchr(path, '/');

	(void)snprintf(copy, sizeof(copy), "%.*s", (int)(last - path), path);
	for (slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/'))
	{
		*slash = '\0';
		(void)mkdir(copy, 0755);
		*slash = '/';
	}
	(void)mkdir(copy, mode);
}

static enum obol_cause write_file(struct target *target, const char *folder,
								  const char *suffix, struct obol_bytes content,
								  mode_t mode)
{
	struct tool *tool = target->delivery->tool;
	char path[PROFILE_PATH_MAX], why[WHY_MAX];
	enum obol_status status;

	if (!path_of(target, folder, suffix, path))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG, "a path is too long");
	}
	make_directories(path, mode == 0600 ? 0700 : 0755);
	status = target->delivery->options->force
				 ? obol_file_replace(path, content, mode, why, sizeof(why))
				 : obol_file_create(path, content, mode, why, sizeof(why));
	if (status != OBOL_OK)
	{
		return tool_fail(
			tool, OBOL_CAUSE_FILE, "%s%s", why,
			status == OBOL_ERR_EXISTS ? "; say --force to replace it" : "");
	}
	memcpy(target->written[target->n_written++], path, sizeof(path));
	return OBOL_CAUSE_NONE;
}

static enum obol_cause write_certificate(struct target *target,
										 const char *folder, const char *suffix,
										 struct obol_bytes der)
{
	return write_file(target, folder, suffix, der, 0644);
}

static enum obol_cause write_certificates(struct target *target)
{
	enum obol_cause cause;
	char suffix[40];
	size_t i;

	cause = write_certificate(target, "x509", ".crt",
							  obol_bundle_chain(target->bundle, 0));
	for (i = 1;
		 cause == OBOL_CAUSE_NONE && i < obol_bundle_n_chain(target->bundle);
		 i++)
	{
		(void)snprintf(suffix, sizeof(suffix), "-i%zu.crt", i);
		cause = write_certificate(target, "x509ca", suffix,
								  obol_bundle_chain(target->bundle, i));
	}
	for (i = 0;
		 cause == OBOL_CAUSE_NONE && i < obol_bundle_n_cas(target->bundle); i++)
	{
		(void)snprintf(suffix, sizeof(suffix), "-ca%zu.crt", i);
		cause = write_certificate(target, "x509ca", suffix,
								  obol_bundle_ca(target->bundle, i));
	}
	return cause;
}

static enum obol_cause write_connection(struct target *target)
{
	const struct delivery_options *options = target->delivery->options;
	struct certificate own, ca = { .subject = "" };
	struct connection connection = {
		.name = target->name,
		.remote_addrs = options->gateway,
		.remote_id =
			options->gateway_id ? options->gateway_id : options->gateway,
		.remote_ts = options->remote_ts,
	};
	enum obol_cause cause;
	struct obol_writer w;

	if (certificate_read(obol_bundle_chain(target->bundle, 0), &own) !=
			OBOL_OK ||
		(obol_bundle_n_cas(target->bundle) &&
		 certificate_read(obol_bundle_ca(target->bundle, 0), &ca) != OBOL_OK))
	{
		return tool_fail(target->delivery->tool, OBOL_CAUSE_CREDENTIAL,
						 "the certificate cannot be parsed");
	}
	connection.local_id = own.ike_id;
	connection.ca_id = ca.subject;
	obol_writer_init(&w);
	connection_write(&w, &connection);
	cause =
		obol_writer_status(&w) == OBOL_OK
			? write_file(target, "conf.d", ".conf", obol_writer_view(&w), 0644)
			: tool_fail(target->delivery->tool, OBOL_CAUSE_INTERNAL,
						"out of memory");
	obol_writer_clear(&w);
	return cause;
}

/* Letters, digits, '-' and '_', as a connection's name may have. */
static void make_name(struct target *target, const char *name)
{
	size_t i;

	(void)snprintf(target->name, sizeof(target->name), "obol-%.50s", name);
	for (i = 0; target->name[i]; i++)
	{
		char c = target->name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			  (c >= '0' && c <= '9') || c == '-' || c == '_'))
		{
			target->name[i] = '-';
		}
	}
}

/* Something is there already: nothing of it is written. */
static bool exists(const struct target *target, char path[PROFILE_PATH_MAX])
{
	static const char *const files[][2] = { { "private", ".key" },
											{ "x509", ".crt" },
											{ "conf.d", ".conf" } };
	size_t i;

	for (i = 0; i < 3; i++)
	{
		if (path_of(target, files[i][0], files[i][1], path) &&
			access(path, F_OK) == 0)
		{
			return true;
		}
	}
	return false;
}

/* All of it, or nothing that was not there before. */
static void finish(const struct target *target, bool is_good)
{
	size_t i;

	for (i = 0; i < target->n_written; i++)
	{
		if (is_good)
		{
			tool_say(target->delivery->tool, "%s", target->written[i]);
		}
		else if (!target->delivery->options->force)
		{
			(void)unlink(target->written[i]);
		}
	}
}

enum obol_cause delivery_swanctl(struct delivery *delivery,
								 const struct delivery_item *item)
{
	struct target target = { .delivery = delivery, .bundle = item->bundle };
	char path[PROFILE_PATH_MAX];
	enum obol_cause cause;

	make_name(&target, item->item->name);
	if (!delivery->options->force && exists(&target, path))
	{
		return tool_fail(delivery->tool, OBOL_CAUSE_FILE,
						 "%s exists; say --force to replace it", path);
	}
	cause = write_certificates(&target);
	if (cause == OBOL_CAUSE_NONE)
	{
		/* PKCS#8 in DER, which charon reads as it reads PEM */
		cause =
			write_file(&target, "private", ".key",
					   obol_secret_view(obol_bundle_key(item->bundle)), 0600);
	}
	/* last: a connection without its key would be half of it */
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = write_connection(&target);
	}
	finish(&target, cause == OBOL_CAUSE_NONE);
	return cause;
}
