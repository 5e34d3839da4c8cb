/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What targets share: byte scripts, randomness that is the same every time,
 * files.
 */
#ifndef TESTING_FUZZ_SUPPORT_H_
#define TESTING_FUZZ_SUPPORT_H_

#include "fuzz/fuzz.h"

/**
 * A byte script: the input read as orders and their arguments. It never fails;
 * what is not there any more reads as zero.
 */
struct fuzz_script {
	const uint8_t *pos;
	size_t left;
};

struct fuzz_script fuzz_script_over(struct obol_bytes in);
uint8_t fuzz_u8(struct fuzz_script *script);
uint16_t fuzz_u16(struct fuzz_script *script);
uint32_t fuzz_u32(struct fuzz_script *script);
uint64_t fuzz_u64(struct fuzz_script *script);
/** A number from 0 to n - 1; n up to 256. */
size_t fuzz_below(struct fuzz_script *script, size_t n);
/** Bytes behind one byte of length, as far as they are there. */
struct obol_bytes fuzz_bytes(struct fuzz_script *script);
/** Bytes behind two bytes of length, as far as they are there. */
struct obol_bytes fuzz_long_bytes(struct fuzz_script *script);
/** All that is left. */
struct obol_bytes fuzz_rest(struct fuzz_script *script);

/** Randomness that does not differ from run to run. */
struct fuzz_rng {
	struct obol_rng rng;
	uint64_t state;
};

void fuzz_rng_init(struct fuzz_rng *rng, uint64_t seed);

/* Around what is made once and stays: keys lie in locked pages of their own,
 * where LeakSanitizer does not look for pointers, and takes for lost what only
 * they point to. */
void fuzz_stays_begin(void);
void fuzz_stays_end(void);

/** A copy that ends in a zero byte; free() it. */
char *fuzz_string(struct obol_bytes in);

/** A secret with these bytes. */
struct obol_secret *fuzz_secret(struct obol_bytes in);

/**
 * Write the input into this process's own file, which only its owner can read.
 *
 * @return	its path, the same every time; the file goes with the process
 */
const char *fuzz_file(struct obol_bytes in);

#endif /* TESTING_FUZZ_SUPPORT_H_ */
