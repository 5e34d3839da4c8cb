/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: the key of its keyed hashes. */
#include "store/store_sql_private.h"

enum obol_status obol_sql_make_id_key(struct obol_sql_store *this,
									  const uint8_t *given)
{
	struct obol_sql_query q;
	enum obol_status status = OBOL_OK;

	if (given)
	{
		memcpy(this->store.id_key, given, sizeof(this->store.id_key));
	}
	else
	{
		status = obol_rng_fill(this->rng, this->store.id_key,
							   sizeof(this->store.id_key));
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql, "INSERT INTO meta (name, value) "
								  "VALUES ('id_key', ?)");
	obol_sql_put_blob(&q, this->store.id_key, sizeof(this->store.id_key));
	return obol_sql_finish(&q);
}

enum obol_status obol_sql_load_id_key(struct obol_sql_store *this)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT value FROM meta WHERE name = 'id_key'");
	enum obol_status status;
	bool found = obol_sql_row(&q);

	if (found)
	{
		obol_sql_get_fixed(&q, this->store.id_key, sizeof(this->store.id_key));
	}
	status = obol_sql_end(&q);
	return status == OBOL_OK && !found ? OBOL_ERR_STORE : status;
}
