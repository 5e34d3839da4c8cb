/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl signer init: sets up an obol-signer on this machine. */
#include "tools/ctl_commands.h"

#include "base/file.h"
#include "token/uri.h"
#include "tools/ctl_init.h"
#include "tools/ctl_place.h"
#include "tools/ctl_signer.h"

#include <stdlib.h>
#include <unistd.h>

#define LISTEN "[::]:4503"
#define CA_LIFETIME "3650d"

struct setup {
	struct obol_ctl *ctl;
	/** where the CA goes; the rest of it is not used */
	struct obol_ctl_init_plan plan;
	/* options */
	const char *server_name;
	const char *domain;
	struct obol_option_list clients;
	struct obol_option_list listen;
	struct obol_option_list names;
	struct obol_option_list gateways;
	const char *ca_cert;
	const char *ca_key;
	const char *ca_token;
	const char *ca_name;
	const char *ca_lifetime;
	const char *audit;
	const char *user;
	char certificate[OBOL_CONFIG_TEXT_MAX];
	char key[OBOL_CONFIG_TEXT_MAX];
	char pin[OBOL_SIGNER_PIN_TEXT];
};

static enum obol_options_result read_options(struct setup *setup, int argc,
											 char **argv)
{
	const struct obol_option options[] = {
		OBOL_TEXT_OPTION("server-name", 'n', "NAME",
						 "of the credential server; no user gets it",
						 &setup->server_name),
		OBOL_TEXT_OPTION("domain", 'd', "DOMAIN",
						 "of its users' identities, default: the server's name",
						 &setup->domain),
		{ .name = "client",
		  .kind = OBOL_OPTION_LIST,
		  .argument = "PIN",
		  .help = "whom to sign for, as obolctl signer pin prints it on "
				  "obold's machine; may be given several times",
		  .value = &setup->clients },
		{ .name = "listen",
		  .letter = 'l',
		  .kind = OBOL_OPTION_LIST,
		  .argument = "ADDRESS",
		  .help = "address and port to serve, default " LISTEN
				  "; may be given several times",
		  .value = &setup->listen },
		{ .name = "names",
		  .kind = OBOL_OPTION_LIST,
		  .argument = "END",
		  .help = "what names in certificates must end in, such as "
				  "@example.org; may be given several times",
		  .value = &setup->names },
		{ .name = "gateway",
		  .kind = OBOL_OPTION_LIST,
		  .argument = "NAME",
		  .help = "sign gateways' certificates of this name too; may be given "
				  "several times",
		  .value = &setup->gateways },
		OBOL_TEXT_OPTION("ca-cert", 0, "FILE",
						 "a CA certificate to use, with --ca-key; else a CA is "
						 "made",
						 &setup->ca_cert),
		OBOL_TEXT_OPTION("ca-key", 0, "FILE",
						 "its key (PEM, or a token's URI; mode 0600)",
						 &setup->ca_key),
		OBOL_TEXT_OPTION("ca-token", 0, "URI",
						 "PKCS#11 URI of a key in a token, for the CA that is "
						 "made",
						 &setup->ca_token),
		OBOL_TEXT_OPTION("ca-name", 0, "NAME",
						 "common name of the CA that is made", &setup->ca_name),
		OBOL_TEXT_OPTION("ca-lifetime", 0, "TIME",
						 "of the CA that is made, default " CA_LIFETIME,
						 &setup->ca_lifetime),
		OBOL_TEXT_OPTION("audit", 0, "FILE",
						 "where what is signed is noted, "
						 "default " OBOL_CTL_SIGNER_AUDIT,
						 &setup->audit),
		OBOL_TEXT_OPTION("user", 0, "USER",
						 "whom obol-signer runs as, default obol-signer; that "
						 "one is made when root runs this",
						 &setup->user),
		OBOL_CTL_OPTIONS(setup->ctl),
		OBOL_CTL_JSON(setup->ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl signer init",
		.arguments = "",
		.about = "Set up an obol-signer, which holds the CA's key for an obold "
				 "on another machine: CA, TLS key and configuration, by "
				 "default " OBOL_CTL_SIGNER_CONFIG ".",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};

	return obol_options_parse_one(&usage, argc, argv, NULL);
}

/*
 * Checks
 */

static bool are_plain(const struct obol_option_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
	{
		if (strpbrk(list->values[i], "\"\\\n$"))
		{
			return false;
		}
	}
	return true;
}

static bool check(const struct setup *setup)
{
	uint8_t pin[OBOL_SIGNER_PIN_LEN];
	size_t i;

	if (!setup->server_name || !setup->clients.n)
	{
		(void)obol_ctl_fail("--server-name and --client must be given");
		return false;
	}
	for (i = 0; i < setup->clients.n; i++)
	{
		if (!obol_signer_pin_parse(setup->clients.values[i], pin))
		{
			(void)obol_ctl_fail("--client takes what obolctl signer pin prints "
								"on obold's machine: sha256: and 64 digits");
			return false;
		}
	}
	if (!setup->ca_cert != !setup->ca_key ||
		(setup->ca_cert &&
		 (setup->ca_token || setup->ca_name || setup->ca_lifetime)))
	{
		(void)obol_ctl_fail("--ca-cert and --ca-key go together; --ca-token, "
							"--ca-name and --ca-lifetime are for a CA that is "
							"made here");
		return false;
	}
	if (obol_config_duration(setup->ca_lifetime ? setup->ca_lifetime
												: CA_LIFETIME) < 86400)
	{
		(void)obol_ctl_fail(
			"--ca-lifetime is a day or more, such as " CA_LIFETIME);
		return false;
	}
	if (!are_plain(&setup->listen) || !are_plain(&setup->names) ||
		!are_plain(&setup->gateways) || strpbrk(setup->audit, "\"\\\n$") ||
		(setup->user && strpbrk(setup->user, "\"\\\n$")))
	{
		(void)obol_ctl_fail("names and paths in the configuration have no "
							"quotes, backslashes or '$'");
		return false;
	}
	return true;
}

static bool set_text(char *out, size_t size, const char *text)
{
	if ((size_t)snprintf(out, size, "%s", text) < size)
	{
		return true;
	}
	(void)obol_ctl_fail("'%.40s...' is too long", text);
	return false;
}

static bool make_plan(struct setup *setup)
{
	struct obol_ctl_init_plan *plan = &setup->plan;
	struct obol_config *config = &plan->config;
	char path[OBOL_CONFIG_TEXT_MAX], why[OBOL_WHY_MAX];
	struct obol_token_uri uri;
	struct obol_ctl *ctl = setup->ctl;

	plan->ctl = ctl;
	plan->makes_ca = !setup->ca_cert;
	plan->ca_lifetime_s = obol_config_duration(
		setup->ca_lifetime ? setup->ca_lifetime : CA_LIFETIME);
	(void)snprintf(plan->ca_name, sizeof(plan->ca_name), "%s%.56s",
				   setup->ca_name ? "" : "Obol CA ",
				   setup->ca_name ? setup->ca_name : setup->server_name);
	if (setup->ca_token &&
		(obol_token_uri_parse(setup->ca_token, &uri, why, sizeof(why)) !=
			 OBOL_OK ||
		 !set_text(plan->ca_token, sizeof(plan->ca_token), setup->ca_token)))
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	return set_text(config->server_name, sizeof(config->server_name),
					setup->server_name) &&
		   set_text(config->domain, sizeof(config->domain),
					setup->domain ? setup->domain : setup->server_name) &&
		   set_text(config->ca.certificate, sizeof(config->ca.certificate),
					setup->ca_cert
						? setup->ca_cert
						: obol_ctl_init_beside(ctl, OBOL_CTL_CA_CERTIFICATE,
											   path, sizeof(path))) &&
		   set_text(config->ca.key, sizeof(config->ca.key),
					setup->ca_key ? setup->ca_key
								  : obol_ctl_init_beside(ctl, OBOL_CTL_CA_KEY,
														 path, sizeof(path))) &&
		   obol_ctl_init_beside(ctl, OBOL_CTL_SIGNER_SERVER ".crt",
								setup->certificate,
								sizeof(setup->certificate)) &&
		   obol_ctl_init_beside(ctl, OBOL_CTL_SIGNER_SERVER ".key", setup->key,
								sizeof(setup->key)) &&
		   obol_ctl_init_is_plain(config);
}

static bool nothing_in_the_way(const struct setup *setup)
{
	const char *paths[] = {
		setup->ctl->config_path,
		setup->certificate,
		setup->key,
		setup->plan.makes_ca ? setup->plan.config.ca.certificate : NULL,
		setup->plan.makes_ca ? setup->plan.config.ca.key : NULL,
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
	return clear;
}

/*
 * Work
 */

static void write_list(FILE *f, const char *name,
					   const struct obol_option_list *list)
{
	size_t i;

	if (!list->n)
	{
		return;
	}
	(void)fprintf(f, "%s = {", name);
	for (i = 0; i < list->n; i++)
	{
		(void)fprintf(f, "%s \"%s\"", i ? "," : "", list->values[i]);
	}
	(void)fprintf(f, " }\n");
}

static void write_text(const struct setup *setup, FILE *f)
{
	const struct obol_config *config = &setup->plan.config;

	(void)fprintf(f,
				  "# Made by obolctl signer init; obol-signer(8) says which "
				  "options count,\n# obold.conf(5) describes them.\n\n"
				  "server_name = \"%s\"\ndomain = \"%s\"\n",
				  config->server_name, config->domain);
	if (setup->listen.n)
	{
		write_list(f, "listen", &setup->listen);
	}
	else
	{
		(void)fprintf(f, "listen = { \"" LISTEN "\" }\n");
	}
	(void)fprintf(f,
				  "tls {\n\tcertificate = \"%s\"\n\tkey = \"%s\"\n}\n"
				  "ca {\n\tcertificate = \"%s\"\n\tkey = \"%s\"\n}\nsigner {\n",
				  setup->certificate, setup->key, config->ca.certificate,
				  config->ca.key);
	write_list(f, "\tclients", &setup->clients);
	write_list(f, "\tnames", &setup->names);
	write_list(f, "\tgateways", &setup->gateways);
	if (setup->user)
	{
		(void)fprintf(f, "\tuser = \"%s\"\n", setup->user);
	}
	(void)fprintf(f, "\taudit = \"%s\"\n}\n", setup->audit);
}

/** As obol-signer will read it. */
static bool write_config(const struct setup *setup)
{
	struct obol_config *back = NULL;
	char why[OBOL_WHY_MAX] = "memory ran out";
	enum obol_status status = OBOL_ERR_NOMEM;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f)
	{
		write_text(setup, f);
		status = fclose(f) == 0 ? obol_file_create(setup->ctl->config_path,
												   obol_bytes(text, len), 0644,
												   why, sizeof(why))
								: OBOL_ERR_NOMEM;
	}
	if (status == OBOL_OK)
	{
		status =
			obol_config_load(setup->ctl->config_path, &back, why, sizeof(why));
		if (status != OBOL_OK)
		{
			(void)unlink(setup->ctl->config_path);
		}
	}
	obol_config_free(back);
	free(text);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
	}
	return status == OBOL_OK;
}

