/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The hardware token that makes this device's keys.
 */
#ifndef OBOL_TOOLS_TOOL_TOKEN_H_
#define OBOL_TOOLS_TOOL_TOKEN_H_

#include "tools/obol.h"

/**
 * Open the token, under the tool's profile's name as label.
 *
 * @param uri		its PIN is asked for, or read from the file that it names
 * @param pin_fd	where the PIN is read; TOOL_NONE for the terminal
 */
enum obol_cause tool_token_open(struct tool *tool, const char *uri,
								uint32_t pin_fd);

/** Have the tool's client use keys that the token makes. */
void tool_token_attach(struct tool *tool);

/** The key made last has this certificate now: put it beside the key, for other
 * programs to find; where that does not work, say so. */
void tool_token_keep(struct tool *tool, const struct obol_bundle *bundle);

/** Remove the key made last from the token, unless it was kept. */
void tool_token_drop(struct tool_token *token);

/** Drop and close; zero bytes are fine. */
void tool_token_close(struct tool_token *token);

#endif /* OBOL_TOOLS_TOOL_TOKEN_H_ */
