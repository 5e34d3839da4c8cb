/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A help desk's way to the database. */
#include "daemon/control_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/** A change waits for the disk, and for those before it. */
#define ANSWER_MAX_S 20

struct control_link {
	/** first: the interface */
	struct obol_store store;
	int fd;
	/** found last */
	struct obol_account account;
	/** the last answer, and what was read from it */
	struct obol_secret *answer;
	void *items;
};

/*
 * One request and its answer
 */

static void forget(struct control_link *link)
{
	obol_secret_free(link->answer);
	free(link->items);
	link->answer = NULL;
	link->items = NULL;
}

static bool transmit(struct control_link *link,
					 const struct obol_control_request *request)
{
	struct obol_writer w;
	bool is_ok = false;
	ssize_t n;

	obol_writer_init(&w);
	obol_control_write_request(&w, request);
	if (obol_writer_status(&w) == OBOL_OK)
	{
		do
		{
			n = send(link->fd, w.buf, w.len, MSG_NOSIGNAL);
		} while (n < 0 && errno == EINTR);
		is_ok = n == (ssize_t)w.len;
	}
	obol_writer_clear(&w);
	return is_ok;
}

/* An answer may have a code in it: it is kept as a secret. */
static enum obol_status ask(struct control_link *link,
							const struct obol_control_request *request,
							struct obol_reader *r)
{
	ssize_t n;

	forget(link);
	link->answer = obol_secret_new(OBOL_CONTROL_ANSWER_MAX);
	if (!link->answer)
	{
		return OBOL_ERR_NOMEM;
	}
	if (!transmit(link, request))
	{
		return OBOL_ERR_IO;
	}
	do
	{
		n = recv(link->fd, obol_secret_ptr(link->answer),
				 OBOL_CONTROL_ANSWER_MAX, MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0 || (size_t)n > OBOL_CONTROL_ANSWER_MAX)
	{
		return OBOL_ERR_IO;
	}
	obol_secret_cut(link->answer, (size_t)n);
	*r = obol_reader_over(obol_secret_view(link->answer));
	return obol_control_read_status(r);
}

static struct obol_control_request about(const struct control_link *link,
										 enum obol_control_verb verb)
{
	struct obol_control_request request = {
		.verb = verb,
		.account_id = link->account.id,
		.generation = link->account.generation,
		.name = obol_bytes_str(link->account.name),
	};

	return request;
}

/* What the server says is never trusted to be well formed. */
static enum obol_status end(const struct obol_reader *r)
{
	return obol_read_end(r) == OBOL_OK ? OBOL_OK : OBOL_ERR_IO;
}

/* Room for a list's items; NULL when there is no memory, or nothing to read. */
static void *take_items(struct control_link *link, struct obol_reader *r,
						size_t max, size_t size, size_t *n)
{
	*n = obol_read_u16(r);
	if (*n > max)
	{
		obol_reader_fail(r);
		*n = 0;
	}
	link->items = calloc(*n + 1, size);
	return link->items;
}

/*
 * Operations
 */

static enum obol_status find(struct control_link *link,
							 struct obol_store_account_find *arg)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_ACCOUNT,
											.name = arg->in.name };
	struct obol_reader r;
	enum obol_status status = ask(link, &request, &r);

	if (status == OBOL_OK)
	{
		obol_control_read_account(&r, &link->account);
		status = end(&r);
	}
	if (status == OBOL_OK)
	{
		arg->out.account = link->account;
	}
	return status;
}

/* One page of the server's, after the accounts that are there already. */
static enum obol_status list_page(struct control_link *link,
								  struct obol_bytes after,
								  struct obol_account *accounts, size_t *n)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_ACCOUNTS,
											.name = after };
	struct obol_reader r;
	enum obol_status status = ask(link, &request, &r);
	size_t i;

	*n = status == OBOL_OK ? obol_read_u16(&r) : 0;
	if (*n > OBOL_CONTROL_ACCOUNTS_MAX)
	{
		return OBOL_ERR_IO;
	}
	for (i = 0; i < *n; i++)
	{
		obol_control_read_account(&r, &accounts[i]);
	}
	return status == OBOL_OK ? end(&r) : status;
}

