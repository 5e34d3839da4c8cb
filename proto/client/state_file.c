/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client remembers. */
#include "client/state_file.h"
#include "base/file.h"
#include "client/lines.h"

#include <stdio.h>

/* Room for all the names there can be, each byte as %XX. */
#define FILE_MAX (128 * 1024)

void obol_state_init(struct obol_state *state)
{
	memset(state, 0, sizeof(*state));
}

static void parse_version(struct obol_lines *lines, struct obol_state *state)
{
	struct obol_state_version *item;

	if (state->n_versions == OBOL_NAMES_MAX)
	{
		obol_lines_fail(lines);
		return;
	}
	item = &state->versions[state->n_versions++];
	item->version = obol_lines_number(lines);
	item->name_len =
		(uint8_t)obol_lines_name(lines, item->name, sizeof(item->name));
}

static uint8_t parse_u8(struct obol_lines *lines)
{
	uint64_t number = obol_lines_number(lines);

	if (number > UINT8_MAX)
	{
		obol_lines_fail(lines);
	}
	return (uint8_t)number;
}

static bool parse_kind(struct obol_lines *lines, struct obol_state *state,
					   bool is_more)
{
	if (is_more && obol_lines_word(lines, "mode"))
	{
		state->mode = parse_u8(lines);
		is_more = obol_lines_next(lines);
	}
	if (is_more && obol_lines_word(lines, "key-type"))
	{
		state->key_type = parse_u8(lines);
		is_more = obol_lines_next(lines);
	}
	return is_more;
}

static bool parse_anchors(struct obol_lines *lines, struct obol_state *state,
						  bool is_more)
{
	uint64_t number;

	if (!is_more || !obol_lines_word(lines, "anchors"))
	{
		return is_more;
	}
	number = obol_lines_number(lines);
	if (number == 0 || number > UINT32_MAX)
	{
		obol_lines_fail(lines);
	}
	state->anchors_number = (uint32_t)number;
	return obol_lines_next(lines);
}

static void parse(struct obol_lines *lines, struct obol_state *state)
{
	bool is_more = obol_lines_next(lines) &&
				   obol_lines_word(lines, "obol-state") &&
				   obol_lines_word(lines, "1") && obol_lines_next(lines);
	uint64_t number;

	if (is_more && obol_lines_word(lines, "account"))
	{
		(void)obol_lines_name(lines, (uint8_t *)state->account, OBOL_NAME_MAX);
		is_more = obol_lines_next(lines);
	}
	while (is_more && state->n_server_keys < OBOL_STATE_KEYS_MAX &&
		   obol_lines_word(lines, "server-key"))
	{
		obol_lines_hex(lines, state->server_keys[state->n_server_keys++],
					   OBOL_OPAQUE_NPK);
		is_more = obol_lines_next(lines);
	}
	while (is_more && state->n_tls_keys < OBOL_STATE_KEYS_MAX &&
		   obol_lines_word(lines, "tls-key"))
	{
		obol_lines_hex(lines, state->tls_keys[state->n_tls_keys++],
					   OBOL_TLS_KEY_HASH_LEN);
		is_more = obol_lines_next(lines);
	}
	if (is_more && obol_lines_word(lines, "account-id"))
	{
		state->has_account_id = true;
		obol_lines_hex(lines, state->account_id, OBOL_ACCOUNT_ID_LEN);
		is_more = obol_lines_next(lines);
	}
	if (is_more && obol_lines_word(lines, "failures"))
	{
		number = obol_lines_number(lines);
		state->n_failures = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
		is_more = obol_lines_next(lines);
	}
	is_more = parse_kind(lines, state, is_more);
	is_more = parse_anchors(lines, state, is_more);
	while (is_more && obol_lines_word(lines, "version"))
	{
		parse_version(lines, state);
		is_more = obol_lines_next(lines);
	}
	if (!is_more || !obol_lines_word(lines, "end") || obol_lines_next(lines) ||
		strlen(state->account) == 0)
	{
		obol_lines_fail(lines);
	}
}

enum obol_status obol_state_load(const char *path, struct obol_state *state,
								 char *why, size_t size)
{
	struct obol_secret *content = NULL;
	struct obol_lines lines;
	enum obol_status status =
		obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &content, why, size);

	obol_state_init(state);
	if (status == OBOL_ERR_NOT_FOUND)
	{
		return OBOL_OK;
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	lines = obol_lines_over(obol_secret_view(content));
	parse(&lines, state);
	obol_secret_free(content);
	if (lines.failed)
	{
		obol_state_init(state);
		(void)snprintf(why, size,
					   "%s: line %u is not what obol has written; put the file "
					   "back from a backup, or remove it if you are sure that "
					   "you are talking to the right server",
					   path, lines.number);
		return OBOL_ERR_FORMAT;
	}
	return OBOL_OK;
}

