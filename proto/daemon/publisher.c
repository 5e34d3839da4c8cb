/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The publisher: the revocation list, made when it is due and given out. */
#include "daemon/publisher.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log_id.h"
#include "daemon/figures.h"
#include "daemon/http.h"
#include "daemon/sandbox.h"
#include "daemon/sandbox_database.h"
#include "daemon/signer_link.h"
#include "issue/ca_path.h"
#include "server/crl.h"
#include "store/store_open.h"

/** How often the store is asked whether something was revoked: a look at two
 * rows. */
#define LOOK_US 500000
/** Pause after a failure, in milliseconds. */
#define PAUSE_MS 10000
/** Descriptors: HTTP may have those below the first, also in the moment before
 * http_bounds.h's are enforced; our files may go up to the second. */
#define DESCRIPTORS_HTTP 128
#define DESCRIPTORS_MAX 160

struct publisher {
	const struct obol_crew_options *options;
	/** the parent: gets a byte when this serves; its end is ours */
	int parent_fd;
	struct event_base *base;
	struct event *parent;
	struct event *sigterm;
	struct event *look;
	struct obol_http *http;
	struct obol_store *store;
	/** the signer, NULL for none */
	int signer_fd;
	/** this process's */
	struct obol_meter *meter;
	struct obol_figures figures;
	struct obol_issuer *issuer;
	/** the CA before it, whose revocation list still counts; NULL for none */
	struct obol_issuer *old_issuer;
	/** one was made since the start, so it is by the present CA */
	bool has_made;
	/** what was given out last */
	uint64_t number;
	/** after a failure, not before this */
	uint64_t pause_until_ms;
	bool is_over;
};

static void limit_descriptors(rlim_t n)
{
	const struct rlimit limit = { n, DESCRIPTORS_MAX };

	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void complain(struct publisher *publisher, const char *why)
{
	static const struct obol_log_fields fields = {
		.id = OBOL_LOG_ID_CRL,
		.operation = "revocation-list",
		.result = "failed",
	};

	publisher->pause_until_ms =
		obol_mono_ms(publisher->options->clock) + PAUSE_MS;
	obol_meter_add(publisher->meter, OBOL_METRIC_CRL_FAILURES, 0, 0, 1);
	obol_log_event(publisher->options->log, OBOL_LOG_ERROR, "daemon", &fields,
				   "%s", why);
}

/*
 * The list
 */

static bool write_file(struct publisher *publisher, const char *path,
					   struct obol_bytes der)
{
	char why[512];

	if (*path &&
		obol_file_replace(path, der, 0644, why, sizeof(why)) != OBOL_OK)
	{
		complain(publisher, why);
		return false;
	}
	return true;
}

/* The store's list is the present CA's. Certificates by the one before stand
 * under a list of its own, with the same entries: no gateway takes another
 * CA's word for them. It is not stored, as it comes anew with each other. */
static void give_out_old(struct publisher *publisher,
						 const struct obol_store_crl *crl)
{
	const struct obol_assets *assets = publisher->options->assets;
	struct obol_issuer *issuer = publisher->old_issuer;
	struct obol_store_crl_entries entries = { .in = { .now =
														  crl->this_update } };
	struct obol_crl_parts parts = { .number = crl->number,
									.this_update = crl->this_update,
									.next_update = crl->next_update };
	char path[OBOL_CONFIG_TEXT_MAX + 16];
	uint8_t *der = NULL;
	size_t len = 0;

	if (obol_store_run(publisher->store, OBOL_STORE_CRL_ENTRIES, &entries) !=
		OBOL_OK)
	{
		return;
	}
	parts.n_entries = entries.out.n_entries;
	parts.entries = entries.out.entries;
	if (issuer->sign_crl(issuer, &parts, &der, &len) != OBOL_OK)
	{
		complain(publisher, "the old CA's revocation list cannot be signed");
		return;
	}
	if (*assets->config->crl.file &&
		obol_ca_path(assets->config->crl.file, OBOL_CA_OLD, path, sizeof(path)))
	{
		(void)write_file(publisher, path, obol_bytes(der, len));
	}
	if (publisher->http &&
		obol_http_put(publisher->http, "/crl-old", "application/pkix-crl",
					  obol_bytes(der, len)) != OBOL_OK)
	{
		complain(publisher, "no memory for the old CA's revocation list");
	}
	free(der);
}

static void show_list(struct publisher *publisher,
					  const struct obol_store_crl *crl)
{
	obol_meter_set(publisher->meter, OBOL_METRIC_CRL_NUMBER, 0,
				   (int64_t)crl->number);
	obol_meter_set(publisher->meter, OBOL_METRIC_CRL_UPDATED, 0,
				   (int64_t)crl->this_update);
	obol_meter_set(publisher->meter, OBOL_METRIC_CERTIFICATE_ENDS,
				   OBOL_ENDS_CRL, (int64_t)crl->next_update);
}

/* File and HTTP get what the store has. */
static void give_out(struct publisher *publisher)
{
	const struct obol_assets *assets = publisher->options->assets;
	struct obol_store_crl_get get = { .in = { .is_brief = true } };
	static const struct obol_log_fields fields = {
		.id = OBOL_LOG_ID_CRL,
		.operation = "revocation-list",
		.result = "ok",
	};
	enum obol_status status;

	status = obol_store_run(publisher->store, OBOL_STORE_CRL_GET, &get);
	if (status != OBOL_OK || get.out.crl.number == publisher->number)
	{
		return;
	}
	get.in.is_brief = false;
	status = obol_store_run(publisher->store, OBOL_STORE_CRL_GET, &get);
	if (status != OBOL_OK ||
		!write_file(publisher, assets->config->crl.file, get.out.crl.der))
	{
		return;
	}
	if (publisher->http &&
		obol_http_put(publisher->http, "/crl", "application/pkix-crl",
					  get.out.crl.der) != OBOL_OK)
	{
		complain(publisher, "no memory for the revocation list");
		return;
	}
	publisher->number = get.out.crl.number;
	show_list(publisher, &get.out.crl);
	if (publisher->old_issuer)
	{
		give_out_old(publisher, &get.out.crl);
	}
	obol_log_event(publisher->options->log, OBOL_LOG_INFO, "daemon", &fields,
				   "revocation list %llu is out, %zu bytes",
				   (unsigned long long)get.out.crl.number, get.out.crl.der.len);
}

static void refresh(struct publisher *publisher)
{
	const struct obol_assets *assets = publisher->options->assets;
	struct obol_crl_options options = {
		.store = publisher->store,
		.issuer = publisher->issuer,
		.clock = publisher->options->clock,
		.lifetime_s = assets->config->crl.lifetime_s,
	};
	char why[512];
	bool made;

	if (!publisher->issuer ||
		obol_mono_ms(options.clock) < publisher->pause_until_ms)
	{
		return;
	}
	if (obol_crl_refresh(&options, !publisher->has_made, &made, why,
						 sizeof(why)) != OBOL_OK)
	{
		complain(publisher, why);
		return;
	}
	publisher->has_made = true;
	give_out(publisher);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct publisher *publisher = arg;

	(void)fd;
	(void)what;
	limit_descriptors(DESCRIPTORS_MAX);
	refresh(publisher);
	/* nobody else would read it */
	if (publisher->options->metrics_fd >= 0)
	{
		obol_figures_tick(&publisher->figures);
	}
	limit_descriptors(DESCRIPTORS_HTTP);
}

/*
 * Beginning and end
 */

static void on_sigterm(evutil_socket_t fd, short what, void *arg)
{
	struct publisher *publisher = arg;

	(void)fd;
	(void)what;
	publisher->is_over = true;
}

/* The parent never writes: what can be read is its end. */
static void on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct publisher *publisher = arg;
	char byte;

	(void)what;
	if (read(fd, &byte, 1) == 0)
	{
		publisher->is_over = true;
	}
}

