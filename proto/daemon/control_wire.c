/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obolctl and obold's control process say to each other. */
#include "daemon/control_wire.h"

#include "seal/code.h"
#include "wire/field.h"

static const enum obol_status statuses[] = {
	OBOL_OK,          OBOL_ERR_NOT_FOUND, OBOL_ERR_EXISTS,
	OBOL_ERR_DENIED,  OBOL_ERR_ARG,       OBOL_ERR_NOMEM,
	OBOL_ERR_TIMEOUT, OBOL_ERR_STORE,     OBOL_ERR_IO,
};
#define N_STATUSES (sizeof(statuses) / sizeof(statuses[0]))
/** Place of OBOL_ERR_STORE, which stands for what has none. */
#define OTHERS 7

void obol_control_write_status(struct obol_writer *w, enum obol_status status)
{
	uint8_t i = 0;

	while (i < N_STATUSES && statuses[i] != status)
	{
		i++;
	}
	obol_write_u8(w, i < N_STATUSES ? i : OTHERS);
}

enum obol_status obol_control_read_status(struct obol_reader *r)
{
	uint8_t code = obol_read_u8(r);

	return obol_reader_ok(r) && code < N_STATUSES ? statuses[code]
												  : OBOL_ERR_IO;
}

/* A text whose room is max + 1. */
static void write_text(struct obol_writer *w, const char *text, size_t max)
{
	struct obol_bounds bounds = { 0, max };

	obol_write_text16(w, obol_bytes_str(text), bounds);
}

static void read_text(struct obol_reader *r, char *out, size_t max)
{
	struct obol_bounds bounds = { 0, max };
	struct obol_bytes text = obol_read_text16(r, bounds);

	if (text.len > 0)
	{
		memcpy(out, text.ptr, text.len);
	}
	out[text.len] = '\0';
}

/* Numbers of the store are never negative. */
static int64_t read_id(struct obol_reader *r)
{
	uint64_t id = obol_read_u64(r);

	obol_read_expect(r, id <= INT64_MAX);
	return obol_reader_ok(r) ? (int64_t)id : 0;
}

static void read_serial(struct obol_reader *r, uint8_t serial[20],
						uint8_t *serial_len)
{
	struct obol_bytes bytes = obol_read_vec8(r, 20);

	if (bytes.len > 0)
	{
		memcpy(serial, bytes.ptr, bytes.len);
	}
	*serial_len = (uint8_t)bytes.len;
}

/*
 * Requests
 */

void obol_control_write_request(struct obol_writer *w,
								const struct obol_control_request *request)
{
	struct obol_bounds bounds = { 0, OBOL_NAME_MAX };

	obol_write_u8(w, (uint8_t)request->verb);
	obol_write_u64(w, (uint64_t)request->account_id);
	obol_write_u32(w, request->generation);
	obol_write_u32(w, request->seconds);
	obol_write_u64(w, request->since);
	obol_write_bytes(
		w, obol_bytes(request->device_id, sizeof(request->device_id)));
	obol_write_text16(w, request->name, bounds);
}

enum obol_status obol_control_read_request(struct obol_bytes in,
										   struct obol_control_request *request)
{
	struct obol_bounds bounds = { 0, OBOL_NAME_MAX };
	struct obol_reader r = obol_reader_over(in);
	uint8_t verb = obol_read_u8(&r);

	obol_read_expect(&r, verb >= OBOL_CONTROL_HELLO &&
							 verb <= OBOL_CONTROL_HISTORY);
	request->verb = (enum obol_control_verb)verb;
	request->account_id = read_id(&r);
	request->generation = obol_read_u32(&r);
	request->seconds = obol_read_u32(&r);
	request->since = obol_read_u64(&r);
	obol_read_copy(&r, request->device_id, sizeof(request->device_id));
	request->name = obol_read_text16(&r, bounds);
	return obol_read_end(&r);
}

/*
 * Answers
 */

void obol_control_write_hello(struct obol_writer *w,
							  const struct obol_control_hello *hello)
{
	write_text(w, hello->server_name, sizeof(hello->server_name) - 1);
	write_text(w, hello->domain, sizeof(hello->domain) - 1);
	obol_write_u32(w, hello->lifetime_s);
	obol_write_u8(w, hello->mode);
	obol_write_u8(w, hello->key_type);
	obol_write_u32(w, hello->changes_per_day);
}

void obol_control_read_hello(struct obol_reader *r,
							 struct obol_control_hello *hello)
{
	read_text(r, hello->server_name, sizeof(hello->server_name) - 1);
	read_text(r, hello->domain, sizeof(hello->domain) - 1);
	hello->lifetime_s = obol_read_u32(r);
	hello->mode = obol_read_u8(r);
	hello->key_type = obol_read_u8(r);
	hello->changes_per_day = obol_read_u32(r);
	obol_read_expect(r, hello->mode >= OBOL_MODE_PORTABLE &&
							hello->mode <= OBOL_MODE_DEVICE &&
							hello->key_type >= OBOL_KEY_EC_P256 &&
							hello->key_type <= OBOL_KEY_ED25519);
}

