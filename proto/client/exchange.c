/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The present connection: requests and their answers. */
#include "base/log.h"
#include "client/fail_over.h"
#include "client/internal.h"

#define RECEIVE_LEN 16384
#define WHY_MAX 384

void obol_client_drop(struct obol_client *client)
{
	obol_client_session_free(client->session);
	client->session = NULL;
	obol_stream_free(client->stream);
	client->stream = NULL;
	obol_wipe(client->exporter, sizeof(client->exporter));
	client->is_open = false;
	client->migrate_due = false;
}

void obol_client_logout(struct obol_client *client)
{
	obol_client_drop(client);
	obol_login_secret_clear(&client->login);
	memset(&client->info, 0, sizeof(client->info));
}

/* The server's sentence: escaped, but for the apostrophes of plain English. */
static const char *plain_text(struct obol_bytes text, char *out, size_t size)
{
	char *from = out, *to = out;

	(void)obol_log_quote(out, size, text);
	while (*from)
	{
		if (strncmp(from, "\\x27", 4) == 0)
		{
			*to++ = '\'';
			from += 4;
		}
		else
		{
			*to++ = *from++;
		}
	}
	*to = '\0';
	return out;
}

/* The server said no, in its own words. */
static enum obol_status refused(struct obol_client *client)
{
	const struct obol_error_message *said =
		obol_client_session_error(client->session);
	enum obol_cause cause;
	char quoted[160];

	if (!said)
	{
		return obol_client_fail(client, OBOL_CAUSE_PROTOCOL,
								"it refused without a reason");
	}
	client->error.reply = said->reply;
	client->error.retry_after_s = said->retry_after_s;
	cause = obol_error_cause_of_reply(said->reply);
	if (said->text.len == 0)
	{
		return obol_client_fail(client, cause, "reply %u",
								(unsigned)said->reply);
	}
	return obol_client_fail(client, cause, "%s",
							plain_text(said->text, quoted, sizeof(quoted)));
}

enum obol_status obol_client_session_failed(struct obol_client *client)
{
	enum obol_status status;

	switch (obol_client_session_failure(client->session))
	{
		case OBOL_FAILURE_KE2:
			status = obol_client_fail(client, OBOL_CAUSE_AUTH, "%s", "");
			break;
		case OBOL_FAILURE_PIN:
			status = obol_client_fail(client, OBOL_CAUSE_PIN,
									  "its login key is another one");
			break;
		case OBOL_FAILURE_KSF:
			status = obol_client_fail(client, OBOL_CAUSE_KSF, "%s", "");
			break;
		case OBOL_FAILURE_LATER:
			client->error.retry_after_s =
				obol_client_session_error(client->session)->retry_after_s;
			status = obol_client_fail(client, OBOL_CAUSE_LATER, "%s", "");
			break;
		case OBOL_FAILURE_REPLY:
			status = refused(client);
			break;
		case OBOL_FAILURE_WRAP:
			status =
				obol_client_fail(client, OBOL_CAUSE_SEAL, "the account key");
			break;
		case OBOL_FAILURE_INTERNAL:
			status = obol_client_fail_internal(client, OBOL_ERR_CRYPTO);
			break;
		default:
			status = obol_client_fail(client, OBOL_CAUSE_PROTOCOL, "%s", "");
			break;
	}
	obol_client_drop(client);
	return status;
}

static bool is_waiting(const struct obol_client *client)
{
	enum obol_client_state state = obol_client_session_state(client->session);

	return state == OBOL_CLIENT_CHALLENGE || state == OBOL_CLIENT_BUSY;
}

static enum obol_status net_failed(struct obol_client *client,
								   enum obol_net_failure failure)
{
	char why[WHY_MAX];
	enum obol_status status;

	obol_fail_over_tell(
		client, failure == OBOL_NET_CLOSED ? "it closed the connection" : "",
		why, sizeof(why));
	status = obol_client_fail_net(client, failure, why);
	obol_client_drop(client);
	return status;
}

/* One piece in; the session computes in here. */
static enum obol_status feed(struct obol_client *client, struct obol_bytes in,
							 unsigned *work_ms)
{
	uint64_t before = obol_mono_ms(client->env.clock);
	enum obol_status status = obol_client_session_input(client->session, in);

	*work_ms += (unsigned)(obol_mono_ms(client->env.clock) - before);
	return status == OBOL_OK && obol_client_session_state(client->session) !=
									OBOL_CLIENT_FAILED
			   ? OBOL_OK
			   : obol_client_session_failed(client);
}