/* The server's pages are smaller than what is asked for here. */
static enum obol_status list(struct control_link *link,
							 struct obol_store_account_list *arg)
{
	size_t room = arg->in.limit + OBOL_CONTROL_ACCOUNTS_MAX, n = 0, page;
	struct obol_account *accounts = calloc(room, sizeof(*accounts));
	struct obol_bytes after = arg->in.after;
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!accounts)
	{
		return status;
	}
	do
	{
		status = list_page(link, after, accounts + n, &page);
		n += page;
		after = obol_bytes_str(n ? accounts[n - 1].name : "");
	} while (status == OBOL_OK && page == OBOL_CONTROL_ACCOUNTS_MAX &&
			 n < arg->in.limit);
	/* the rest comes again with the next page */
	arg->out.n_accounts = n < arg->in.limit ? n : arg->in.limit;
	arg->out.accounts = accounts;
	link->items = accounts;
	return status;
}

static enum obol_status list_slots(struct control_link *link,
								   struct obol_store_slot_list *arg)
{
	struct obol_control_request request = about(link, OBOL_CONTROL_SLOTS);
	struct obol_reader r;
	enum obol_status status = ask(link, &request, &r);
	size_t i;

	arg->out.n_slots = 0;
	if (status != OBOL_OK)
	{
		return status;
	}
	arg->out.n_slots = obol_read_u16(&r);
	if (arg->out.n_slots > OBOL_SLOTS_MAX)
	{
		arg->out.n_slots = 0;
		return OBOL_ERR_IO;
	}
	for (i = 0; i < arg->out.n_slots; i++)
	{
		obol_control_read_slot(&r, &arg->out.slots[i]);
	}
	return end(&r);
}

static enum obol_status list_credentials(struct control_link *link,
										 struct obol_store_list *arg)
{
	struct obol_control_request request = about(link, OBOL_CONTROL_CREDENTIALS);
	struct obol_reader r;
	enum obol_status status = ask(link, &request, &r);
	size_t i;

	arg->out.n_items = 0;
	if (status != OBOL_OK)
	{
		return status;
	}
	arg->out.n_items = obol_read_u16(&r);
	if (arg->out.n_items > OBOL_NAMES_MAX)
	{
		arg->out.n_items = 0;
		return OBOL_ERR_IO;
	}
	for (i = 0; i < arg->out.n_items; i++)
	{
		obol_control_read_item(&r, &arg->out.items[i]);
	}
	return end(&r);
}

static enum obol_status list_certificates(struct control_link *link,
										  struct obol_store_certificates *arg)
{
	struct obol_control_request request =
		about(link, OBOL_CONTROL_CERTIFICATES);
	struct obol_store_certificate *items;
	struct obol_reader r;
	enum obol_status status = ask(link, &request, &r);
	size_t i;

	if (status != OBOL_OK)
	{
		return status;
	}
	items = take_items(link, &r, OBOL_CONTROL_CERTIFICATES_MAX, sizeof(*items),
					   &arg->out.n_certificates);
	for (i = 0; items && i < arg->out.n_certificates; i++)
	{
		obol_control_read_certificate(&r, &items[i]);
	}
	arg->out.certificates = items;
	return items ? end(&r) : OBOL_ERR_NOMEM;
}

/* One account's: all of them together are the operator's to see. */
static enum obol_status list_events(struct control_link *link,
									struct obol_store_history *arg)
{
	struct obol_control_request request = about(link, OBOL_CONTROL_HISTORY);
	struct obol_history_answer *answer = &arg->out.answer;
	struct obol_reader r;
	enum obol_status status;
	size_t i;

