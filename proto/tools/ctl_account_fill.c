/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An account's record from what an operator wrote. */
#include "tools/ctl_account_fill.h"

#include "issue/identity.h"
#include "server/activation.h"
#include "wire/words.h"

#define YEAR_S (366 * (uint32_t)86400)

static bool is_default(const char *wish)
{
	return !wish || !*wish || strcmp(wish, "default") == 0;
}

static bool fill_identity(const struct obol_ctl *ctl, const char *wish,
						  struct obol_account *account, char *why, size_t size)
{
	if (is_default(wish))
	{
		if (!obol_identity_for(account->name, ctl->config->domain,
							   account->identity))
		{
			(void)snprintf(why, size,
						   "no IKE identity can be made of this name and "
						   "'%s': give one",
						   ctl->config->domain);
			return false;
		}
		return true;
	}
	if (strlen(wish) > OBOL_NAME_MAX || !obol_issuer_name_is_usable(wish))
	{
		(void)snprintf(why, size,
					   "an identity is an e-mail address, a host name or an "
					   "IP address, in ASCII");
		return false;
	}
	(void)snprintf(account->identity, sizeof(account->identity), "%s", wish);
	return true;
}

static bool fill_lifetime(const char *wish, struct obol_account *account,
						  char *why, size_t size)
{
	uint32_t lifetime_s = is_default(wish) ? 0 : obol_config_duration(wish);

	if (!is_default(wish) && (lifetime_s < OBOL_CTL_LIFETIME_MIN_S ||
							  lifetime_s > OBOL_CTL_LIFETIME_MAX_S))
	{
		(void)snprintf(why, size,
					   "a lifetime is from a minute to twenty years, such as "
					   "10m, 12h or 30d");
		return false;
	}
	account->certificate_lifetime_s = lifetime_s;
	return true;
}

static bool fill_expires(const struct obol_ctl *ctl, const char *wish,
						 struct obol_account *account, char *why, size_t size)
{
	account->expires_at = 0;
	return !wish || !*wish || strcmp(wish, "never") == 0 ||
		   obol_ctl_moment(wish, obol_now(ctl->clock), &account->expires_at,
						   why, size);
}

static bool fill_kind(const struct obol_ctl_account_wish *wish,
					  struct obol_account *account, char *why, size_t size)
{
	account->mode = is_default(wish->mode) ? 0 : obol_mode_number(wish->mode);
	account->key_type =
		is_default(wish->key_type) ? 0 : obol_key_type_number(wish->key_type);
	if (!is_default(wish->mode) && !account->mode)
	{
		(void)snprintf(why, size,
					   "a mode is one of " OBOL_MODE_WORDS ", default");
		return false;
	}
	if (!is_default(wish->key_type) && !account->key_type)
	{
		(void)snprintf(why, size,
					   "a key type is one of " OBOL_KEY_TYPE_WORDS ", default");
		return false;
	}
	return true;
}

bool obol_ctl_account_refill(const struct obol_ctl *ctl,
							 const struct obol_ctl_account_wish *wish,
							 struct obol_account *account, char *why,
							 size_t size)
{
	return ((!wish->identity && *account->identity) ||
			fill_identity(ctl, wish->identity, account, why, size)) &&
		   fill_lifetime(wish->lifetime, account, why, size) &&
		   fill_expires(ctl, wish->expires, account, why, size) &&
		   fill_kind(wish, account, why, size);
}

bool obol_ctl_account_fill(const struct obol_ctl *ctl,
						   const struct obol_ctl_account_wish *wish,
						   struct obol_account *account, char *why, size_t size)
{
	memset(account, 0, sizeof(*account));
	account->state = OBOL_ACCOUNT_ACTIVE;
	account->generation = 1;
	return obol_ctl_name(ctl, wish->name, account->name, why, size) &&
		   obol_ctl_account_refill(ctl, wish, account, why, size);
}

bool obol_ctl_code_end(const struct obol_ctl *ctl, const char *text,
					   uint64_t *expires_at, char *why, size_t size)
{
	uint32_t valid_s =
		text ? obol_config_duration(text) : OBOL_ACTIVATION_LIFETIME_S;

	if (valid_s == 0 || valid_s > YEAR_S)
	{
		(void)snprintf(why, size,
					   "a code is good for a length of time up to a year, such "
					   "as 12h or 14d");
		return false;
	}
	*expires_at = obol_now(ctl->clock) + valid_s;
	return true;
}