void obol_control_write_account(struct obol_writer *w,
								const struct obol_account *account)
{
	obol_write_u64(w, (uint64_t)account->id);
	write_text(w, account->name, OBOL_NAME_MAX);
	obol_write_u8(w, (uint8_t)account->state);
	obol_write_u64(w, account->created_at);
	obol_write_u64(w, account->activated_at);
	obol_write_u64(w, account->last_login_at);
	obol_write_u64(w, account->expires_at);
	obol_write_u32(w, account->generation);
	write_text(w, account->identity, OBOL_NAME_MAX);
	obol_write_u32(w, account->certificate_lifetime_s);
	obol_write_u8(w, account->mode);
	obol_write_u8(w, account->key_type);
	obol_write_u64(w, account->certificate_not_after);
	obol_write_u32(w, account->n_devices);
	obol_write_u32(w, account->n_credentials);
	obol_write_u8(w, account->has_activation);
	obol_write_u64(w, account->activation_expires_at);
}

void obol_control_read_account(struct obol_reader *r,
							   struct obol_account *account)
{
	uint8_t state;

	memset(account, 0, sizeof(*account));
	account->id = read_id(r);
	read_text(r, account->name, OBOL_NAME_MAX);
	state = obol_read_u8(r);
	account->created_at = obol_read_u64(r);
	account->activated_at = obol_read_u64(r);
	account->last_login_at = obol_read_u64(r);
	account->expires_at = obol_read_u64(r);
	account->generation = obol_read_u32(r);
	read_text(r, account->identity, OBOL_NAME_MAX);
	account->certificate_lifetime_s = obol_read_u32(r);
	account->mode = obol_read_u8(r);
	account->key_type = obol_read_u8(r);
	account->certificate_not_after = obol_read_u64(r);
	account->n_devices = obol_read_u32(r);
	account->n_credentials = obol_read_u32(r);
	account->has_activation = obol_read_bool(r);
	account->activation_expires_at = obol_read_u64(r);
	obol_read_expect(r, state >= OBOL_ACCOUNT_ACTIVE &&
							state <= OBOL_ACCOUNT_WAITING &&
							account->mode <= OBOL_MODE_DEVICE &&
							account->key_type <= OBOL_KEY_ED25519);
	account->state = (enum obol_account_state)state;
}

/* Record and wrap stay with the server. */
void obol_control_write_slot(struct obol_writer *w,
							 const struct obol_slot *slot)
{
	obol_write_u8(w, slot->kind);
	obol_write_bytes(w, obol_bytes(slot->device_id, sizeof(slot->device_id)));
	write_text(w, slot->label, OBOL_LABEL_MAX);
	obol_write_u32(w, slot->generation);
	obol_write_u64(w, slot->created_at);
	obol_write_u64(w, slot->last_used_at);
	write_text(w, slot->last_source, OBOL_SOURCE_MAX);
	obol_write_u64(w, slot->expires_at);
}

void obol_control_read_slot(struct obol_reader *r, struct obol_slot *slot)
{
	memset(slot, 0, sizeof(*slot));
	slot->kind = obol_read_u8(r);
	obol_read_copy(r, slot->device_id, sizeof(slot->device_id));
	read_text(r, slot->label, OBOL_LABEL_MAX);
	slot->generation = obol_read_u32(r);
	slot->created_at = obol_read_u64(r);
	slot->last_used_at = obol_read_u64(r);
	read_text(r, slot->last_source, OBOL_SOURCE_MAX);
	slot->expires_at = obol_read_u64(r);
}

void obol_control_write_item(struct obol_writer *w,
							 const struct obol_list_item *item)
{
	struct obol_bounds bounds = { 0, OBOL_CREDENTIAL_NAME_MAX };

	obol_write_text16(w, item->name, bounds);
	obol_write_u16(w, item->format);
	obol_write_u64(w, item->version);
	obol_write_u32(w, item->size);
	obol_write_u64(w, item->changed_at);
	obol_write_u8(w, item->deleted);
}

void obol_control_read_item(struct obol_reader *r, struct obol_list_item *item)
{
	struct obol_bounds bounds = { 0, OBOL_CREDENTIAL_NAME_MAX };

	item->name = obol_read_text16(r, bounds);
	item->format = obol_read_u16(r);
	item->version = obol_read_u64(r);
	item->size = obol_read_u32(r);
	item->changed_at = obol_read_u64(r);
	item->deleted = obol_read_bool(r);
}

