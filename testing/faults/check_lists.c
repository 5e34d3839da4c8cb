/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates and guesses that the server has recorded. */
#include "testing/faults/check.h"

#include "account/guess_limit.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define KEY_TEXT (2 * OBOL_GUESS_KEY_LEN + 1)
#define MS_OF_S 1000

static FILE *open_list(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
	{
		perror(path);
	}
	return file;
}

/*
 * Certificates
 */

struct recorded {
	char name[ACKS_NAME_MAX];
	char serial[MODEL_SERIAL_TEXT];
};

static bool is_recorded(const struct recorded *list, size_t n, const char *name,
						const char *serial)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (strcasecmp(list[i].serial, serial) == 0 &&
			strcmp(list[i].name, name) == 0)
		{
			return true;
		}
	}
	return false;
}

static void compare_certificates(struct check *check,
								 const struct model_account *account,
								 const struct recorded *list, size_t n)
{
	unsigned n_recorded = 0;
	size_t i;

	for (i = 0; i < account->n_serials; i++)
	{
		if (is_recorded(list, n, account->name, account->serials[i]))
		{
			check->n_certificates++;
		}
		else
		{
			check_fault(check, account->name,
						"certificate %s was issued and is not recorded",
						account->serials[i]);
		}
	}
	for (i = 0; i < n; i++)
	{
		n_recorded += strcmp(list[i].name, account->name) == 0;
	}
	if (n_recorded > account->n_serials + account->n_maybe_serials)
	{
		check_fault(check, account->name,
					"%u certificates are recorded: %u were issued, %u others "
					"may have been",
					n_recorded, account->n_serials, account->n_maybe_serials);
	}
}

bool check_certificates(struct check *check)
{
	struct recorded *list = NULL, one;
	size_t n = 0, i;
	FILE *file;

	if (!check->options->certificates)
	{
		return true;
	}
	file = open_list(check->options->certificates);
	if (!file)
	{
		return false;
	}
	while (fscanf(file, "%255s %40s", one.name, one.serial) == 2)
	{
		list = reallocarray(list, n + 1, sizeof(*list));
		if (!list)
		{
			(void)fputs("clients: no memory\n", stderr);
			exit(2);
		}
		list[n++] = one;
	}
	(void)fclose(file);
	for (i = 0; i < check->model.n_accounts; i++)
	{
		compare_certificates(check, &check->model.accounts[i], list, n);
	}
	free(list);
	return true;
}

/*
 * Guesses
 */

/* Guesses that a name gets from its first to its last, in this time. */
static unsigned allowed(const struct model_target *target)
{
	uint64_t left_s = (target->last_ms - target->first_ms) / MS_OF_S;
	uint64_t wait_s = OBOL_GUESS_WAIT_S;
	unsigned n = OBOL_GUESS_FREE;

	while (left_s >= wait_s && n < OBOL_GUESS_DAY_MAX)
	{
		left_s -= wait_s;
		n++;
		wait_s = wait_s < OBOL_GUESS_WAIT_MAX_S / 2 ? 2 * wait_s
													: OBOL_GUESS_WAIT_MAX_S;
	}
	return n + target->n_steps;
}

/* What the table has for a key; 0 for no row. */
static bool read_row(const char *path, const char *key, unsigned *n)
{
	FILE *file = open_list(path);
	char text[KEY_TEXT];
	unsigned number;

	*n = 0;
	while (file && fscanf(file, "%32s %u", text, &number) == 2)
	{
		if (strcasecmp(text, key) == 0)
		{
			*n = number;
		}
	}
	if (file)
	{
		(void)fclose(file);
	}
	return file != NULL;
}

static bool check_row(struct check *check, const struct obol_store *store,
					  const struct model_target *target)
{
	uint8_t key[OBOL_GUESS_KEY_LEN];
	char text[KEY_TEXT];
	unsigned n;

	if (obol_store_guess_key(store, OBOL_SLOT_ACTIVATION,
							 obol_bytes_str(target->name), NULL,
							 key) != OBOL_OK)
	{
		return false;
	}
	model_hex(key, sizeof(key), text);
	if (!read_row(check->options->guesses, text, &n))
	{
		return false;
	}
	if (n < target->n_spent || n > target->n_spent + target->n_unknown)
	{
		check_fault(check, target->name,
					"%u guesses are counted: %u were spent, %u others may "
					"have been",
					n, target->n_spent, target->n_unknown);
	}
	return true;
}

bool check_guesses(struct check *check)
{
	struct obol_store store = { .backend = NULL };
	size_t i;

	if (check->options->guesses &&
		!(check->options->id_key &&
		  model_unhex(check->options->id_key, store.id_key,
					  sizeof(store.id_key))))
	{
		(void)fputs("clients: the guess table's key is no key\n", stderr);
		return false;
	}
	for (i = 0; i < check->model.n_targets; i++)
	{
		const struct model_target *target = &check->model.targets[i];

		check->n_guesses += target->n_spent;
		if (target->n_spent > allowed(target))
		{
			check_fault(
				check, target->name, "had %u guesses in %llu s, %u are allowed",
				target->n_spent,
				(unsigned long long)(target->last_ms - target->first_ms) /
					MS_OF_S,
				allowed(target));
		}
		if (check->options->guesses && !check_row(check, &store, target))
		{
			return false;
		}
	}
	return true;
}
