/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How each verb is run, what it may keep in memory, and how it ends. */
#include "store/store_sql_private.h"

#include <stdlib.h>

static const struct obol_sql_verb_entry verbs[] = {
	[OBOL_STORE_LOGIN_BEGIN] = { obol_sql_login_begin, OBOL_SQL_WRITES_LAST },
	[OBOL_STORE_LOGIN_DONE] = { obol_sql_login_done,
								OBOL_SQL_KEEPS_DENIED | OBOL_SQL_WRITES_LAST },
	[OBOL_STORE_LOGIN_FAILED] = { obol_sql_login_failed, 0 },
	[OBOL_STORE_LOGIN_UNDO] = { obol_sql_login_undo, 0 },
	[OBOL_STORE_LIST] = { obol_sql_list, OBOL_SQL_READS },
	[OBOL_STORE_GET] = { obol_sql_get, OBOL_SQL_WRITES_LAST },
	[OBOL_STORE_PUT] = { obol_sql_put, 0 },
	[OBOL_STORE_DELETE] = { obol_sql_delete, 0 },
	[OBOL_STORE_SLOT_PUT] = { obol_sql_slot_put, 0 },
	[OBOL_STORE_SLOT_DELETE] = { obol_sql_slot_delete, 0 },
	[OBOL_STORE_SLOT_LIST] = { obol_sql_slot_list, OBOL_SQL_READS },
	[OBOL_STORE_STAGE] = { obol_sql_stage, 0 },
	[OBOL_STORE_UNSTAGE] = { obol_sql_unstage, 0 },
	[OBOL_STORE_REKEY] = { obol_sql_rekey, 0 },
	[OBOL_STORE_ISSUED] = { obol_sql_issued, 0 },
	[OBOL_STORE_HISTORY] = { obol_sql_history, OBOL_SQL_READS },
	[OBOL_STORE_SLOT_SETS] = { obol_sql_slot_sets, OBOL_SQL_READS },
	[OBOL_STORE_ENROL_CHECK] = { obol_sql_enrol_check, 0 },
	[OBOL_STORE_ENROL] = { obol_sql_enrol, 0 },
	[OBOL_STORE_ACCOUNT_DELETE] = { obol_sql_account_delete, 0 },
	[OBOL_STORE_ACCOUNT_ADD] = { obol_sql_account_add, 0 },
	[OBOL_STORE_ACCOUNT_FIND] = { obol_sql_account_find, OBOL_SQL_READS },
	[OBOL_STORE_ACCOUNT_LIST] = { obol_sql_account_list, OBOL_SQL_READS },
	[OBOL_STORE_ACCOUNT_SET_STATE] = { obol_sql_account_set_state, 0 },
	[OBOL_STORE_ACCOUNT_SET] = { obol_sql_account_set, 0 },
	[OBOL_STORE_ACCOUNT_REMOVE] = { obol_sql_account_remove, 0 },
	[OBOL_STORE_ACCOUNT_RESET] = { obol_sql_account_reset, 0 },
	[OBOL_STORE_ACCOUNT_UNLOCK] = { obol_sql_account_unlock, 0 },
	[OBOL_STORE_AUDIT] = { obol_sql_audit_row, 0 },
	[OBOL_STORE_CERTIFICATES] = { obol_sql_certificates, OBOL_SQL_READS },
	[OBOL_STORE_ANCHORS] = { obol_sql_anchors, 0 },
	[OBOL_STORE_ANCHORS_NEWEST] = { obol_sql_anchors_newest, OBOL_SQL_READS },
	[OBOL_STORE_ANCHORS_PUT] = { obol_sql_anchors_put, 0 },
	[OBOL_STORE_ANCHORS_LACKING] = { obol_sql_anchors_lacking, OBOL_SQL_READS },
	[OBOL_STORE_ROOT_COUNT] = { obol_sql_root_count, OBOL_SQL_READS },
	[OBOL_STORE_ENROLMENT_ADD] = { obol_sql_enrolment_add, 0 },
	[OBOL_STORE_ENROLMENT_LIST] = { obol_sql_enrolment_list, OBOL_SQL_READS },
	[OBOL_STORE_ENROLMENT_REVOKE] = { obol_sql_enrolment_revoke, 0 },
	[OBOL_STORE_ACCOUNT_APPROVE] = { obol_sql_account_approve, 0 },
	[OBOL_STORE_CERTIFICATE_REVOKE] = { obol_sql_certificate_revoke, 0 },
	[OBOL_STORE_REVOCATIONS] = { obol_sql_revocations, OBOL_SQL_READS },
	[OBOL_STORE_CRL_ENTRIES] = { obol_sql_crl_entries, OBOL_SQL_READS },
	[OBOL_STORE_CRL_GET] = { obol_sql_crl_get, OBOL_SQL_READS },
	[OBOL_STORE_CRL_PUT] = { obol_sql_crl_put, 0 },
	[OBOL_STORE_FOLLOW] = { obol_sql_follow, 0 },
	[OBOL_STORE_REPORT] = { obol_sql_report, 0 },
	[OBOL_STORE_GATEWAYS] = { obol_sql_gateways, OBOL_SQL_READS },
	[OBOL_STORE_PROBE] = { obol_sql_probe, 0 },
	[OBOL_STORE_COUNT] = { obol_sql_count_all, OBOL_SQL_READS },
	[OBOL_STORE_GONE_DROP] = { obol_sql_gone_drop, 0 },
};

