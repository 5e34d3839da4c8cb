/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sender's wait for the other device. */
#include "tools/send_loop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/meet.h"
#include "tools/text.h"

/** Pause before a relay is asked again. */
#define RELAY_PAUSE_MS 1000
/** For a last word to the peer. */
#define FLUSH_MS 1000
/** poll() comes back at least so often: limits of time are looked at then. */
#define TICK_MS 1000

void send_loop_init(struct send_loop *loop, struct tool *tool,
					struct package *package, const char *label)
{
	memset(loop, 0, sizeof(*loop));
	loop->tool = tool;
	loop->package = package;
	loop->label = label;
	loop->listen_fd = -1;
	loop->signal_fd = -1;
}

static void drop(struct send_loop *loop, size_t i)
{
	if (loop->contacts[i] == loop->at_relay)
	{
		loop->at_relay = NULL;
	}
	contact_free(loop->contacts[i]);
	loop->contacts[i] = NULL;
}

static void stop_listening(struct send_loop *loop)
{
	if (loop->listen_fd >= 0)
	{
		(void)close(loop->listen_fd);
		loop->listen_fd = -1;
	}
}

void send_loop_clear(struct send_loop *loop)
{
	size_t i;

	for (i = 0; i < SEND_CONTACTS_MAX; i++)
	{
		drop(loop, i);
	}
	stop_listening(loop);
	if (loop->signal_fd >= 0)
	{
		(void)close(loop->signal_fd);
	}
	obol_transfer_code_free(loop->code);
}

/* A new contact in a free place; the socket is taken over. NULL when there is
 * none. */
static struct contact *add_contact(struct send_loop *loop, int fd,
								   uint64_t now_ms)
{
	struct obol_transfer *transfer = NULL;
	size_t i;

	for (i = 0; i < SEND_CONTACTS_MAX && loop->contacts[i]; i++)
	{
	}
	if (i == SEND_CONTACTS_MAX ||
		obol_transfer_send_new(loop->code, loop->label, loop->package->items,
							   loop->package->n, NULL, &transfer) != OBOL_OK)
	{
		(void)close(fd);
		return NULL;
	}
	loop->contacts[i] = contact_new(fd, transfer, now_ms);
	return loop->contacts[i];
}

