/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people see of a transfer. */
#include "tools/transfer_show.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <qrencode.h>

#include "base/clock.h"
#include "base/writer.h"
#include "tools/text.h"

/** Empty modules around a QR code (ISO/IEC 18004, 9.1: four; most readers take
 * two). */
#define QUIET 2
/** What is smaller than this needs no bar. */
#define PROGRESS_MIN (1 << 20)
#define PROGRESS_STEP_MS 200
#define BAR_WIDTH 30

static bool is_dark(const QRcode *code, int x, int y)
{
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
		   (code->data[y * code->width + x] & 1);
}

/* Two rows of modules are one of text: upper half blocks, black on white
 * whatever the terminal's colours are. */
static void write_rows(struct obol_writer *w, const QRcode *code)
{
	static const char *const colours[2][2] = {
		{ "\033[97;107m", "\033[97;40m" },
		{ "\033[30;107m", "\033[30;40m" },
	};
	int x, y;

	for (y = -QUIET; y < code->width + QUIET; y += 2)
	{
		for (x = -QUIET; x < code->width + QUIET; x++)
		{
			obol_write_bytes(
				w, obol_bytes_str(
					   colours[is_dark(code, x, y)][is_dark(code, x, y + 1)]));
			obol_write_bytes(w, obol_bytes_str("\xe2\x96\x80"));
		}
		obol_write_bytes(w, obol_bytes_str("\033[0m\n"));
	}
}

bool transfer_show_qr(const struct obol_secret *link)
{
	char text[OBOL_TRANSFER_LINK_MAX + 1] = "";
	struct obol_writer w;
	QRcode *code;
	bool done = false;

	memcpy(text, obol_secret_view(link).ptr, obol_secret_len(link));
	code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
	obol_wipe(text, sizeof(text));
	obol_writer_init(&w);
	if (code)
	{
		write_rows(&w, code);
		done = obol_writer_status(&w) == OBOL_OK && !fflush(stdout) &&
			   text_bytes(STDOUT_FILENO, obol_writer_view(&w));
		obol_wipe(code->data, (size_t)code->width * (size_t)code->width);
	}
	QRcode_free(code);
	obol_writer_clear(&w);
	return done;
}

const char *transfer_size_text(char out[32], uint64_t size)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	uint64_t tenths = size * 10;
	size_t unit = 0;

	if (size < 1024)
	{
		(void)snprintf(out, 32, "%" PRIu64 " byte%s", size,
					   size == 1 ? "" : "s");
		return out;
	}
	tenths /= 1024;
	while (tenths >= 10240 && unit < 3)
	{
		tenths /= 1024;
		unit++;
	}
	(void)snprintf(out, 32, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10,
				   tenths % 10, units[unit]);
	return out;
}

void transfer_show_progress(struct tool *tool,
							struct transfer_progress *progress, uint64_t done,
							uint64_t now_ms)
{
	char bar[BAR_WIDTH + 1], line[96], size[32];
	size_t filled;

	if (progress->total < PROGRESS_MIN ||
		now_ms - progress->shown_ms < PROGRESS_STEP_MS)
	{
		return;
	}
	progress->shown_ms = now_ms;
	filled = (size_t)(done / (progress->total / BAR_WIDTH));
	filled = filled > BAR_WIDTH ? BAR_WIDTH : filled;
	memset(bar, '-', BAR_WIDTH);
	memset(bar, '#', filled);
	bar[BAR_WIDTH] = '\0';
	(void)snprintf(line, sizeof(line), "[%s] %u %% of %s", bar,
				   (unsigned)(done / (progress->total / 100)),
				   transfer_size_text(size, progress->total));
	tool_busy(tool, line);
}

