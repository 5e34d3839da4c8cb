/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account import: accounts that a complete table lacks, the leavers'.
 */
#include "tools/ctl_import.h"

#include "tools/askpass.h"
#include "tools/ctl_account_text.h"

#include <stdlib.h>

/** Names of the table, in order, and what is not among them. */
struct search {
	size_t n_names;
	const char **names;
	struct obol_import_missing *missing;
	bool failed;
};

static int by_text(const void *a, const void *b)
{
	const char *const *x = a;
	const char *const *y = b;

	return strcmp(*x, *y);
}

static bool add(struct obol_import_missing *missing,
				const struct obol_account *account)
{
	struct obol_account *accounts =
		realloc(missing->accounts, (missing->n + 1) * sizeof(*accounts));

	if (!accounts)
	{
		return false;
	}
	missing->accounts = accounts;
	accounts[missing->n++] = *account;
	return true;
}

static void look(void *ctx, const struct obol_account *account)
{
	struct search *search = ctx;
	const char *name = account->name;

	if (account->state == OBOL_ACCOUNT_ACTIVE &&
		!bsearch(&name, search->names, search->n_names, sizeof(*search->names),
				 by_text))
	{
		search->failed |= !add(search->missing, account);
	}
}

/* A row whose name cannot be read may be anybody's. */
static bool take_names(const struct obol_import *import, struct search *search)
{
	size_t i;

	search->names = calloc(import->n_rows + 1, sizeof(*search->names));
	if (!search->names)
	{
		(void)obol_ctl_fail("memory ran out");
		return false;
	}
	for (i = 0; i < import->n_rows; i++)
	{
		if (!*import->rows[i].account.name)
		{
			(void)obol_ctl_fail("line %zu has no name that can be read, so "
								"nobody is disabled: correct it first",
								import->rows[i].line);
			return false;
		}
		search->names[search->n_names++] = import->rows[i].account.name;
	}
	if (search->n_names == 0)
	{
		(void)obol_ctl_fail("the table is empty, so nobody is disabled");
		return false;
	}
	qsort(search->names, search->n_names, sizeof(*search->names), by_text);
	return true;
}

bool obol_import_missing_find(struct obol_import *import,
							  struct obol_import_missing *missing)
{
	struct search search = { .missing = missing };
	enum obol_status status = OBOL_OK;
	bool done = take_names(import, &search);

	if (done)
	{
		status = obol_ctl_each_account(import->ctl, look, &search);
	}
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "looking for accounts");
	}
	else if (search.failed)
	{
		(void)obol_ctl_fail("memory ran out");
	}
	free(search.names);
	return done && status == OBOL_OK && !search.failed;
}

bool obol_import_missing_confirm(const struct obol_import_missing *missing,
								 bool is_sure)
{
	char question[96];
	size_t i;

	if (missing->n == 0 || is_sure)
	{
		return true;
	}
	for (i = 0; i < missing->n; i++)
	{
		obol_output_text(stderr, obol_bytes_str(missing->accounts[i].name), 0);
		(void)fputc('\n', stderr);
	}
	(void)snprintf(question, sizeof(question),
				   "Disable these %zu account(s), which the table lacks? "
				   "(yes/no)",
				   missing->n);
	if (obol_ask_yes(question))
	{
		return true;
	}
	(void)obol_ctl_fail(
		"nothing was imported or disabled%s",
		obol_ask_possible() ? "" : "; without a terminal give --yes");
	return false;
}

static bool disable_some(struct obol_import *import,
						 struct obol_import_missing *missing, size_t n)
{
	struct obol_store_account_set_state *args = calloc(n, sizeof(*args));
	struct obol_store_op *ops = calloc(n, sizeof(*ops));
	enum obol_status status = args && ops ? OBOL_OK : OBOL_ERR_NOMEM;
	size_t i;

	for (i = 0; status == OBOL_OK && i < n; i++)
	{
		args[i].in.account_id = missing->accounts[missing->n_disabled + i].id;
		args[i].in.state = OBOL_ACCOUNT_DISABLED;
		args[i].in.actor = import->ctl->actor;
		args[i].in.now = obol_now(import->ctl->clock);
		ops[i].verb = OBOL_STORE_ACCOUNT_SET_STATE;
		ops[i].arg.account_set_state = &args[i];
		obol_store_submit(import->ctl->store, &ops[i]);
	}
	obol_store_flush(import->ctl->store);
	for (i = 0; status == OBOL_OK && i < n; i++)
	{
		/* one that was removed meanwhile needs no disabling */
		status = ops[i].is_in_doubt                    ? OBOL_ERR_IO
				 : ops[i].status == OBOL_ERR_NOT_FOUND ? OBOL_OK
													   : ops[i].status;
	}
	free(ops);
	free(args);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "disabling accounts");
		return false;
	}
	missing->n_disabled += n;
	return true;
}

bool obol_import_missing_disable(struct obol_import *import,
								 struct obol_import_missing *missing)
{
	bool done = true;

	while (done && missing->n_disabled < missing->n)
	{
		size_t left = missing->n - missing->n_disabled;

		done =
			disable_some(import, missing,
						 left < OBOL_IMPORT_BATCH ? left : OBOL_IMPORT_BATCH);
	}
	return done;
}

void obol_import_missing_clear(struct obol_import_missing *missing)
{
	free(missing->accounts);
	memset(missing, 0, sizeof(*missing));
}
