/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of CPace with P-256 (draft-irtf-cfrg-cpace). A vector is an exchange,
 * or a scalar and points for scalar_mult_vfy. The symmetric mode's figures are
 * compared as well; only the tests have that mode. */
#include "support/vector_check.h"
#include "support/scripted_rng.h"
#include "base/writer.h"
#include "pake/cpace.h"

#define VALID_PRODUCT "Valid/G.scalar_mult(s,X) (full coordinates)"
#define VALID_X "Valid/G.scalar_mult_vfy(s,X) (only X-coordinate)"
#define DSI_ISK "CPaceP256_XMD:SHA-256_SSWU_NU__ISK"

static const char *const cpace_keys[] = {
	"PRS",
	"CI",
	"sid",
	"g",
	"ya",
	"ADa",
	"Ya",
	"yb",
	"ADb",
	"Yb",
	"K",
	"ISK_IR",
	"ISK_SY",
	"sid_output_ir",
	"sid_output_oc",
	"Valid/s",
	"Valid/X",
	VALID_PRODUCT,
	VALID_X,
	"Invalid Y1",
	"Invalid Y2",
	NULL,
};

static void point_equal(struct vector_check *check, const char *key,
						const struct obol_p256_point *point)
{
	uint8_t encoded[OBOL_P256_UNCOMPRESSED_LEN];

	obol_p256_encode_uncompressed(encoded, point);
	vector_check_equal(check, key, obol_bytes(encoded, sizeof(encoded)));
}

/* A party's share with the vector's scalar. */
static void check_share(struct vector_check *check,
						const struct obol_cpace_context *context,
						const char *scalar_key, const char *share_key,
						struct obol_scalar *y)
{
	uint8_t share[OBOL_CPACE_SHARE_LEN];
	struct scripted_rng rng;

	scripted_rng_init(&rng, NULL);
	scripted_rng_add(&rng,
					 vector_check_fixed(check, scalar_key, OBOL_SCALAR_LEN));
	if (vector_check_good(check) &&
		vector_check_step(check, share_key,
						  obol_cpace_share(&rng.rng, context, y, share)))
	{
		vector_check_equal(check, share_key, obol_bytes(share, sizeof(share)));
	}
}

static void write_lv(struct obol_writer *w, struct obol_bytes bytes)
{
	/* LEB128 of a length below 128 is the byte itself */
	obol_write_u8(w, (uint8_t)bytes.len);
	obol_write_bytes(w, bytes);
}

/* o_cat(lv_cat(Ya, ADa), lv_cat(Yb, ADb)) */
static void write_ordered(struct obol_writer *w,
						  const struct obol_cpace_message *a,
						  const struct obol_cpace_message *b)
{
	bool a_is_larger = memcmp(a->y.ptr, b->y.ptr, a->y.len) > 0;
	const struct obol_cpace_message *first = a_is_larger ? a : b;
	const struct obol_cpace_message *second = a_is_larger ? b : a;

	obol_write_bytes(w, obol_bytes("oc", 2));
	write_lv(w, first->y);
	write_lv(w, first->ad);
	write_lv(w, second->y);
	write_lv(w, second->ad);
}

static void hash_equal(struct vector_check *check, const char *key,
					   struct obol_writer *w)
{
	struct obol_bytes string = obol_writer_view(w);
	uint8_t hash[OBOL_SHA256_LEN];

	if (vector_check_step(check, key, obol_writer_status(w)) &&
		vector_check_step(check, key, obol_sha256(&string, 1, hash)))
	{
		vector_check_equal(check, key, obol_bytes(hash, sizeof(hash)));
	}
	obol_writer_clear(w);
}

static void check_symmetric(struct vector_check *check, struct obol_bytes sid,
							const uint8_t *k,
							const struct obol_cpace_message *a,
							const struct obol_cpace_message *b)
{
	struct obol_writer w;

	obol_writer_init(&w);
	write_lv(&w, obol_bytes_str(DSI_ISK));
	write_lv(&w, sid);
	write_lv(&w, obol_bytes(k, OBOL_NUMBER_LEN));
	write_ordered(&w, a, b);
	hash_equal(check, "ISK_SY", &w);
	obol_writer_init(&w);
	obol_write_bytes(&w, obol_bytes_str("CPaceSidOutput"));
	write_ordered(&w, a, b);
	hash_equal(check, "sid_output_oc", &w);
}

/* K, which the code keeps to itself. */
static void check_k(struct vector_check *check, const struct obol_scalar *ya,
					struct obol_bytes yb, uint8_t k[OBOL_NUMBER_LEN])
{
	struct obol_p256_point point;

