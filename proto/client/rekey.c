/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new account key: all credentials sealed anew, all slots new. */
#include "base/ct.h"
#include "client/internal.h"
#include "seal/sealed_credential.h"

#include <stdio.h>
#include <stdlib.h>

/** Credentials of one page, opened. */
struct page {
	size_t n;
	struct obol_credential items[OBOL_CREDENTIALS_MAX];
	bool more;
};

static void page_free(struct page *page)
{
	size_t i;

	for (i = 0; page && i < page->n; i++)
	{
		obol_credential_clear(&page->items[i]);
	}
	free(page);
}

static enum obol_status take_page(struct obol_client *client,
								  const struct obol_get_answer *answer,
								  struct page *page)
{
	enum obol_status status = OBOL_OK;
	size_t i;

	page->more = answer->more;
	for (i = 0; i < answer->n_items && status == OBOL_OK; i++)
	{
		const struct obol_get_item *item = &answer->items[i];
		struct obol_credential *credential = &page->items[page->n++];

		if (!obol_credential_info_set(&credential->info, item->name,
									  item->format, item->version,
									  item->changed_at))
		{
			return obol_client_fail(client, OBOL_CAUSE_PROTOCOL,
									"a credential's name has a zero byte");
		}
		status = obol_client_open(client, item, &credential->body);
	}
	return status;
}

static enum obol_status get_page(struct obol_client *client, const char *after,
								 struct page **out)
{
	struct obol_request request;
	const struct obol_answer *answer;
	struct page *page = NULL;
	enum obol_status status;

	memset(&request, 0, sizeof(request));
	request.type = OBOL_GET;
	request.get.after = obol_bytes_str(after);
	status = obol_client_ask(client, &request, &answer);
	if (status != OBOL_OK)
	{
		return status;
	}
	page = calloc(1, sizeof(*page));
	if (!page)
	{
		return obol_client_fail_internal(client, OBOL_ERR_NOMEM);
	}
	status = take_page(client, &answer->get, page);
	if (status == OBOL_OK && page->more && page->n == 0)
	{
		status = obol_client_fail(client, OBOL_CAUSE_PROTOCOL,
								  "it promised more credentials and gave none");
	}
	if (status != OBOL_OK)
	{
		page_free(page);
		return status;
	}
	*out = page;
	return OBOL_OK;
}

/* Seal one credential under the coming key, and leave it with the server until
 * ReKey takes it. */
static enum obol_status stage(struct obol_client *client,
							  const struct obol_account_key *next,
							  const struct obol_credential *credential)
{
	struct obol_credential_header header;
	struct obol_request request;
	struct obol_writer sealed;
	enum obol_status status;

	obol_writer_init(&sealed);
	header.name = obol_bytes_str(credential->info.name);
	header.format = credential->info.format;
	header.version = credential->info.version + 1;
	status = obol_credential_seal(obol_client_rng(client), next, &header,
								  credential->body, &sealed);
	if (status != OBOL_OK)
	{
		status = obol_client_fail_internal(client, status);
		goto out;
	}
	memset(&request, 0, sizeof(request));
	request.type = OBOL_STAGE;
	request.put.name = header.name;
	request.put.format = header.format;
	request.put.base_version = credential->info.version;
	request.put.generation = next->generation;
	request.put.sealed = obol_writer_view(&sealed);
	status = obol_client_tell(client, &request);
out:
	obol_writer_clear(&sealed);
	return status;
}

static enum obol_status stage_all(struct obol_client *client,
								  const struct obol_account_key *next)
{
	char after[OBOL_CREDENTIAL_NAME_MAX + 1] = "";
	enum obol_status status = OBOL_OK;
	bool more = true;
	size_t i;

	while (status == OBOL_OK && more)
	{
		struct page *page = NULL;

		status = get_page(client, after, &page);
		if (status != OBOL_OK)
		{
			break;
		}
		more = page->more;
		for (i = 0; i < page->n && status == OBOL_OK; i++)
		{
			const char *name = page->items[i].info.name;

			if (strcmp(name, after) <= 0)
			{
				status = obol_client_fail(client, OBOL_CAUSE_PROTOCOL,
										  "its list is out of order");
				break;
			}
			(void)snprintf(after, sizeof(after), "%s", name);
			status = stage(client, next, &page->items[i]);
		}
		page_free(page);
	}
	return status;
}

/** The two slots of a new key. */
struct slots {
	size_t n;
	struct obol_login_secret login[2];
	struct obol_slot_draft draft[2];
};

static enum obol_status draft_slots(struct obol_client *client,
									struct slots *slots, const char *label,
									const struct obol_account_key *next)
{
	enum obol_status status = OBOL_OK;
	size_t i;

	for (i = 0; i < slots->n && status == OBOL_OK; i++)
	{
		status =
			obol_client_draft_slot(client, &slots->login[i],
								   i == 0 ? "" : label, next, &slots->draft[i]);
	}
	return status;
}

