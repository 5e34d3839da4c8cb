/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the kinds of entries in the journal are known by (MESSAGE_ID, see
 * systemd.journal-fields(7)); obold(8) lists them. They never change.
 */
#ifndef OBOL_BASE_LOG_ID_H_
#define OBOL_BASE_LOG_ID_H_

/** the server began, ended */
#define OBOL_LOG_ID_SERVER "ba333120b3e84a79813e9e7da79af99f"
/** the configuration was read anew */
#define OBOL_LOG_ID_RELOAD "d3f06ca7d9df4132bd3de10827f1c7bc"
/** a process ended without being told to */
#define OBOL_LOG_ID_PROCESS "64f4cf5df94347b88e34c7781a58ea5d"
/** a login */
#define OBOL_LOG_ID_LOGIN "be7e505d98414330ba45b7921c16276d"
/** a user made or deleted an account */
#define OBOL_LOG_ID_ACCOUNT "c36adca499d54d519afefb458ba03ade"
/** a certificate */
#define OBOL_LOG_ID_CERTIFICATE "e2094b478b0643328d5b9da968731aca"
/** the revocation list */
#define OBOL_LOG_ID_CRL "0599f2c734f348c5b08bbdf1e52cf7a5"
/** the database failed */
#define OBOL_LOG_ID_STORE "a01fba295eba427c9162736245dea386"

#endif /* OBOL_BASE_LOG_ID_H_ */