/* What each end means for the two of them. */
static const struct {
	enum obol_transfer_end end;
	enum obol_cause cause;
	const char *sender;
	/** NULL: the same */
	const char *receiver;
} ends[] = {
	{ OBOL_TRANSFER_INTERNAL, OBOL_CAUSE_INTERNAL,
	  "Obol itself failed, such as for want of memory. Nothing is lost here.",
	  NULL },
	{ OBOL_TRANSFER_NO_CONTACT, OBOL_CAUSE_UNREACHABLE,
	  "The other device did not come before the connection ended.", NULL },
	{ OBOL_TRANSFER_LOST, OBOL_CAUSE_PEER,
	  "The connection ended before everything was sent. Nothing is lost here; "
	  "send it again.",
	  "The connection ended before everything had come. Nothing was stored; "
	  "have it sent again." },
	{ OBOL_TRANSFER_UNCONFIRMED, OBOL_CAUSE_UNCONFIRMED,
	  "Everything was sent, but the other device has not confirmed that it is "
	  "stored. Not confirmed: keep what is here, and look at the other device.",
	  NULL },
	{ OBOL_TRANSFER_WRONG_CODE, OBOL_CAUSE_AUTH,
	  "The other device had another code: it was mistyped, or somebody tried "
	  "to guess it. Nothing was sent.",
	  "The other device has another code: it was mistyped, or somebody stands "
	  "in between. Nothing has come." },
	{ OBOL_TRANSFER_OTHER_CODE, OBOL_CAUSE_NOT_FOUND,
	  "A device with another code was here.",
	  "What answers there waits for another code: the number in front does not "
	  "fit. Check it, and the address." },
	{ OBOL_TRANSFER_SPENT, OBOL_CAUSE_AUTH, "The code was used before.",
	  "The other device says that this code was used before." },
	{ OBOL_TRANSFER_EXPIRED, OBOL_CAUSE_TIMEOUT,
	  "Nobody came within five minutes.", "The code's five minutes are over." },
	{ OBOL_TRANSFER_VERSION, OBOL_CAUSE_PROTOCOL,
	  "The other device has another version of obol; update both.", NULL },
	{ OBOL_TRANSFER_PROTOCOL, OBOL_CAUSE_PROTOCOL,
	  "What the other device sends makes no sense, or somebody changes it on "
	  "its way.",
	  NULL },
	{ OBOL_TRANSFER_REFLECTED, OBOL_CAUSE_PROTOCOL,
	  "Somebody sends this device its own messages.", NULL },
	{ OBOL_TRANSFER_ALTERED, OBOL_CAUSE_SEAL,
	  "Something was changed on its way. Nothing was stored on the other "
	  "device.",
	  "Something was changed on its way. Nothing was stored." },
	{ OBOL_TRANSFER_CANCELLED, OBOL_CAUSE_ABORTED, "Cancelled.", NULL },
	{ OBOL_TRANSFER_PEER_CANCELLED, OBOL_CAUSE_PEER,
	  "The other device has cancelled. Nothing was stored there.",
	  "The other device has cancelled. Nothing was stored." },
	{ OBOL_TRANSFER_DECLINED, OBOL_CAUSE_PEER,
	  "The other device's user does not want it.",
	  "Declined; nothing was stored." },
	{ OBOL_TRANSFER_NOT_STORED, OBOL_CAUSE_PEER,
	  "The other device could not store it.", NULL },
	{ OBOL_TRANSFER_UNUSABLE, OBOL_CAUSE_PEER,
	  "The other device does not take it: key, certificate and CA do not fit, "
	  "or it has expired by that device's clock.",
	  NULL },
};

enum obol_cause transfer_show_end(struct tool *tool, enum obol_transfer_end end,
								  bool is_sender, bool spent)
{
	const char *code = spent ? " The code is used up: a new transfer needs a "
							   "new one."
							 : " The code was not used up.";
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
	{
		if (ends[i].end == end)
		{
			text = is_sender || !ends[i].receiver ? ends[i].sender
												  : ends[i].receiver;
			return tool_fail(tool, ends[i].cause, "%s%s", text, code);
		}
	}
	return OBOL_CAUSE_NONE;
}

uint64_t transfer_now_ms(void)
{
	return obol_mono_ms(obol_clock_system());
}

int transfer_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
