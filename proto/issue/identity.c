/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IKE identity of an account that was given none. */
#include "issue/identity.h"

#include "issue/issuer.h"

/** Characters of a subject's common name; bytes are on the safe side. */
#define COMMON_NAME_MAX 64

static bool is_ascii(const char *text)
{
	for (; *text; text++)
	{
		if ((unsigned char)*text >= 0x80)
		{
			return false;
		}
	}
	return true;
}

bool obol_identity_for(const char *name, const char *domain,
					   char identity[OBOL_NAME_MAX + 1])
{
	size_t name_len = strlen(name);
	size_t domain_len = strlen(domain);

	if (!is_ascii(name))
	{
		if (name_len > COMMON_NAME_MAX)
		{
			return false;
		}
		memcpy(identity, "CN=", 3);
		memcpy(identity + 3, name, name_len + 1);
		return true;
	}
	if (name_len + 1 + domain_len > OBOL_NAME_MAX)
	{
		return false;
	}
	memcpy(identity, name, name_len);
	identity[name_len] = '@';
	memcpy(identity + name_len + 1, domain, domain_len + 1);
	return obol_issuer_name_is_usable(identity);
}
