/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules and tokens: found, logged in to, left again. */
#include "token/pkcs11_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/p11-kit.h>

#define SLOTS_MAX 64

enum obol_status obol_pkcs11_fail(struct obol_pkcs11 *token,
								  enum obol_status status, const char *what)
{
	(void)snprintf(token->why, token->size, "the token '%s': %s",
				   token->uri.name, what);
	return status;
}

/* What people can do something about, in whatever call it turns up. */
static const struct {
	CK_RV rv;
	enum obol_status status;
	const char *what;
} failures[] = {
	{ CKR_DEVICE_REMOVED, OBOL_ERR_IO,
	  "it was pulled out; plug it in and try again" },
	{ CKR_TOKEN_NOT_PRESENT, OBOL_ERR_IO,
	  "it was pulled out; plug it in and try again" },
	{ CKR_SESSION_HANDLE_INVALID, OBOL_ERR_IO,
	  "it was pulled out meanwhile; try again" },
	{ CKR_SESSION_CLOSED, OBOL_ERR_IO,
	  "it was pulled out meanwhile; try again" },
	{ CKR_USER_NOT_LOGGED_IN, OBOL_ERR_IO,
	  "another program has logged out of it meanwhile; try again" },
	{ CKR_DEVICE_MEMORY, OBOL_ERR_DENIED,
	  "it is full; remove what it need not keep (pkcs11-tool --login "
	  "--delete-object) and try again" },
	{ CKR_TOKEN_WRITE_PROTECTED, OBOL_ERR_DENIED,
	  "it is write-protected; nothing can be made in it" },
	{ CKR_HOST_MEMORY, OBOL_ERR_NOMEM, "no memory for it" },
};

enum obol_status obol_pkcs11_fail_rv(struct obol_pkcs11 *token, CK_RV rv,
									 const char *when)
{
	char what[128];
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
	{
		if (failures[i].rv == rv)
		{
			return obol_pkcs11_fail(token, failures[i].status,
									failures[i].what);
		}
	}
	(void)snprintf(what, sizeof(what), "%s failed with PKCS#11's error 0x%lx",
				   when, (unsigned long)rv);
	return obol_pkcs11_fail(token, OBOL_ERR_TOKEN, what);
}

void obol_pkcs11_begin(struct obol_pkcs11 *token, char *why, size_t size)
{
	pthread_mutex_lock(&token->mutex);
	token->why = why;
	token->size = size;
	why[0] = '\0';
}

enum obol_status obol_pkcs11_end(struct obol_pkcs11 *token,
								 enum obol_status status)
{
	token->why = NULL;
	pthread_mutex_unlock(&token->mutex);
	return status;
}

/*
 * The token
 */

/* PKCS#11 pads with spaces and no zero byte. */
static void take_padded(char *out, const unsigned char *field, size_t len)
{
	memcpy(out, field, len);
	out[len] = '\0';
}

static bool is_wanted(const struct obol_token_uri *uri,
					  const CK_TOKEN_INFO *info)
{
	char label[sizeof(info->label) + 1];
	char manufacturer[sizeof(info->manufacturerID) + 1];
	char model[sizeof(info->model) + 1];
	char serial[sizeof(info->serialNumber) + 1];

	take_padded(label, info->label, sizeof(info->label));
	take_padded(manufacturer, info->manufacturerID,
				sizeof(info->manufacturerID));
	take_padded(model, info->model, sizeof(info->model));
	take_padded(serial, info->serialNumber, sizeof(info->serialNumber));
	return info->flags & CKF_TOKEN_INITIALIZED &&
		   obol_token_uri_matches(uri, label, manufacturer, model, serial);
}

static enum obol_status find_slot(struct obol_pkcs11 *token,
								  CK_TOKEN_INFO *info)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX, i;
	bool is_found = false;
	CK_RV rv = token->module->C_GetSlotList(CK_TRUE, slots, &n);

	if (rv != CKR_OK)
	{
		return obol_pkcs11_fail_rv(token, rv, "listing the slots");
	}
	for (i = 0; i < n; i++)
	{
		CK_TOKEN_INFO found;

		if (token->module->C_GetTokenInfo(slots[i], &found) != CKR_OK ||
			!is_wanted(&token->uri, &found))
		{
			continue;
		}
		if (is_found)
		{
			return obol_pkcs11_fail(token, OBOL_ERR_ARG,
									"there are several; name its serial too");
		}
		is_found = true;
		token->slot = slots[i];
		*info = found;
	}
	return is_found
			   ? OBOL_OK
			   : obol_pkcs11_fail(token, OBOL_ERR_NOT_FOUND,
								  "there is none; is it plugged in, and may "
								  "this process use it?");
}

