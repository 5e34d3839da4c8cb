/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What people see of a transfer: code and QR code, progress, how it ended.
 */
#ifndef OBOL_TOOLS_TRANSFER_SHOW_H_
#define OBOL_TOOLS_TRANSFER_SHOW_H_

#include "tools/cmd_obol.h"
#include <obol/transfer.h>

/** A link as a QR code on standard output, in half blocks. */
bool transfer_show_qr(const struct obol_secret *link);

/** A line with a bar, on a terminal, for what is large; now and then. */
struct transfer_progress {
	uint64_t total;
	uint64_t shown_ms;
};

void transfer_show_progress(struct tool *tool,
							struct transfer_progress *progress, uint64_t done,
							uint64_t now_ms);

/** "3 bytes", "4 KiB", "1.5 MiB", in out. */
const char *transfer_size_text(char out[32], uint64_t size);

/**
 * Note how a transfer ended.
 *
 * @param spent	the code is spent for this side
 * @return		NONE for DONE, else the cause
 */
enum obol_cause transfer_show_end(struct tool *tool, enum obol_transfer_end end,
								  bool is_sender, bool spent);

/** Monotonic milliseconds. */
uint64_t transfer_now_ms(void);

/** A descriptor that SIGINT and SIGTERM make readable; they are blocked from
 * now on. -1 when there is none to be had. */
int transfer_signals(void);

#endif /* OBOL_TOOLS_TRANSFER_SHOW_H_ */
