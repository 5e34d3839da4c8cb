/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Ways to make a wrong tag of a right one: each bit flipped, several at once,
 * all of them, shifted, made of one byte alone. Whoever verifies a tag (MAC,
 * commitment, authentication tag) runs them all.
 */
#ifndef TESTS_SUPPORT_BAD_TAGS_H_
#define TESTS_SUPPORT_BAD_TAGS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Number of wrong tags for a tag of len bytes. */
size_t bad_tags_count(size_t len);

/**
 * The i-th wrong tag.
 *
 * @param tag	the right one, len bytes, changed in place
 * @return		what was done, static text; the tag always differs afterwards
 */
const char *bad_tag_make(size_t i, uint8_t *tag, size_t len);

#endif /* TESTS_SUPPORT_BAD_TAGS_H_ */
