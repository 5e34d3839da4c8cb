/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon, through libvici. Its callbacks run in a thread of libstrongswan's:
 * they read a message, put it into a queue, and that is all. */
#include "gateway/vici.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "gateway/limit.h"
#include "gateway/vici_message.h"

/** Events that wait at most; more come only when this program stands still,
 * and then all is asked for anew. */
#define QUEUE_MAX 65536
/** One that has not answered in time is not asked for so long: while it hangs,
 * obold is followed all the same. */
#define HANG_PAUSE_MS 30000

static char *const events[] = { "ike-updown", "ike-rekey", "child-updown",
								"child-rekey" };
#define N_EVENTS (sizeof(events) / sizeof(events[0]))

struct obol_vici {
	char *uri;
	struct obol_tunnels *tunnels;
	struct obol_clock *clock;
	struct obol_log *log;
	/** libvici waits for charon for as long as that takes */
	struct obol_limit *limit;
	unsigned limit_ms;
	/** not asked before this */
	uint64_t ask_at_ms;
	vici_conn_t *conn;
	/** the connection's own; -1 for none */
	int conn_fd;
	int fd;
	/** guards what follows; never held while libvici is called */
	pthread_mutex_t mutex;
	struct obol_vici_event *first;
	struct obol_vici_event *last;
	size_t n_queued;
	bool is_overrun;
	/** serial numbers that list-certs brings */
	size_t n_serials;
	struct obol_serial serials[OBOL_TUNNEL_SERIALS_MAX];
};

struct obol_vici *obol_vici_new(const struct obol_vici_options *options)
{
	struct obol_vici *vici = calloc(1, sizeof(*vici));

	if (!vici)
	{
		return NULL;
	}
	if (pthread_mutex_init(&vici->mutex, NULL) != 0)
	{
		free(vici);
		return NULL;
	}
	vici_init();
	vici->tunnels = options->tunnels;
	vici->clock = options->clock;
	vici->log = options->log;
	vici->limit_ms = options->limit_ms;
	vici->conn_fd = -1;
	vici->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	vici->uri = options->uri ? strdup(options->uri) : NULL;
	vici->limit = obol_limit_new();
	if (vici->fd < 0 || !vici->limit || (options->uri && !vici->uri))
	{
		obol_vici_free(vici);
		return NULL;
	}
	return vici;
}

/* All that has come; and whether something is missing. */
static struct obol_vici_event *take_queue(struct obol_vici *vici,
										  bool *is_overrun)
{
	struct obol_vici_event *first;

	(void)pthread_mutex_lock(&vici->mutex);
	first = vici->first;
	*is_overrun = vici->is_overrun;
	vici->first = NULL;
	vici->last = NULL;
	vici->n_queued = 0;
	vici->is_overrun = false;
	(void)pthread_mutex_unlock(&vici->mutex);
	return first;
}

static void drop_queue(struct obol_vici *vici)
{
	bool is_overrun;
	struct obol_vici_event *event = take_queue(vici, &is_overrun), *next;

	for (; event; event = next)
	{
		next = event->next;
		free(event);
	}
}

static void disconnect(struct obol_vici *vici)
{
	if (vici->conn)
	{
		vici_disconnect(vici->conn);
		vici->conn = NULL;
	}
	vici->conn_fd = -1;
	drop_queue(vici);
}

void obol_vici_free(struct obol_vici *vici)
{
	if (vici)
	{
		disconnect(vici);
		vici_deinit();
		obol_limit_free(vici->limit);
		(void)pthread_mutex_destroy(&vici->mutex);
		if (vici->fd >= 0)
		{
			(void)close(vici->fd);
		}
		free(vici->uri);
		free(vici);
	}
}

int obol_vici_fd(const struct obol_vici *vici)
{
	return vici->fd;
}

/*
 * In libstrongswan's thread
 */

static void on_event(void *user, char *name, vici_res_t *message)
{
	struct obol_vici *vici = user;
	struct obol_vici_event *event = calloc(1, sizeof(*event));
	uint64_t one = 1;
	bool is_wanted;

	is_wanted = event && obol_vici_read(name, message, event);
	(void)pthread_mutex_lock(&vici->mutex);
	if (!event || vici->n_queued == QUEUE_MAX)
	{
		vici->is_overrun = true;
		is_wanted = false;
	}
	if (is_wanted)
	{
		event->next = NULL;
		*(vici->last ? &vici->last->next : &vici->first) = event;
		vici->last = event;
		vici->n_queued++;
	}
	(void)pthread_mutex_unlock(&vici->mutex);
	if (!is_wanted)
	{
		free(event);
	}
	(void)!write(vici->fd, &one, sizeof(one));
}

