/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl init: where the CA's key shall be. */
#include "tools/ctl_init.h"

#include "daemon/listen.h"
#include "issue/ca_key.h"
#include "token/uri.h"
#include "tools/askpass.h"
#include "tools/ctl_signer.h"

#include <unistd.h>

#define FILE_WORD "file"
#define TOKEN_WORD "token"
#define MACHINE_WORD "machine"

static bool ask_place(const struct obol_ctl_init_wish *wish, char *word,
					  size_t size)
{
	if (wish->ca_token || wish->ca_key_path)
	{
		(void)snprintf(word, size, "%s",
					   wish->ca_token ? TOKEN_WORD : FILE_WORD);
		return true;
	}
	if (!obol_ctl_init_settle(wish, NULL,
							  "Where the CA's private key shall be: file, "
							  "token (PKCS#11), or machine (another one)",
							  FILE_WORD, word, size))
	{
		return false;
	}
	if (strcmp(word, FILE_WORD) != 0 && strcmp(word, TOKEN_WORD) != 0 &&
		strcmp(word, MACHINE_WORD) != 0)
	{
		(void)obol_ctl_fail("a CA's key is in a file, in a token, or on "
							"another machine; nothing was made");
		return false;
	}
	return true;
}

static bool take_pin(const char *text, struct obol_config *config)
{
	config->signer.has_pin = obol_signer_pin_parse(text, config->signer.pin);
	if (!config->signer.has_pin)
	{
		(void)obol_ctl_fail("a signer's pin is sha256: and 64 digits, as "
							"obolctl signer init prints it there");
	}
	return config->signer.has_pin;
}

/** What obolctl signer init has printed there; and what it must know of us. */
static bool ask_machine(const struct obol_ctl_init_wish *wish,
						struct obol_ctl_init_plan *plan)
{
	struct obol_config *config = &plan->config;
	char pin[OBOL_SIGNER_PIN_TEXT], path[OBOL_CONFIG_TEXT_MAX];
	char key[OBOL_CONFIG_TEXT_MAX];

	(void)obol_ctl_init_beside(wish->ctl, OBOL_CTL_SIGNER_CLIENT ".crt", path,
							   sizeof(path));
	(void)obol_ctl_init_beside(wish->ctl, OBOL_CTL_SIGNER_CLIENT ".key", key,
							   sizeof(key));
	if (!obol_ctl_signer_key(wish->ctl, path, key, pin))
	{
		return false;
	}
	(void)printf("On the signer's machine, where obol-signer shall run:\n"
				 "    obolctl signer init --server-name %s --domain %s "
				 "--client %s\nThen copy the CA's certificate here.\n",
				 config->server_name, config->domain, pin);
	(void)fflush(stdout);
	return obol_ctl_init_settle(
			   wish, wish->signer, "Address and port of the signer", "",
			   config->signer.server, sizeof(config->signer.server)) &&
		   obol_ctl_init_settle(wish, wish->signer_pin, "Pin of the signer", "",
								pin, sizeof(pin)) &&
		   take_pin(pin, config) &&
		   obol_ctl_init_settle(
			   wish, wish->ca_cert, "File with the CA's certificate",
			   obol_ctl_init_beside(wish->ctl, OBOL_CTL_CA_CERTIFICATE, path,
									sizeof(path)),
			   config->ca.certificate, sizeof(config->ca.certificate));
}

bool obol_ctl_init_plan_signer(const struct obol_ctl_init_wish *wish,
							   struct obol_ctl_init_plan *plan)
{
	struct obol_config *config = &plan->config;
	struct obol_endpoint endpoint;

	if (wish->signer)
	{
		(void)snprintf(config->signer.server, sizeof(config->signer.server),
					   "%s", wish->signer);
		if (!take_pin(wish->signer_pin, config))
		{
			return false;
		}
	}
	if (!*config->signer.server)
	{
		return true;
	}
	if (!obol_config_signer_server(config->signer.server, &endpoint))
	{
		(void)obol_ctl_fail("a signer's address is such as 192.0.2.9:4503, "
							"[2001:db8::9]:4503 or signer.example.org:4503");
		return false;
	}
	(void)obol_ctl_init_beside(wish->ctl, OBOL_CTL_SIGNER_CLIENT ".crt",
							   config->signer.certificate,
							   sizeof(config->signer.certificate));
	(void)obol_ctl_init_beside(wish->ctl, OBOL_CTL_SIGNER_CLIENT ".key",
							   config->signer.key, sizeof(config->signer.key));
	if (!*config->ca.key)
	{
		char path[OBOL_CONFIG_TEXT_MAX];

		(void)snprintf(config->ca.key, sizeof(config->ca.key), "%s",
					   obol_ctl_init_beside(wish->ctl, OBOL_CTL_CA_KEY, path,
											sizeof(path)));
	}
	return true;
}

static bool ask_token(const struct obol_ctl_init_wish *wish,
					  struct obol_ctl_init_plan *plan)
{
	struct obol_token_uri uri;
	char why[OBOL_WHY_MAX];

	if (!obol_ctl_init_settle(wish, wish->ca_token,
							  "PKCS#11 URI of the key, with module-path and "
							  "pin-source",
							  "", plan->ca_token, sizeof(plan->ca_token)))
	{
		return false;
	}
	if (obol_token_uri_parse(plan->ca_token, &uri, why, sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	return true;
}

bool obol_ctl_init_ask_ca(const struct obol_ctl_init_wish *wish,
						  struct obol_ctl_init_plan *plan)
{
	struct obol_config *config = &plan->config;
	char path[OBOL_CONFIG_TEXT_MAX];
	const char *preset =
		obol_ctl_init_beside(wish->ctl, OBOL_CTL_CA_KEY, path, sizeof(path));
	char word[32];

	if (!ask_place(wish, word, sizeof(word)))
	{
		return false;
	}
	if (strcmp(word, MACHINE_WORD) == 0)
	{
		return ask_machine(wish, plan);
	}
	if (strcmp(word, TOKEN_WORD) == 0)
	{
		(void)snprintf(config->ca.key, sizeof(config->ca.key), "%s",
					   wish->ca_key_path ? wish->ca_key_path : preset);
		return ask_token(wish, plan);
	}
	return obol_ctl_init_settle(
		wish, wish->ca_key_path,
		"File for the CA's private key (whoever has it can make certificates)",
		preset, config->ca.key, sizeof(config->ca.key));
}

static enum obol_status make(const struct obol_ctl_init_plan *plan, char *why,
							 size_t size)
{
	const struct obol_config *config = &plan->config;
	enum obol_status status;

	if (!*plan->ca_token)
	{
		return obol_ca_create(plan->ca_name, plan->ca_lifetime_s,
							  config->ca.certificate, config->ca.key,
							  plan->ctl->clock, why, size);
	}
	status = obol_ca_key_write_uri(config->ca.key, plan->ca_token, why, size);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_ca_create_for(
		plan->ca_name, plan->ca_lifetime_s, config->ca.certificate,
		config->ca.key, &plan->ctl->tokens, plan->ctl->clock, why, size);
	if (status != OBOL_OK)
	{
		(void)unlink(config->ca.key);
	}
	return status;
}

bool obol_ctl_init_make_ca(const struct obol_ctl_init_plan *plan)
{
	char why[OBOL_WHY_MAX];

	if (make(plan, why, sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	return true;
}
