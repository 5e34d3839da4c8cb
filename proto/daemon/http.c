/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTTP listener. */
#include "daemon/http.h"

#include "daemon/http_bounds.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>

/** Documents at most. */
#define DOCUMENTS_MAX 4
#define HEADERS_MAX 8192
/** How long a peer may take, in seconds. */
#define TIMEOUT_S 10
/** Pause when there are no descriptors, in microseconds. */
#define PAUSE_US 100000
/** How often, and how long each time, the end waits for connections. */
#define FINISH_ROUNDS 50
#define FINISH_US 20000

struct document {
	const char *path;
	const char *type;
	/** shared with answers that are under way; NULL when it is made anew */
	struct evbuffer *body;
	int (*make)(void *ctx, struct obol_writer *body);
	void *ctx;
};

struct obol_http {
	struct event_base *base;
	struct evhttp *http;
	struct evconnlistener *listener;
	struct obol_http_bounds *bounds;
	size_t n_documents;
	struct document documents[DOCUMENTS_MAX];
};

static struct document *find(struct obol_http *http, const char *path)
{
	size_t i;

	for (i = 0; i < http->n_documents; i++)
	{
		if (strcmp(http->documents[i].path, path) == 0)
		{
			return &http->documents[i];
		}
	}
	return NULL;
}

static bool add_headers(struct evhttp_request *request,
						const struct document *document, size_t body_len)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	char len[24];

	(void)snprintf(len, sizeof(len), "%zu", body_len);
	return evhttp_add_header(headers, "Content-Type", document->type) == 0 &&
		   evhttp_add_header(headers, "Content-Length", len) == 0 &&
		   evhttp_add_header(headers, "Connection", "close") == 0;
}

/* A document's bytes, and the status. */
static bool fill(const struct document *document, struct evbuffer *body,
				 int *code)
{
	struct obol_writer w;
	bool is_ok;

	*code = OBOL_HTTP_OK;
	if (!document->make)
	{
		return evbuffer_add_buffer_reference(body, document->body) == 0;
	}
	obol_writer_init(&w);
	*code = document->make(document->ctx, &w);
	is_ok = obol_writer_status(&w) == OBOL_OK &&
			evbuffer_add(body, obol_writer_view(&w).ptr,
						 obol_writer_view(&w).len) == 0;
	obol_writer_clear(&w);
	return is_ok;
}

static void on_request(struct evhttp_request *request, void *arg)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	bool is_head = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
	const struct document *document = path ? find(arg, path) : NULL;
	struct evbuffer *body;
	size_t len;
	int code;

	if (!document)
	{
		evhttp_send_error(request, HTTP_NOTFOUND, NULL);
		return;
	}
	body = evbuffer_new();
	if (!body || !fill(document, body, &code))
	{
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
	}
	else
	{
		len = evbuffer_get_length(body);
		if (is_head)
		{
			(void)evbuffer_drain(body, len);
		}
		if (add_headers(request, document, len))
		{
			evhttp_send_reply(request, code, NULL, body);
		}
		else
		{
			evhttp_send_error(request, HTTP_INTERNAL, NULL);
		}
	}
	if (body)
	{
		evbuffer_free(body);
	}
}

static void on_pause_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)evconnlistener_enable(arg);
}

/* Out of descriptors: those above the bounds have not been closed yet. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	static const struct timeval pause = { 0, PAUSE_US };

	(void)arg;
	if (event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT,
						on_pause_end, listener, &pause) == 0)
	{
		(void)evconnlistener_disable(listener);
	}
}

/* For every connection, before it is one; evhttp makes the bufferevent. */
static struct bufferevent *on_accept(struct event_base *base, void *arg)
{
	struct obol_http *http = arg;

	(void)base;
	obol_http_bounds_accepted(http->bounds);
	return NULL;
}

static bool open_http(struct obol_http *http, struct event_base *base, int fd,
					  int n_fds)
{
	struct evhttp_bound_socket *bound;

	http->base = base;
	http->http = evhttp_new(base);
	if (!http->http ||
		obol_http_bounds_new(base, fd, n_fds, &http->bounds) != OBOL_OK)
	{
		return false;
	}
	evhttp_set_bevcb(http->http, on_accept, http);
	evhttp_set_allowed_methods(http->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(http->http, HEADERS_MAX);
	evhttp_set_max_body_size(http->http, 0);
	evhttp_set_timeout(http->http, TIMEOUT_S);
	evhttp_set_gencb(http->http, on_request, http);
	bound = evhttp_accept_socket_with_handle(http->http, fd);
	if (!bound)
	{
		return false;
	}
	http->listener = evhttp_bound_socket_get_listener(bound);
	evconnlistener_set_error_cb(http->listener, on_accept_error);
	return true;
}

enum obol_status obol_http_new(struct event_base *base, int fd, int n_fds,
							   struct obol_http **out)
{
	struct obol_http *http = calloc(1, sizeof(*http));

	if (!http || !open_http(http, base, fd, n_fds))
	{
		obol_http_free(http);
		return OBOL_ERR_NOMEM;
	}
	*out = http;
	return OBOL_OK;
}

void obol_http_finish(struct obol_http *http)
{
	static const struct timeval round = { 0, FINISH_US };
	unsigned i;

	if (!http || evconnlistener_disable(http->listener) != 0)
	{
		return;
	}
	for (i = 0; i < FINISH_ROUNDS && obol_http_bounds_count(http->bounds); i++)
	{
		if (event_base_loopexit(http->base, &round) != 0)
		{
			return;
		}
		(void)event_base_dispatch(http->base);
	}
}

void obol_http_free(struct obol_http *http)
{
	size_t i;

	if (!http)
	{
		return;
	}
	if (http->http)
	{
		evhttp_free(http->http);
	}
	obol_http_bounds_free(http->bounds);
	for (i = 0; i < http->n_documents; i++)
	{
		if (http->documents[i].body)
		{
			evbuffer_free(http->documents[i].body);
		}
	}
	free(http);
}

enum obol_status obol_http_put(struct obol_http *http, const char *path,
							   const char *type, struct obol_bytes document)
{
	struct document *place = find(http, path);
	struct evbuffer *body = evbuffer_new();

	if (!body || (!place && http->n_documents == DOCUMENTS_MAX) ||
		evbuffer_add(body, document.ptr, document.len) != 0)
	{
		if (body)
		{
			evbuffer_free(body);
		}
		return OBOL_ERR_NOMEM;
	}
	if (!place)
	{
		place = &http->documents[http->n_documents++];
		memset(place, 0, sizeof(*place));
	}
	if (place->body)
	{
		evbuffer_free(place->body);
	}
	place->path = path;
	place->type = type;
	place->body = body;
	return OBOL_OK;
}

enum obol_status
obol_http_answer(struct obol_http *http, const char *path, const char *type,
				 int (*make)(void *ctx, struct obol_writer *body), void *ctx)
{
	if (http->n_documents == DOCUMENTS_MAX)
	{
		return OBOL_ERR_NOMEM;
	}
	http->documents[http->n_documents++] = (struct document){
		.path = path, .type = type, .make = make, .ctx = ctx
	};
	return OBOL_OK;
}
