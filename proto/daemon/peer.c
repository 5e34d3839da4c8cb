/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One TLS connection of a worker. */
#include "daemon/peer_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>

#include "daemon/server_tls.h"

/** What one connection may take of the loop before others get their turn. */
#define TURN_MAX ((size_t)256 << 10)
/** Bytes off the wire that bring no content: two records, and then some. */
#define IDLE_MAX ((uint64_t)64 << 10)
/** Less than this off the wire with one call has emptied the socket. */
#define MORE_FROM ((uint64_t)8 << 10)
/** How long a peer may take to read our last words. */
#define CLOSING_MS 2000
/** How long without a byte a connection is at rest when the worker drains. */
#define REST_MS 1000

static void pump(struct obol_peer *peer);

static uint64_t now_ms(const struct obol_peer *peer)
{
	return obol_mono_ms(peer->peers->clock);
}

void obol_peers_forget(struct obol_peers *peers, int fd,
					   struct obol_admission_place *place)
{
	(void)close(fd);
	obol_admission_move(peers->admission, place, OBOL_ADMISSION_NOWHERE);
	obol_source_count_remove(peers->sources, &place->address);
	peers->n--;
	peers->ended(peers->ctx);
}

static void destroy(struct obol_peer *peer)
{
	struct obol_peers *peers = peer->peers;

	if (peer->state == HANDSHAKE)
	{
		obol_meter_since(peers->meter, OBOL_METRIC_HANDSHAKES,
						 OBOL_OUTCOME_FAILED, 0, peer->accepted_us);
	}
	peers->held -= peer->held;
	obol_server_connection_close(peer->conn);
	if (peer->io)
	{
		event_free(peer->io);
	}
	if (peer->timer)
	{
		event_free(peer->timer);
	}
	SSL_free(peer->ssl);
	if (peer->next)
	{
		peer->next->prev = peer->prev;
	}
	*(peer->prev ? &peer->prev->next : &peers->first) = peer->next;
	obol_peers_forget(peers, peer->fd, &peer->place);
	free(peer);
}

static void drop(void *owner)
{
	destroy(owner);
}

/*
 * Time
 */

static uint64_t deadline_ms(const struct obol_peer *peer)
{
	const struct obol_config *config = peer->peers->config;
	uint64_t end = peer->began_ms + config->timeouts.total * (uint64_t)1000;
	uint64_t own;

	if (peer->state == CLOSING)
	{
		return peer->state_ms + CLOSING_MS;
	}
	if (peer->state == HANDSHAKE)
	{
		own = peer->began_ms + config->timeouts.handshake * (uint64_t)1000;
	}
	else if (!obol_server_connection_is_open(peer->conn))
	{
		own = peer->state_ms + config->timeouts.login * (uint64_t)1000;
	}
	else
	{
		own = peer->active_ms + config->timeouts.idle * (uint64_t)1000;
	}
	return own < end ? own : end;
}

static void set_timer(struct obol_peer *peer)
{
	uint64_t now = now_ms(peer), end = deadline_ms(peer);
	uint64_t left = end > now ? end - now : 0;
	struct timeval tv = { (time_t)(left / 1000),
						  (suseconds_t)(left % 1000 * 1000) };

	(void)event_add(peer->timer, &tv);
}

/* Bytes only move active_ms; whether that was enough shows here. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct obol_peer *peer = arg;

	(void)fd;
	(void)what;
	if (deadline_ms(peer) > now_ms(peer))
	{
		set_timer(peer);
		return;
	}
	obol_log(peer->peers->log, OBOL_LOG_DEBUG, "daemon",
			 "connection from %s dropped: too slow", peer->source);
	destroy(peer);
}

static void enter(struct obol_peer *peer, enum peer_state state)
{
	static const enum obol_admission_list lists[] = {
		[HANDSHAKE] = OBOL_ADMISSION_GREETING,
		[OPEN] = OBOL_ADMISSION_LOGIN,
		[CLOSING] = OBOL_ADMISSION_CLOSING,
	};

	obol_admission_move(peer->peers->admission, &peer->place, lists[state]);
	peer->state = state;
	peer->state_ms = now_ms(peer);
	peer->active_ms = peer->state_ms;
	set_timer(peer);
}

/*
 * The socket
 */