	answer->n_items = 0;
	if (arg->in.account_id == 0 || arg->in.account_id != link->account.id)
	{
		return OBOL_ERR_DENIED;
	}
	request.since = arg->in.before;
	status = ask(link, &request, &r);
	if (status != OBOL_OK)
	{
		return status;
	}
	answer->n_items = obol_read_u16(&r);
	if (answer->n_items > OBOL_HISTORY_MAX)
	{
		answer->n_items = 0;
		return OBOL_ERR_IO;
	}
	for (i = 0; i < answer->n_items; i++)
	{
		obol_control_read_event(&r, &answer->items[i]);
		memcpy(arg->out.names[i], link->account.name,
			   sizeof(arg->out.names[i]));
	}
	return end(&r);
}

static enum obol_status list_revocations(struct control_link *link,
										 struct obol_store_revocations *arg)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_REVOCATIONS,
											.since = arg->in.since };
	struct obol_store_revocation *items;
	struct obol_reader r;
	enum obol_status status = ask(link, &request, &r);
	size_t i;

	if (status != OBOL_OK)
	{
		return status;
	}
	arg->out.last = obol_read_u64(&r);
	items = take_items(link, &r, OBOL_STORE_REVOCATIONS_MAX, sizeof(*items),
					   &arg->out.n_items);
	for (i = 0; items && i < arg->out.n_items; i++)
	{
		obol_control_read_revocation(&r, &items[i]);
	}
	if (arg->out.n_items > arg->in.limit)
	{
		arg->out.n_items = arg->in.limit;
	}
	arg->out.items = items;
	return items ? end(&r) : OBOL_ERR_NOMEM;
}

static enum obol_status list_gateways(struct control_link *link,
									  struct obol_store_gateways *arg)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_GATEWAYS,
											.since = arg->in.since };
	struct obol_reader r;
	enum obol_status status = ask(link, &request, &r);
	size_t i;

	arg->out.n_gateways = 0;
	if (status != OBOL_OK)
	{
		return status;
	}
	arg->out.n_gateways = obol_read_u16(&r);
	if (arg->out.n_gateways > OBOL_STORE_GATEWAYS_MAX)
	{
		arg->out.n_gateways = 0;
		return OBOL_ERR_IO;
	}
	for (i = 0; i < arg->out.n_gateways; i++)
	{
		obol_control_read_gateway(&r, &arg->out.gateways[i]);
	}
	return end(&r);
}

/* A device's; other slots are not a help desk's to end. */
static enum obol_status revoke_device(struct control_link *link,
									  struct obol_store_slot_delete *arg)
{
	struct obol_control_request request = about(link, OBOL_CONTROL_REVOKE);
	struct obol_reader r;
	enum obol_status status;

	if (arg->in.kind != OBOL_SLOT_DEVICE)
	{
		return OBOL_ERR_DENIED;
	}
	memcpy(request.device_id, arg->in.device_id, sizeof(request.device_id));
	status = ask(link, &request, &r);
	if (status == OBOL_OK)
	{
		obol_control_read_revoked(&r, &arg->out.revoked);
		status = end(&r);
	}
	return status;
}

static enum obol_status run(struct control_link *link, struct obol_store_op *op)
{
	switch (op->verb)
	{
		case OBOL_STORE_ACCOUNT_FIND:
			return find(link, op->arg.account_find);
		case OBOL_STORE_ACCOUNT_LIST:
			return list(link, op->arg.account_list);
		case OBOL_STORE_SLOT_LIST:
			return list_slots(link, op->arg.slot_list);
		case OBOL_STORE_LIST:
			return list_credentials(link, op->arg.list);
		case OBOL_STORE_CERTIFICATES:
			return list_certificates(link, op->arg.certificates);
		case OBOL_STORE_REVOCATIONS:
			return list_revocations(link, op->arg.revocations);
		case OBOL_STORE_GATEWAYS:
			return list_gateways(link, op->arg.gateways);
		case OBOL_STORE_HISTORY:
			return list_events(link, op->arg.history);
		case OBOL_STORE_SLOT_DELETE:
			return revoke_device(link, op->arg.slot_delete);
		default:
			return OBOL_ERR_DENIED;
	}
}

