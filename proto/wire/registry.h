/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The protocol's numbers and limits. All lengths in bytes.
 */
#ifndef OBOL_WIRE_REGISTRY_H_
#define OBOL_WIRE_REGISTRY_H_

#include "pake/opaque.h"

/** TLS application protocol, and the default port beside 443. */
#define OBOL_ALPN "obol/1"
#define OBOL_PORT 4501

/** Channel binding: label and length of the TLS exporter (RFC 9266). */
#define OBOL_EXPORTER_LABEL "EXPORTER-Channel-Binding"
#define OBOL_EXPORTER_LEN 32

/** Suite 1: OPAQUE-3DH P256-SHA256 and what the design names with it. */
#define OBOL_SUITE_1 1
/** Authentication mechanism 1: OPAQUE. */
#define OBOL_MECHANISM_OPAQUE 1

/** Slots by what opens them. */
enum obol_slot_kind {
	OBOL_SLOT_PASSWORD = 1,
	OBOL_SLOT_ACTIVATION = 2,
	OBOL_SLOT_RECOVERY = 3,
	OBOL_SLOT_DEVICE = 4,
	/** of no account: a team's code, which makes accounts */
	OBOL_SLOT_ENROLMENT = 5,
};

/** Where the keys of an account's VPN certificates are made and kept. */
enum obol_mode {
	/** one certificate for all of the account's devices, sealed at the server;
	 * whichever device comes first renews it */
	OBOL_MODE_PORTABLE = 1,
	/** a key and certificate of its own for each device, stored nowhere */
	OBOL_MODE_DEVICE = 2,
};

/** What keys an account's certificates are for. */
enum obol_key_type {
	OBOL_KEY_EC_P256 = 1,
	OBOL_KEY_EC_P384 = 2,
	/** 3072 bits or more */
	OBOL_KEY_RSA_3072 = 3,
	OBOL_KEY_ED25519 = 4,
};

/** type (1) | length (3) | body */
#define OBOL_FRAME_HEADER_LEN 4
/** Largest body before KE3 is verified, and after it. */
#define OBOL_FRAME_EARLY_MAX 4096
#define OBOL_FRAME_MAX (1 << 20)

/** Account name after normalisation. */
#define OBOL_NAME_MAX 255
/** Password after normalisation. */
#define OBOL_PASSWORD_MAX 1024
#define OBOL_CREDENTIAL_NAME_MAX 64
#define OBOL_LABEL_MAX 64
#define OBOL_DEVICE_ID_LEN 16
#define OBOL_ACCOUNT_ID_LEN 16
#define OBOL_ACCOUNT_KEY_LEN 32
/** Sealed body of one credential. */
#define OBOL_SEALED_MAX (256 * 1024)
/** Live credentials of one account; with tombstones four times as many. */
#define OBOL_CREDENTIALS_MAX 64
#define OBOL_NAMES_MAX 256
#define OBOL_DEVICES_MAX 32
/** Slots of one account: password, activation, recovery, devices. */
#define OBOL_SLOTS_MAX (OBOL_DEVICES_MAX + 3)
/** Slots that an account is made with: password and device. */
#define OBOL_FIRST_SLOTS_MAX 2
#define OBOL_WRAP_MAX 256
#define OBOL_PKCS10_MAX 8192
#define OBOL_CERTIFICATE_MAX 8192
#define OBOL_CHAIN_MAX 8
#define OBOL_TEXT_MAX 512
#define OBOL_SOURCE_MAX 64
#define OBOL_HISTORY_MAX 200
#define OBOL_PINS_MAX 4
/** An anchors set as it is signed, see seal/anchors.h. */
#define OBOL_ANCHORS_MAX (96 * 1024)

/** Frame types. An answer is its request plus one; what is left of 0x50 to
 * 0x5f, and 0x74 on, are kept for what comes. */
enum obol_frame_type {
	OBOL_LOGIN_START = 0x01,
	OBOL_LOGIN_CHALLENGE = 0x02,
	OBOL_LOGIN_FINISH = 0x03,
	OBOL_LOGIN_DONE = 0x04,
	OBOL_LATER = 0x05,
	OBOL_ERROR = 0x06,
	OBOL_INFO = 0x10,
	OBOL_INFO_ANSWER = 0x11,
	OBOL_LIST = 0x20,
	OBOL_LIST_ANSWER = 0x21,
	OBOL_GET = 0x22,
	OBOL_GET_ANSWER = 0x23,
	OBOL_PUT = 0x24,
	OBOL_PUT_ANSWER = 0x25,
	OBOL_DELETE = 0x26,
	OBOL_DELETE_ANSWER = 0x27,
	OBOL_SLOT_START = 0x30,
	OBOL_SLOT_START_ANSWER = 0x31,
	OBOL_SLOT_FINISH = 0x32,
	OBOL_SLOT_FINISH_ANSWER = 0x33,
	OBOL_SLOT_DELETE = 0x34,
	OBOL_SLOT_DELETE_ANSWER = 0x35,
	OBOL_SLOT_LIST = 0x36,
	OBOL_SLOT_LIST_ANSWER = 0x37,
	OBOL_STAGE = 0x38,
	OBOL_STAGE_ANSWER = 0x39,
	OBOL_REKEY = 0x3a,
	OBOL_REKEY_ANSWER = 0x3b,
	OBOL_ISSUE = 0x40,
	OBOL_ISSUE_ANSWER = 0x41,
	OBOL_ANCHORS = 0x50,
	OBOL_ANCHORS_ANSWER = 0x51,
	OBOL_ACCOUNT_START = 0x52,
	OBOL_ACCOUNT_START_ANSWER = 0x53,
	OBOL_ACCOUNT_CREATE = 0x54,
	OBOL_ACCOUNT_CREATE_ANSWER = 0x55,
	OBOL_ACCOUNT_DELETE = 0x56,
	OBOL_ACCOUNT_DELETE_ANSWER = 0x57,
	OBOL_HISTORY = 0x60,
	OBOL_HISTORY_ANSWER = 0x61,
	OBOL_FOLLOW = 0x70,
	OBOL_FOLLOW_ANSWER = 0x71,
	OBOL_REPORT = 0x72,
	OBOL_REPORT_ANSWER = 0x73,
};

