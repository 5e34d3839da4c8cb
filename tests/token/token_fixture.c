/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A token that can be made to fail. */
#include "token/token_fixture.h"

#include <stdio.h>

#include <p11-kit/p11-kit.h>

struct token_fixture token_fixture;

void token_fixture_setup(void)
{
	struct token_fixture *f = &token_fixture;

	memset(f, 0, sizeof(*f));
	f->is_here = softhsm_init(&f->hsm);
	if (!f->is_here)
	{
		return;
	}
	f->real = p11_kit_module_load(f->hsm.module, P11_KIT_MODULE_CRITICAL);
	ck_assert_ptr_nonnull(f->real);
	ck_assert_uint_eq(p11_kit_module_initialize(f->real), CKR_OK);
	f->module = *f->real;
	(void)snprintf(f->uri, sizeof(f->uri),
				   "pkcs11:token=obol?module-path=%.255s", f->hsm.module);
}

void token_fixture_teardown(void)
{
	struct token_fixture *f = &token_fixture;

	obol_pkcs11_close(f->token);
	if (f->real)
	{
		(void)p11_kit_module_finalize(f->real);
		p11_kit_module_release(f->real);
	}
	softhsm_clear(&f->hsm);
}

enum obol_status token_fixture_open(const char *pin, bool attended)
{
	struct token_fixture *f = &token_fixture;
	struct obol_secret *secret =
		pin ? obol_secret_dup(pin, strlen(pin) + 1) : NULL;
	struct obol_pkcs11_options options = { f->uri, "vpn", secret, attended };
	enum obol_status status;

	obol_pkcs11_close(f->token);
	f->token = NULL;
	status = obol_pkcs11_open_in(&f->module, &options, &f->token, f->why,
								 sizeof(f->why));
	obol_secret_free(secret);
	return status;
}

unsigned token_fixture_count(long object_class)
{
	struct token_fixture *f = &token_fixture;
	CK_OBJECT_CLASS class = (CK_OBJECT_CLASS)object_class;
	CK_ATTRIBUTE template = { CKA_CLASS, &class, sizeof(class) };
	CK_OBJECT_HANDLE found[64];
	CK_ULONG n = 0;

	ck_assert_uint_eq(f->real->C_FindObjectsInit(f->token->session, &template,
												 object_class != -1),
					  CKR_OK);
	ck_assert_uint_eq(f->real->C_FindObjects(f->token->session, found, 64, &n),
					  CKR_OK);
	ck_assert_uint_eq(f->real->C_FindObjectsFinal(f->token->session), CKR_OK);
	return (unsigned)n;
}
