/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Messages in hexadecimal, written down from the layouts in wire/login.h and
 * wire/request.h and not by the encoders: bodies of the tests' tables.
 */
#ifndef TESTS_WIRE_LAYOUT_H_
#define TESTS_WIRE_LAYOUT_H_

#include "wire/registry.h"

/* a byte so many times */
#define X2(x) x x
#define X4(x) X2(x) X2(x)
#define X8(x) X4(x) X4(x)
#define X16(x) X8(x) X8(x)
#define X32(x) X16(x) X16(x)
#define X33(x) X32(x) x
#define X64(x) X32(x) X32(x)
#define X66(x) X33(x) X33(x)
#define X98(x) X64(x) X32(x) X2(x)
#define X128(x) X64(x) X64(x)
#define X129(x) X128(x) x
#define X255(x) X128(x) X64(x) X32(x) X16(x) X8(x) X4(x) X2(x) x
#define X256(x) X128(x) X128(x)

#define DEVICE_ID X16("d1")
#define NO_DEVICE_ID X16("00")
#define RECORD X129("ec")

/* times, versions, ids: eight bytes */
#define U64(low) "0000000000000" low

#define SCRYPT "010f00080001"
#define IDENTITY "000000000000"

/* slot: kind, device id, label "x1", KSF, key number, generation, record,
 * wrap of two bytes */
#define SLOT_PASSWORD(generation)                                              \
	"01" NO_DEVICE_ID "027831" SCRYPT "00000007" generation RECORD "0002abcd"
#define SLOT_DEVICE(generation)                                                \
	"04" DEVICE_ID "00" IDENTITY "00000007" generation RECORD "0002abcd"

/** A message of the right layout. */
struct layout {
	const char *name;
	uint8_t type;
	const char *body;
};

/** All requests and all answers; the list ends with name NULL. */
extern const struct layout layout_requests[];
extern const struct layout layout_answers[];

/** Bodies that one thing is wrong with; ends with name NULL. */
extern const struct layout layout_bad_requests[];
extern const struct layout layout_bad_answers[];

#endif /* TESTS_WIRE_LAYOUT_H_ */