/** Reply numbers (RFC 3767, 2.3.3 and 3.3), as far as they are used. */
enum obol_reply {
	/** done */
	OBOL_REPLY_OK = 200,
	/** the service is going down or overloaded, another may answer */
	OBOL_REPLY_UNAVAILABLE = 421,
	/** no more enrolments for now; the error says when to try again */
	OBOL_REPLY_BUSY = 450,
	/** a temporary failure of the store; nothing was changed */
	OBOL_REPLY_TEMPORARY = 451,
	/** malformed frame */
	OBOL_REPLY_SYNTAX = 500,
	/** a parameter is out of bounds */
	OBOL_REPLY_PARAMETER = 501,
	/** suite, mechanism, KSF or format that the server does not know */
	OBOL_REPLY_UNSUPPORTED = 504,
	/** this needs a (fresher) login with another kind of slot */
	OBOL_REPLY_LOGIN_NEEDED = 530,
	/** name, password, kind or device wrong; says no more than that */
	OBOL_REPLY_AUTH = 535,
	/** not allowed for this account or this kind of login */
	OBOL_REPLY_NOT_ALLOWED = 537,
	/** the account is disabled or expired */
	OBOL_REPLY_DISABLED = 538,
	/** the account was enrolled, and waits for its operator's approval */
	OBOL_REPLY_WAITING = 539,
	/** no such credential, slot */
	OBOL_REPLY_NOT_FOUND = 550,
	/** quota */
	OBOL_REPLY_QUOTA = 552,
	/** the name belongs to another account already */
	OBOL_REPLY_TAKEN = 553,
	/** the frame is not allowed in this state */
	OBOL_REPLY_SEQUENCE = 554,
	/** nobody may enrol so, or not under this name */
	OBOL_REPLY_NO_ENROLMENT = 556,
	/** the version named is not the stored one; the error carries that */
	OBOL_REPLY_STALE = 557,
};

/** Formats of credentials; 0x8000 and above are for private use. */
enum obol_format {
	/** seal/bundle.h: key, chain, CA certificates */
	OBOL_FORMAT_BUNDLE = 1,
	OBOL_FORMAT_PKCS12 = 2,
	OBOL_FORMAT_PKCS15 = 3,
	OBOL_FORMAT_OPENPGP = 4,
	OBOL_FORMAT_SSH = 5,
	OBOL_FORMAT_TOKEN_PUK = 6,
	OBOL_FORMAT_OPAQUE = 7,
};

/** What happened, in History. */
enum obol_operation {
	OBOL_OP_LOGIN = 1,
	OBOL_OP_GET = 2,
	OBOL_OP_PUT = 3,
	OBOL_OP_DELETE = 4,
	OBOL_OP_SLOT_NEW = 5,
	OBOL_OP_SLOT_DELETE = 6,
	OBOL_OP_REKEY = 7,
	OBOL_OP_ISSUE = 8,
	OBOL_OP_ACCOUNT_ADD = 9,
	OBOL_OP_ACCOUNT_DISABLE = 10,
	OBOL_OP_ACCOUNT_ENABLE = 11,
	OBOL_OP_ACCOUNT_REMOVE = 12,
	OBOL_OP_ACCOUNT_RESET = 13,
	OBOL_OP_ACCOUNT_UNLOCK = 14,
	OBOL_OP_NEW_CODE = 15,
	OBOL_OP_ACCOUNT_SET = 16,
	/** a set of CA certificates was made; the CA that issues was changed */
	OBOL_OP_CA_SET = 20,
	OBOL_OP_CA_SWITCH = 21,
	/** a CA was taken out of the set */
	OBOL_OP_CA_RETIRE = 22,
	/** a device holds a new set */
	OBOL_OP_ANCHORS = 23,
	/** certificates were revoked */
	OBOL_OP_REVOKE = 24,
	/** a gateway's tunnel with one of the account's devices */
	OBOL_OP_TUNNEL_UP = 25,
	OBOL_OP_TUNNEL_DOWN = 26,
	/** the operator made, or ended, a team's enrolment code */
	OBOL_OP_ENROLMENT_ADD = 32,
	OBOL_OP_ENROLMENT_REVOKE = 33,
	/** a user made an account */
	OBOL_OP_ENROL = 34,
	OBOL_OP_ACCOUNT_APPROVE = 35,
};

#endif /* OBOL_WIRE_REGISTRY_H_ */
