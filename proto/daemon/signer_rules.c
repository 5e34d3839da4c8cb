/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the signer signs. */
#include "daemon/signer_rules.h"

#include "base/log.h"

#include <stdio.h>
#include <strings.h>

bool obol_signer_may_ask(enum obol_signer_role role, uint8_t operation)
{
	switch (operation)
	{
		case OBOL_SIGNER_CHAIN:
			return true;
		case OBOL_SIGNER_ISSUE:
			return role != OBOL_SIGNER_PUBLISHER;
		case OBOL_SIGNER_CRL_BEGIN:
		case OBOL_SIGNER_CRL_ADD:
		case OBOL_SIGNER_CRL_SIGN:
		case OBOL_SIGNER_CRL_READ:
			return role != OBOL_SIGNER_WORKER;
	}
	return false;
}

enum obol_signer_role obol_signer_role_of(size_t i, size_t publisher)
{
	return i == publisher ? OBOL_SIGNER_PUBLISHER : OBOL_SIGNER_WORKER;
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	/* something must stand before it, or "@example.org" would be a name */
	return len > end_len && strcasecmp(name + len - end_len, end) == 0;
}

static bool is_reserved(const struct obol_signer_rules *rules, const char *name)
{
	return strcasecmp(name, rules->server_name) == 0 ||
		   strcasecmp(name, rules->domain) == 0;
}

static bool may_have(const struct obol_signer_rules *rules, const char *name)
{
	size_t i;

	if (is_reserved(rules, name))
	{
		return false;
	}
	for (i = 0; i < rules->n_names; i++)
	{
		if (ends_in(name, rules->names[i]))
		{
			return true;
		}
	}
	return !rules->n_names;
}

static const char *
reserved_in_subject(const struct obol_signer_rules *rules,
					const struct obol_certificate_profile *profile)
{
	size_t i;

	if (is_reserved(rules, profile->common_name))
	{
		return profile->common_name;
	}
	for (i = 0; i < profile->n_attributes; i++)
	{
		if (is_reserved(rules, profile->attributes[i].value))
		{
			return profile->attributes[i].value;
		}
	}
	return NULL;
}

static bool is_named(const struct obol_signer_rules *rules, const char *name)
{
	size_t i;

	for (i = 0; i < rules->n_gateways; i++)
	{
		if (strcasecmp(name, rules->gateways[i]) == 0)
		{
			return true;
		}
	}
	return false;
}

/* All of its names are. */
static bool is_gateway(const struct obol_signer_rules *rules,
					   const struct obol_certificate_profile *profile)
{
	bool all = profile->n_sans > 0 && !profile->n_attributes &&
			   is_named(rules, profile->common_name);
	size_t i;

	for (i = 0; all && i < profile->n_sans; i++)
	{
		all = is_named(rules, profile->sans[i]);
	}
	return all;
}

struct obol_signer_rules obol_signer_rules_of(const struct obol_config *config)
{
	struct obol_signer_rules rules = {
		.server_name = config->server_name,
		.domain = config->domain,
		.n_names = config->signer.n_names,
		.lifetime_max_s = config->signer.lifetime_max_s,
	};
	size_t i;

	for (i = 0; i < rules.n_names; i++)
	{
		rules.names[i] = config->signer.names[i];
	}
	return rules;
}

enum obol_status
obol_signer_rules_check(const struct obol_signer_rules *rules,
						const struct obol_certificate_profile *profile,
						char *why, size_t size)
{
	const char *name =
		profile->is_gateway ? NULL : reserved_in_subject(rules, profile);
	size_t i;

	if (profile->is_gateway && !is_gateway(rules, profile))
	{
		(void)snprintf(why, size, "a gateway's certificate was asked for");
		return OBOL_ERR_DENIED;
	}
	if (!profile->lifetime_s || profile->lifetime_s > rules->lifetime_max_s)
	{
		(void)snprintf(why, size, "a lifetime of %u s is out of bounds",
					   (unsigned)profile->lifetime_s);
		return OBOL_ERR_DENIED;
	}
	for (i = 0; !profile->is_gateway && !name && i < profile->n_sans; i++)
	{
		name = may_have(rules, profile->sans[i]) ? NULL : profile->sans[i];
	}
	if (name)
	{
		char quoted[128];

		(void)snprintf(
			why, size, "'%s' is not a name for users",
			obol_log_quote(quoted, sizeof(quoted), obol_bytes_str(name)));
		return OBOL_ERR_DENIED;
	}
	return OBOL_OK;
}
