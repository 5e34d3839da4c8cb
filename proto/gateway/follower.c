/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol-gateway at work. */
#include "gateway/follower.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ct.h"
#include "base/file.h"
#include "base/rng.h"
#include "client/follow.h"
#include "gateway/pause.h"
#include "gateway/vici.h"

/** How often obold is asked, in milliseconds. */
#define ASK_MS 1000
/** How long ended tunnels may take until charon tells that they are gone. */
#define END_MS 1500
#define END_LOOK_MS 20
#define TIMEOUT_MS 10000
/** Largest list that is taken, in bytes: more than a million entries. */
#define CRL_MAX ((uint32_t)64 << 20)

struct follower {
	const struct obol_follower_options *options;
	struct obol_client *client;
	struct obol_device device;
	bool is_logged_in;
	/** the server has refused that device's secret */
	bool is_refused;
	struct obol_tunnels *tunnels;
	struct obol_vici *vici;
	/** charon has the list that is held */
	bool charon_has_crl;
	/** what is not reported in this run is gone, and obold knows that */
	bool is_swept;
	uint64_t run;
	/** up to which revocation the tunnels have been seen to */
	uint64_t since;
	/** the list: held, and on its way */
	uint64_t crl_number;
	uint8_t *crl;
	uint32_t crl_len;
	/** that this was said once */
	bool is_charon_missed;
	struct obol_pause pause;
	uint64_t ask_at_ms;
};

static uint64_t now_ms(const struct follower *f)
{
	return obol_mono_ms(f->options->clock);
}

