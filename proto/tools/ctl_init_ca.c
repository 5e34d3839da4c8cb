/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl init: where the CA's key shall be. */
#include "tools/ctl_init.h"

#include "issue/ca_key.h"
#include "issue/token_uri.h"
#include "tools/askpass.h"

#include <unistd.h>

#define FILE_WORD "file"
#define TOKEN_WORD "token"

static bool ask_place(const struct obol_ctl_init_wish *wish, bool *in_token)
{
	char word[32];

	if (wish->ca_token || wish->ca_key_path)
	{
		*in_token = wish->ca_token != NULL;
		return true;
	}
	if (!obol_ctl_init_settle(wish, NULL,
							  "Where the CA's private key shall be: file or "
							  "token (PKCS#11)",
							  FILE_WORD, word, sizeof(word)))
	{
		return false;
	}
	*in_token = strcmp(word, TOKEN_WORD) == 0;
	if (!*in_token && strcmp(word, FILE_WORD) != 0)
	{
		(void)obol_ctl_fail("a CA's key is in a file or in a token; nothing "
							"was made");
		return false;
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
	bool in_token = false;

	if (!ask_place(wish, &in_token))
	{
		return false;
	}
	if (in_token)
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
