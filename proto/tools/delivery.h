/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What obol receive does with what comes: small things are kept in memory and
 * checked, others go to nameless files that get their names once all of the
 * package is there; so nothing is ever half there.
 */
#ifndef OBOL_TOOLS_DELIVERY_H_
#define OBOL_TOOLS_DELIVERY_H_

#include "tools/cmd_obol.h"
#include <obol/transfer.h>

/** Largest credential that is kept in memory. */
#define DELIVERY_MEMORY_MAX (256 * 1024)

struct delivery_options {
	/** one thing's file, "-" for standard output; NULL: see directory */
	const char *file;
	/** where each thing goes under its own name */
	const char *directory;
	/** for swanctl, below the root; with the gateway's address and identity */
	bool to_swanctl;
	const char *gateway;
	const char *gateway_id;
	const char *remote_ts;
	bool pem;
	bool force;
	/** of a bundle's file; TOOL_NONE: a random one is shown */
	uint32_t file_password_fd;
};

struct delivery_item {
	const struct obol_transfer_item *item;
	/** where it goes in the end; empty for standard output and swanctl */
	char path[PROFILE_PATH_MAX];
	/** in memory, filled as far as done */
	struct obol_secret *body;
	/** a nameless file, or standard output; -1 for none */
	int fd;
	/** a temporary name, where nameless files cannot be had */
	char temporary[PROFILE_PATH_MAX + 16];
	uint64_t done;
	struct obol_bundle *bundle;
};

struct delivery {
	struct tool *tool;
	const struct delivery_options *options;
	size_t n;
	struct delivery_item items[OBOL_TRANSFER_ITEMS_MAX];
	/** of a file that was written, to be shown */
	struct obol_secret *password;
};

/** Options that fit together, and places that can be written to: before any
 * code is used. */
enum obol_cause delivery_check(struct tool *tool,
							   const struct delivery_options *options);

/** Make ready for what is offered. CONFIG or FILE when it cannot be taken. */
enum obol_cause delivery_begin(struct delivery *delivery, struct tool *tool,
							   const struct delivery_options *options,
							   const struct obol_transfer_item *items,
							   size_t n);

/** Take bytes of an item. FILE when they cannot be stored. */
enum obol_cause delivery_take(struct delivery *delivery, size_t item,
							  struct obol_bytes bytes);

/** All has come: is it any good? CREDENTIAL when it is not. */
enum obol_cause delivery_judge(struct delivery *delivery);

/** Store it durably under its names. */
enum obol_cause delivery_store(struct delivery *delivery);

/** Say where it is. */
enum obol_cause delivery_tell(struct delivery *delivery);

/** Wipe; what has no name yet is gone. */
void delivery_clear(struct delivery *delivery);

/** delivery_swanctl.c: write key, certificates and connection for swanctl. */
enum obol_cause delivery_swanctl(struct delivery *delivery,
								 const struct delivery_item *item);

#endif /* OBOL_TOOLS_DELIVERY_H_ */
