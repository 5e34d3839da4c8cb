/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passwords in the daemon's credential sets. */

#include "obol_shared.h"

#include <utils/identification.h>
#include <credentials/keys/shared_key.h>

/*
 * see header file
 */
struct obol_secret *obol_shared_find(char *owner)
{
	enumerator_t *enumerator;
	identification_t *id;
	shared_key_t *shared;
	id_match_t match = ID_MATCH_NONE, other = ID_MATCH_NONE;
	struct obol_secret *secret = NULL;
	chunk_t key;

	id = identification_create_from_string(owner);
	enumerator = lib->credmgr->create_shared_enumerator(lib->credmgr,
														SHARED_EAP, id, NULL);
	while (!secret && enumerator->enumerate(enumerator, &shared, &match, &other))
	{
		key = shared->get_key(shared);
		if (match == ID_MATCH_PERFECT && key.len)
		{
			secret = obol_secret_dup(key.ptr, key.len);
		}
	}
	enumerator->destroy(enumerator);
	id->destroy(id);
	return secret;
}