static bool check_ca(const struct setup *setup)
{
	struct obol_issuer_file_options options = {
		.certificate_path = setup->plan.config.ca.certificate,
		.key_path = setup->plan.config.ca.key,
		.tokens = &setup->ctl->tokens,
		.rng = setup->ctl->rng,
		.clock = setup->ctl->clock,
	};
	struct obol_issuer *issuer = NULL;
	char why[OBOL_WHY_MAX];

	if (obol_issuer_file_new(&options, &issuer, why, sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	obol_issuer_free(issuer);
	return true;
}

static bool work(struct setup *setup)
{
	const struct obol_config *config = &setup->plan.config;
	bool done = obol_ctl_place_directory(setup->ctl->config_path, 0755) &&
				obol_ctl_place_directory(setup->audit, 0700) &&
				(!setup->plan.makes_ca ||
				 (obol_ctl_place_directory(config->ca.key, 0755) &&
				  obol_ctl_init_make_ca(&setup->plan)));

	if (!done)
	{
		return false;
	}
	if (check_ca(setup) &&
		obol_ctl_signer_key(setup->ctl, setup->certificate, setup->key,
							setup->pin) &&
		write_config(setup))
	{
		if (!setup->user)
		{
			obol_ctl_place_signer_user();
		}
		return true;
	}
	(void)unlink(setup->key);
	(void)unlink(setup->certificate);
	if (setup->plan.makes_ca)
	{
		(void)unlink(config->ca.key);
		(void)unlink(config->ca.certificate);
	}
	return false;
}

static void print(const struct setup *setup)
{
	const struct obol_config *config = &setup->plan.config;
	struct obol_json json;

	if (!setup->ctl->is_json)
	{
		(void)printf("configuration    %s\nCA               %s\n"
					 "CA's key         %s\nsigner's pin     %s\n\n"
					 "next: systemctl enable --now obol-signer\n"
					 "      copy %s to obold's machine, and there:\n"
					 "      obolctl init --signer ADDRESS:PORT --signer-pin "
					 "PIN --ca-cert FILE\n",
					 setup->ctl->config_path, config->ca.certificate,
					 config->ca.key, setup->pin, config->ca.certificate);
		return;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "config", setup->ctl->config_path);
	obol_json_str(&json, "ca_certificate", config->ca.certificate);
	obol_json_str(&json, "ca_key", config->ca.key);
	obol_json_str(&json, "pin", setup->pin);
	obol_json_end_object(&json);
}

int obol_ctl_signer_init(struct obol_ctl *ctl, int argc, char **argv)
{
	struct setup setup = { .ctl = ctl };
	enum obol_options_result result;

	if (strcmp(ctl->config_path, OBOL_CONFIG_PATH) == 0)
	{
		ctl->config_path = OBOL_CTL_SIGNER_CONFIG;
	}
	result = read_options(&setup, argc, argv);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	setup.audit = setup.audit ? setup.audit : OBOL_CTL_SIGNER_AUDIT;
	if (!check(&setup) || !make_plan(&setup) || !nothing_in_the_way(&setup) ||
		!work(&setup))
	{
		return obol_ctl_fail("nothing was set up");
	}
	print(&setup);
	return OBOL_EXIT_DONE;
}
