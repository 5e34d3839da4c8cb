/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_shared obol_shared
 * @{ @ingroup obol_p
 */

#ifndef OBOL_SHARED_H_
#define OBOL_SHARED_H_

#include <library.h>

#include <obol/secret.h>

/**
 * Ask the daemon's credential sets for an account's password.
 *
 * Only a secret whose owner is exactly the given one will do: a secret without
 * owner matches everything, and may be somebody's EAP password. charon-cmd has
 * no such secrets and prompts for one, hence this may block until the user has
 * typed it.
 *
 * This takes the credential manager's read lock, so the caller holds no mutex.
 *
 * @param owner			"obol:NAME@SERVER"
 * @return				the password, NULL if there is none
 */
struct obol_secret *obol_shared_find(char *owner);

#endif /** OBOL_SHARED_H_ @}*/
