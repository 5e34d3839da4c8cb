/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going on at another server. */
#include "client/fail_over.h"

#include <stdio.h>

void obol_fail_over_reset(struct obol_client *client)
{
	memset(&client->tries, 0, sizeof(client->tries));
}

/* The request that goes with KE3 is a part of the login. */
static unsigned timeout_ms(const struct obol_client *client)
{
	return client->session && !client->is_open ? client->tries.left_ms
											   : client->options.timeout_ms;
}

void obol_fail_over_begin(struct obol_client *client)
{
	client->tries.can_repeat = true;
	client->tries.is_bounded = false;
	client->tries.deadline_mono_ms =
		obol_mono_ms(client->env.clock) + timeout_ms(client);
}

void obol_fail_over_end(struct obol_client *client)
{
	client->tries.can_repeat = false;
	client->tries.is_bounded = false;
}

/* The connection failed, or the server said that it cannot serve now. */
static bool has_failed(const struct obol_client *client)
{
	switch (client->error.cause)
	{
		case OBOL_CAUSE_TIMEOUT:
			return true;
		case OBOL_CAUSE_SERVER:
			return client->error.reply == 0 ||
				   client->error.reply == OBOL_REPLY_UNAVAILABLE ||
				   client->error.reply == OBOL_REPLY_TEMPORARY;
		default:
			return false;
	}
}

static const char *what_it_did(const struct obol_client *client)
{
	if (client->error.reply)
	{
		return "it cannot serve now";
	}
	return client->error.cause == OBOL_CAUSE_TIMEOUT
			   ? "it did not answer in time"
			   : "it closed the connection";
}

/* Pass over the server of the connection that has failed. */
static bool pass_over(struct obol_client *client)
{
	struct obol_tried *tried = &client->tries.tried;
	struct obol_tried_server *server = &tried->items[tried->n];

	if (!client->tries.has_others || tried->n == OBOL_TRIED_MAX)
	{
		return false;
	}
	server->addr = client->tries.addr;
	memcpy(server->where, client->tries.where, sizeof(server->where));
	(void)snprintf(server->why, sizeof(server->why), "%s", what_it_did(client));
	tried->n++;
	client->tries.has_others = false;
	return true;
}

bool obol_fail_over_login(struct obol_client *client,
						  const struct obol_wait *wait)
{
	if (!has_failed(client) || obol_wait_check(wait) != OBOL_NET_OK ||
		!pass_over(client))
	{
		return false;
	}
	obol_client_drop(client);
	obol_client_begin(client);
	return true;
}

/* An enrolment's login is good for one account, and its requests are not to be
 * made again; whoever has logged out has nothing to log in with. */
static bool can_log_in_again(const struct obol_client *client)
{
	return client->login.secret && client->login.kind != OBOL_SLOT_ENROLMENT;
}

bool obol_fail_over(struct obol_client *client, enum obol_status *status)
{
	struct obol_wait wait;

	if (*status == OBOL_OK || !client->tries.can_repeat ||
		!has_failed(client) || !can_log_in_again(client))
	{
		return false;
	}
	obol_wait_init(&wait, client->env.clock, 0, client->options.abort_fd);
	wait.deadline_mono_ms = client->tries.deadline_mono_ms;
	if (obol_wait_check(&wait) != OBOL_NET_OK || !pass_over(client))
	{
		return false;
	}
	client->tries.is_bounded = true;
	obol_client_begin(client);
	*status = obol_client_login_again(client, &wait);
	return *status == OBOL_OK;
}

struct obol_wait obol_fail_over_patience(const struct obol_client *client,
										 const struct obol_wait *whole)
{
	uint64_t now = obol_mono_ms(client->env.clock);
	struct obol_wait wait = *whole;

	if (client->tries.has_others && client->tries.can_repeat &&
		wait.deadline_mono_ms > now)
	{
		wait.deadline_mono_ms = now + (wait.deadline_mono_ms - now) / 2;
	}
	return wait;
}

void obol_fail_over_wait(const struct obol_client *client,
						 struct obol_wait *wait)
{
	obol_wait_init(wait, client->env.clock, timeout_ms(client),
				   client->options.abort_fd);
	if (client->tries.is_bounded &&
		client->tries.deadline_mono_ms < wait->deadline_mono_ms)
	{
		wait->deadline_mono_ms = client->tries.deadline_mono_ms;
	}
}

void obol_fail_over_tell(const struct obol_client *client, const char *what,
						 char *out, size_t size)
{
	const struct obol_tried *tried = &client->tries.tried;
	size_t len;
	size_t i;

	if (tried->n == 0)
	{
		(void)snprintf(out, size, "%s", what);
		return;
	}
	len = (size_t)snprintf(out, size, "%s: %s", client->tries.where,
						   *what ? what : "no answer");
	for (i = tried->n; i > 0 && len < size; i--)
	{
		len += (size_t)snprintf(out + len, size - len, "; before it %s: %s",
								tried->items[i - 1].where,
								tried->items[i - 1].why);
	}
}