static void on_io(evutil_socket_t fd, short what, void *arg);

static void wait_for(struct obol_peer *peer, short what)
{
	if (what == peer->waits_for)
	{
		return;
	}
	(void)event_del(peer->io);
	peer->waits_for = what;
	if (what)
	{
		(void)event_assign(peer->io, peer->peers->base, peer->fd,
						   (short)(what | EV_PERSIST), on_io, peer);
		(void)event_add(peer->io, NULL);
	}
}

/* Say goodbye as TLS and TCP do it (RFC 8446, 6.1), then wait for the peer to
 * have read it. */
static void finish(struct obol_peer *peer)
{
	(void)SSL_shutdown(peer->ssl);
	ERR_clear_error();
	(void)shutdown(peer->fd, SHUT_WR);
	obol_server_connection_close(peer->conn);
	peer->conn = NULL;
	enter(peer, CLOSING);
	wait_for(peer, EV_READ);
}

static void discard(struct obol_peer *peer)
{
	size_t n_bytes = 0;
	ssize_t n;

	do
	{
		n = recv(peer->fd, peer->peers->buf, sizeof(peer->peers->buf), 0);
		n_bytes += n > 0 ? (size_t)n : 0;
	} while (n > 0 && n_bytes < TURN_MAX);
	/* one that sends on has its next turn, or its deadline, behind others */
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
	{
		destroy(peer);
	}
}

/* Bytes off the wire so far, TLS's own among them. */
static uint64_t n_raw(const struct obol_peer *peer)
{
	return BIO_number_read(SSL_get_rbio(peer->ssl));
}

/* OpenSSL reads on behind key updates (RFC 8446, 4.6.3), each of which costs us
 * as much as the peer, until content comes or the socket is empty: whoever has
 * many of them ready would have the whole worker to himself. So it reads the
 * end instead. */
static long on_raw_read(BIO *bio, int operation, const char *bytes, size_t len,
						int argi, long argl, int result, size_t *processed)
{
	const struct obol_peer *peer = (void *)BIO_get_callback_arg(bio);

	(void)bytes;
	(void)len;
	(void)argi;
	(void)argl;
	(void)processed;
	if (operation == BIO_CB_READ &&
		BIO_number_read(bio) - peer->content_at > IDLE_MAX)
	{
		BIO_clear_retry_flags(bio);
		return 0;
	}
	return result;
}

static void changed(void *ctx)
{
	struct obol_peer *peer = ctx;

	pump(peer);
}

static bool start_serving(struct obol_peer *peer)
{
	struct obol_server_peer who = { .address = peer->place.address };
	enum obol_status status;

	memcpy(who.source, peer->source, sizeof(who.source));
	status = obol_server_tls_exporter(peer->ssl, who.exporter);
	if (status == OBOL_OK)
	{
		status = obol_server_connection_new(peer->peers->server, &who, changed,
											peer, &peer->conn);
	}
	obol_wipe(who.exporter, sizeof(who.exporter));
	return status == OBOL_OK;
}

static void shake_hands(struct obol_peer *peer)
{
	int result, error;

	ERR_clear_error();
	result = SSL_accept(peer->ssl);
	if (result == 1)
	{
		if (!obol_server_tls_is_good(peer->ssl) || !start_serving(peer))
		{
			destroy(peer);
			return;
		}
		obol_meter_since(peer->peers->meter, OBOL_METRIC_HANDSHAKES,
						 OBOL_OUTCOME_OK, 0, peer->accepted_us);
		enter(peer, OPEN);
		pump(peer);
		return;
	}
	error = SSL_get_error(peer->ssl, result);
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
	{
		wait_for(peer, error == SSL_ERROR_WANT_READ ? EV_READ : EV_WRITE);
		return;
	}
	obol_log(peer->peers->log, OBOL_LOG_DEBUG, "daemon", "no TLS with %s: %s",
			 peer->source,
			 ERR_reason_error_string(ERR_peek_error())
				 ? ERR_reason_error_string(ERR_peek_error())
				 : "the connection ended");
	ERR_clear_error();
	destroy(peer);
}

