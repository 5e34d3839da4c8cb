/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl init: options, questions, checks. */
#include "tools/ctl_commands.h"

#include "tools/askpass.h"
#include "tools/ctl_init.h"

#include <netdb.h>
#include <unistd.h>

#define YEAR_S (365 * (uint32_t)86400)
#define CA_LIFETIME_S (10 * YEAR_S)

static enum obol_options_result read_options(struct obol_ctl_init_wish *wish,
											 int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_TEXT_OPTION("server-name", 'n', "NAME",
						 "of this server, as users type it",
						 &wish->server_name),
		OBOL_TEXT_OPTION(
			"domain", 'd', "DOMAIN",
			"of IKE identities, NAME@DOMAIN; default: the server's name",
			&wish->domain),
		{ .name = "listen",
		  .letter = 'l',
		  .kind = OBOL_OPTION_LIST,
		  .argument = "ADDRESS",
		  .help = "address and port to serve, default [::]:4501; may be given "
				  "several times",
		  .value = &wish->listen },
		OBOL_TEXT_OPTION("database", 0, "FILE", "default " OBOL_CTL_DATABASE,
						 &wish->database),
		OBOL_TEXT_OPTION("keys", 0, "FILE",
						 "the key file, default " OBOL_CTL_KEYS
						 " beside the configuration",
						 &wish->keys),
		OBOL_TEXT_OPTION(
			"tls-cert", 0, "FILE",
			"a TLS certificate (PEM) to use, with --tls-key; else one is made, "
			"good for three years and renewed under its key",
			&wish->tls_cert),
		OBOL_TEXT_OPTION("tls-key", 0, "FILE", "its key", &wish->tls_key),
		OBOL_TEXT_OPTION("ca-cert", 0, "FILE",
						 "a CA certificate (PEM, with what leads to its root) "
						 "to use, with --ca-key; else a CA is made",
						 &wish->ca_cert),
		OBOL_TEXT_OPTION("ca-key", 0, "FILE",
						 "its key (PEM, or a token's URI; mode 0600)",
						 &wish->ca_key),
		OBOL_TEXT_OPTION("ca-key-path", 0, "FILE",
						 "where the key of the CA that is made shall lie, "
						 "default " OBOL_CTL_CA_KEY " beside the configuration",
						 &wish->ca_key_path),
		OBOL_TEXT_OPTION("ca-token", 0, "URI",
						 "PKCS#11 URI of a key in a token, for the CA that is "
						 "made",
						 &wish->ca_token),
		OBOL_TEXT_OPTION(
			"signer", 0, "ADDRESS",
			"the CA's key is on another machine, whose "
			"obol-signer answers there, such as 192.0.2.9:4503, or "
			"a name; "
			"with --signer-pin and --ca-cert",
			&wish->signer),
		OBOL_TEXT_OPTION("signer-pin", 0, "PIN",
						 "that signer's, as obolctl signer init prints it",
						 &wish->signer_pin),
		OBOL_TEXT_OPTION("ca-name", 0, "NAME",
						 "common name of the CA that is made", &wish->ca_name),
		OBOL_TEXT_OPTION("ca-lifetime", 0, "TIME",
						 "of the CA that is made, default 3650d",
						 &wish->ca_lifetime),
		OBOL_FLAG_OPTION("no-ca", 0, "issue no certificates here",
						 &wish->no_ca),
		OBOL_TEXT_OPTION("user", 0, "USER",
						 "whom obold's workers run as, default obol; made when "
						 "root runs init and it is not there",
						 &wish->user),
		OBOL_FLAG_OPTION("yes", 'y', "ask nothing, take the defaults",
						 &wish->is_sure),
		OBOL_CTL_OPTIONS(wish->ctl),
		OBOL_CTL_JSON(wish->ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl init",
		.arguments = "",
		.about = "Set up a credential server: key file, database, CA, TLS "
				 "certificate and configuration. Nothing that is there is "
				 "overwritten; a configuration that is there is followed.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};

	return obol_options_parse_one(&usage, argc, argv, NULL);
}

/** The machine's full name, "" when it has none. */
static void host_name(char *name, size_t size)
{
	struct addrinfo hints = { .ai_flags = AI_CANONNAME,
							  .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char host[256] = "";

	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(name, size, "%s", host);
	if (*host && getaddrinfo(host, NULL, &hints, &found) == 0 &&
		found->ai_canonname)
	{
		(void)snprintf(name, size, "%s", found->ai_canonname);
	}
	if (found)
	{
		freeaddrinfo(found);
	}
}

bool obol_ctl_init_settle(const struct obol_ctl_init_wish *wish,
						  const char *given, const char *question,
						  const char *preset, char *out, size_t size)
{
	enum obol_status status;

	if (given || wish->is_sure || !obol_ask_possible())
	{
		const char *value = given ? given : preset;

		if (strlen(value) >= size)
		{
			(void)obol_ctl_fail("'%.40s...' is too long", value);
			return false;
		}
		(void)snprintf(out, size, "%s", value);
		return true;
	}
	status = obol_ask(question, *preset ? preset : NULL, out, size);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("no usable answer; nothing was made");
	}
	return status == OBOL_OK;
}

/** What goes together, and what does not. */
static bool check_wish(const struct obol_ctl_init_wish *wish)
{
	if (!wish->tls_cert != !wish->tls_key)
	{
		(void)obol_ctl_fail("--tls-cert and --tls-key go together");
		return false;
	}
	if (!wish->signer != !wish->signer_pin ||
		(wish->signer && (!wish->ca_cert || wish->ca_key)))
	{
		(void)obol_ctl_fail("--signer, --signer-pin and --ca-cert go together, "
							"and there is no --ca-key then");
		return false;
	}
	if (!wish->signer && !wish->ca_cert != !wish->ca_key)
	{
		(void)obol_ctl_fail("--ca-cert and --ca-key go together");
		return false;
	}
	if ((wish->ca_cert || wish->no_ca) &&
		(wish->ca_key_path || wish->ca_token || wish->ca_name ||
		 wish->ca_lifetime))
	{
		(void)obol_ctl_fail("--ca-key-path, --ca-token, --ca-name and "
							"--ca-lifetime are for a CA that is made here");
		return false;
	}
	if (wish->ca_cert && wish->no_ca)
	{
		(void)obol_ctl_fail("--ca-cert and --no-ca exclude each other");
		return false;
	}
	if (wish->ca_lifetime && obol_config_duration(wish->ca_lifetime) < 86400)
	{
		(void)obol_ctl_fail("--ca-lifetime is a day or more, such as 3650d");
		return false;
	}
	return true;
}

const char *obol_ctl_init_beside(const struct obol_ctl *ctl, const char *name,
								 char *path, size_t size)
{
	const char *slash = strrchr(ctl->config_path, '/');
	int len = slash ? (int)(slash - ctl->config_path) + 1 : 0;

	(void)snprintf(path, size, "%.*s%s", len, ctl->config_path, name);
	return path;
}

/** Names and the CA key's place: what a person is asked for. */
static bool ask(const struct obol_ctl_init_wish *wish,
				struct obol_ctl_init_plan *plan)
{
	struct obol_config *config = &plan->config;
	char preset[256];

	host_name(preset, sizeof(preset));
	if (!obol_ctl_init_settle(wish, wish->server_name,
							  "Name of this server, as users will type it",
							  preset, config->server_name,
							  sizeof(config->server_name)))
	{
		return false;
	}
	if (!*config->server_name)
	{
		(void)obol_ctl_fail("this machine has no name; give --server-name");
		return false;
	}
	if (!obol_ctl_init_settle(
			wish, wish->domain,
			"Domain of the users' IKE identities, as in alice@DOMAIN",
			config->server_name, config->domain, sizeof(config->domain)))
	{
		return false;
	}
	return wish->no_ca || wish->ca_cert || obol_ctl_init_ask_ca(wish, plan);
}

static bool set_text(char *out, size_t size, const char *given,
					 const char *preset)
{
	const char *text = given ? given : preset;

	if (strlen(text) >= size)
	{
		(void)obol_ctl_fail("'%.40s...' is too long", text);
		return false;
	}
	(void)snprintf(out, size, "%s", text);
	return true;
}

static bool plan_ca(const struct obol_ctl_init_wish *wish,
					struct obol_ctl_init_plan *plan)
{
	struct obol_config *config = &plan->config;
	char path[OBOL_CONFIG_TEXT_MAX];

	plan->makes_ca = !wish->no_ca && !wish->ca_cert && !*config->signer.server;
	plan->ca_lifetime_s = wish->ca_lifetime
							  ? obol_config_duration(wish->ca_lifetime)
							  : CA_LIFETIME_S;
	(void)snprintf(plan->ca_name, sizeof(plan->ca_name), "%.*s",
				   (int)sizeof(plan->ca_name) - 1,
				   wish->ca_name ? wish->ca_name : "");
	if (!wish->ca_name)
	{
		(void)snprintf(plan->ca_name, sizeof(plan->ca_name), "Obol CA %.56s",
					   config->server_name);
	}
	if (wish->ca_cert)
	{
		return set_text(config->ca.certificate, sizeof(config->ca.certificate),
						wish->ca_cert, NULL) &&
			   set_text(config->ca.key, sizeof(config->ca.key), wish->ca_key,
						obol_ctl_init_beside(wish->ctl, OBOL_CTL_CA_KEY, path,
											 sizeof(path)));
	}
	return wish->no_ca || *config->signer.server ||
		   set_text(config->ca.certificate, sizeof(config->ca.certificate),
					NULL,
					obol_ctl_init_beside(wish->ctl, OBOL_CTL_CA_CERTIFICATE,
										 path, sizeof(path)));
}

/** Options and answers into a plan. */
static bool make_plan(const struct obol_ctl_init_wish *wish,
					  struct obol_ctl_init_plan *plan)
{
	struct obol_config *config = &plan->config;
	char keys[OBOL_CONFIG_TEXT_MAX], cert[OBOL_CONFIG_TEXT_MAX];
	char key[OBOL_CONFIG_TEXT_MAX];
	size_t i;

	plan->writes_config = true;
	plan->makes_tls = !wish->tls_cert;
	if (!ask(wish, plan) || !obol_ctl_init_plan_signer(wish, plan) ||
		!plan_ca(wish, plan) ||
		!set_text(config->database, sizeof(config->database), wish->database,
				  OBOL_CTL_DATABASE) ||
		!set_text(config->keys, sizeof(config->keys), wish->keys,
				  obol_ctl_init_beside(wish->ctl, OBOL_CTL_KEYS, keys,
									   sizeof(keys))) ||
		!set_text(config->tls.certificate, sizeof(config->tls.certificate),
				  wish->tls_cert,
				  obol_ctl_init_beside(wish->ctl, OBOL_CTL_TLS_CERTIFICATE,
									   cert, sizeof(cert))) ||
		!set_text(config->tls.key, sizeof(config->tls.key), wish->tls_key,
				  obol_ctl_init_beside(wish->ctl, OBOL_CTL_TLS_KEY, key,
									   sizeof(key))) ||
		!set_text(config->user, sizeof(config->user), wish->user, "obol"))
	{
		return false;
	}
	for (i = 0; i < wish->listen.n; i++)
	{
		if (i == OBOL_LISTEN_MAX ||
			!set_text(config->listen[i], sizeof(config->listen[i]),
					  wish->listen.values[i], NULL))
		{
			return false;
		}
		config->n_listen++;
	}
	return true;
}

/** Follow the configuration that is there. */
static bool follow(struct obol_ctl_init_wish *wish,
				   struct obol_ctl_init_plan *plan)
{
	if (wish->server_name || wish->domain || wish->listen.n || wish->database ||
		wish->keys || wish->tls_cert || wish->ca_cert || wish->ca_key_path ||
		wish->ca_token || wish->signer || wish->no_ca || wish->user)
	{
		(void)obol_ctl_fail("%s is there already and says what goes where; "
							"change it, or move it away, or leave these "
							"options out",
							wish->ctl->config_path);
		return false;
	}
	if (!obol_ctl_need_config(wish->ctl))
	{
		return false;
	}
	plan->config = *wish->ctl->config;
	plan->makes_tls = access(plan->config.tls.certificate, F_OK) != 0;
	plan->makes_ca = *plan->config.ca.key && !*plan->config.signer.server &&
					 access(plan->config.ca.certificate, F_OK) != 0;
	plan->ca_lifetime_s = wish->ca_lifetime
							  ? obol_config_duration(wish->ca_lifetime)
							  : CA_LIFETIME_S;
	(void)snprintf(plan->ca_name, sizeof(plan->ca_name), "%s%.56s",
				   wish->ca_name ? "" : "Obol CA ",
				   wish->ca_name ? wish->ca_name : plan->config.server_name);
	return true;
}

int obol_ctl_init(struct obol_ctl *ctl, int argc, char **argv)
{
	struct obol_ctl_init_wish wish = { .ctl = ctl };
	struct obol_ctl_init_plan plan = { .ctl = ctl };
	enum obol_options_result result;
	bool is_there;

	result = read_options(&wish, argc, argv);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	is_there = access(ctl->config_path, F_OK) == 0;
	if (!check_wish(&wish) ||
		!(is_there ? follow(&wish, &plan) : make_plan(&wish, &plan)))
	{
		return OBOL_EXIT_FAILED;
	}
	return obol_ctl_init_work(&plan);
}