/*
 * The PIN
 */

#define UNBLOCK "; unblock it with its SO PIN (pkcs11-tool --init-pin)"

/* The flags are of a moment when somebody else may have logged in. */
static enum obol_status may_try(struct obol_pkcs11 *token,
								const CK_TOKEN_INFO *info)
{
	if (info->flags & CKF_USER_PIN_LOCKED)
	{
		return obol_pkcs11_fail(token, OBOL_ERR_DENIED,
								"its PIN is locked" UNBLOCK);
	}
	if (!token->pin)
	{
		return obol_pkcs11_fail(token, OBOL_ERR_FORMAT,
								"it wants a PIN; name a file that has it by "
								"pin-source=file:/PATH");
	}
	if (!token->attended &&
		info->flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY))
	{
		return obol_pkcs11_fail(
			token, OBOL_ERR_DENIED,
			"a wrong PIN was given last, so none is tried; put the right one "
			"into its file, and log in by hand (pkcs11-tool --login --test)");
	}
	return OBOL_OK;
}

/* How many tries are left is told by flags alone. */
static enum obol_status tell_wrong(struct obol_pkcs11 *token)
{
	CK_TOKEN_INFO info;

	memset(&info, 0, sizeof(info));
	(void)token->module->C_GetTokenInfo(token->slot, &info);
	if (info.flags & CKF_USER_PIN_LOCKED)
	{
		return obol_pkcs11_fail(token, OBOL_ERR_AUTH,
								"the PIN is wrong, and that locked it" UNBLOCK);
	}
	return obol_pkcs11_fail(token, OBOL_ERR_AUTH,
							info.flags & CKF_USER_PIN_FINAL_TRY
								? "the PIN is wrong; one try is left, and "
								  "another wrong one locks it"
								: "the PIN is wrong; it locks after a few "
								  "wrong ones, so look it up before you try "
								  "again");
}

static enum obol_status log_in(struct obol_pkcs11 *token,
							   const CK_TOKEN_INFO *info)
{
	enum obol_status status;
	CK_RV rv;

	if (!(info->flags & CKF_LOGIN_REQUIRED))
	{
		return OBOL_OK;
	}
	status = may_try(token, info);
	if (status != OBOL_OK)
	{
		return status;
	}
	rv = token->module->C_Login(token->session, CKU_USER,
								obol_secret_ptr(token->pin),
								obol_secret_len(token->pin) - 1);
	switch (rv)
	{
		case CKR_OK:
		case CKR_USER_ALREADY_LOGGED_IN:
			return OBOL_OK;
		case CKR_PIN_INCORRECT:
		case CKR_PIN_INVALID:
		case CKR_PIN_LEN_RANGE:
			return tell_wrong(token);
		case CKR_PIN_LOCKED:
			return obol_pkcs11_fail(token, OBOL_ERR_DENIED,
									"its PIN is locked" UNBLOCK);
		default:
			return obol_pkcs11_fail_rv(token, rv, "logging in");
	}
}

static void leave(struct obol_pkcs11 *token)
{
	if (token->session != CK_INVALID_HANDLE)
	{
		(void)token->module->C_CloseSession(token->session);
		token->session = CK_INVALID_HANDLE;
	}
}

enum obol_status obol_pkcs11_enter(struct obol_pkcs11 *token)
{
	CK_TOKEN_INFO info;
	enum obol_status status;
	CK_RV rv;

	leave(token);
	memset(&info, 0, sizeof(info));
	status = find_slot(token, &info);
	if (status != OBOL_OK)
	{
		return status;
	}
	rv = token->module->C_OpenSession(token->slot,
									  CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
									  NULL, &token->session);
	if (rv != CKR_OK)
	{
		token->session = CK_INVALID_HANDLE;
		return obol_pkcs11_fail_rv(token, rv, "opening a session");
	}
	status = log_in(token, &info);
	if (status != OBOL_OK)
	{
		leave(token);
	}
	return status;
}

/*
 * Opening and closing
 */

static enum obol_status load(struct obol_pkcs11 *token)
{
	CK_FUNCTION_LIST *module =
		p11_kit_module_load(token->uri.module_path, P11_KIT_MODULE_CRITICAL);