static bool open_store(struct publisher *publisher)
{
	const struct obol_config *config = publisher->options->assets->config;
	struct obol_store_options options = {
		.database = config->database,
		.guess_rows_max = config->limits.guess_rows,
		.history_rows_max = config->limits.history_rows,
		.rng = obol_rng_system(),
		.log = publisher->options->log,
	};
	char why[512];

	if (obol_store_open(&options, &publisher->store, why, sizeof(why)) ==
		OBOL_OK)
	{
		publisher->figures = (struct obol_figures){
			.store = publisher->store,
			.clock = publisher->options->clock,
			.meter = publisher->meter,
		};
		return true;
	}
	obol_log(publisher->options->log, OBOL_LOG_ERROR, "daemon", "%s", why);
	return false;
}

static bool open_events(struct publisher *publisher)
{
	static const struct timeval look = { 0, LOOK_US };
	const struct obol_crew_options *options = publisher->options;

	publisher->base = event_base_new();
	if (!publisher->base)
	{
		return false;
	}
	publisher->parent = event_new(publisher->base, publisher->parent_fd,
								  EV_READ | EV_PERSIST, on_parent, publisher);
	publisher->sigterm =
		evsignal_new(publisher->base, SIGTERM, on_sigterm, publisher);
	publisher->look =
		event_new(publisher->base, -1, EV_PERSIST, on_look, publisher);
	return publisher->parent && publisher->sigterm && publisher->look &&
		   event_add(publisher->parent, NULL) == 0 &&
		   event_add(publisher->sigterm, NULL) == 0 &&
		   event_add(publisher->look, &look) == 0 &&
		   (options->http_fd < 0 ||
			obol_http_new(publisher->base, options->http_fd, DESCRIPTORS_MAX,
						  &publisher->http) == OBOL_OK);
}