static bool is_stopped(const struct follower *f)
{
	struct pollfd pfd = { .fd = f->options->stop_fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

static void say(struct follower *f, enum obol_log_level level, const char *text)
{
	obol_log(f->options->log, level, "gateway", "%s", text);
}

/*
 * charon
 */

static void look_at_charon(struct follower *f)
{
	bool is_new;

	if (!obol_vici_connect(f->vici, &is_new))
	{
		if (!f->is_charon_missed)
		{
			say(f, OBOL_LOG_WARN,
				"charon cannot be reached; tunnels are ended once it can");
		}
		f->is_charon_missed = true;
		f->charon_has_crl = false;
		return;
	}
	if (is_new)
	{
		obol_log(f->options->log, OBOL_LOG_INFO, "gateway",
				 "charon is there, with %zu tunnels",
				 obol_tunnels_n(f->tunnels));
		f->is_charon_missed = false;
		f->charon_has_crl = false;
		f->is_swept = false;
	}
	obol_vici_take(f->vici);
	if (f->crl && !f->charon_has_crl)
	{
		f->charon_has_crl =
			obol_vici_load_crl(f->vici, obol_bytes(f->crl, f->crl_len));
		if (!f->charon_has_crl)
		{
			say(f, OBOL_LOG_ERROR, "charon does not take the revocation list");
		}
	}
}

/* Charon tells of each end in time for the report that comes before the next
 * question, whose number says that all of it is done. */
static void end_tunnels(struct follower *f)
{
	struct pollfd pfd = { .fd = obol_vici_fd(f->vici), .events = POLLIN };
	const struct obol_tunnel *tunnel;
	uint64_t end;

	while ((tunnel = obol_tunnels_next_to_end(f->tunnels)))
	{
		obol_log(f->options->log, OBOL_LOG_INFO, "gateway",
				 "tunnel of %s from %s ends: its certificate was revoked",
				 tunnel->identity, tunnel->remote);
		obol_vici_terminate(f->vici, tunnel->id);
	}
	end = now_ms(f) + END_MS;
	while (obol_tunnels_are_ending(f->tunnels) && now_ms(f) < end)
	{
		(void)poll(&pfd, 1, END_LOOK_MS);
		obol_vici_take(f->vici);
	}
	/* told again at the next look, if they are there still */
	obol_tunnels_tell_again(f->tunnels);
}

/*
 * The list
 */

static void write_crl(struct follower *f)
{
	char why[512];

	if (*f->options->crl &&
		obol_file_replace(f->options->crl, obol_bytes(f->crl, f->crl_len), 0644,
						  why, sizeof(why)) != OBOL_OK)
	{
		say(f, OBOL_LOG_ERROR, why);
	}
}

static bool failed(struct follower *f)
{
	const struct obol_error *error = obol_client_error(f->client);

	obol_log(f->options->log,
			 error->cause == OBOL_CAUSE_NOT_ALLOWED ||
					 error->cause == OBOL_CAUSE_AUTH
				 ? OBOL_LOG_ERROR
				 : OBOL_LOG_WARN,
			 "gateway", "obold: %s", error->text);
	f->is_logged_in = false;
	if (error->cause == OBOL_CAUSE_AUTH)
	{
		f->is_refused = true;
		say(f, OBOL_LOG_ERROR,
			"this gateway's secret is not tried again; once it is enrolled "
			"anew it goes on");
	}
	return false;
}

static void take_crl(struct follower *f, uint64_t number, uint8_t *crl,
					 uint32_t len)
{
	free(f->crl);
	f->crl = crl;
	f->crl_len = len;
	f->crl_number = number;
	f->charon_has_crl = false;
	obol_log(f->options->log, OBOL_LOG_INFO, "gateway",
			 "revocation list %llu has come, %lu bytes",
			 (unsigned long long)number, (unsigned long)len);
	write_crl(f);
}

/* In parts; when it is replaced meanwhile, the next question begins anew. */
static bool get_crl(struct follower *f, const struct obol_follow_answer *answer)
{
	struct obol_follow_request ask = { .since = f->since,
									   .crl_number = f->crl_number };
	uint64_t number = answer->crl_number;
	uint32_t len = answer->crl_len, have = 0;
	uint8_t *crl;

	if (len > CRL_MAX)
	{
		say(f, OBOL_LOG_ERROR, "the revocation list is too large");
		return true;
	}
	crl = malloc(len);
	while (crl && answer->crl_number == number && answer->crl_len == len &&
		   answer->crl_part.len > 0 && answer->crl_part.len <= len - have)
	{
		memcpy(crl + have, answer->crl_part.ptr, answer->crl_part.len);
		have += (uint32_t)answer->crl_part.len;
		if (have == len)
		{
			take_crl(f, number, crl, len);
			return true;
		}
		ask.crl_offset = have;
		if (obol_client_follow(f->client, &ask, &answer) != OBOL_OK)
		{
			free(crl);
			return failed(f);
		}
	}
	free(crl);
	return true;
}

/*
 * obold
 */

static bool read_files(struct follower *f, char *account, size_t size)
{
	struct obol_error error;
	char why[512];
	enum obol_status status = obol_gateway_read_account(
		f->options->files->account, account, size, why, sizeof(why));

	if (status == OBOL_OK)
	{
		status =
			obol_device_load(f->options->files->device, &f->device, &error);
		(void)snprintf(why, sizeof(why), "%s",
					   status == OBOL_OK ? "" : error.text);
	}
	if (status == OBOL_ERR_NOT_FOUND)
	{
		say(f, OBOL_LOG_ERROR,
			"this gateway is not enrolled; obol-gateway --enrol NAME@SERVER "
			"does it, with a code of obolctl gateway add");
	}
	else if (status != OBOL_OK)
	{
		say(f, OBOL_LOG_ERROR, why);
	}
	return status == OBOL_OK;
}

static bool open_client(struct follower *f)
{
	struct obol_client_options options;
	struct obol_error error;
	char account[512];

	if (!read_files(f, account, sizeof(account)))
	{
		return false;
	}
	obol_client_options_init(&options);
	options.account = account;
	options.servers = f->options->server;
	options.tls_ca = f->options->tls_ca;
	options.state_file = f->options->files->state;
	options.unattended = true;
	options.timeout_ms = TIMEOUT_MS;
	options.abort_fd = f->options->stop_fd;
	if (obol_client_new(&options, &f->client, &error) != OBOL_OK)
	{
		say(f, OBOL_LOG_ERROR, error.text);
		return false;
	}
	return true;
}

/** What was refused once is tried again when it is another secret. */
static bool has_good_secret(struct follower *f)
{
	struct obol_device device = { { 0 }, NULL };

	if (!f->is_refused)
	{
		return true;
	}
	if (obol_device_load(f->options->files->device, &device, NULL) != OBOL_OK ||
		obol_ct_eq(obol_secret_view(device.secret).ptr,
				   obol_secret_view(f->device.secret).ptr,
				   OBOL_CLIENT_DEVICE_LEN))
	{
		obol_device_clear(&device);
		say(f, OBOL_LOG_DEBUG, "the secret is still the one that was refused");
		return false;
	}
	obol_device_clear(&f->device);
	f->device = device;
	f->is_refused = false;
	return true;
}

static bool log_in(struct follower *f)
{
	if (f->is_logged_in)
	{
		return true;
	}
	if (!has_good_secret(f))
	{
		return false;
	}
	if (obol_client_login_device(f->client, &f->device) != OBOL_OK)
	{
		return failed(f);
	}
	f->is_logged_in = true;
	return true;
}

static bool report_some(struct follower *f, bool sweep)
{
	struct obol_report_request *report = calloc(1, sizeof(*report));
	enum obol_status status;

	if (!report)
	{
		return true; /* the next time, perhaps */
	}
	report->run = f->run;
	report->n_events = (uint16_t)obol_tunnels_events(f->tunnels, report->events,
													 OBOL_REPORT_EVENTS_MAX);
	report->sweep = sweep && report->n_events < OBOL_REPORT_EVENTS_MAX;
	status = report->n_events > 0 || report->sweep
				 ? obol_client_report(f->client, report)
				 : OBOL_OK;
	if (status == OBOL_OK)
	{
		obol_tunnels_reported(f->tunnels, report->n_events);
		f->is_swept |= report->sweep;
	}
	free(report);
	return status == OBOL_OK || failed(f);
}

static bool report_all(struct follower *f)
{
	struct obol_report_event one;

	do
	{
		/* without charon nobody knows which are gone */
		if (!report_some(f, !f->is_swept && !f->is_charon_missed))
		{
			return false;
		}
	} while (obol_tunnels_events(f->tunnels, &one, 1) > 0);
	return true;
}

/* All that was listed has been seen to: the next question says so. */
static bool move_on(struct follower *f, uint64_t sequence)
{
	char why[512];

	if (sequence == f->since)
	{
		return true;
	}
	end_tunnels(f);
	if (!report_all(f))
	{
		return false;
	}
	f->since = sequence;
	if (obol_gateway_write_progress(f->options->files->progress, sequence, why,
									sizeof(why)) != OBOL_OK)
	{
		say(f, OBOL_LOG_ERROR, why);
	}
	return true;
}

static bool follow_once(struct follower *f, bool *more)
{
	struct obol_follow_request ask = { .since = f->since,
									   .crl_number = f->crl_number };
	const struct obol_follow_answer *answer;
	uint64_t number;
	bool done;
	size_t i;

	*more = false;
	if (!log_in(f) || !report_all(f))
	{
		return false;
	}
	if (obol_client_follow(f->client, &ask, &answer) != OBOL_OK)
	{
		return failed(f);
	}
	if (answer->crl_number != f->crl_number && answer->crl_len > 0)
	{
		/* the list first: what is ended must not come back; what was revoked is
		 * told again behind it */
		number = f->crl_number;
		done = get_crl(f, answer);
		*more = f->crl_number != number;
		return done;
	}
	/* without charon, or before it has the list, nothing is ended */
	if (f->is_charon_missed || (f->crl && !f->charon_has_crl))
	{
		return true;
	}
	for (i = 0; i < answer->n_items; i++)
	{
		obol_tunnels_revoke(f->tunnels, &answer->items[i]);
	}
	*more = answer->more;
	return move_on(f, answer->sequence);
}

static void follow(struct follower *f)
{
	bool more;

	do
	{
		look_at_charon(f);
		if (!follow_once(f, &more))
		{
			f->ask_at_ms =
				now_ms(f) + obol_pause_next(&f->pause, obol_rng_system());
			return;
		}
		/* a list that did not come whole is asked for at the next turn */
	} while (more && !is_stopped(f));
	obol_pause_reset(&f->pause);
	f->ask_at_ms = now_ms(f) + ASK_MS;
}

/*
 * The loop
 */

static void wait_a_while(struct follower *f)
{
	struct pollfd pfds[2] = {
		{ .fd = f->options->stop_fd, .events = POLLIN },
		{ .fd = obol_vici_fd(f->vici), .events = POLLIN },
	};
	uint64_t now = now_ms(f);

	while (now < f->ask_at_ms && !is_stopped(f))
	{
		(void)poll(pfds, 2, (int)(f->ask_at_ms - now));
		if (pfds[1].revents)
		{
			/* one that came up with what was just revoked goes at once */
			obol_vici_take(f->vici);
			end_tunnels(f);
		}
		now = now_ms(f);
	}
}

static bool set_up(struct follower *f)
{
	struct obol_vici_options vici = {
		.uri = f->options->vici,
		.limit_ms = OBOL_VICI_LIMIT_MS,
		.clock = f->options->clock,
		.log = f->options->log,
	};
	uint8_t run[8];
	size_t i;

	f->tunnels = obol_tunnels_new();
	vici.tunnels = f->tunnels;
	f->vici = f->tunnels ? obol_vici_new(&vici) : NULL;
	if (!f->vici || obol_rng_fill(obol_rng_system(), run, 8) != OBOL_OK)
	{
		say(f, OBOL_LOG_ERROR, "out of memory");
		return false;
	}
	for (i = 0; i < 8; i++)
	{
		f->run = f->run << 8 | run[i];
	}
	f->since = obol_gateway_read_progress(f->options->files->progress);
	return open_client(f);
}

int obol_follower_run(const struct obol_follower_options *options)
{
	struct follower f = { .options = options };
	bool is_up = set_up(&f);

	if (is_up)
	{
		say(&f, OBOL_LOG_INFO, "follows");
	}
	while (is_up && !is_stopped(&f))
	{
		follow(&f);
		wait_a_while(&f);
	}
	obol_client_free(f.client);
	obol_device_clear(&f.device);
	obol_vici_free(f.vici);
	obol_tunnels_free(f.tunnels);
	free(f.crl);
	return is_up ? EXIT_SUCCESS : EXIT_FAILURE;
}
