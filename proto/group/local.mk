# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/group/expand.c proto/group/expand.h \
	proto/group/field.c proto/group/field.h \
	proto/group/fixed.c proto/group/fixed.h \
	proto/group/hash_to_curve.c proto/group/hash_to_curve.h \
	proto/group/limbs.c proto/group/limbs.h \
	proto/group/p256.c proto/group/p256.h \
	proto/group/p256_add.c \
	proto/group/p256_uncompressed.c \
	proto/group/scalar.c proto/group/scalar.h \
	proto/group/sha256.c proto/group/sha256.h