static void accept_one(struct send_loop *loop, uint64_t now_ms)
{
	int fd = accept4(loop->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
	{
		(void)add_contact(loop, fd, now_ms);
	}
}

/* Wait at the relay, if there is one; again after each contact that came to
 * nothing. */
static enum obol_cause ask_relay(struct send_loop *loop, uint64_t now_ms)
{
	char why[256] = "it does not answer", text[OBOL_TRANSFER_HOST_MAX + 16];
	bool is_connecting;
	int fd;

	if (loop->at_relay || loop->chosen || !loop->n_places ||
		!loop->places[0].is_relay || now_ms < loop->relay_at_ms)
	{
		return OBOL_CAUSE_NONE;
	}
	if (!meet_connect(&loop->places[0], &loop->relay_address, &fd,
					  &is_connecting, why, sizeof(why)))
	{
		loop->relay_address = 0;
		loop->relay_at_ms = now_ms + RELAY_PAUSE_MS;
		if (loop->relay_has_answered || loop->listen_fd >= 0)
		{
			return OBOL_CAUSE_NONE;
		}
		return tool_fail(loop->tool, OBOL_CAUSE_UNREACHABLE,
						 "The relay %s cannot be reached (%s). Is it one, and "
						 "does its operator allow it?",
						 meet_text(&loop->places[0], text, sizeof(text)),
						 loop->relay_failure ? strerror(loop->relay_failure)
											 : why);
	}
	loop->at_relay = add_contact(loop, fd, now_ms);
	if (loop->at_relay)
	{
		loop->at_relay->is_connecting = is_connecting;
		contact_ask_relay(loop->at_relay, OBOL_ROOM_OPEN,
						  obol_transfer_code_number(loop->code));
	}
	return OBOL_CAUSE_NONE;
}

static const char *answer_text(enum obol_room_answer answer)
{
	switch (answer)
	{
		case OBOL_ROOM_TAKEN:
			return "somebody else has a room of this number there; start again "
				   "for another code";
		case OBOL_ROOM_FULL:
			return "it has no room left; try again later";
		case OBOL_ROOM_TOO_MANY:
			return "too many have come from this network; try again later";
		case OBOL_ROOM_TIME_OVER:
			return "nobody came in time";
		default:
			return "it does not understand this version of obol";
	}
}

/* The contact at the relay has ended. When the relay itself says no, nothing
 * will come of it; unless this machine is waited for as well, that is the end.
 */
static enum obol_cause relay_ended(struct send_loop *loop,
								   const struct contact *contact,
								   uint64_t now_ms)
{
	char text[OBOL_TRANSFER_HOST_MAX + 16];

	loop->relay_at_ms = now_ms + RELAY_PAUSE_MS;
	if (loop->relay_has_answered || !contact->awaits_relay)
	{
		loop->relay_address = 0;
		return OBOL_CAUSE_NONE;
	}
	if (contact->answer == OBOL_ROOM_WAITING)
	{
		/* its next address, at once */
		loop->relay_failure = contact->failure;
		loop->relay_at_ms = now_ms;
		return OBOL_CAUSE_NONE;
	}
	return loop->listen_fd >= 0
			   ? OBOL_CAUSE_NONE
			   : tool_fail(loop->tool,
						   contact->answer == OBOL_ROOM_TAKEN
							   ? OBOL_CAUSE_STALE
							   : OBOL_CAUSE_SERVER,
						   "The relay %s says no: %s.",
						   meet_text(&loop->places[0], text, sizeof(text)),
						   answer_text(contact->answer));
}

/* The peer knows the code: the others can go. */
static void choose(struct send_loop *loop, struct contact *contact)
{
	char name[4 * OBOL_TRANSFER_NAME_MAX];
	size_t i;

	loop->chosen = contact;
	stop_listening(loop);
	for (i = 0; i < SEND_CONTACTS_MAX; i++)
	{
		if (loop->contacts[i] && loop->contacts[i] != contact)
		{
			drop(loop, i);
		}
	}
	package_rewind(loop->package);
	loop->progress.total = loop->package->total;
	tool_note(
		loop->tool, "Sending to %s. Waiting for its user to accept.",
		text_clean(name, sizeof(name), obol_transfer_peer(contact->transfer)));
}

/* Move a contact's bytes as far as they go. */
static enum obol_cause serve(struct send_loop *loop, struct contact *contact,
							 short ready, uint64_t now_ms)
{
	enum obol_cause cause = OBOL_CAUSE_NONE;
	enum obol_transfer_event event;
	uint64_t before;

	do
	{
		before = loop->package->done;
		event = contact_move(contact, ready, now_ms);
		if (event == OBOL_TRANSFER_PEER)
		{
			choose(loop, contact);
		}
		cause = package_give(loop->tool, loop->package, contact->transfer);
		transfer_show_progress(loop->tool, &loop->progress, loop->package->done,
							   now_ms);
	} while (cause == OBOL_CAUSE_NONE && event != OBOL_TRANSFER_OVER &&
			 (event != OBOL_TRANSFER_NOTHING || loop->package->done != before));
	if (contact == loop->at_relay && contact->is_welcome)
	{
		loop->relay_has_answered = true;
	}
	return cause;
}

static bool is_too_slow(const struct send_loop *loop,
						const struct contact *contact, uint64_t now_ms)
{
	if (contact == loop->chosen)
	{
		return now_ms - contact->moved_ms >= SEND_SILENCE_MS;
	}
	if (contact->awaits_relay)
	{
		/* it waits there as long as the code lives */
		return contact->is_connecting &&
			   now_ms - contact->began_ms >= MEET_CONNECT_MS;
	}
	return now_ms - contact->moved_ms >= SEND_HANDSHAKE_MS;
}

/* What has ended; *done when that is the end of all. */
static enum obol_cause reap(struct send_loop *loop, size_t i, uint64_t now_ms,
							bool *done)
{
	struct contact *contact = loop->contacts[i];
	enum obol_transfer_end end;
	enum obol_cause cause;
	bool was_spending;

	if (is_too_slow(loop, contact, now_ms))
	{
		obol_transfer_closed(contact->transfer);
	}
	end = obol_transfer_end(contact->transfer);
	if (end == OBOL_TRANSFER_RUNNING)
	{
		return OBOL_CAUSE_NONE;
	}
	/* others may come again, as long as the code is good */
	was_spending = contact == loop->chosen || end == OBOL_TRANSFER_WRONG_CODE;
	if (!was_spending && !obol_transfer_code_is_spent(loop->code))
	{
		cause = OBOL_CAUSE_NONE;
		if (contact == loop->at_relay)
		{
			cause = relay_ended(loop, contact, now_ms);
			loop->at_relay = NULL;
		}
		contact_flush(contact, 0);
		drop(loop, i);
		*done = cause != OBOL_CAUSE_NONE;
		return cause;
	}
	contact_flush(contact, FLUSH_MS);
	*done = true;
	return transfer_show_end(loop->tool, end, true, true);
}

static size_t fill_polls(const struct send_loop *loop, struct pollfd *fds)
{
	size_t i;

	fds[0] = (struct pollfd){ .fd = loop->signal_fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = loop->listen_fd, .events = POLLIN };
	for (i = 0; i < SEND_CONTACTS_MAX; i++)
	{
		struct contact *contact = loop->contacts[i];

		fds[2 + i] = (struct pollfd){
			.fd = contact ? contact->fd : -1,
			.events = contact ? contact_events(contact) : 0,
		};
	}
	return 2 + SEND_CONTACTS_MAX;
}

static enum obol_cause cancel(struct send_loop *loop)
{
	size_t i;

	for (i = 0; i < SEND_CONTACTS_MAX; i++)
	{
		if (loop->contacts[i])
		{
			obol_transfer_cancel(loop->contacts[i]->transfer,
								 OBOL_TRANSFER_CANCELLED);
			contact_flush(loop->contacts[i], FLUSH_MS);
		}
	}
	return transfer_show_end(loop->tool, OBOL_TRANSFER_CANCELLED, true, true);
}

static enum obol_cause finish(struct send_loop *loop)
{
	char name[4 * OBOL_TRANSFER_NAME_MAX];
	const char *peer = obol_transfer_peer(loop->chosen->transfer);

	tool_busy(loop->tool, NULL);
	if (loop->tool->common.json)
	{
		obol_json_str(&loop->tool->json, "device", peer);
		obol_json_bool(&loop->tool->json, "confirmed", true);
		return OBOL_CAUSE_NONE;
	}
	tool_say(loop->tool, "%s has stored it, and confirms that.",
			 text_clean(name, sizeof(name), peer));
	return OBOL_CAUSE_NONE;
}

/* One round; *done when it is over. */
static enum obol_cause turn(struct send_loop *loop, bool *done)
{
	struct pollfd fds[2 + SEND_CONTACTS_MAX];
	enum obol_cause cause = OBOL_CAUSE_NONE;
	uint64_t now_ms;
	size_t n, i;

	cause = ask_relay(loop, transfer_now_ms());
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	n = fill_polls(loop, fds);
	if (poll(fds, n, TICK_MS) < 0 && errno != EINTR)
	{
		return tool_fail(loop->tool, OBOL_CAUSE_INTERNAL, "poll: %s",
						 strerror(errno));
	}
	now_ms = transfer_now_ms();
	if (fds[0].revents)
	{
		*done = true;
		return cancel(loop);
	}
	if (fds[1].revents)
	{
		accept_one(loop, now_ms);
	}
	for (i = 0; !*done && cause == OBOL_CAUSE_NONE && i < SEND_CONTACTS_MAX;
		 i++)
	{
		if (loop->contacts[i])
		{
			cause = serve(loop, loop->contacts[i], fds[2 + i].revents, now_ms);
			if (cause == OBOL_CAUSE_NONE && loop->contacts[i])
			{
				cause = reap(loop, i, now_ms, done);
			}
		}
	}
	if (cause == OBOL_CAUSE_NONE && !*done && !loop->chosen &&
		obol_transfer_code_has_expired(loop->code, now_ms))
	{
		*done = true;
		cause =
			transfer_show_end(loop->tool, OBOL_TRANSFER_EXPIRED, true, true);
	}
	return cause;
}

enum obol_cause send_loop_run(struct send_loop *loop)
{
	enum obol_cause cause = OBOL_CAUSE_NONE;
	bool done = false;

	loop->signal_fd = transfer_signals();
	while (cause == OBOL_CAUSE_NONE && !done)
	{
		cause = turn(loop, &done);
	}
	if (cause == OBOL_CAUSE_FILE && loop->chosen)
	{
		/* a file that cannot be read any more: the other one is told */
		contact_flush(loop->chosen, FLUSH_MS);
	}
	return cause == OBOL_CAUSE_NONE ? finish(loop) : cause;
}