static const struct obol_bounds label_bounds = { 0, OBOL_LABEL_MAX };
static const struct obol_bounds source_bounds = { 0, OBOL_SOURCE_MAX };
static const struct obol_bounds detail_bounds = { 0, OBOL_TEXT_MAX };

void obol_control_write_event(struct obol_writer *w,
							  const struct obol_history_item *event)
{
	obol_write_u64(w, event->id);
	obol_write_u64(w, event->at);
	obol_write_u8(w, event->operation);
	obol_write_u16(w, event->reply);
	obol_write_u8(w, event->kind);
	obol_write_text8(w, event->label, label_bounds);
	obol_write_text8(w, event->source, source_bounds);
	obol_write_text16(w, event->detail, detail_bounds);
}

void obol_control_read_event(struct obol_reader *r,
							 struct obol_history_item *event)
{
	event->id = obol_read_u64(r);
	event->at = obol_read_u64(r);
	event->operation = obol_read_u8(r);
	event->reply = obol_read_u16(r);
	event->kind = obol_read_u8(r);
	event->label = obol_read_text8(r, label_bounds);
	event->source = obol_read_text8(r, source_bounds);
	event->detail = obol_read_text16(r, detail_bounds);
}

void obol_control_write_certificate(
	struct obol_writer *w, const struct obol_store_certificate *certificate)
{
	obol_write_vec8(w,
					obol_bytes(certificate->serial, certificate->serial_len));
	obol_write_u64(w, certificate->not_before);
	obol_write_u64(w, certificate->not_after);
	write_text(w, certificate->subject, OBOL_TEXT_MAX);
}

void obol_control_read_certificate(struct obol_reader *r,
								   struct obol_store_certificate *certificate)
{
	memset(certificate, 0, sizeof(*certificate));
	read_serial(r, certificate->serial, &certificate->serial_len);
	certificate->not_before = obol_read_u64(r);
	certificate->not_after = obol_read_u64(r);
	read_text(r, certificate->subject, OBOL_TEXT_MAX);
}

void obol_control_write_revocation(
	struct obol_writer *w, const struct obol_store_revocation *revocation)
{
	obol_write_u64(w, revocation->number);
	obol_write_vec8(w, obol_bytes(revocation->serial, revocation->serial_len));
	obol_write_u8(w, revocation->reason);
	obol_write_u64(w, revocation->revoked_at);
}

void obol_control_read_revocation(struct obol_reader *r,
								  struct obol_store_revocation *revocation)
{
	memset(revocation, 0, sizeof(*revocation));
	revocation->number = obol_read_u64(r);
	read_serial(r, revocation->serial, &revocation->serial_len);
	revocation->reason = obol_read_u8(r);
	revocation->revoked_at = obol_read_u64(r);
}

void obol_control_write_gateway(struct obol_writer *w,
								const struct obol_store_gateway *gateway)
{
	write_text(w, gateway->name, OBOL_NAME_MAX);
	obol_write_u64(w, gateway->seen_at);
	obol_write_u64(w, gateway->revocation);
	obol_write_u32(w, gateway->n_ended);
}

void obol_control_read_gateway(struct obol_reader *r,
							   struct obol_store_gateway *gateway)
{
	memset(gateway, 0, sizeof(*gateway));
	read_text(r, gateway->name, OBOL_NAME_MAX);
	gateway->seen_at = obol_read_u64(r);
	gateway->revocation = obol_read_u64(r);
	gateway->n_ended = obol_read_u32(r);
}

void obol_control_write_revoked(struct obol_writer *w,
								const struct obol_store_revoked *revoked)
{
	obol_write_u32(w, revoked->n_certificates);
	obol_write_u64(w, revoked->before);
	obol_write_u64(w, revoked->last);
}

void obol_control_read_revoked(struct obol_reader *r,
							   struct obol_store_revoked *revoked)
{
	revoked->n_certificates = obol_read_u32(r);
	revoked->before = obol_read_u64(r);
	revoked->last = obol_read_u64(r);
}

void obol_control_write_code(struct obol_writer *w,
							 const struct obol_control_code *code)
{
	obol_write_vec8(w, obol_secret_view(code->text));
	obol_write_u64(w, code->expires_at);
	obol_control_write_revoked(w, &code->revoked);
}

enum obol_status obol_control_read_code(struct obol_reader *r,
										struct obol_control_code *code)
{
	struct obol_bytes text = obol_read_vec8(r, OBOL_CODE_TEXT_MAX - 1);

	code->expires_at = obol_read_u64(r);
	obol_control_read_revoked(r, &code->revoked);
	code->text = NULL;
	if (!obol_reader_ok(r))
	{
		return OBOL_OK;
	}
	code->text = obol_secret_dup(text.ptr, text.len);
	return code->text ? OBOL_OK : OBOL_ERR_NOMEM;
}