/* From here on: the folders of the database and of the list's file. */
static bool enter_sandbox(struct publisher *publisher)
{
	const struct obol_config *config = publisher->options->assets->config;
	bool is_remote = obol_store_is_remote(config->database);
	struct obol_sandbox_database folders;
	char why[512];

	obol_sandbox_database_of(config->database, &folders);
	if (*config->crl.file)
	{
		obol_sandbox_folder_of(config->crl.file, folders.beside,
							   sizeof(folders.beside));
		folders.list[folders.n] = folders.beside;
	}
	if (obol_sandbox_enter(is_remote ? OBOL_SANDBOX_PUBLISHER_REMOTE
									 : OBOL_SANDBOX_PUBLISHER,
						   folders.list, why, sizeof(why)) != OBOL_OK)
	{
		obol_log(publisher->options->log, OBOL_LOG_ERROR, "daemon",
				 "the publisher cannot be confined: %s", why);
		return false;
	}
	return true;
}

static bool open_all(struct publisher *publisher)
{
	const struct obol_crew_options *options = publisher->options;

	obol_figures_certificates(options->assets, publisher->meter);
	if (obol_privileges_drop(&options->identity) != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_ERROR, "daemon",
				 "the publisher cannot give up its privileges: %s",
				 strerror(errno));
		return false;
	}
	if ((obol_store_is_remote(options->assets->config->database) &&
		 !open_store(publisher)) ||
		!enter_sandbox(publisher))
	{
		return false;
	}
	if (publisher->signer_fd >= 0 &&
		obol_signer_link_new(publisher->signer_fd, OBOL_SIGNER_PRESENT,
							 obol_rng_system(), &publisher->issuer) != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_ERROR, "daemon",
				 "the publisher does not reach the signer");
		return false;
	}
	/* there is none, most often; the signer has told what is wrong with one */
	if (publisher->signer_fd >= 0 &&
		obol_signer_link_new(publisher->signer_fd, OBOL_SIGNER_BEFORE,
							 obol_rng_system(),
							 &publisher->old_issuer) != OBOL_OK)
	{
		publisher->old_issuer = NULL;
	}
	if (!publisher->store && !open_store(publisher))
	{
		return false;
	}
	if (!open_events(publisher))
	{
		obol_log(options->log, OBOL_LOG_ERROR, "daemon",
				 "the publisher cannot start: out of memory or descriptors");
		return false;
	}
	return true;
}

static void free_event(struct event *event)
{
	if (event)
	{
		event_free(event);
	}
}

static void close_all(struct publisher *publisher)
{
	obol_http_free(publisher->http);
	free_event(publisher->parent);
	free_event(publisher->sigterm);
	free_event(publisher->look);
	if (publisher->base)
	{
		event_base_free(publisher->base);
	}
	obol_store_close(publisher->store);
	obol_issuer_free(publisher->old_issuer);
	obol_issuer_free(publisher->issuer);
}

/* Until SIGTERM or the parent's end; the process's exit code. */
static int run(struct publisher *publisher)
{
	if (!open_all(publisher))
	{
		close_all(publisher);
		return EXIT_FAILURE;
	}
	on_look(-1, 0, publisher);
	if (write(publisher->parent_fd, "R", 1) != 1)
	{
		publisher->is_over = true;
	}
	while (!publisher->is_over)
	{
		(void)event_base_loop(publisher->base, EVLOOP_ONCE);
	}
	/* new lists are the successor's */
	(void)event_del(publisher->look);
	obol_http_finish(publisher->http);
	close_all(publisher);
	return EXIT_SUCCESS;
}

static void become_publisher(const struct obol_crew_options *options,
							 int signer_fd, obol_board_slot slot, int fd)
{
	struct publisher publisher = {
		.options = options,
		.parent_fd = fd,
		.signer_fd = signer_fd,
		.meter = obol_board_enter(options->board, slot),
	};
	int keep[3] = { fd };
	size_t n = 1;

	if (options->http_fd >= 0)
	{
		keep[n++] = options->http_fd;
	}
	if (signer_fd >= 0)
	{
		keep[n++] = signer_fd;
	}
	obol_crew_enter(options, "obold-publisher", keep, n);
	_exit(run(&publisher));
}

bool obol_publisher_start(const struct obol_crew_options *options,
						  int signer_fd, struct obol_pair *pair)
{
	obol_board_slot slot;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
	{
		return false;
	}
	slot = obol_board_take(options->board, OBOL_PROCESS_PUBLISHER);
	pair->worker = fork();
	if (pair->worker == 0)
	{
		become_publisher(options, signer_fd, slot, fds[1]);
	}
	obol_board_forked(options->board, slot, pair->worker);
	(void)close(fds[1]);
	if (pair->worker < 0)
	{
		(void)close(fds[0]);
		pair->worker = 0;
		return false;
	}
	pair->fd = fds[0];
	return true;
}
