/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What obol send sends: bundles in memory, files as they are.
 */
#ifndef OBOL_TOOLS_PACKAGE_H_
#define OBOL_TOOLS_PACKAGE_H_

#include "tools/cmd_obol.h"
#include <obol/transfer.h>

struct package {
	size_t n;
	struct obol_transfer_item items[OBOL_TRANSFER_ITEMS_MAX];
	/** NULL: the file's */
	struct obol_secret *bodies[OBOL_TRANSFER_ITEMS_MAX];
	/** -1: the body's */
	int fds[OBOL_TRANSFER_ITEMS_MAX];
	uint64_t given[OBOL_TRANSFER_ITEMS_MAX];
	/** of all items, and given so far */
	uint64_t total;
	uint64_t done;
	/** OBOL_TRANSFER_CHUNK_MAX bytes of a file */
	struct obol_secret *chunk;
};

void package_init(struct package *package);
void package_clear(struct package *package);

/** Add bytes under a name; the body is taken over. */
enum obol_cause package_add_body(struct tool *tool, struct package *package,
								 const char *name, uint16_t format,
								 struct obol_secret *body);

/** Add a file as it is, under its own name. */
enum obol_cause package_add_file(struct tool *tool, struct package *package,
								 const char *path);

/** Add a PKCS#12 or PEM file as a bundle; asks for its password. */
enum obol_cause package_add_pkcs12(struct tool *tool, struct package *package,
								   const char *path, uint32_t password_fd);
enum obol_cause package_add_pem(struct tool *tool, struct package *package,
								const char *path, uint32_t password_fd);

/** Begin anew. */
void package_rewind(struct package *package);

/** Give a transfer all that it wants now. FILE when a file cannot be read as
 * it was offered; the transfer is cancelled then. */
enum obol_cause package_give(struct tool *tool, struct package *package,
							 struct obol_transfer *transfer);

#endif /* OBOL_TOOLS_PACKAGE_H_ */
