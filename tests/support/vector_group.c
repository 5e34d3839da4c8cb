/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of expand_message_xmd and hash_to_curve (RFC 9380). */
#include "support/vector_check.h"
#include "group/expand.h"
#include "group/hash_to_curve.h"

static const char *const expand_keys[] = {
	"dst", "msg", "len_in_bytes", "dst_prime", "uniform_bytes", NULL,
};

static size_t number(struct obol_bytes bytes)
{
	size_t value = 0;
	size_t i;

	for (i = 0; i < bytes.len; i++)
	{
		value = value << 8 | bytes.ptr[i];
	}
	return value;
}

static void check_expand(struct vector_check *check)
{
	struct obol_bytes dst = vector_check_text(check, "dst");
	struct obol_bytes msg = vector_check_text(check, "msg");
	struct obol_bytes len = vector_check_hex(check, "len_in_bytes");
	struct obol_bytes expected = vector_check_hex(check, "uniform_bytes");
	struct obol_dst_prime dst_prime;
	uint8_t out[OBOL_EXPAND_MAX];

	if (vector_check_good(check) &&
		(len.len > 2 || number(len) != expected.len ||
		 number(len) > OBOL_EXPAND_MAX))
	{
		vector_check_unusable(check,
							  "len_in_bytes is not uniform_bytes' length");
	}
	if (!vector_check_good(check) ||
		!vector_check_step(check, "DST_prime",
						   obol_dst_prime(dst, &dst_prime)) ||
		!vector_check_step(
			check, "expand_message_xmd",
			obol_expand_message_xmd(&msg, 1, dst, out, number(len))))
	{
		return;
	}
	vector_check_equal(check, "dst_prime",
					   obol_bytes(dst_prime.bytes, dst_prime.len));
	vector_check_equal(check, "uniform_bytes", obol_bytes(out, number(len)));
}

const struct vector_kind vector_kind_expand_message = {
	"expand-message",
	expand_keys,
	check_expand,
};

static const char *const hash_to_curve_keys[] = {
	"dst",  "msg",  "u",    "u0",   "u1",  "q.x", "q.y",
	"q0.x", "q0.y", "q1.x", "q1.y", "p.x", "p.y", NULL,
};

static void field_equal(struct vector_check *check, const char *key,
						const struct obol_field *field)
{
	uint8_t bytes[OBOL_NUMBER_LEN];

	obol_field_to_bytes(bytes, field);
	vector_check_equal(check, key, obol_bytes(bytes, sizeof(bytes)));
}

static void point_equal(struct vector_check *check, const char *x,
						const char *y, const struct obol_p256_point *point)
{
	field_equal(check, x, &point->x);
	field_equal(check, y, &point->y);
}

static void check_nu(struct vector_check *check, struct obol_bytes msg,
					 struct obol_bytes dst)
{
	struct obol_p256_point q, p;
	struct obol_field u;

	if (!vector_check_step(check, "hash_to_field",
						   obol_hash_to_field(&msg, 1, dst, &u, 1)))
	{
		return;
	}
	field_equal(check, "u", &u);
	field_equal(check, "u0", &u);
	obol_map_to_curve_simple_swu(&u, &q);
	point_equal(check, "q.x", "q.y", &q);
	point_equal(check, "q0.x", "q0.y", &q);
	if (vector_check_step(check, "encode_to_curve",
						  obol_encode_to_curve(&msg, 1, dst, &p)))
	{
		point_equal(check, "p.x", "p.y", &p);
	}
}

static void check_ro(struct vector_check *check, struct obol_bytes msg,
					 struct obol_bytes dst)
{
	struct obol_p256_point q, p;
	struct obol_field u[2];

	if (!vector_check_step(check, "hash_to_field",
						   obol_hash_to_field(&msg, 1, dst, u, 2)))
	{
		return;
	}
	field_equal(check, "u0", &u[0]);
	field_equal(check, "u1", &u[1]);
	obol_map_to_curve_simple_swu(&u[0], &q);
	point_equal(check, "q0.x", "q0.y", &q);
	obol_map_to_curve_simple_swu(&u[1], &q);
	point_equal(check, "q1.x", "q1.y", &q);
	if (vector_check_step(check, "hash_to_curve",
						  obol_hash_to_curve(&msg, 1, dst, &p)))
	{
		point_equal(check, "p.x", "p.y", &p);
	}
}

/* The suite shows in the values that a vector has; one that has the result
 * alone is told by its dst, which names the suite by custom (RFC 9380, 3.1),
 * and is for a random oracle otherwise. */
static bool is_nu(const struct vector_check *check)
{
	if (vector_check_has(check, "u1") || vector_check_has(check, "q1.x"))
	{
		return false;
	}
	return vector_check_has(check, "q.x") || vector_check_has(check, "u0") ||
		   vector_check_has(check, "u") ||
		   strstr(vector_text(check->vector, "dst"), "_NU_");
}

static void check_hash_to_curve(struct vector_check *check)
{
	struct obol_bytes dst = vector_check_text(check, "dst");
	struct obol_bytes msg = vector_check_text(check, "msg");

	(void)vector_check_fixed(check, "p.x", OBOL_NUMBER_LEN);
	(void)vector_check_fixed(check, "p.y", OBOL_NUMBER_LEN);
	if (!vector_check_good(check))
	{
		return;
	}
	if (is_nu(check))
	{
		check_nu(check, msg, dst);
	}
	else
	{
		check_ro(check, msg, dst);
	}
}

const struct vector_kind vector_kind_hash_to_curve = {
	"hash-to-curve",
	hash_to_curve_keys,
	check_hash_to_curve,
};