enum turn {
	/** bytes went over */
	MOVED,
	/** nothing to do, or the socket cannot now */
	STOPPED,
	/** the peer is gone */
	GONE,
};

static enum turn outcome(struct obol_peer *peer, int result)
{
	switch (SSL_get_error(peer->ssl, result))
	{
		case SSL_ERROR_WANT_WRITE:
			peer->wants_write = true;
			return STOPPED;
		case SSL_ERROR_WANT_READ:
			return STOPPED;
		default:
			ERR_clear_error();
			return GONE;
	}
}

static enum turn send_some(struct obol_peer *peer)
{
	struct obol_bytes out = obol_server_connection_output(peer->conn);
	size_t len = out.len < OBOL_PEER_READ_MAX ? out.len : OBOL_PEER_READ_MAX;
	int n;

	if (!len)
	{
		return STOPPED;
	}
	ERR_clear_error();
	n = SSL_write(peer->ssl, out.ptr, (int)len);
	if (n <= 0)
	{
		return outcome(peer, n);
	}
	peer->active_ms = now_ms(peer);
	obol_server_connection_sent(peer->conn, (size_t)n);
	return MOVED;
}

/* Whether a call would be worth it: to find a socket empty takes as long as to
 * read it, and the loop tells of what comes later. */
static bool has_more(const struct obol_peer *peer)
{
	return peer->is_readable || SSL_has_pending(peer->ssl);
}

static enum turn receive_some(struct obol_peer *peer)
{
	size_t room = obol_server_connection_room(peer->conn);
	uint64_t before = n_raw(peer);
	uint8_t *buf = peer->peers->buf;
	int n;

	if (!room || !has_more(peer))
	{
		return STOPPED;
	}
	if (room > OBOL_PEER_READ_MAX)
	{
		room = OBOL_PEER_READ_MAX;
	}
	ERR_clear_error();
	n = SSL_read(peer->ssl, buf, (int)room);
	peer->is_readable = n_raw(peer) - before >= MORE_FROM;
	if (n <= 0)
	{
		return outcome(peer, n);
	}
	peer->active_ms = now_ms(peer);
	peer->content_at = n_raw(peer);
	obol_server_connection_input(peer->conn, obol_bytes(buf, (size_t)n));
	/* a Put's bytes are sealed, but a login's are not for the next reader */
	obol_wipe(buf, (size_t)n);
	return MOVED;
}

/* False when it was this one that had to go. */
static bool make_room(struct obol_peer *peer)
{
	struct obol_peers *peers = peer->peers;
	struct obol_peer *longest;

	obol_peer_count_held(peer);
	while (peers->held > OBOL_PEERS_HELD_MAX)
	{
		longest = obol_peers_longest_holder(peers);
		obol_log(peers->log, OBOL_LOG_WARN, "daemon",
				 "connections hold %zu MiB of requests that do not end and "
				 "answers that are not read; the one that did so for longest "
				 "was dropped",
				 OBOL_PEERS_HELD_MAX >> 20);
		destroy(longest);
		if (longest == peer)
		{
			return false;
		}
	}
	return true;
}

