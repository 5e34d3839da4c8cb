/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a simulated client does: each an operation with the server, after a
 * login of its own on a connection of its own, and a line in the log.
 */
#ifndef TESTING_FAULTS_ACTIONS_H_
#define TESTING_FAULTS_ACTIONS_H_

#include "testing/faults/model.h"

#include <obol/client.h>

/** Where, and how long an operation may take. */
struct actions_server {
	const char *servers;
	unsigned timeout_ms;
};

/** A client's account, and the device whose turn it is. */
struct actions_user {
	const struct actions_server *server;
	struct model_account *account;
	unsigned next_device;
};

/** A client that is not connected. Ends the program without memory. */
struct obol_client *actions_client(const struct actions_server *server,
								   const char *account);

/** Log in as one of the account's devices; false: the line was ended. */
bool actions_log_in(struct obol_client *client,
					const struct model_account *account, unsigned device,
					struct acks_line *line);

/** The same with a password of the account. */
enum obol_status actions_by_password(struct obol_client *client,
									 const struct model_account *account,
									 unsigned number);

/** Set an account up with its code; what an earlier try has come to is looked
 * at first. */
void actions_activate(struct actions_user *user);
/** Add a device after a login with the password. */
void actions_add_device(struct actions_user *user);
/** A login and a request that changes nothing. */
void actions_login(struct actions_user *user, unsigned credential);
/** Get a credential, and compare it with what must be there. */
void actions_get(struct actions_user *user, unsigned credential);
/** Put the next content, after a get if the last put was not answered. */
void actions_put(struct actions_user *user, unsigned credential);
/** Have a certificate issued for a key of this device's own. */
void actions_issue(struct actions_user *user);
/** Change the password, after a look at what the last change has come to. */
void actions_change_password(struct actions_user *user);
/** One wrong code for a name, which may be nobody's; true when there was KE2
 * for it, and false when it was put off or came to nothing. */
bool actions_guess(const struct actions_server *server, const char *name,
				   bool *is_later);

/**
 * Whether what was got is what must be there: the content of seq, found out
 * from those that are possible.
 *
 * @return	0 when it is none of them
 */
unsigned actions_which(const struct model_account *account, unsigned credential,
					   const struct obol_credential *got);

#endif /* TESTING_FAULTS_ACTIONS_H_ */