const struct obol_sql_verb_entry *
obol_sql_verb_of(const struct obol_store_op *op)
{
	return &verbs[op->verb];
}

void *obol_sql_alloc(struct obol_store_op *op, size_t size)
{
	struct obol_store_memory *memory = calloc(1, sizeof(*memory) + size);

	if (!memory)
	{
		return NULL;
	}
	memory->next = op->memory;
	op->memory = memory;
	return memory->bytes;
}

enum obol_status obol_sql_copy(struct obol_store_op *op,
							   struct obol_bytes bytes, struct obol_bytes *copy)
{
	void *ptr = obol_sql_alloc(op, bytes.len);

	if (!ptr)
	{
		return OBOL_ERR_NOMEM;
	}
	if (bytes.len > 0)
	{
		memcpy(ptr, bytes.ptr, bytes.len);
	}
	*copy = obol_bytes(ptr, bytes.len);
	return OBOL_OK;
}

enum obol_status obol_sql_refuse(struct obol_store_op *op,
								 enum obol_status status, enum obol_reply reply)
{
	op->reply = reply;
	return status;
}

void obol_sql_free_memory(struct obol_store_memory *memory)
{
	while (memory)
	{
		struct obol_store_memory *next = memory->next;

		free(memory);
		memory = next;
	}
}

/** What a client is told, where the verb has not said it. */
static enum obol_reply reply_of(const struct obol_store_op *op)
{
	switch (op->status)
	{
		case OBOL_OK:
			return OBOL_REPLY_OK;
		case OBOL_ERR_NOT_FOUND:
			return OBOL_REPLY_NOT_FOUND;
		case OBOL_ERR_EXISTS:
			return op->reply ? op->reply : OBOL_REPLY_STALE;
		case OBOL_ERR_DENIED:
			return op->reply ? op->reply : OBOL_REPLY_QUOTA;
		case OBOL_ERR_AUTH:
			return op->reply ? op->reply : OBOL_REPLY_LOGIN_NEEDED;
		case OBOL_ERR_ARG:
			return OBOL_REPLY_PARAMETER;
		default:
			return OBOL_REPLY_TEMPORARY;
	}
}

void obol_sql_finish_op(struct obol_sql_store *this, struct obol_store_op *op)
{
	struct obol_store_memory *memory = op->memory;

	op->memory = NULL;
	op->reply = reply_of(op);
	obol_store_measure(&this->store, op);
	if (op->done)
	{
		op->done(op);
		obol_sql_free_memory(memory);
		return;
	}
	while (memory)
	{
		struct obol_store_memory *next = memory->next;

		memory->next = this->kept;
		this->kept = memory;
		memory = next;
	}
}
