/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parent's listening sockets. */
#include "daemon/listeners.h"

#include <stdio.h>
#include <unistd.h>

#include "daemon/listen.h"

static int find(const struct obol_listeners *present,
				const struct obol_listener *wanted)
{
	char name[64];
	size_t i;

	for (i = 0; i < present->n; i++)
	{
		const struct obol_listener *listener = &present->all[i];

		/* as it was written, or as it came out: ":0" has become a port */
		obol_listen_name(listener->fd, name, sizeof(name));
		if (listener->use == wanted->use &&
			(strcmp(listener->text, wanted->text) == 0 ||
			 strcmp(name, wanted->text) == 0))
		{
			return listener->fd;
		}
	}
	return -1;
}

static void tell(struct obol_log *log, const struct obol_listener *listener)
{
	static const char *const uses[] = {
		[OBOL_LISTENER_CLIENTS] = "",
		[OBOL_LISTENER_HTTP] = "",
		[OBOL_LISTENER_METRICS] = " for metrics",
		[OBOL_LISTENER_RELAY] = " for the relay",
	};
	char name[64];

	obol_listen_name(listener->fd, name, sizeof(name));
	obol_log(log, OBOL_LOG_INFO, "daemon", "listening on %s%s", name,
			 uses[listener->use]);
}

static void want(struct obol_listeners *wanted, const char *text,
				 enum obol_listener_use use)
{
	struct obol_listener *listener = &wanted->all[wanted->n];

	if (*text)
	{
		(void)snprintf(listener->text, sizeof(listener->text), "%s", text);
		listener->use = use;
		listener->fd = -1;
		wanted->n++;
	}
}

/* The addresses, without sockets yet. */
static void list(const struct obol_config *config,
				 struct obol_listeners *wanted)
{
	size_t i;

	wanted->n = 0;
	for (i = 0; i < config->n_listen; i++)
	{
		want(wanted, config->listen[i], OBOL_LISTENER_CLIENTS);
	}
	want(wanted, config->http_listen, OBOL_LISTENER_HTTP);
	want(wanted, config->metrics_listen, OBOL_LISTENER_METRICS);
	for (i = 0; i < config->relay.n_listen; i++)
	{
		want(wanted, config->relay.listen[i], OBOL_LISTENER_RELAY);
	}
}

enum obol_status obol_listeners_open(const struct obol_listeners *present,
									 const struct obol_config *config,
									 struct obol_log *log,
									 struct obol_listeners *fresh, char *why,
									 size_t size)
{
	enum obol_status status;
	size_t i;

	list(config, fresh);
	for (i = 0; i < fresh->n; i++)
	{
		struct obol_listener *listener = &fresh->all[i];

		listener->fd = find(present, listener);
		if (listener->fd >= 0)
		{
			continue;
		}
		status = obol_listen_open(listener->text, &listener->fd, why, size);
		if (status != OBOL_OK)
		{
			fresh->n = i;
			obol_listeners_close(fresh, present);
			return status;
		}
		tell(log, listener);
	}
	return OBOL_OK;
}

static bool has(const struct obol_listeners *listeners, int fd)
{
	size_t i;

	for (i = 0; listeners && i < listeners->n; i++)
	{
		if (listeners->all[i].fd == fd)
		{
			return true;
		}
	}
	return false;
}

void obol_listeners_close(const struct obol_listeners *listeners,
						  const struct obol_listeners *but)
{
	size_t i;

	for (i = 0; i < listeners->n; i++)
	{
		if (!has(but, listeners->all[i].fd))
		{
			(void)close(listeners->all[i].fd);
		}
	}
}