static void write_key(struct obol_writer *w, const char *word,
					  const uint8_t *key, size_t len)
{
	obol_write_str(w, word);
	obol_write_hex(w, obol_bytes(key, len));
	obol_write_str(w, "\n");
}

/* Nothing is written of what is not known. */
static void write_word(struct obol_writer *w, const char *word, uint32_t number)
{
	if (number)
	{
		obol_write_str(w, word);
		obol_write_number(w, number);
		obol_write_str(w, "\n");
	}
}

static void write_state(struct obol_writer *w, const struct obol_state *state)
{
	size_t i;

	obol_write_str(w, "obol-state 1\naccount ");
	obol_write_name(w, obol_bytes_str(state->account));
	obol_write_str(w, "\n");
	for (i = 0; i < state->n_server_keys; i++)
	{
		write_key(w, "server-key ", state->server_keys[i], OBOL_OPAQUE_NPK);
	}
	for (i = 0; i < state->n_tls_keys; i++)
	{
		write_key(w, "tls-key ", state->tls_keys[i], OBOL_TLS_KEY_HASH_LEN);
	}
	if (state->has_account_id)
	{
		write_key(w, "account-id ", state->account_id, OBOL_ACCOUNT_ID_LEN);
	}
	write_word(w, "failures ", state->n_failures);
	write_word(w, "mode ", state->mode);
	write_word(w, "key-type ", state->key_type);
	write_word(w, "anchors ", state->anchors_number);
	for (i = 0; i < state->n_versions; i++)
	{
		obol_write_str(w, "version ");
		obol_write_number(w, state->versions[i].version);
		obol_write_str(w, " ");
		obol_write_name(w, obol_bytes(state->versions[i].name,
									  state->versions[i].name_len));
		obol_write_str(w, "\n");
	}
	obol_write_str(w, "end\n");
}

/* Another process may have seen newer versions since this one has read the
 * file; a file that is of no use any more is not of interest here. */
static void merge_versions(const char *path, struct obol_state *state)
{
	struct obol_state other;
	char why[8];
	size_t i;

	if (obol_state_load(path, &other, why, sizeof(why)) != OBOL_OK ||
		!other.has_account_id || !state->has_account_id ||
		memcmp(other.account_id, state->account_id, sizeof(other.account_id)) !=
			0)
	{
		return;
	}
	if (other.anchors_number > state->anchors_number && state->anchors_number)
	{
		state->anchors_number = other.anchors_number;
	}
	for (i = 0; i < other.n_versions; i++)
	{
		obol_state_saw_version(
			state,
			obol_bytes(other.versions[i].name, other.versions[i].name_len),
			other.versions[i].version);
	}
}

enum obol_status obol_state_save(const char *path, struct obol_state *state,
								 char *why, size_t size)
{
	struct obol_writer w;
	enum obol_status status;

	merge_versions(path, state);
	obol_writer_init(&w);
	write_state(&w, state);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		status = obol_file_replace(path, obol_writer_view(&w), 0644, why, size);
	}
	else
	{
		(void)snprintf(why, size, "%s: memory ran out", path);
	}
	obol_writer_clear(&w);
	if (status == OBOL_OK)
	{
		state->is_changed = false;
	}
	return status;
}

bool obol_state_knows_server_key(const struct obol_state *state,
								 const uint8_t key[OBOL_OPAQUE_NPK])
{
	size_t i;

	for (i = 0; i < state->n_server_keys; i++)
	{
		if (memcmp(state->server_keys[i], key, OBOL_OPAQUE_NPK) == 0)
		{
			return true;
		}
	}
	return false;
}

/* Append a key that is not there yet. */
static void append_key(struct obol_state *list,
					   const uint8_t key[OBOL_OPAQUE_NPK])
{
	if (list->n_server_keys < OBOL_STATE_KEYS_MAX &&
		!obol_state_knows_server_key(list, key))
	{
		memcpy(list->server_keys[list->n_server_keys++], key, OBOL_OPAQUE_NPK);
	}
}

