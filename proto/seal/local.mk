# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/seal/account_key.c proto/seal/account_key.h \
	proto/seal/aead.c proto/seal/aead.h \
	proto/seal/anchors.c proto/seal/anchors.h \
	proto/seal/anchors_body.c \
	proto/seal/bundle.c \
	proto/seal/bundle_check.c proto/seal/bundle_check.h \
	proto/seal/code.c proto/seal/code.h \
	proto/seal/sealed_credential.c proto/seal/sealed_credential.h \
	proto/seal/slot_wrap.c