static void submit(struct obol_store *store, struct obol_store_op *op)
{
	op->status = run((struct control_link *)store, op);
	if (op->done)
	{
		op->done(op);
	}
}

static void flush(struct obol_store *store)
{
	(void)store;
}

static void close_link(struct obol_store *store)
{
	struct control_link *link = (struct control_link *)store;

	forget(link);
	if (link->fd >= 0)
	{
		(void)close(link->fd);
	}
	free(link);
}

static const struct obol_store_backend backend = {
	.submit = submit,
	.flush = flush,
	.close = close_link,
};

/*
 * Changes that take more than an operation
 */

enum obol_status obol_control_unlock(struct obol_store *store)
{
	struct control_link *link = (struct control_link *)store;
	struct obol_control_request request = about(link, OBOL_CONTROL_UNLOCK);
	struct obol_reader r;
	enum obol_status status = ask(link, &request, &r);

	return status == OBOL_OK ? end(&r) : status;
}

enum obol_status obol_control_reset(struct obol_store *store, uint32_t seconds,
									struct obol_control_code *code)
{
	struct control_link *link = (struct control_link *)store;
	struct obol_control_request request = about(link, OBOL_CONTROL_RESET);
	struct obol_reader r;
	enum obol_status status;

	request.seconds = seconds;
	status = ask(link, &request, &r);
	code->text = NULL;
	if (status == OBOL_OK)
	{
		status = obol_control_read_code(&r, code);
	}
	if (status == OBOL_OK && end(&r) != OBOL_OK)
	{
		obol_secret_free(code->text);
		code->text = NULL;
		status = OBOL_ERR_IO;
	}
	return status;
}

/*
 * The beginning
 */

static enum obol_status open_socket(struct control_link *link, const char *path,
									char *why, size_t size)
{
	static const struct timeval limit = { ANSWER_MAX_S, 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
	{
		(void)snprintf(why, size, "%s: the path is too long", path);
		return OBOL_ERR_NOT_FOUND;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	link->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (link->fd >= 0 &&
		setsockopt(link->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ==
			0 &&
		setsockopt(link->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ==
			0 &&
		connect(link->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
	{
		return OBOL_OK;
	}
	(void)snprintf(why, size, "%s: %s%s", path, strerror(errno),
				   errno == ENOENT || errno == ECONNREFUSED
					   ? "; is obold running, with a control socket?"
					   : "");
	return errno == EACCES || errno == EPERM     ? OBOL_ERR_DENIED
		   : errno == ENOENT || errno == ENOTDIR ? OBOL_ERR_NOT_FOUND
												 : OBOL_ERR_IO;
}

static enum obol_status greet(struct control_link *link, const char *path,
							  struct obol_control_hello *hello, char *why,
							  size_t size)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_HELLO };
	struct obol_reader r;
	enum obol_status status = ask(link, &request, &r);

	if (status == OBOL_OK)
	{
		obol_control_read_hello(&r, hello);
		status = end(&r);
	}
	if (status != OBOL_OK)
	{
		(void)snprintf(why, size,
					   "%s: obold does not answer there; it may have as many "
					   "to serve as it takes at once",
					   path);
	}
	return status;
}

enum obol_status obol_control_link_new(const char *path,
									   struct obol_store **store,
									   struct obol_control_hello *hello,
									   char *why, size_t size)
{
	struct control_link *link = calloc(1, sizeof(*link));
	enum obol_status status;

	if (!link)
	{
		(void)snprintf(why, size, "%s: no memory", path);
		return OBOL_ERR_NOMEM;
	}
	link->fd = -1;
	link->store.backend = &backend;
	status = open_socket(link, path, why, size);
	if (status == OBOL_OK)
	{
		status = greet(link, path, hello, why, size);
	}
	if (status != OBOL_OK)
	{
		close_link(&link->store);
		return status;
	}
	*store = &link->store;
	return OBOL_OK;
}
