/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol receive */
#include "tools/cmd_obol.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/contact.h"
#include "tools/delivery.h"
#include "tools/device_label.h"
#include "tools/meet.h"
#include "tools/spent.h"
#include "tools/text.h"
#include "tools/transfer_show.h"

#define WHY_MAX 320
/** For a last word to the peer. */
#define FLUSH_MS 1000
/** Longest silence of the peer. */
#define SILENCE_MS 60000
#define TICK_MS 1000

struct receive_options {
	struct common_options common;
	const char *place;
	const char *relay;
	const char *device;
	uint32_t code_fd;
	bool yes;
	struct delivery_options delivery;
};

struct receive {
	struct tool *tool;
	const struct receive_options *options;
	struct obol_transfer_code *code;
	/** of the code, while it may be used up */
	char mark[SPENT_PATH_MAX];
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	size_t n_places;
	int signal_fd;
	struct contact *contact;
	struct delivery delivery;
	struct transfer_progress progress;
	uint64_t done;
	/** the first failure of our own, which the peer's end does not hide */
	enum obol_cause cause;
};

#define DELIVERY(member) offsetof(struct receive_options, delivery.member)

static const struct option_row rows[] = {
	{ "output", 'o', OBOL_OPTION_TEXT, DELIVERY(file), "FILE",
	  "write what comes to FILE, - for standard output", 0, 0 },
	{ "directory", 'd', OBOL_OPTION_TEXT, DELIVERY(directory), "DIR",
	  "write what comes to DIR, each thing under its own name", 0, 0 },
	{ "swanctl", 0, OBOL_OPTION_FLAG, DELIVERY(to_swanctl), NULL,
	  "set it up for this machine's strongSwan, private key included", 0, 0 },
	{ "gateway", 0, OBOL_OPTION_TEXT, DELIVERY(gateway), "ADDRESS",
	  "with --swanctl: the VPN gateway's name or address", 0, 0 },
	{ "gateway-id", 0, OBOL_OPTION_TEXT, DELIVERY(gateway_id), "ID",
	  "its identity (default: as --gateway)", 0, 0 },
	{ "remote-ts", 0, OBOL_OPTION_TEXT, DELIVERY(remote_ts), "NETWORKS",
	  "networks behind it (default: everything)", 0, 0 },
	{ "pem", 0, OBOL_OPTION_FLAG, DELIVERY(pem), NULL,
	  "write a credential as PEM, not PKCS#12", 0, 0 },
	{ "file-password-fd", 0, OBOL_OPTION_NUMBER, DELIVERY(file_password_fd),
	  "N", "read a new file's password from this descriptor (default: random)",
	  0, 65535 },
	{ "force", 'f', OBOL_OPTION_FLAG, DELIVERY(force), NULL,
	  "replace files that exist", 0, 0 },
	{ "relay", 0, OBOL_OPTION_TEXT, offsetof(struct receive_options, relay),
	  "HOST", "meet at this relay, host or host:port", 0, 0 },
	{ "device", 0, OBOL_OPTION_TEXT, offsetof(struct receive_options, device),
	  "NAME", "this device's name for the other one (default: host name)", 0,
	  0 },
	{ "code-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct receive_options, code_fd), "N",
	  "read the code or the QR code's text from this descriptor", 0, 65535 },
	{ "yes", 'y', OBOL_OPTION_FLAG, offsetof(struct receive_options, yes), NULL,
	  "take what is offered without asking", 0, 0 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct receive_options *options)
{
	struct option_words words = { &options->place, 1, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	options->code_fd = TOOL_NONE;
	options->delivery.file_password_fd = TOOL_NONE;
	options->delivery.remote_ts = "0.0.0.0/0, ::/0";
	return tool_parse(tool, command, argc, argv, options, &words);
}

static enum obol_cause check(struct tool *tool,
							 const struct receive_options *options,
							 struct receive *receive,
							 char label[OBOL_LABEL_MAX + 1])
{
	char why[WHY_MAX];

	if (options->place && options->relay)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "choose one of an address and --relay");
	}
	if ((options->place &&
		 !meet_parse(options->place, false, 0, &receive->places[0], why,
					 sizeof(why))) ||
		(options->relay && !meet_parse(options->relay, true, OBOL_ROOM_PORT,
									   &receive->places[0], why, sizeof(why))))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG, "%s", why);
	}
	receive->n_places = options->place || options->relay;
	if (!device_label(options->device, label))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "a device's name is 1 to %d bytes of UTF-8 without "
						 "control characters",
						 OBOL_LABEL_MAX);
	}
	return delivery_check(tool, &options->delivery);
}

/* The code or link, from the terminal or a descriptor. A place on the command
 * line goes before the link's. */
