/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl init: makes the files, and takes them away again when one fails. */
#include "tools/ctl_init.h"

#include "base/file.h"
#include "issue/tls_self.h"
#include "tools/ctl_ca.h"
#include "tools/ctl_place.h"
#include "tools/ctl_signer.h"

#include <unistd.h>

#define MADE_MAX 8
#define PATH_SIZE OBOL_CONFIG_TEXT_MAX

/** Files made so far, to be undone on failure. */
struct made {
	size_t n;
	char paths[MADE_MAX][PATH_SIZE];
};

static void note(struct made *made, const char *path)
{
	(void)snprintf(made->paths[made->n++], PATH_SIZE, "%s", path);
}

static void undo(const struct made *made)
{
	size_t i;

	for (i = made->n; i > 0; i--)
	{
		(void)unlink(made->paths[i - 1]);
	}
}

/** Refuse before anything is made. */
static bool nothing_in_the_way(const struct obol_ctl_init_plan *plan)
{
	const struct obol_config *config = &plan->config;
	const char *paths[] = {
		config->keys,
		obol_store_is_remote(config->database) ? NULL : config->database,
		plan->makes_ca ? config->ca.key : NULL,
		plan->makes_ca ? config->ca.certificate : NULL,
		plan->makes_tls ? config->tls.key : NULL,
		plan->makes_tls ? config->tls.certificate : NULL,
	};
	bool clear = true;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
	{
		if (paths[i] && access(paths[i], F_OK) == 0)
		{
			(void)obol_ctl_fail("%s is there already", paths[i]);
			clear = false;
		}
	}
	if (!clear)
	{
		(void)obol_ctl_fail("nothing was made or changed: this server was set "
							"up before; move away what shall not be used");
	}
	return clear;
}

static bool make_ca(const struct obol_ctl_init_plan *plan, struct made *made)
{
	const struct obol_config *config = &plan->config;

	if (!obol_ctl_place_directory(config->ca.key, 0755) ||
		!obol_ctl_place_directory(config->ca.certificate, 0755) ||
		!obol_ctl_init_make_ca(plan))
	{
		return false;
	}
	note(made, config->ca.key);
	note(made, config->ca.certificate);
	return true;
}

/** The CA, made or brought, can sign. */
static bool check_ca(const struct obol_ctl_init_plan *plan)
{
	struct obol_issuer_file_options options = {
		.certificate_path = plan->config.ca.certificate,
		.key_path = obol_config_signer_is_away(&plan->config)
						? NULL
						: plan->config.ca.key,
		.tokens = &plan->ctl->tokens,
		.rng = plan->ctl->rng,
		.clock = plan->ctl->clock,
	};
	struct obol_issuer *issuer = NULL;
	char why[OBOL_WHY_MAX];
	bool done;

	done = obol_issuer_file_new(&options, &issuer, why, sizeof(why)) == OBOL_OK;
	if (!done)
	{
		(void)obol_ctl_fail("%s", why);
	}
	obol_issuer_free(issuer);
	return done;
}

/** obold's end of the way to a signer; it stays, for the signer may know it by
 * now. */
static bool make_signer_key(const struct obol_ctl_init_plan *plan)
{
	char pin[OBOL_SIGNER_PIN_TEXT];

	return !obol_config_signer_is_away(&plan->config) ||
		   obol_ctl_signer_key(plan->ctl, plan->config.signer.certificate,
							   plan->config.signer.key, pin);
}

