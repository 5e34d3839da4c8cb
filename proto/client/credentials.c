/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listing, getting, putting and deleting credentials. */
#include "base/ct.h"
#include "base/log.h"
#include "base/reader.h"
#include "client/fail_over.h"
#include "client/internal.h"
#include "seal/sealed_credential.h"

#include <stdio.h>
#include <stdlib.h>

void obol_copy_text(char *out, size_t size, struct obol_bytes text)
{
	size_t len = text.len < size ? text.len : size - 1;
	size_t i;

	for (i = 0; i < len; i++)
	{
		out[i] =
			text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? '?' : (char)text.ptr[i];
	}
	out[len] = '\0';
}

bool obol_credential_info_set(struct obol_credential_info *info,
							  struct obol_bytes name, uint16_t format,
							  uint64_t version, uint64_t changed_at)
{
	memset(info, 0, sizeof(*info));
	if (name.len >= sizeof(info->name) || memchr(name.ptr, 0, name.len))
	{
		return false;
	}
	memcpy(info->name, name.ptr, name.len);
	info->format = format;
	info->version = version;
	info->changed_at = changed_at;
	return true;
}

static enum obol_status bad_answer(struct obol_client *client)
{
	return obol_client_fail(client, OBOL_CAUSE_PROTOCOL,
							"its answer does not fit the question");
}

static enum obol_status check_name(struct obol_client *client, const char *name)
{
	size_t len = name ? strlen(name) : 0;

	if (len == 0 || len > OBOL_CREDENTIAL_NAME_MAX)
	{
		return obol_client_fail(client, OBOL_CAUSE_CONFIG,
								"a credential's name has 1 to %d bytes",
								OBOL_CREDENTIAL_NAME_MAX);
	}
	return OBOL_OK;
}

static enum obol_status do_list(struct obol_client *client,
								struct obol_credential_info **items,
								size_t *n_items)
{
	struct obol_request request;
	const struct obol_answer *answer;
	struct obol_credential_info *list;
	enum obol_status status;
	size_t i;

	memset(&request, 0, sizeof(request));
	request.type = OBOL_LIST;
	status = obol_client_ask(client, &request, &answer);
	if (status != OBOL_OK)
	{
		return status;
	}
	list = calloc((size_t)answer->list.n_items + 1, sizeof(*list));
	if (!list)
	{
		return obol_client_fail_internal(client, OBOL_ERR_NOMEM);
	}
	for (i = 0; i < answer->list.n_items; i++)
	{
		const struct obol_list_item *item = &answer->list.items[i];

		if (!obol_credential_info_set(&list[i], item->name, item->format,
									  item->version, item->changed_at))
		{
			free(list);
			return bad_answer(client);
		}
		list[i].size = item->size;
		list[i].deleted = item->deleted;
	}
	*items = list;
	*n_items = answer->list.n_items;
	return OBOL_OK;
}

enum obol_status obol_client_list(struct obol_client *client,
								  struct obol_credential_info **items,
								  size_t *n_items)
{
	enum obol_status status;

	obol_client_begin(client);
	obol_fail_over_begin(client);
	do
	{
		status = do_list(client, items, n_items);
	} while (obol_fail_over(client, &status));
	return obol_client_settle(client, status);
}

void obol_credential_clear(struct obol_credential *credential)
{
	if (credential)
	{
		obol_secret_free(credential->body);
		memset(credential, 0, sizeof(*credential));
	}
}

/* Why it does not open; the generation stands in front of the seal. */
static enum obol_status cannot_open(struct obol_client *client,
									const struct obol_get_item *item)
{
	struct obol_reader r = obol_reader_over(item->sealed);
	const struct obol_account_key *key =
		obol_client_session_account_key(client->session);
	uint8_t version = obol_read_u8(&r);
	uint32_t generation = obol_read_u32(&r);
	char name[96];

	(void)obol_log_quote(name, sizeof(name), item->name);
	if (version == 1 && generation && generation < key->generation)
	{
		return obol_client_fail(client, OBOL_CAUSE_SEAL,
								"'%s' was sealed before the account was reset; "
								"only a recovery code from before that opens "
								"it",
								name);
	}
	return obol_client_fail(client, OBOL_CAUSE_SEAL, "credential '%s'", name);
}

