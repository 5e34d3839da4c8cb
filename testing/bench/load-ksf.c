/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key stretching is the client's cost, and one machine that plays many of them
 * would do nothing else. So its results are kept: what a password's OPRF output
 * is stretched to never changes. The linker puts this in the place of libobol's
 * function (--wrap); no test stands in the shipped code. */
#include "pake/ksf.h"

#include <string.h>

#define KEPT_MAX 256
#define LEN_MAX 64

struct kept {
	size_t in_len;
	size_t out_len;
	uint8_t in[LEN_MAX];
	uint8_t out[LEN_MAX];
};

static struct {
	unsigned n;
	struct kept kept[KEPT_MAX];
	enum obol_status (*stretch)(const struct obol_ksf *ksf,
								const struct obol_secret *in,
								struct obol_secret *out);
} known;

enum obol_status __real_obol_ksf_init(struct obol_ksf *ksf,
									  const struct obol_ksf_params *params);
enum obol_status __wrap_obol_ksf_init(struct obol_ksf *ksf,
									  const struct obol_ksf_params *params);

static enum obol_status stretch(const struct obol_ksf *ksf,
								const struct obol_secret *in,
								struct obol_secret *out)
{
	struct obol_bytes asked = obol_secret_view(in);
	size_t out_len = obol_secret_len(out);
	enum obol_status status;
	struct kept *kept;
	unsigned i;

	for (i = 0; i < known.n; i++)
	{
		kept = &known.kept[i];
		if (kept->out_len == out_len &&
			obol_bytes_eq(obol_bytes(kept->in, kept->in_len), asked))
		{
			memcpy(obol_secret_ptr(out), kept->out, out_len);
			return OBOL_OK;
		}
	}
	status = known.stretch(ksf, in, out);
	if (status == OBOL_OK && known.n < KEPT_MAX && asked.len <= LEN_MAX &&
		out_len <= LEN_MAX)
	{
		kept = &known.kept[known.n++];
		kept->in_len = asked.len;
		kept->out_len = out_len;
		memcpy(kept->in, asked.ptr, asked.len);
		memcpy(kept->out, obol_secret_view(out).ptr, out_len);
	}
	return status;
}

enum obol_status __wrap_obol_ksf_init(struct obol_ksf *ksf,
									  const struct obol_ksf_params *params)
{
	enum obol_status status = __real_obol_ksf_init(ksf, params);

	if (status == OBOL_OK && params->id != OBOL_KSF_IDENTITY)
	{
		known.stretch = ksf->stretch;
		ksf->stretch = stretch;
	}
	return status;
}
