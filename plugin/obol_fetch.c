/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fetches a credential, in a thread of its own. */

#include "obol_fetch.h"
#include "obol_now.h"
#include "obol_resolver.h"
#include "obol_socket.h"
#include "obol_token.h"

#include <threading/thread.h>
#include <utils/debug.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct private_obol_fetch_t private_obol_fetch_t;

/**
 * Private data of an obol_fetch_t object.
 */
struct private_obol_fetch_t {

	/**
	 * Public obol_fetch_t interface.
	 */
	obol_fetch_t public;

	/**
	 * Profile's options
	 */
	obol_options_t *options;

	/**
	 * Client, NULL before the first fetch
	 */
	struct obol_client *client;

	/**
	 * Token that keys are made in, NULL if they are not
	 */
	obol_token_t *token;

	/**
	 * What to log in with
	 */
	obol_login_t login;

	/**
	 * What tells this daemon from others where no device has logged in
	 */
	uint8_t random_id[OBOL_CLIENT_DEVICE_LEN];

	/**
	 * Event that aborts fetches
	 */
	int event;

	/**
	 * The thread, NULL if there is none
	 */
	thread_t *thread;

	/**
	 * Called at its end, with data
	 */
	obol_fetch_done_t done;
	void *data;

	/**
	 * Set when the result is complete; read by other threads
	 */
	bool over;

	/**
	 * The result
	 */
	obol_fetch_result_t result;
};

/*
 * see header file
 */
void obol_login_clear(obol_login_t *this)
{
	obol_device_clear(&this->device);
	obol_secret_free(this->password);
	memset(this, 0, sizeof(*this));
}

/**
 * Hook of libobol: a socket has been created
 */
static bool socket_created(void *ctx, int fd, int family)
{
	private_obol_fetch_t *this = ctx;

	obol_socket_prepare(fd, family, this->options->fwmark);
	return true;
}

/**
 * Hook of libobol: resolve a name
 */
static size_t resolve(void *ctx, const char *host,
					  struct sockaddr_storage *addrs, size_t max)
{
	return obol_resolver_resolve(host, addrs, max);
}

/**
 * Make the client, which reads the files that the options name
 */
static bool make_client(private_obol_fetch_t *this)
{
	struct obol_client_options options;

	obol_options_to_client(this->options, &options);
	options.abort_fd = this->event;
	options.hooks.ctx = this;
	options.hooks.socket_created = socket_created;
	options.hooks.resolve = resolve;
	return obol_client_new(&options, &this->client,
						   &this->result.error) == OBOL_OK;
}

/**
 * Log in
 */
static bool log_in(private_obol_fetch_t *this)
{
	enum obol_status status;

	if (this->login.device.secret)
	{
		status = obol_client_login_device(this->client, &this->login.device);
	}
	else
	{
		status = obol_client_login_password(this->client,
											this->login.password);
	}
	return status == OBOL_OK;
}

/**
 * The moments that follow from what was got, by the server's clock
 */
static void set_times(private_obol_fetch_t *this,
					  const struct obol_login_info *info)
{
	struct obol_bundle *bundle = this->result.bundle;
	uint8_t *id = this->random_id;

	if (info->account_expires_at)
	{
		this->result.account_end = info->account_expires_at;
		this->result.account_left_s = (int64_t)(info->account_expires_at -
												info->server_time);
	}
	if (!bundle || !info->key_type || obol_bundle_key_was_shared(bundle) ||
		!streq(this->options->credential, OBOL_CLIENT_VPN))
	{
		return;
	}
	if (this->login.device.secret)
	{
		id = this->login.device.id;
	}
	this->result.renew_in_s = max(1, (int64_t)(obol_bundle_renew_at(bundle, id) -
											   info->server_time));
}

/**
 * Get the credential. Only the VPN's own is made and renewed here, others are
 * what somebody has put there.
 */
static enum obol_status obtain(private_obol_fetch_t *this)
{
	struct obol_obtained got = {};
	enum obol_status status;

	if (!streq(this->options->credential, OBOL_CLIENT_VPN))
	{
		this->result.mode = OBOL_CLIENT_MODE_PORTABLE;
		return obol_client_fetch(this->client, this->options->credential,
								 this->login.held.version,
								 &this->result.bundle, &this->result.version);
	}
	status = obol_client_obtain(this->client, OBOL_CLIENT_VPN,
								&this->login.held, &got);
	this->result.bundle = got.bundle;
	this->result.mode = got.mode;
	this->result.version = got.version;
	return status;
}

/**
 * Get the credential, and what the server says about the login
 */
static bool get_credential(private_obol_fetch_t *this)
{
	const struct obol_login_info *info;
	enum obol_status status;

	status = obtain(this);
	info = obol_client_login_info(this->client);
	this->result.n_failures = info->n_failures;
	memcpy(this->result.last_failure_source, info->last_failure_source,
		   sizeof(this->result.last_failure_source));
	if (status == OBOL_OK)
	{
		set_times(this, info);
	}
	return status == OBOL_OK;
}