/* The one transaction that does it all. */
static enum obol_status send_rekey(struct obol_client *client,
								   const struct slots *slots,
								   const struct obol_account_key *next)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	enum obol_status status;
	size_t i;

	if (!request)
	{
		return obol_client_fail_internal(client, OBOL_ERR_NOMEM);
	}
	request->type = OBOL_REKEY;
	request->rekey.generation = next->generation;
	request->rekey.n_slots = (uint8_t)slots->n;
	for (i = 0; i < slots->n; i++)
	{
		request->rekey.slots[i] = slots->draft[i].message;
	}
	status = obol_client_tell(client, request);
	free(request);
	return status;
}

enum obol_status obol_client_prove_key(struct obol_client *client,
									   const struct obol_login_secret *login,
									   const struct obol_account_key *next)
{
	const struct obol_account_key *key;
	enum obol_status status = obol_client_prove(client, login);

	if (status != OBOL_OK)
	{
		return status;
	}
	key = obol_client_session_account_key(client->session);
	if (key->generation != next->generation ||
		!obol_ct_eq(obol_secret_view(key->key).ptr,
					obol_secret_view(next->key).ptr, OBOL_ACCOUNT_KEY_LEN))
	{
		return obol_client_fail(client, OBOL_CAUSE_SEAL,
								"the account key is not the one made here");
	}
	return OBOL_OK;
}

/* The answer did not come, so it may have been done or not: the new password
 * tells. If it does not work, what went wrong before is what is told. */
static enum obol_status ask_password(struct obol_client *client,
									 const struct slots *slots,
									 const struct obol_account_key *next)
{
	struct obol_error before = client->error;
	enum obol_status status;

	if (before.cause == OBOL_CAUSE_ABORTED)
	{
		return obol_client_fail(client, OBOL_CAUSE_ABORTED,
								"the new password may be in force already: try "
								"it first");
	}
	status = obol_client_prove_key(client, &slots->login[0], next);
	if (status == OBOL_OK)
	{
		obol_client_begin(client);
		return OBOL_OK;
	}
	if (client->error.cause == OBOL_CAUSE_AUTH)
	{
		/* it was not done */
		client->error = before;
		return before.status;
	}
	return obol_client_fail(client, before.cause,
							"the new password may be in force already: try it "
							"first");
}

static bool is_answer_lost(const struct obol_client *client)
{
	return client->stream == NULL;
}

static enum obol_status rekey_slots(struct obol_client *client,
									struct slots *slots, const char *label)
{
	struct obol_account_key next = { { 0 }, 0, NULL };
	enum obol_status status = obol_client_need_key(client);

	if (status == OBOL_OK)
	{
		status = obol_account_key_next(
			obol_client_rng(client),
			obol_client_session_account_key(client->session), &next);
		if (status != OBOL_OK)
		{
			status = obol_client_fail_internal(client, status);
		}
	}
	if (status == OBOL_OK)
	{
		status = stage_all(client, &next);
	}
	if (status == OBOL_OK)
	{
		status = draft_slots(client, slots, label, &next);
	}
	if (status == OBOL_OK)
	{
		status = send_rekey(client, slots, &next);
		if (status != OBOL_OK && is_answer_lost(client))
		{
			status = ask_password(client, slots, &next);
		}
	}
	if (status == OBOL_OK && slots->n == 2)
	{
		status = obol_client_prove(client, &slots->login[1]);
	}
	if (status == OBOL_OK)
	{
		status = obol_client_prove_key(client, &slots->login[0], &next);
	}
	obol_account_key_clear(&next);
	return status;
}

enum obol_status obol_client_do_rekey(struct obol_client *client,
									  const struct obol_secret *password,
									  const char *label,
									  struct obol_device *device)
{
	struct slots slots;
	struct obol_device made = { { 0 }, NULL };
	enum obol_status status = OBOL_OK;
	size_t i;

	memset(&slots, 0, sizeof(slots));
	slots.n = 1;
	slots.login[0].kind = OBOL_SLOT_PASSWORD;
	if (label)
	{
		status = obol_client_check_label(client, label);
	}
	if (status == OBOL_OK)
	{
		status = obol_client_password(client, password, &slots.login[0].secret);
	}
	if (status == OBOL_OK && label)
	{
		status = obol_client_new_device(client, &made);
		slots.login[1] = obol_device_login(&made);
		slots.n = 2;
	}
	if (status == OBOL_OK)
	{
		status = rekey_slots(client, &slots, label);
	}
	if (status == OBOL_OK && label)
	{
		*device = made;
		made.secret = NULL; /* moved to the caller */
	}
	for (i = 0; i < 2; i++)
	{
		obol_slot_draft_clear(&slots.draft[i]);
	}
	obol_secret_free(slots.login[0].secret);
	obol_device_clear(&made);
	return status;
}