static enum obol_cause ask_code(struct receive *receive)
{
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	struct tool *tool = receive->tool;
	struct obol_secret *text = NULL;
	enum obol_status status;
	enum obol_cause cause;
	size_t n = 0;

	cause = tool_ask_secret(tool, receive->options->code_fd,
							"Code of the other device: ", "code-fd", &text);
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	status = obol_transfer_code_parse(obol_secret_view(text), transfer_now_ms(),
									  &receive->code, places, &n);
	obol_secret_free(text);
	switch (status)
	{
		case OBOL_OK:
			break;
		case OBOL_ERR_AUTH:
		case OBOL_ERR_FORMAT:
			return tool_fail(tool, OBOL_CAUSE_CODE,
							 "The code was mistyped: it has 13 digits, and the "
							 "last one tells slips. Nothing was sent, and the "
							 "code is as good as before.");
		case OBOL_ERR_VERSION:
			return tool_fail(tool, OBOL_CAUSE_CODE,
							 "This QR code is of a newer obol; update this "
							 "device.");
		default:
			return tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
	}
	if (!receive->n_places)
	{
		memcpy(receive->places, places, sizeof(places));
		receive->n_places = n;
	}
	if (!receive->n_places)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "say where the other device is: the address that it "
						 "shows, as in obol receive 192.0.2.7:4502, or --relay "
						 "HOST");
	}
	return OBOL_CAUSE_NONE;
}

/* A code that this device has used is not used again, whoever types it: each
 * time would give somebody in between another guess. */
static enum obol_cause mark_code(struct receive *receive)
{
	switch (spent_mark(obol_transfer_code_number(receive->code), receive->mark))
	{
		case OBOL_OK:
			return OBOL_CAUSE_NONE;
		case OBOL_ERR_EXISTS:
			return tool_fail(receive->tool, OBOL_CAUSE_CODE,
							 "This code was used on this device already, and a "
							 "code is good for one try. Cancel on the other "
							 "device, and begin anew there.");
		default:
			return tool_fail(receive->tool, OBOL_CAUSE_FILE,
							 "cannot note that the code is used: %s",
							 strerror(errno));
	}
}

/* Try to connect to one address until it is there or is not. */
static bool wait_connected(struct receive *receive, struct contact *contact)
{
	uint64_t end = transfer_now_ms() + MEET_CONNECT_MS, now;
	struct pollfd fds[2] = {
		{ .fd = receive->signal_fd, .events = POLLIN },
		{ .fd = contact->fd, .events = POLLOUT },
	};

	while (contact->is_connecting && (now = transfer_now_ms()) < end)
	{
		if (poll(fds, 2, (int)(end - now)) > 0 && fds[0].revents)
		{
			receive->cause = OBOL_CAUSE_ABORTED;
			return false;
		}
		if (fds[1].revents)
		{
			contact->is_connecting = false;
			if (recv(contact->fd, contact->in, 0, MSG_DONTWAIT) < 0 &&
				errno != EAGAIN)
			{
				contact->failure = errno;
				return false;
			}
		}
	}
	return !contact->is_connecting;
}

static struct contact *connect_once(struct receive *receive, int fd,
									bool is_connecting,
									const struct obol_transfer_place *place,
									const char *label, char *why, size_t size)
{
	struct obol_transfer *transfer;
	struct contact *contact;

	if (obol_transfer_receive_new(receive->code, label, NULL, &transfer) !=
		OBOL_OK)
	{
		(void)close(fd);
		return NULL;
	}
	contact = contact_new(fd, transfer, transfer_now_ms());
	if (!contact)
	{
		return NULL;
	}
	contact->is_connecting = is_connecting;
	if (place->is_relay)
	{
		contact_ask_relay(contact, OBOL_ROOM_JOIN,
						  obol_transfer_code_number(receive->code));
	}
	if (!wait_connected(receive, contact))
	{
		(void)snprintf(
			why, size, "%s port %u: %s", place->host, (unsigned)place->port,
			contact->failure ? strerror(contact->failure) : "no answer");
		contact_free(contact);
		return NULL;
	}
	return contact;
}

/* All places, one after the other, and all addresses of each. */
static enum obol_cause connect_any(struct receive *receive, const char *label)
{
	char why[WHY_MAX] = "no answer";
	size_t i, address;
	bool is_connecting;
	int fd;