enum obol_status obol_client_open(struct obol_client *client,
								  const struct obol_get_item *item,
								  struct obol_secret **body)
{
	const struct obol_account_key *key =
		obol_client_session_account_key(client->session);
	struct obol_credential_header header = { item->name, item->format,
											 item->version };
	uint64_t seen = obol_state_version(&client->state, item->name);
	enum obol_status status;

	if (item->version < seen)
	{
		return obol_client_fail(
			client, OBOL_CAUSE_ROLLBACK, "version %llu after version %llu",
			(unsigned long long)item->version, (unsigned long long)seen);
	}
	if (!key)
	{
		return obol_client_fail_internal(client, OBOL_ERR_ARG);
	}
	status = obol_credential_open(key, &header, item->sealed, body);
	if (status == OBOL_ERR_NOMEM || status == OBOL_ERR_CRYPTO)
	{
		return obol_client_fail_internal(client, status);
	}
	if (status != OBOL_OK)
	{
		return cannot_open(client, item);
	}
	obol_state_saw_version(&client->state, item->name, item->version);
	return OBOL_OK;
}

static enum obol_status take_item(struct obol_client *client, const char *name,
								  uint64_t held_version,
								  const struct obol_get_answer *answer,
								  struct obol_credential *credential)
{
	const struct obol_get_item *item = &answer->items[0];
	struct obol_credential got;
	enum obol_status status;

	memset(&got, 0, sizeof(got));
	if (answer->n_items != 1 ||
		!obol_bytes_eq(item->name, obol_bytes_str(name)) ||
		!obol_credential_info_set(&got.info, item->name, item->format,
								  item->version, item->changed_at))
	{
		return bad_answer(client);
	}
	if (item->version < held_version)
	{
		return obol_client_fail(client, OBOL_CAUSE_ROLLBACK,
								"version %llu, and version %llu is held",
								(unsigned long long)item->version,
								(unsigned long long)held_version);
	}
	status = obol_client_open(client, item, &got.body);
	if (status != OBOL_OK)
	{
		return status;
	}
	got.info.size = (uint32_t)item->sealed.len;
	status = obol_client_save_state(client);
	if (status != OBOL_OK)
	{
		obol_credential_clear(&got);
		return status;
	}
	*credential = got;
	return OBOL_OK;
}

enum obol_status obol_client_do_get(struct obol_client *client,
									const char *name, uint64_t held_version,
									struct obol_credential *credential)
{
	struct obol_request request;
	const struct obol_answer *answer;
	enum obol_status status = check_name(client, name);

	if (status != OBOL_OK)
	{
		return status;
	}
	memset(&request, 0, sizeof(request));
	request.type = OBOL_GET;
	request.get.name = obol_bytes_str(name);
	request.get.held_version = held_version;
	status = obol_client_ask(client, &request, &answer);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (!answer->get.unchanged)
	{
		return take_item(client, name, held_version, &answer->get, credential);
	}
	if (held_version == 0)
	{
		return bad_answer(client);
	}
	if (held_version < obol_state_version(&client->state, request.get.name))
	{
		return obol_client_fail(client, OBOL_CAUSE_ROLLBACK,
								"it says that version %llu is the newest",
								(unsigned long long)held_version);
	}
	memset(credential, 0, sizeof(*credential));
	(void)snprintf(credential->info.name, sizeof(credential->info.name), "%s",
				   name);
	credential->info.version = held_version;
	return OBOL_OK;
}

enum obol_status obol_client_get(struct obol_client *client, const char *name,
								 uint64_t held_version,
								 struct obol_credential *credential)
{
	enum obol_status status;

	obol_client_begin(client);
	obol_fail_over_begin(client);
	do
	{
		status = obol_client_do_get(client, name, held_version, credential);
	} while (obol_fail_over(client, &status));
	return obol_client_settle(client, status);
}

static enum obol_status put_sealed(struct obol_client *client,
								   const struct obol_put_request *put,
								   uint64_t *version)
{
	struct obol_request request;
	const struct obol_answer *answer;
	enum obol_status status;

	memset(&request, 0, sizeof(request));
	request.type = OBOL_PUT;
	request.put = *put;
	status = obol_client_ask(client, &request, &answer);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (answer->put.version != put->base_version + 1)
	{
		return bad_answer(client);
	}
	*version = answer->put.version;
	obol_state_saw_version(&client->state, put->name, *version);
	/* it is stored; what cannot be noted here is noted at the next get */
	if (obol_client_save_state(client) != OBOL_OK)
	{
		obol_client_begin(client);
	}
	return OBOL_OK;
}