	memset(k, 0, OBOL_NUMBER_LEN);
	if (vector_check_step(check, "Yb",
						  obol_p256_decode_uncompressed(yb, &point)) &&
		vector_check_step(check, "K", obol_p256_mul(ya, &point, &point)))
	{
		obol_field_to_bytes(k, &point.x);
		vector_check_equal(check, "K", obol_bytes(k, OBOL_NUMBER_LEN));
	}
}

static void check_side(struct vector_check *check, struct obol_scalar *y,
					   struct obol_bytes peer_y, struct obol_bytes sid,
					   const struct obol_cpace_message *a,
					   const struct obol_cpace_message *b)
{
	struct obol_secret *isk = NULL;

	if (vector_check_step(check, "ISK_IR",
						  obol_cpace_isk(y, peer_y, sid, a, b, &isk)))
	{
		vector_check_equal(check, "ISK_IR", obol_secret_view(isk));
	}
	obol_secret_free(isk);
}

static void check_keys(struct vector_check *check, struct obol_bytes sid,
					   struct obol_scalar *ya, struct obol_scalar *yb)
{
	struct obol_cpace_message a = {
		vector_check_fixed(check, "Ya", OBOL_CPACE_SHARE_LEN),
		vector_check_hex(check, "ADa"),
	};
	struct obol_cpace_message b = {
		vector_check_fixed(check, "Yb", OBOL_CPACE_SHARE_LEN),
		vector_check_hex(check, "ADb"),
	};
	uint8_t k[OBOL_NUMBER_LEN], sid_output[OBOL_SHA256_LEN];

	if (!vector_check_good(check))
	{
		return;
	}
	check_k(check, ya, b.y, k);
	check_symmetric(check, sid, k, &a, &b);
	check_side(check, ya, b.y, sid, &a, &b);
	check_side(check, yb, a.y, sid, &a, &b);
	if (vector_check_step(check, "sid_output_ir",
						  obol_cpace_sid_output(&a, &b, sid_output)))
	{
		vector_check_equal(check, "sid_output_ir",
						   obol_bytes(sid_output, sizeof(sid_output)));
	}
}

static void check_exchange(struct vector_check *check)
{
	struct obol_secret *prs = vector_check_secret(check, "PRS");
	struct obol_cpace_context context = {
		prs,
		vector_check_hex(check, "CI"),
		vector_check_hex(check, "sid"),
	};
	struct obol_scalar ya = { { 0 } }, yb = { { 0 } };
	struct obol_p256_point g;

	if (vector_check_good(check) &&
		vector_check_step(check, "calculate_generator",
						  obol_cpace_calculate_generator(&context, &g)))
	{
		point_equal(check, "g", &g);
		check_share(check, &context, "ya", "Ya", &ya);
		check_share(check, &context, "yb", "Yb", &yb);
		check_keys(check, context.sid, &ya, &yb);
	}
	obol_secret_free(prs);
}

static void refused(struct vector_check *check, const char *key)
{
	struct obol_p256_point point;

	if (vector_check_has(check, key) &&
		obol_p256_decode_uncompressed(vector_check_hex(check, key), &point) !=
			OBOL_ERR_FORMAT)
	{
		(void)vector_check_step(check, key, OBOL_ERR_EXISTS);
	}
}

static void check_points(struct vector_check *check)
{
	struct obol_bytes s = vector_check_fixed(check, "Valid/s", OBOL_SCALAR_LEN);
	struct obol_bytes x = vector_check_hex(check, "Valid/X");
	uint8_t product_x[OBOL_NUMBER_LEN];
	struct obol_p256_point point;
	struct obol_scalar scalar;

	if (!vector_check_good(check) ||
		!vector_check_step(check, "Valid/s", obol_scalar_decode(s, &scalar)) ||
		!vector_check_step(check, "Valid/X",
						   obol_p256_decode_uncompressed(x, &point)) ||
		!vector_check_step(check, VALID_PRODUCT,
						   obol_p256_mul(&scalar, &point, &point)))
	{
		return;
	}
	point_equal(check, VALID_PRODUCT, &point);
	obol_field_to_bytes(product_x, &point.x);
	vector_check_equal(check, VALID_X,
					   obol_bytes(product_x, sizeof(product_x)));
	refused(check, "Invalid Y1");
	refused(check, "Invalid Y2");
}

static void check_cpace(struct vector_check *check)
{
	if (vector_check_has(check, "Valid/s"))
	{
		check_points(check);
	}
	else
	{
		check_exchange(check);
	}
}

const struct vector_kind vector_kind_cpace = { "cpace", cpace_keys,
											   check_cpace };