void obol_state_add_server_keys(struct obol_state *state,
								const uint8_t used[OBOL_OPAQUE_NPK],
								const struct obol_pin *others, size_t n)
{
	struct obol_state list;
	size_t i;

	obol_state_init(&list);
	append_key(&list, used);
	for (i = 0; i < n; i++)
	{
		append_key(&list, others[i].opaque_public_key);
	}
	for (i = 0; i < state->n_server_keys; i++)
	{
		append_key(&list, state->server_keys[i]);
	}
	if (list.n_server_keys != state->n_server_keys ||
		memcmp(list.server_keys, state->server_keys,
			   sizeof(list.server_keys)) != 0)
	{
		memcpy(state->server_keys, list.server_keys, sizeof(list.server_keys));
		state->n_server_keys = list.n_server_keys;
		state->is_changed = true;
	}
}

void obol_state_set_tls_keys(struct obol_state *state,
							 const uint8_t used[OBOL_TLS_KEY_HASH_LEN],
							 const struct obol_pin *others, size_t n)
{
	uint8_t keys[OBOL_STATE_KEYS_MAX][OBOL_TLS_KEY_HASH_LEN];
	size_t n_keys = 1;
	size_t i;

	memset(keys, 0, sizeof(keys));
	memcpy(keys[0], used, OBOL_TLS_KEY_HASH_LEN);
	for (i = 0; i < n && n_keys < OBOL_STATE_KEYS_MAX; i++)
	{
		if (memcmp(others[i].tls_key_hash, used, OBOL_TLS_KEY_HASH_LEN) != 0)
		{
			memcpy(keys[n_keys++], others[i].tls_key_hash,
				   OBOL_TLS_KEY_HASH_LEN);
		}
	}
	if (n_keys != state->n_tls_keys ||
		memcmp(keys, state->tls_keys, n_keys * OBOL_TLS_KEY_HASH_LEN) != 0)
	{
		memcpy(state->tls_keys, keys, sizeof(keys));
		state->n_tls_keys = n_keys;
		state->is_changed = true;
	}
}

void obol_state_set_account_id(struct obol_state *state,
							   const uint8_t id[OBOL_ACCOUNT_ID_LEN])
{
	if (state->has_account_id &&
		memcmp(state->account_id, id, OBOL_ACCOUNT_ID_LEN) == 0)
	{
		return;
	}
	memcpy(state->account_id, id, OBOL_ACCOUNT_ID_LEN);
	state->has_account_id = true;
	state->n_versions = 0;
	state->anchors_number = 0;
	state->is_changed = true;
}

void obol_state_set_failures(struct obol_state *state, uint32_t n)
{
	if (state->n_failures != n)
	{
		state->n_failures = n;
		state->is_changed = true;
	}
}

void obol_state_set_kind(struct obol_state *state, uint8_t mode,
						 uint8_t key_type)
{
	if (state->mode != mode || state->key_type != key_type)
	{
		state->mode = mode;
		state->key_type = key_type;
		state->is_changed = true;
	}
}

void obol_state_set_anchors_number(struct obol_state *state, uint32_t number)
{
	if (state->anchors_number != number)
	{
		state->anchors_number = number;
		state->is_changed = true;
	}
}

static struct obol_state_version *find_version(struct obol_state *state,
											   struct obol_bytes name)
{
	size_t i;

	for (i = 0; i < state->n_versions; i++)
	{
		struct obol_state_version *item = &state->versions[i];

		if (obol_bytes_eq(obol_bytes(item->name, item->name_len), name))
		{
			return item;
		}
	}
	return NULL;
}

uint64_t obol_state_version(const struct obol_state *state,
							struct obol_bytes name)
{
	size_t i;

	for (i = 0; i < state->n_versions; i++)
	{
		const struct obol_state_version *item = &state->versions[i];

		if (obol_bytes_eq(obol_bytes(item->name, item->name_len), name))
		{
			return item->version;
		}
	}
	return 0;
}

void obol_state_saw_version(struct obol_state *state, struct obol_bytes name,
							uint64_t version)
{
	struct obol_state_version *item = find_version(state, name);

	if (!item)
	{
		if (name.len == 0 || name.len > OBOL_CREDENTIAL_NAME_MAX ||
			state->n_versions == OBOL_NAMES_MAX)
		{
			return;
		}
		item = &state->versions[state->n_versions++];
		memset(item, 0, sizeof(*item));
		memcpy(item->name, name.ptr, name.len);
		item->name_len = (uint8_t)name.len;
	}
	if (version > item->version)
	{
		item->version = version;
		state->is_changed = true;
	}
}