/* A question that costs nothing brings it. */
enum obol_status obol_client_need_key(struct obol_client *client)
{
	struct obol_request request;

	if (client->is_open)
	{
		return OBOL_OK;
	}
	memset(&request, 0, sizeof(request));
	request.type = OBOL_INFO;
	return obol_client_tell(client, &request);
}

enum obol_status obol_client_do_put(struct obol_client *client,
									const char *name, uint16_t format,
									uint64_t base_version,
									const struct obol_secret *body,
									uint64_t *version)
{
	const struct obol_account_key *key;
	struct obol_credential_header header;
	struct obol_put_request put;
	struct obol_writer sealed;
	enum obol_status status = check_name(client, name);

	obol_writer_init(&sealed);
	if (status == OBOL_OK)
	{
		status = obol_client_need_key(client);
	}
	if (status != OBOL_OK)
	{
		goto out;
	}
	if (obol_secret_len(body) == 0 ||
		obol_secret_len(body) > OBOL_CREDENTIAL_BODY_MAX)
	{
		status = obol_client_fail(client, OBOL_CAUSE_QUOTA,
								  "a credential has 1 to %d bytes",
								  OBOL_CREDENTIAL_BODY_MAX);
		goto out;
	}
	key = obol_client_session_account_key(client->session);
	header.name = obol_bytes_str(name);
	header.format = format;
	header.version = base_version + 1;
	status = obol_credential_seal(obol_client_rng(client), key, &header, body,
								  &sealed);
	if (status != OBOL_OK)
	{
		status = obol_client_fail_internal(client, status);
		goto out;
	}
	put.name = header.name;
	put.format = format;
	put.base_version = base_version;
	put.generation = key->generation;
	put.sealed = obol_writer_view(&sealed);
	status = put_sealed(client, &put, version);
out:
	obol_writer_clear(&sealed);
	return status;
}

/* Refused as stale at the second server: the first one has done it before its
 * answer was lost, if what is there now is what was put. */
static enum obol_status was_put(struct obol_client *client, const char *name,
								uint16_t format, uint64_t base_version,
								const struct obol_secret *body,
								uint64_t *version)
{
	struct obol_error stale = client->error;
	struct obol_credential stored;
	enum obol_status status;

	memset(&stored, 0, sizeof(stored));
	obol_client_begin(client);
	status = obol_client_do_get(client, name, 0, &stored);
	if (status == OBOL_OK && stored.info.version == base_version + 1 &&
		stored.info.format == format && stored.body &&
		obol_secret_len(stored.body) == obol_secret_len(body) &&
		obol_ct_eq(obol_secret_view(stored.body).ptr,
				   obol_secret_view(body).ptr, obol_secret_len(body)))
	{
		*version = stored.info.version;
	}
	else if (status == OBOL_OK || client->error.cause == OBOL_CAUSE_NOT_FOUND)
	{
		client->error = stale;
		status = stale.status;
	}
	obol_credential_clear(&stored);
	return status;
}

enum obol_status obol_client_put(struct obol_client *client, const char *name,
								 uint16_t format, uint64_t base_version,
								 const struct obol_secret *body,
								 uint64_t *version)
{
	enum obol_status status;
	bool is_again = false;

	obol_client_begin(client);
	obol_fail_over_begin(client);
	do
	{
		status = obol_client_do_put(client, name, format, base_version, body,
									version);
		if (is_again && status != OBOL_OK &&
			client->error.cause == OBOL_CAUSE_STALE)
		{
			status = was_put(client, name, format, base_version, body, version);
		}
		is_again = true;
	} while (obol_fail_over(client, &status));
	return obol_client_settle(client, status);
}

enum obol_status obol_client_delete(struct obol_client *client,
									const char *name, uint64_t base_version)
{
	struct obol_request request;
	const struct obol_answer *answer;
	enum obol_status status;

	obol_client_begin(client);
	status = check_name(client, name);
	if (status == OBOL_OK)
	{
		memset(&request, 0, sizeof(request));
		request.type = OBOL_DELETE;
		request.delete_.name = obol_bytes_str(name);
		request.delete_.base_version = base_version;
		status = obol_client_ask(client, &request, &answer);
	}
	if (status == OBOL_OK)
	{
		obol_state_saw_version(&client->state, request.delete_.name,
							   answer->deleted_version);
		if (obol_client_save_state(client) != OBOL_OK)
		{
			obol_client_begin(client);
		}
	}
	return obol_client_settle(client, status);
}
