/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What world.c and world_link.c share. Nobody else includes it.
 */
#ifndef TESTS_SERVER_WORLD_PRIVATE_H_
#define TESTS_SERVER_WORLD_PRIVATE_H_

#include "server/world.h"

/** A name that a client has given; is_known as in struct typed_name. */
void world_note_name(struct world *w, const char *name, bool is_known);

/** What OPAQUE takes for a typed secret; the caller frees it. */
struct obol_secret *world_oprf_input(const char *name, const char *secret);

/** Wrap an account key; OBOL_WRAP_MAX bytes fit into wrap. */
void world_take_wrap(const struct obol_secret *export_key,
					 enum obol_slot_kind kind,
					 const struct obol_account_key *key, uint8_t *wrap,
					 size_t *wrap_len);

#endif /* TESTS_SERVER_WORLD_PRIVATE_H_ */