enum obol_status obol_client_pump(struct obol_client *client,
								  const struct obol_wait *wait,
								  unsigned *answer_ms, unsigned *work_ms)
{
	uint8_t buf[RECEIVE_LEN];
	struct obol_bytes out = obol_client_session_output(client->session);
	struct obol_wait patience = obol_fail_over_patience(client, wait);
	uint64_t start = obol_mono_ms(client->env.clock);
	enum obol_net_failure failure;
	enum obol_status status = OBOL_OK;
	unsigned work = 0;
	size_t got;

	failure = obol_stream_send(client->stream, &patience, out);
	if (failure == OBOL_NET_OK)
	{
		obol_client_session_sent(client->session, out.len);
	}
	while (failure == OBOL_NET_OK && status == OBOL_OK && is_waiting(client))
	{
		failure =
			obol_stream_recv(client->stream, &patience, buf, sizeof(buf), &got);
		if (failure == OBOL_NET_OK)
		{
			status = feed(client, obol_bytes(buf, got), &work);
		}
	}
	if (status == OBOL_OK && failure == OBOL_NET_OK)
	{
		/* key stretching knows no clock: it may have taken too long */
		failure = obol_wait_check(wait);
	}
	if (answer_ms)
	{
		*answer_ms = (unsigned)(obol_mono_ms(client->env.clock) - start) - work;
	}
	if (work_ms)
	{
		*work_ms = work;
	}
	if (status == OBOL_OK && failure != OBOL_NET_OK)
	{
		return net_failed(client, failure);
	}
	return status;
}

enum obol_status obol_client_ask(struct obol_client *client,
								 const struct obol_request *request,
								 const struct obol_answer **answer)
{
	struct obol_wait wait;
	enum obol_status status;
	unsigned answer_ms;

	if (!client->session)
	{
		(void)obol_client_fail(client, OBOL_CAUSE_INTERNAL,
							   "there is no login on a connection");
		return client->error.status = OBOL_ERR_ARG;
	}
	obol_fail_over_wait(client, &wait);
	status = obol_client_session_request(client->session, request);
	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	status = obol_client_pump(client, &wait, &answer_ms, NULL);
	if (status == OBOL_OK && !client->is_open)
	{
		client->info.first_answer_ms = answer_ms;
		status = obol_client_take_login_done(client);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	*answer = obol_client_session_answer(client->session);
	return *answer ? OBOL_OK : refused(client);
}

enum obol_status obol_client_tell(struct obol_client *client,
								  const struct obol_request *request)
{
	const struct obol_answer *answer;

	return obol_client_ask(client, request, &answer);
}

/* A device's name for the user stands in its slot and nowhere else here. */
static enum obol_status own_label(struct obol_client *client,
								  char label[OBOL_LABEL_MAX + 1])
{
	struct obol_request request;
	const struct obol_answer *answer;
	enum obol_status status;
	size_t i;

	memset(&request, 0, sizeof(request));
	request.type = OBOL_SLOT_LIST;
	status = obol_client_ask(client, &request, &answer);
	if (status != OBOL_OK)
	{
		return status;
	}
	for (i = 0; i < answer->slot_list.n_items; i++)
	{
		const struct obol_slot_item *item = &answer->slot_list.items[i];

		if (item->kind == client->login.kind &&
			memcmp(item->device_id, client->login.device_id,
				   sizeof(item->device_id)) == 0)
		{
			obol_copy_text(label, OBOL_LABEL_MAX + 1, item->label);
			return OBOL_OK;
		}
	}
	return OBOL_ERR_NOT_FOUND;
}

/* What the user sees is the call that he made, whatever comes of this. */
enum obol_status obol_client_settle(struct obol_client *client,
									enum obol_status status)
{
	char label[OBOL_LABEL_MAX + 1] = "";
	struct obol_error error;
	enum obol_status done = OBOL_OK;

	obol_fail_over_end(client);
	if (status == OBOL_OK && obol_client_anchors_are_due(client))
	{
		obol_client_update_anchors(client);
	}
	if (!client->migrate_due || !client->session)
	{
		return status;
	}
	client->migrate_due = false;
	error = client->error;
	if (client->login.kind == OBOL_SLOT_DEVICE)
	{
		done = own_label(client, label);
	}
	if (done == OBOL_OK)
	{
		(void)!obol_client_register(client, &client->login, label);
	}
	client->error = error;
	return status;
}
