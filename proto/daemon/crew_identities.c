/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the processes of a crew become. */
#include "daemon/crew.h"

/* When nobody is named: the user that is there for it, else the workers', which
 * identity is at first. */
static enum obol_status find_other(const char *user, const char *group,
								   const char *preset,
								   struct obol_identity *identity, char *why,
								   size_t size)
{
	if (!*user && !obol_identity_exists(preset))
	{
		return OBOL_OK;
	}
	return obol_identity_find(*user ? user : preset, group, identity, why,
							  size);
}

enum obol_status obol_crew_identities(const struct obol_config *config,
									  struct obol_crew_options *options,
									  char *why, size_t size)
{
	enum obol_status status = obol_identity_find(config->user, config->group,
												 &options->identity, why, size);

	options->keeper_identity = options->identity;
	options->signer_identity = options->identity;
	if (status == OBOL_OK)
	{
		status =
			find_other(config->keeper.user, config->keeper.group,
					   OBOL_KEEPER_USER, &options->keeper_identity, why, size);
	}
	if (status == OBOL_OK)
	{
		status =
			find_other(config->signer.user, config->signer.group,
					   OBOL_SIGNER_USER, &options->signer_identity, why, size);
	}
	return status;
}