	if (module && p11_kit_module_initialize(module) == CKR_OK)
	{
		token->module = module;
		token->is_loaded = true;
		return OBOL_OK;
	}
	if (module)
	{
		p11_kit_module_release(module);
	}
	(void)snprintf(token->why, token->size,
				   "%s cannot be loaded as a PKCS#11 module; is module-path "
				   "right, and the token's software installed?",
				   token->uri.module_path);
	return OBOL_ERR_TOKEN;
}

static enum obol_status parse_uri(const char *text, struct obol_token_uri *uri,
								  char *why, size_t size)
{
	enum obol_status status = obol_token_uri_parse_token(text, uri, why, size);

	if (status == OBOL_OK && uri->id_len)
	{
		(void)snprintf(why, size,
					   "'%s' names an id; each key pair gets another one, so "
					   "name a label alone: object=",
					   uri->name);
		status = OBOL_ERR_FORMAT;
	}
	return status;
}

enum obol_status obol_pkcs11_check_uri(const char *uri,
									   char pin_path[OBOL_PKCS11_PATH_MAX],
									   char *why, size_t size)
{
	struct obol_token_uri parsed;
	enum obol_status status = parse_uri(uri, &parsed, why, size);

	if (status == OBOL_OK)
	{
		memcpy(pin_path, parsed.pin_path, sizeof(parsed.pin_path));
	}
	return status;
}

static enum obol_status copy_pin(struct obol_pkcs11 *token,
								 const struct obol_secret *pin)
{
	struct obol_bytes view;

	if (!pin)
	{
		return OBOL_OK;
	}
	view = obol_secret_view(pin);
	token->pin = obol_secret_dup(view.ptr, view.len);
	return token->pin ? OBOL_OK
					  : obol_pkcs11_fail(token, OBOL_ERR_NOMEM,
										 "no memory for its PIN");
}

static enum obol_status set_label(struct obol_pkcs11 *token, const char *label)
{
	if (!*token->uri.object &&
		(size_t)snprintf(token->uri.object, sizeof(token->uri.object), "%s",
						 label ? label : "") >= sizeof(token->uri.object))
	{
		return obol_pkcs11_fail(token, OBOL_ERR_FORMAT,
								"the label for its keys is too long");
	}
	return *token->uri.object
			   ? OBOL_OK
			   : obol_pkcs11_fail(token, OBOL_ERR_FORMAT,
								  "its keys have no label: object=");
}

enum obol_status obol_pkcs11_open_in(CK_FUNCTION_LIST *module,
									 const struct obol_pkcs11_options *options,
									 struct obol_pkcs11 **out, char *why,
									 size_t size)
{
	struct obol_pkcs11 *token = calloc(1, sizeof(*token));
	enum obol_status status;

	if (!token)
	{
		(void)snprintf(why, size, "no memory for the token");
		return OBOL_ERR_NOMEM;
	}
	pthread_mutex_init(&token->mutex, NULL);
	obol_pkcs11_begin(token, why, size);
	token->module = module;
	token->session = CK_INVALID_HANDLE;
	token->attended = options->attended;
	status = parse_uri(options->uri, &token->uri, why, size);
	if (status == OBOL_OK)
	{
		status = set_label(token, options->label);
	}
	if (status == OBOL_OK)
	{
		status = copy_pin(token, options->pin);
	}
	if (status == OBOL_OK && !module)
	{
		status = load(token);
	}
	if (status == OBOL_OK)
	{
		status = obol_pkcs11_enter(token);
	}
	status = obol_pkcs11_end(token, status);
	if (status == OBOL_OK)
	{
		*out = token;
		token = NULL; /* moved to the caller */
	}
	obol_pkcs11_close(token);
	return status;
}

enum obol_status obol_pkcs11_open(const struct obol_pkcs11_options *options,
								  struct obol_pkcs11 **token, char *why,
								  size_t size)
{
	return obol_pkcs11_open_in(NULL, options, token, why, size);
}

void obol_pkcs11_close(struct obol_pkcs11 *token)
{
	if (token)
	{
		leave(token);
		if (token->is_loaded)
		{
			(void)p11_kit_module_finalize(token->module);
			p11_kit_module_release(token->module);
		}
		obol_secret_free(token->pin);
		pthread_mutex_destroy(&token->mutex);
		free(token);
	}
}