	tool_busy(receive->tool, "Connecting");
	for (i = 0; i < receive->n_places && !receive->contact; i++)
	{
		address = 0;
		while (receive->cause == OBOL_CAUSE_NONE && !receive->contact &&
			   meet_connect(&receive->places[i], &address, &fd, &is_connecting,
							why, sizeof(why)))
		{
			receive->contact =
				connect_once(receive, fd, is_connecting, &receive->places[i],
							 label, why, sizeof(why));
		}
	}
	tool_busy(receive->tool, NULL);
	if (receive->cause != OBOL_CAUSE_NONE)
	{
		return transfer_show_end(receive->tool, OBOL_TRANSFER_CANCELLED, false,
								 false);
	}
	return receive->contact
			   ? OBOL_CAUSE_NONE
			   : tool_fail(receive->tool, OBOL_CAUSE_UNREACHABLE,
						   "The other device cannot be reached (%s). Are both "
						   "in one network, and is obol send still waiting? "
						   "The code was not used up.",
						   why);
}

/* Stop, say why to the peer, and remember the first reason. */
static void stop(struct receive *receive, enum obol_cause cause,
				 enum obol_transfer_end why)
{
	if (receive->cause == OBOL_CAUSE_NONE)
	{
		receive->cause = cause;
	}
	obol_transfer_cancel(receive->contact->transfer, why);
}

static void show_offer(struct receive *receive,
					   const struct obol_transfer_item *items, size_t n)
{
	char peer[4 * OBOL_TRANSFER_NAME_MAX], name[4 * OBOL_TRANSFER_NAME_MAX];
	char format[16], size[32];
	size_t i;

	tool_note(receive->tool, "%s offers:",
			  text_clean(peer, sizeof(peer),
						 obol_transfer_peer(receive->contact->transfer)));
	for (i = 0; i < n; i++)
	{
		tool_note(receive->tool, "    %s  (%s, %s)",
				  text_clean(name, sizeof(name), items[i].name),
				  tool_format_name(items[i].format, format),
				  transfer_size_text(size, items[i].size));
		receive->progress.total += items[i].size;
	}
}

