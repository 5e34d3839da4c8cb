/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The IKE identity of an account that was given none.
 */
#ifndef OBOL_ISSUE_IDENTITY_H_
#define OBOL_ISSUE_IDENTITY_H_

#include "wire/registry.h"

#include <stdbool.h>

/**
 * "alice@vpn.example.org"; a name beyond ASCII has its certificate's subject,
 * for a subjectAltName cannot hold it: "CN=Jürgen".
 *
 * @param name		normalised
 * @param domain	a host name
 * @return			false when neither can be made of them
 */
bool obol_identity_for(const char *name, const char *domain,
					   char identity[OBOL_NAME_MAX + 1]);

#endif /* OBOL_ISSUE_IDENTITY_H_ */