/* Both directions until nothing moves, or others want their turn. */
static void pump(struct obol_peer *peer)
{
	enum turn sent, received;
	uint64_t began_at;
	short what = 0;

	if (peer->state != OPEN)
	{
		return;
	}
	began_at = n_raw(peer);
	do
	{
		peer->wants_write = false;
		sent = send_some(peer);
		received = STOPPED;
		if (obol_server_connection_is_done(peer->conn) &&
			!obol_server_connection_output(peer->conn).len)
		{
			finish(peer);
			return;
		}
		if (sent != GONE)
		{
			received = receive_some(peer);
		}
		if (sent == GONE || received == GONE)
		{
			destroy(peer);
			return;
		}
	} while ((sent == MOVED || received == MOVED) &&
			 n_raw(peer) - began_at < TURN_MAX);
	if (!make_room(peer))
	{
		return;
	}
	if (peer->place.list == OBOL_ADMISSION_LOGIN &&
		obol_server_connection_is_open(peer->conn))
	{
		obol_admission_succeed(peer->peers->admission, &peer->place,
							   now_ms(peer));
	}
	what |= obol_server_connection_room(peer->conn) ? EV_READ : 0;
	what |= peer->wants_write || obol_server_connection_output(peer->conn).len
				? EV_WRITE
				: 0;
	wait_for(peer, what);
	if (received == MOVED && has_more(peer))
	{
		/* what TLS holds already, the socket is silent about */
		event_active(peer->io, EV_READ, 0);
	}
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
	struct obol_peer *peer = arg;

	(void)fd;
	switch (peer->state)
	{
		case HANDSHAKE:
			shake_hands(peer);
			break;
		case OPEN:
			peer->is_readable |= (what & EV_READ) != 0;
			pump(peer);
			break;
		case CLOSING:
			discard(peer);
			break;
	}
}

/*
 * Beginning and end
 */

static bool set_up(struct obol_peer *peer)
{
	struct obol_peers *peers = peer->peers;
	int on = 1;

	(void)setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	peer->ssl = SSL_new(peers->tls);
	peer->io =
		event_new(peers->base, peer->fd, EV_READ | EV_PERSIST, on_io, peer);
	peer->timer = evtimer_new(peers->base, on_timer, peer);
	if (!peer->ssl || !peer->io || !peer->timer ||
		SSL_set_fd(peer->ssl, peer->fd) != 1)
	{
		return false;
	}
	BIO_set_callback_ex(SSL_get_rbio(peer->ssl), on_raw_read);
	BIO_set_callback_arg(SSL_get_rbio(peer->ssl), (char *)peer);
	return true;
}

void obol_peer_begin(struct obol_peers *peers,
					 const struct obol_peer_begin *begin)
{
	struct obol_peer *peer = calloc(1, sizeof(*peer));
	struct obol_admission_place place = begin->place;

	if (!peer)
	{
		obol_meter_add(peers->meter, OBOL_METRIC_CONNECTIONS,
					   OBOL_CONNECTION_NO_MEMORY, 0, 1);
		obol_peers_forget(peers, begin->fd, &place);
		return;
	}
	peer->peers = peers;
	peer->fd = begin->fd;
	peer->place = begin->place;
	peer->place.owner = peer;
	peer->place.drop = drop;
	peer->accepted_us = begin->accepted_us;
	memcpy(peer->source, begin->source, sizeof(peer->source));
	peer->next = peers->first;
	if (peer->next)
	{
		peer->next->prev = peer;
	}
	peers->first = peer;
	if (!set_up(peer))
	{
		ERR_clear_error();
		destroy(peer);
		return;
	}
	peer->began_ms = begin->began_ms;
	enter(peer, HANDSHAKE);
	/* the ClientHello is there already */
	shake_hands(peer);
}

static bool is_at_rest(const struct obol_peer *peer)
{
	return peer->state == OPEN && obol_server_connection_is_open(peer->conn) &&
		   !obol_server_connection_is_busy(peer->conn) &&
		   !obol_server_connection_output(peer->conn).len &&
		   peer->active_ms + REST_MS <= now_ms(peer);
}

void obol_peers_drain(struct obol_peers *peers, bool force)
{
	struct obol_peer *peer, *next;

	for (peer = peers->first; peer; peer = next)
	{
		next = peer->next;
		if (peer->state == HANDSHAKE && force)
		{
			destroy(peer);
		}
		else if (peer->state == OPEN && (force || is_at_rest(peer)))
		{
			obol_server_connection_shutdown(peer->conn);
			pump(peer);
		}
	}
}

void obol_peers_clear(struct obol_peers *peers)
{
	while (peers->first)
	{
		destroy(peers->first);
	}
}
