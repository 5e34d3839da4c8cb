/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The story that the vectors tell, chapter by chapter; each is a file.
 */
#ifndef TESTS_SPEC_VECTOR_STORY_H_
#define TESTS_SPEC_VECTOR_STORY_H_

#include "spec/vector_user.h"

/** The account. */
#define NAME "alice"

/** What the chapters hand on. */
struct story {
	struct vector_world world;
	struct vector_text *out;
	struct obol_secret *code;
	struct obol_secret *password;
	struct obol_secret *new_password;
	struct obol_secret *device_secret;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
};

/** How alice logs in. */
struct vector_login story_by_password(const struct story *s);
struct vector_login story_by_device(const struct story *s);

/** Get with a name, "" for all. */
struct obol_request story_get_request(const char *name);

/** The world begins, an account is made and activated. */
void chapter_activation(struct story *s);
/** A certificate, and its bundle at the server. */
void chapter_issue(struct story *s);
void chapter_login_get(struct story *s);
void chapter_put(struct story *s);
/** From password to new_password. */
void chapter_password_change(struct story *s);
void chapter_refused(struct story *s);
void chapter_unknown(struct story *s);
void chapter_later(struct story *s);

#endif /* TESTS_SPEC_VECTOR_STORY_H_ */
