/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the server must have by what it has acknowledged: made from the lines of
 * the log, by those who write it and by those who check.
 */
#ifndef TESTING_FAULTS_MODEL_H_
#define TESTING_FAULTS_MODEL_H_

#include "testing/faults/acks.h"

#include <obol/device.h>

#define MODEL_CREDENTIALS 3
#define MODEL_DEVICES 4
#define MODEL_SERIALS 400
#define MODEL_SERIAL_TEXT (2 * 20 + 1)
#define MODEL_CODE_MAX 40

struct model_device {
	uint8_t id[OBOL_CLIENT_DEVICE_LEN];
	uint8_t secret[OBOL_CLIENT_DEVICE_LEN];
};

/** Stored under one name; its content follows from account, name and seq. */
struct model_credential {
	/** 0: none was stored */
	uint64_t version;
	unsigned seq;
	/** a put that was not answered; 0 for none */
	unsigned maybe_seq;
};

struct model_account {
	char name[ACKS_NAME_MAX];
	char code[MODEL_CODE_MAX];
	bool is_active;
	/** an activation was not answered */
	bool is_maybe_active;
	/** number of the password that is good, and of one that may be */
	unsigned password;
	unsigned maybe_password;
	/** the last ones that were tried, so that none is used twice and what was
	 * refused can be told from what was done */
	unsigned last_password;
	unsigned last_seq;
	unsigned n_devices;
	/** devices that may have been made beside those */
	unsigned n_maybe_devices;
	struct model_device devices[MODEL_DEVICES];
	struct model_credential credentials[MODEL_CREDENTIALS];
	unsigned n_serials;
	unsigned n_maybe_serials;
	char serials[MODEL_SERIALS][MODEL_SERIAL_TEXT];
};

/** What may be in a name's guess row. */
struct model_target {
	char name[ACKS_NAME_MAX];
	unsigned n_spent;
	unsigned n_unknown;
	uint64_t first_ms;
	uint64_t last_ms;
	/** steps of the clock meanwhile, each good for one more guess */
	unsigned n_steps;
};

struct model {
	size_t n_accounts;
	struct model_account *accounts;
	size_t n_targets;
	struct model_target *targets;
	size_t n_acknowledged;
	size_t n_wrong;
};

void model_init(struct model *model);
void model_clear(struct model *model);

/** The account of a name, a new one if there is none yet. Where accounts lie
 * changes when one is added. */
struct model_account *model_account(struct model *model, const char *name);
struct model_target *model_target(struct model *model, const char *name);

/** What an account's line changes in it. */
void model_apply(struct model_account *account, const struct acks_line *line);

/** All of a log; false when it cannot be read. */
bool model_read(struct model *model, const char *path);

/** Name of a credential, from 0. */
const char *model_credential_name(unsigned i);

/** The content of a credential: owned by the caller, NULL without memory. */
struct obol_secret *model_body(const char *account, unsigned credential,
							   unsigned seq);
/** A password: owned by the caller, NULL without memory. */
struct obol_secret *model_password(const char *account, unsigned number);

/** Bytes as text, and back; false when the text is not so many. */
void model_hex(const uint8_t *bytes, size_t len, char *text);
bool model_unhex(const char *text, uint8_t *bytes, size_t len);

#endif /* TESTING_FAULTS_MODEL_H_ */