static void on_certificate(void *user, char *name, vici_res_t *message)
{
	struct obol_vici *vici = user;
	struct obol_serial serial = { .len = 0 };
	const ASN1_INTEGER *number;
	const unsigned char *pos;
	X509 *x = NULL;
	int len = 0;

	(void)name;
	pos = vici_find(message, &len, "data");
	if (pos && len > 0)
	{
		x = d2i_X509(NULL, &pos, len);
	}
	number = x ? X509_get0_serialNumber(x) : NULL;
	if (number && ASN1_STRING_length(number) > 0 &&
		ASN1_STRING_length(number) <= OBOL_SERIAL_MAX)
	{
		serial.len = (uint8_t)ASN1_STRING_length(number);
		memcpy(serial.bytes, ASN1_STRING_get0_data(number), serial.len);
	}
	X509_free(x);
	ERR_clear_error();
	(void)pthread_mutex_lock(&vici->mutex);
	if (serial.len && vici->n_serials < OBOL_TUNNEL_SERIALS_MAX)
	{
		vici->serials[vici->n_serials++] = serial;
	}
	(void)pthread_mutex_unlock(&vici->mutex);
}

/*
 * Requests
 */

/* What libvici is called for, begins and ends: false when charon hangs. */
static void begin_call(struct obol_vici *vici)
{
	obol_limit_begin(vici->limit, vici->conn_fd, vici->limit_ms);
}

static bool end_call(struct obol_vici *vici)
{
	if (obol_limit_end(vici->limit))
	{
		return true;
	}
	vici->ask_at_ms = obol_mono_ms(vici->clock) + HANG_PAUSE_MS;
	obol_log(vici->log, OBOL_LOG_WARN, "gateway",
			 "charon hangs: it has not answered in time, and is not asked for "
			 "a while");
	return false;
}

/** With a callback, or without one any more; false when it is not done. */
static bool listen_to(struct obol_vici *vici, char *event,
					  vici_event_cb_t callback)
{
	bool done;

	begin_call(vici);
	done = vici_register(vici->conn, event, callback, vici) == 0;
	return end_call(vici) && done;
}

/** Submit, and say whether it was answered; charon's gone otherwise. */
static bool submit(struct obol_vici *vici, vici_req_t *request, bool *success)
{
	vici_res_t *answer;

	if (!vici->conn)
	{
		vici_free_req(request);
		return false;
	}
	begin_call(vici);
	answer = vici_submit(request, vici->conn);
	if (end_call(vici) && !answer)
	{
		obol_log(vici->log, OBOL_LOG_WARN, "gateway",
				 "charon does not answer any more");
	}
	if (!answer)
	{
		disconnect(vici);
		return false;
	}
	if (success)
	{
		*success = strcmp(vici_find_str(answer, "yes", "success"), "yes") == 0;
	}
	vici_free_res(answer);
	return true;
}

/** A request whose answers come as events of another name. */
static bool stream(struct obol_vici *vici, vici_req_t *request, char *event,
				   vici_event_cb_t callback)
{
	if (!vici->conn || !listen_to(vici, event, callback))
	{
		vici_free_req(request);
		disconnect(vici);
		return false;
	}
	if (!submit(vici, request, NULL))
	{
		return false;
	}
	if (!listen_to(vici, event, NULL))
	{
		disconnect(vici);
		return false;
	}
	return true;
}

static bool list_tunnels(struct obol_vici *vici)
{
	vici_req_t *request = vici_begin("list-sas");

	vici_add_key_valuef(request, "noblock", "yes");
	return stream(vici, request, "list-sa", on_event);
}

/* What list-certs has brought; none is left. */
static void take_serials(struct obol_vici *vici, struct obol_tunnel *tunnel)
{
	(void)pthread_mutex_lock(&vici->mutex);
	tunnel->n_serials = vici->n_serials;
	memcpy(tunnel->serials, vici->serials, sizeof(tunnel->serials));
	vici->n_serials = 0;
	(void)pthread_mutex_unlock(&vici->mutex);
}

/* The peer's certificate is in charon's cache of what it has verified, under
 * the identity. The cache is emptied behind it, so that the next one of this
 * identity stands there alone. */
static bool find_serials(struct obol_vici *vici, struct obol_tunnel *tunnel)
{
	vici_req_t *request = vici_begin("list-certs");

	vici_add_key_valuef(request, "type", "X509");
	vici_add_key_valuef(request, "subject", "%s", tunnel->identity);
	take_serials(vici, tunnel);
	if (!stream(vici, request, "list-cert", on_certificate))
	{
		return false;
	}
	take_serials(vici, tunnel);
	request = vici_begin("flush-certs");
	vici_add_key_valuef(request, "type", "X509");
	return submit(vici, request, NULL);
}

