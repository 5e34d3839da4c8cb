/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obolctl's commands share. */
#include "tools/ctl.h"

#include "base/precis.h"
#include "tools/ctl_signer.h"
#include "tools/ctl_control.h"

#include <stdarg.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#define DAY_S 86400

int obol_ctl_exit_code(enum obol_options_result result)
{
	return result == OBOL_OPTIONS_HELP ? OBOL_EXIT_DONE : OBOL_EXIT_USAGE;
}

int obol_ctl_fail(const char *fmt, ...)
{
	va_list args;

	(void)fflush(stdout);
	(void)fputs("obolctl: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
	return OBOL_EXIT_FAILED;
}

int obol_ctl_fail_store(enum obol_status status, const char *what)
{
	switch (status)
	{
		case OBOL_ERR_NOT_FOUND:
			return obol_ctl_fail("%s: it is gone meanwhile", what);
		case OBOL_ERR_EXISTS:
			return obol_ctl_fail("%s: somebody else changed it meanwhile; look "
								 "and try again",
								 what);
		case OBOL_ERR_DENIED:
			return obol_ctl_fail("%s: a quota is used up", what);
		case OBOL_ERR_NOMEM:
			return obol_ctl_fail("%s: memory ran out", what);
		case OBOL_ERR_IO:
			return obol_ctl_fail(
				"%s: no answer came, so it may be done or not; "
				"look, and try again if it is not",
				what);
		default:
			return obol_ctl_fail("%s: the database failed, nothing was "
								 "changed; is its disk full?",
								 what);
	}
}

bool obol_ctl_need_config(struct obol_ctl *ctl)
{
	char why[OBOL_WHY_MAX];
	enum obol_status status;

	if (ctl->config)
	{
		return true;
	}
	status = obol_config_load(ctl->config_path, &ctl->config, why, sizeof(why));
	if (status == OBOL_ERR_NOT_FOUND)
	{
		(void)obol_ctl_fail("there is no %s; obolctl init makes it",
							ctl->config_path);
	}
	else if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
	}
	return status == OBOL_OK;
}

/** Whose it is, to those who may not open it. */
static void tell_who_may(const char *database)
{
	if (geteuid() != 0 && !obol_store_is_remote(database) &&
		access(database, R_OK | W_OK) != 0 && errno == EACCES)
	{
		(void)obol_ctl_fail("obolctl works on it as root; people of a help "
							"desk can do without once obold.conf has a socket "
							"for them, see section control in obold.conf(5)");
	}
}

bool obol_ctl_need_store(struct obol_ctl *ctl)
{
	struct obol_store_options options = {
		.rng = ctl->rng,
		.log = &ctl->log,
	};
	char why[OBOL_WHY_MAX];

	if (ctl->store)
	{
		return true;
	}
	if (obol_ctl_wants_control(ctl))
	{
		return obol_ctl_need_control(ctl);
	}
	if (!obol_ctl_need_config(ctl))
	{
		return false;
	}
	options.database = ctl->config->database;
	options.guess_rows_max = ctl->config->limits.guess_rows;
	options.history_rows_max = ctl->config->limits.history_rows;
	if (obol_store_open(&options, &ctl->store, why, sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		tell_who_may(options.database);
		return false;
	}
	return true;
}

bool obol_ctl_need_keys(struct obol_ctl *ctl)
{
	char why[OBOL_WHY_MAX];

	if (ctl->keys)
	{
		return true;
	}
	if (!obol_ctl_need_store(ctl))
	{
		return false;
	}
	if (obol_server_keys_load(ctl->config->keys, &ctl->keys, why,
							  sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	return true;
}

bool obol_ctl_need_issuer(struct obol_ctl *ctl)
{
	struct obol_issuer_file_options options = {
		.tokens = &ctl->tokens,
		.rng = ctl->rng,
		.clock = ctl->clock,
	};
	char why[OBOL_WHY_MAX];

	if (ctl->issuer)
	{
		return true;
	}
	if (!obol_ctl_need_config(ctl))
	{
		return false;
	}
	if (!*ctl->config->ca.key)
	{
		(void)obol_ctl_fail("this server has no CA: %s names none",
							ctl->config_path);
		return false;
	}
	options.certificate_path = ctl->config->ca.certificate;
	options.key_path =
		obol_config_signer_is_away(ctl->config) ? NULL : ctl->config->ca.key;
	if (obol_issuer_file_new(&options, &ctl->issuer, why, sizeof(why)) !=
		OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	return true;
}

void obol_ctl_clear(struct obol_ctl *ctl)
{
	obol_issuer_free(ctl->issuer);
	obol_server_keys_free(ctl->keys);
	obol_store_close(ctl->store);
	obol_config_free(ctl->config);
	obol_tokens_clear(&ctl->tokens);
	ctl->issuer = NULL;
	ctl->keys = NULL;
	ctl->store = NULL;
	ctl->config = NULL;
}

bool obol_ctl_name(const struct obol_ctl *ctl, const char *typed, char *name,
				   char *why, size_t size)
{
	const char *at = strrchr(typed, '@');
	size_t len = at ? (size_t)(at - typed) : strlen(typed);

	if (at &&
		(!ctl->config || (strcasecmp(at + 1, ctl->config->server_name) != 0 &&
						  strcasecmp(at + 1, ctl->config->domain) != 0)))
	{
		(void)snprintf(why, size, "this server's accounts are NAME or NAME@%s",
					   ctl->config ? ctl->config->server_name : "SERVER");
		return false;
	}
	if (obol_precis_username(obol_bytes(typed, len), name, OBOL_NAME_MAX + 1) !=
		OBOL_OK)
	{
		(void)snprintf(why, size,
					   "a name has 1 to %d bytes of UTF-8, letters, digits and "
					   "punctuation, without spaces, ':' and '@'",
					   OBOL_NAME_MAX);
		return false;
	}
	return true;
}

bool obol_ctl_find(struct obol_ctl *ctl, const char *typed,
				   struct obol_account *account)
{
	struct obol_store_account_find find = { .in = { .name = { NULL, 0 } } };
	char name[OBOL_NAME_MAX + 1];
	enum obol_status status;
	char why[OBOL_WHY_MAX];

	if (!obol_ctl_need_store(ctl))
	{
		return false;
	}
	if (!obol_ctl_name(ctl, typed, name, why, sizeof(why)))
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	find.in.name = obol_bytes_str(name);
	status = obol_store_run(ctl->store, OBOL_STORE_ACCOUNT_FIND, &find);
	if (status == OBOL_ERR_NOT_FOUND)
	{
		(void)obol_ctl_fail("there is no account '%s'; obolctl account list "
							"has them all",
							name);
		return false;
	}
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "looking for the account");
		return false;
	}
	*account = find.out.account;
	return true;
}

int64_t obol_ctl_days_left(uint64_t at, uint64_t now)
{
	int64_t left = (int64_t)at - (int64_t)now;

	return left >= 0 ? left / DAY_S : -((-left + DAY_S - 1) / DAY_S);
}

struct obol_store_request obol_ctl_request(const struct obol_ctl *ctl,
										   const struct obol_account *account)
{
	struct obol_store_request request = {
		.account_id = account->id,
		.generation = account->generation,
		.actor = ctl->actor,
		.now = obol_now(ctl->clock),
	};

	return request;
}
