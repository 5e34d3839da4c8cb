/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Names of the files that lie beside a CA's: "ca.crt" and "-old" are
 * "ca-old.crt". The CA that issues is the one that the configuration names;
 * "-next" follows it, "-old" was before it.
 */
#ifndef OBOL_ISSUE_CA_PATH_H_
#define OBOL_ISSUE_CA_PATH_H_

#include <stdbool.h>
#include <stddef.h>

#define OBOL_CA_NEXT "-next"
#define OBOL_CA_OLD "-old"

/** False when it does not fit. */
bool obol_ca_path(const char *path, const char *word, char *out, size_t size);

#endif /* OBOL_ISSUE_CA_PATH_H_ */