static bool is_interrupted(const struct receive *receive)
{
	struct pollfd pfd = { .fd = receive->signal_fd, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

/* Who presses Ctrl-C at the question cancels, as at any other time. */
static void refuse_offer(struct receive *receive)
{
	if (is_interrupted(receive))
	{
		stop(receive, OBOL_CAUSE_NONE, OBOL_TRANSFER_CANCELLED);
		return;
	}
	stop(receive,
		 tool_fail(receive->tool, OBOL_CAUSE_ABORTED,
				   "Declined; nothing was stored. Without a terminal to ask "
				   "on, --yes takes it."),
		 OBOL_TRANSFER_DECLINED);
}

static void on_offer(struct receive *receive)
{
	struct obol_transfer *transfer = receive->contact->transfer;
	const struct obol_transfer_item *items;
	enum obol_cause cause;
	size_t n;

	items = obol_transfer_items(transfer, &n);
	show_offer(receive, items, n);
	if (!receive->options->yes &&
		!tool_confirm(receive->tool, true, "Take it?"))
	{
		refuse_offer(receive);
		return;
	}
	cause = delivery_begin(&receive->delivery, receive->tool,
						   &receive->options->delivery, items, n);
	if (cause != OBOL_CAUSE_NONE)
	{
		stop(receive, cause, OBOL_TRANSFER_NOT_STORED);
	}
	else if (obol_transfer_accept(transfer) != OBOL_OK)
	{
		stop(receive, tool_fail(receive->tool, OBOL_CAUSE_INTERNAL, "no offer"),
			 OBOL_TRANSFER_INTERNAL);
	}
}

static void on_data(struct receive *receive)
{
	size_t item;
	struct obol_bytes bytes =
		obol_transfer_data(receive->contact->transfer, &item);
	enum obol_cause cause = delivery_take(&receive->delivery, item, bytes);

	receive->done += bytes.len;
	if (cause != OBOL_CAUSE_NONE)
	{
		stop(receive, cause, OBOL_TRANSFER_NOT_STORED);
	}
}

/* Checked, then stored durably, then confirmed: in this order (D2). */
static void on_complete(struct receive *receive)
{
	enum obol_cause cause;

	tool_busy(receive->tool, "Storing");
	cause = delivery_judge(&receive->delivery);
	if (cause != OBOL_CAUSE_NONE)
	{
		stop(receive, cause, OBOL_TRANSFER_UNUSABLE);
		return;
	}
	cause = delivery_store(&receive->delivery);
	if (cause != OBOL_CAUSE_NONE)
	{
		stop(receive, cause, OBOL_TRANSFER_NOT_STORED);
		return;
	}
	if (obol_transfer_confirm(receive->contact->transfer) != OBOL_OK)
	{
		tool_note(receive->tool, "The receipt cannot be sent: the other device "
								 "does not know that it is stored here.");
	}
}

static void act(struct receive *receive, enum obol_transfer_event event)
{
	switch (event)
	{
		case OBOL_TRANSFER_OFFER:
			on_offer(receive);
			break;
		case OBOL_TRANSFER_DATA:
			on_data(receive);
			break;
		case OBOL_TRANSFER_COMPLETE:
			on_complete(receive);
			break;
		default:
			break;
	}
}

static void turn(struct receive *receive)
{
	struct contact *contact = receive->contact;
	struct pollfd fds[2] = {
		{ .fd = receive->signal_fd, .events = POLLIN },
		{ .fd = contact->fd, .events = contact_events(contact) },
	};
	enum obol_transfer_event event;
	uint64_t now_ms;

	(void)poll(fds, 2, TICK_MS);
	now_ms = transfer_now_ms();
	if (fds[0].revents)
	{
		stop(receive, OBOL_CAUSE_NONE, OBOL_TRANSFER_CANCELLED);
		return;
	}
	do
	{
		event = contact_move(contact, fds[1].revents, now_ms);
		act(receive, event);
		transfer_show_progress(receive->tool, &receive->progress, receive->done,
							   now_ms);
	} while (event != OBOL_TRANSFER_NOTHING && event != OBOL_TRANSFER_OVER);
	if (now_ms - contact->moved_ms >= SILENCE_MS)
	{
		obol_transfer_closed(contact->transfer);
	}
}

/* What a relay says instead of joining two devices. */
static enum obol_cause relay_refused(struct receive *receive)
{
	switch (receive->contact->answer)
	{
		case OBOL_ROOM_NOBODY:
			return tool_fail(receive->tool, OBOL_CAUSE_NOT_FOUND,
							 "Nobody waits at the relay with this code. Does "
							 "obol send still run, with the same relay? The "
							 "code was not used up.");
		case OBOL_ROOM_WAITING:
			return tool_fail(receive->tool, OBOL_CAUSE_SERVER,
							 "The relay closed the connection. The code was "
							 "not used up.");
		default:
			return tool_fail(receive->tool, OBOL_CAUSE_SERVER,
							 "The relay is busy, or does not understand this "
							 "version of obol; try again later. The code was "
							 "not used up.");
	}
}

static enum obol_cause finish(struct receive *receive)
{
	enum obol_transfer_end end = obol_transfer_end(receive->contact->transfer);
	struct tool *tool = receive->tool;

	contact_flush(receive->contact, FLUSH_MS);
	tool_busy(tool, NULL);
	if (receive->cause != OBOL_CAUSE_NONE)
	{
		/* a prompt that is answered, a disk that is full: already said */
		return receive->cause;
	}
	if (end != OBOL_TRANSFER_DONE)
	{
		return receive->contact->awaits_relay && end == OBOL_TRANSFER_NO_CONTACT
				   ? relay_refused(receive)
				   : transfer_show_end(
						 tool, end, false,
						 obol_transfer_code_is_spent(receive->code));
	}
	if (tool->common.json)
	{
		obol_json_str(&tool->json, "device",
					  obol_transfer_peer(receive->contact->transfer));
	}
	return delivery_tell(&receive->delivery);
}

static enum obol_cause do_receive(struct receive *receive, const char *label)
{
	enum obol_cause cause = ask_code(receive);

	receive->signal_fd = -1;
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = mark_code(receive);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		receive->signal_fd = transfer_signals();
		cause = connect_any(receive, label);
	}
	while (cause == OBOL_CAUSE_NONE &&
		   obol_transfer_end(receive->contact->transfer) ==
			   OBOL_TRANSFER_RUNNING)
	{
		turn(receive);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = finish(receive);
	}
	if (receive->code && !obol_transfer_code_is_spent(receive->code))
	{
		spent_take_back(receive->mark);
	}
	delivery_clear(&receive->delivery);
	contact_free(receive->contact);
	obol_transfer_code_free(receive->code);
	if (receive->signal_fd >= 0)
	{
		(void)close(receive->signal_fd);
	}
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	char label[OBOL_LABEL_MAX + 1];
	struct receive_options options;
	struct receive receive;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	memset(&receive, 0, sizeof(receive));
	receive.tool = tool;
	receive.options = &options;
	cause = check(tool, &options, &receive, label);
	return cause == OBOL_CAUSE_NONE ? do_receive(&receive, label) : cause;
}

const struct command cmd_obol_receive = {
	.name = "receive",
	.usage = "[ADDRESS:PORT]",
	.summary = "take what another device sends",
	.text =
		"Asks for the code that obol send shows on the other device (or the "
		"text of its QR\ncode), says what is offered and by which device, and "
		"stores it where you say.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