bool obol_vici_load_crl(struct obol_vici *vici, struct obol_bytes der)
{
	vici_req_t *request;
	bool success = false;

	if (!vici->conn)
	{
		return false;
	}
	request = vici_begin("load-cert");
	vici_add_key_valuef(request, "type", "X509_CRL");
	vici_add_key_value(request, "data", (void *)(uintptr_t)der.ptr,
					   (int)der.len);
	if (!submit(vici, request, &success) || !success)
	{
		return false;
	}
	/* older ones that it has verified would stay for good */
	request = vici_begin("flush-certs");
	vici_add_key_valuef(request, "type", "X509_CRL");
	return submit(vici, request, NULL);
}

void obol_vici_terminate(struct obol_vici *vici, uint32_t id)
{
	vici_req_t *request;

	if (!vici->conn)
	{
		return;
	}
	request = vici_begin("terminate");
	vici_add_key_valuef(request, "ike-id", "%u", (unsigned)id);
	vici_add_key_valuef(request, "force", "yes");
	vici_add_key_valuef(request, "timeout", "-1");
	(void)submit(vici, request, NULL);
}

/*
 * The table
 */

static void up(struct obol_vici *vici, struct obol_tunnel *tunnel,
			   bool is_present)
{
	uint64_t now = obol_now(vici->clock);

	tunnel->established_at =
		tunnel->established_at < now ? now - tunnel->established_at : now;
	/* those that were there before us are not in the cache, or not alone */
	if (!is_present && !find_serials(vici, tunnel))
	{
		return;
	}
	if (obol_tunnels_up(vici->tunnels, tunnel) != OBOL_OK)
	{
		obol_log(vici->log, OBOL_LOG_ERROR, "gateway",
				 "a tunnel cannot be kept track of: too many, or no memory");
	}
}

static void take(struct obol_vici *vici, struct obol_vici_event *event)
{
	struct obol_tunnel *tunnel = &event->tunnel;

	switch (event->kind)
	{
		case OBOL_VICI_UP:
		case OBOL_VICI_PRESENT:
			up(vici, tunnel, event->kind == OBOL_VICI_PRESENT);
			break;
		case OBOL_VICI_DOWN:
			obol_tunnels_down(vici->tunnels, tunnel->id, obol_now(vici->clock));
			break;
		case OBOL_VICI_REKEYED:
			obol_tunnels_rekeyed(vici->tunnels, tunnel->id, event->new_id);
			break;
		case OBOL_VICI_CARRIED:
			obol_tunnels_carried(vici->tunnels, tunnel->id, tunnel->bytes_in,
								 tunnel->bytes_out);
			break;
	}
}

void obol_vici_take(struct obol_vici *vici)
{
	struct obol_vici_event *event, *next;
	bool is_overrun;
	uint64_t count;

	(void)!read(vici->fd, &count, sizeof(count));
	for (event = take_queue(vici, &is_overrun); event; event = next)
	{
		next = event->next;
		take(vici, event);
		free(event);
	}
	if (is_overrun)
	{
		/* what is missing is in the table that the next connection brings */
		disconnect(vici);
	}
}

/* libvici does not tell its descriptor. It is the lowest one that was free, as
 * nothing else is opened in the meantime. */
static int lowest_free(const struct obol_vici *vici)
{
	int fd = fcntl(vici->fd, F_DUPFD_CLOEXEC, 0);

	if (fd >= 0)
	{
		(void)close(fd);
	}
	return fd;
}

static bool is_connected(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	return getpeername(fd, (struct sockaddr *)&addr, &len) == 0;
}

/* Even that waits, where many who have gone wait to be accepted. */
static bool open_connection(struct obol_vici *vici)
{
	int fd = lowest_free(vici);
	bool in_time;

	begin_call(vici);
	vici->conn = vici_connect(vici->uri);
	in_time = end_call(vici);
	if (vici->conn && (!in_time || !is_connected(fd)))
	{
		disconnect(vici);
	}
	vici->conn_fd = vici->conn ? fd : -1;
	return vici->conn != NULL;
}

static bool is_there(struct obol_vici *vici)
{
	return submit(vici, vici_begin("version"), NULL);
}

bool obol_vici_connect(struct obol_vici *vici, bool *is_new)
{
	size_t i;

	*is_new = false;
	if (vici->conn && is_there(vici))
	{
		return true;
	}
	if (obol_mono_ms(vici->clock) < vici->ask_at_ms || !open_connection(vici))
	{
		return false;
	}
	for (i = 0; i < N_EVENTS; i++)
	{
		if (!listen_to(vici, events[i], on_event))
		{
			disconnect(vici);
			return false;
		}
	}
	obol_tunnels_all_down(vici->tunnels, obol_now(vici->clock));
	if (!list_tunnels(vici))
	{
		return false;
	}
	*is_new = true;
	obol_vici_take(vici);
	return vici->conn != NULL;
}