/**
 * Take the key of what was obtained, if it is in the token
 */
static bool take_key(private_obol_fetch_t *this)
{
	if (this->result.bundle &&
		obol_bundle_key_is_elsewhere(this->result.bundle))
	{
		this->result.key = this->token->take_key(this->token,
										this->result.bundle,
										&this->result.error);
		return this->result.key != NULL;
	}
	return TRUE;
}

/**
 * Take along the set of CA certificates that is held now
 */
static void take_anchors(private_obol_fetch_t *this)
{
	const struct obol_anchors *anchors = obol_client_anchors(this->client);

	if (anchors)
	{
		this->result.anchors = obol_anchors_dup(anchors);
	}
	this->result.anchors_error = *obol_client_anchors_error(this->client);
}

/**
 * Do the fetch, filling in the result
 */
static void run(private_obol_fetch_t *this)
{
	if ((!this->client && !make_client(this)) ||
		(this->token && !this->token->attach(this->token, this->client,
											 &this->result.error)))
	{
		return;
	}
	if (!log_in(this) || !get_credential(this))
	{
		this->result.error = *obol_client_error(this->client);
	}
	else if (take_key(this))
	{
		take_anchors(this);
	}
	if (this->token)
	{
		this->token->drop_key(this->token);
	}
	obol_client_logout(this->client);
	if (this->result.error.cause == OBOL_CAUSE_TLS_CA)
	{	/* to read the CA file again, as there may be another one */
		obol_client_free(this->client);
		this->client = NULL;
	}
}

/**
 * Main function of the thread
 */
static void *fetch(private_obol_fetch_t *this)
{
	int64_t start = obol_now_ms();

	/* libobol ends by its event, never by cancellation */
	thread_cancelability(FALSE);
	run(this);
	obol_login_clear(&this->login);
	this->result.took_ms = obol_now_ms() - start;
	__atomic_store_n(&this->over, TRUE, __ATOMIC_RELEASE);
	this->done(this->data);
	return NULL;
}

METHOD(obol_fetch_t, start, bool,
	private_obol_fetch_t *this, obol_login_t *login, obol_fetch_done_t done,
	void *data)
{
	this->login = *login;
	memset(login, 0, sizeof(*login));
	this->done = done;
	this->data = data;
	this->thread = thread_create((thread_main_t)fetch, this);
	if (!this->thread)
	{
		obol_login_clear(&this->login);
	}
	return this->thread != NULL;
}

METHOD(obol_fetch_t, is_started, bool,
	private_obol_fetch_t *this)
{
	return this->thread != NULL;
}

METHOD(obol_fetch_t, is_over, bool,
	private_obol_fetch_t *this)
{
	return this->thread && __atomic_load_n(&this->over, __ATOMIC_ACQUIRE);
}

METHOD(obol_fetch_t, abort_, void,
	private_obol_fetch_t *this)
{
	uint64_t one = 1;

	if (write(this->event, &one, sizeof(one)) != sizeof(one))
	{
		DBG1(DBG_CFG, "obol: a fetch can not be aborted: %s", strerror(errno));
	}
}

METHOD(obol_fetch_t, get_result, obol_fetch_result_t*,
	private_obol_fetch_t *this)
{
	return &this->result;
}

METHOD(obol_fetch_t, end, void,
	private_obol_fetch_t *this)
{
	this->thread->join(this->thread);
	this->thread = NULL;
	obol_bundle_free(this->result.bundle);
	DESTROY_IF(this->result.key);
	obol_anchors_free(this->result.anchors);
	memset(&this->result, 0, sizeof(this->result));
	this->over = FALSE;
}

METHOD(obol_fetch_t, destroy, void,
	private_obol_fetch_t *this)
{
	if (this->thread)
	{
		end(this);
	}
	obol_client_free(this->client);
	DESTROY_IF(this->token);
	if (this->event != -1)
	{
		close(this->event);
	}
	obol_options_destroy(this->options);
	free(this);
}

/*
 * see header file
 */
obol_fetch_t *obol_fetch_create(obol_options_t *options)
{
	private_obol_fetch_t *this;
	size_t i;

	INIT(this,
		.public = {
			.start = _start,
			.is_started = _is_started,
			.is_over = _is_over,
			.abort = _abort_,
			.get_result = _get_result,
			.end = _end,
			.destroy = _destroy,
		},
		.options = obol_options_clone(options),
		.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	);
	if (options->token)
	{
		this->token = obol_token_create(options->token, options->name);
	}
	for (i = 0; i < sizeof(this->random_id); i++)
	{
		this->random_id[i] = random();
	}
	return &this->public;
}