static bool make_tls(const struct obol_ctl_init_plan *plan, struct made *made)
{
	const struct obol_config *config = &plan->config;
	char why[OBOL_WHY_MAX];

	if (!obol_ctl_place_directory(config->tls.key, 0755) ||
		!obol_ctl_place_directory(config->tls.certificate, 0755))
	{
		return false;
	}
	if (obol_tls_self_create(config->server_name, OBOL_TLS_SELF_LIFETIME_S,
							 config->tls.certificate, config->tls.key,
							 plan->ctl->clock, why, sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	note(made, config->tls.key);
	note(made, config->tls.certificate);
	return true;
}

static bool make_keys(const struct obol_ctl_init_plan *plan, struct made *made)
{
	char why[OBOL_WHY_MAX];

	if (!obol_ctl_place_directory(plan->config.keys, 0755))
	{
		return false;
	}
	if (obol_server_keys_create(plan->config.keys, plan->ctl->rng,
								obol_now(plan->ctl->clock), why,
								sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	note(made, plan->config.keys);
	return true;
}

/** The database and its directory belong to the workers' user. */
static bool make_database(const struct obol_ctl_init_plan *plan,
						  struct made *made)
{
	const char *path = plan->config.database;
	struct obol_store_options options = {
		.database = path,
		.create = true,
		.guess_rows_max = 1,
		.rng = plan->ctl->rng,
		.log = &plan->ctl->log,
	};
	struct obol_store *store = NULL;
	char why[OBOL_WHY_MAX];
	bool done;

	if (!obol_store_is_remote(path) && !obol_ctl_place_directory(path, 0700))
	{
		return false;
	}
	if (obol_store_open(&options, &store, why, sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	if (!obol_store_is_remote(path))
	{
		note(made, path);
	}
	/* where the CA's key is elsewhere, so is the set's */
	done = !*plan->config.ca.key || obol_config_signer_is_away(&plan->config) ||
		   obol_ctl_ca_first_set(plan->ctl, &plan->config, store);
	obol_store_close(store);
	return done && obol_ctl_place_database(&plan->config);
}

static bool write_config(const struct obol_ctl_init_plan *plan,
						 struct made *made)
{
	const char *path = plan->ctl->config_path;
	struct obol_config *back = NULL;
	struct obol_secret *text = NULL;
	char why[OBOL_WHY_MAX] = "memory ran out";
	enum obol_status status;

	if (!obol_ctl_place_directory(path, 0755))
	{
		return false;
	}
	status = obol_ctl_init_config_text(&plan->config, &text);
	if (status == OBOL_OK)
	{
		status = obol_file_create(path, obol_secret_view(text), 0644, why,
								  sizeof(why));
	}
	if (status == OBOL_OK)
	{
		note(made, path);
		/* as obold will read it */
		status = obol_config_load(path, &back, why, sizeof(why));
	}
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
	}
	obol_config_free(back);
	obol_secret_free(text);
	return status == OBOL_OK;
}

static void print_text(const struct obol_ctl_init_plan *plan)
{
	const struct obol_config *config = &plan->config;
	char end[OBOL_TIME_TEXT_MAX], database[OBOL_WHY_MAX];
	uint64_t now = obol_now(plan->ctl->clock);

	(void)printf("configuration    %s\n", plan->ctl->config_path);
	obol_store_describe(config->database, database, sizeof(database));
	(void)printf("database         %s\n", database);
	(void)printf("key file         %s  (back it up apart from the database)\n",
				 config->keys);
	if (*config->ca.key)
	{
		(void)printf("CA               %s\n", config->ca.certificate);
	}
	if (*config->ca.key && obol_config_signer_is_away(config))
	{
		(void)printf("CA's key         at the signer, %s\n",
					 config->signer.server);
	}
	else if (*config->ca.key)
	{
		(void)printf("CA's key         %s%s\n", config->ca.key,
					 *plan->ca_token  ? "  (says in which token)"
					 : plan->makes_ca ? "  (new)"
									  : "");
	}
	if (plan->makes_ca)
	{
		(void)printf("CA is good to    %s\n",
					 obol_output_time(now + plan->ca_lifetime_s, end));
	}
	(void)printf("TLS certificate  %s\n", config->tls.certificate);
	if (plan->makes_tls)
	{
		(void)printf("which is good to %s; obold renews it under the same "
					 "key\n",
					 obol_output_time(now + OBOL_TLS_SELF_LIFETIME_S, end));
	}
	(void)printf("\nnext: systemctl enable --now obold\n");
	if (*config->ca.key)
	{
		(void)printf("      obolctl gateway-cert %s\n", config->server_name);
	}
	(void)printf("      obolctl account add NAME\n");
}

static void print(const struct obol_ctl_init_plan *plan)
{
	const struct obol_config *config = &plan->config;
	struct obol_json json;

	if (!plan->ctl->is_json)
	{
		print_text(plan);
		return;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "config", plan->ctl->config_path);
	obol_json_str(&json, "server_name", config->server_name);
	obol_json_str(&json, "domain", config->domain);
	obol_json_str(&json, "database", config->database);
	obol_json_str(&json, "keys", config->keys);
	obol_json_str(&json, "ca_certificate", config->ca.certificate);
	obol_json_str(&json, "ca_key", config->ca.key);
	obol_json_str(&json, "tls_certificate", config->tls.certificate);
	obol_json_str(&json, "tls_key", config->tls.key);
	obol_json_end_object(&json);
}

int obol_ctl_init_work(const struct obol_ctl_init_plan *plan)
{
	struct made made = { .n = 0 };

	if (!obol_ctl_init_is_plain(&plan->config) || !nothing_in_the_way(plan))
	{
		return OBOL_EXIT_FAILED;
	}
	/* the configuration last: while there is none, obold does not start */
	if ((plan->makes_ca && !make_ca(plan, &made)) || !make_signer_key(plan) ||
		(*plan->config.ca.key && !check_ca(plan)) ||
		(plan->makes_tls && !make_tls(plan, &made)) ||
		!make_keys(plan, &made) || !make_database(plan, &made) ||
		(plan->writes_config && !write_config(plan, &made)))
	{
		undo(&made);
		return obol_ctl_fail("nothing was set up");
	}
	obol_ctl_place_users(&plan->config);
	print(plan);
	return OBOL_EXIT_DONE;
}
