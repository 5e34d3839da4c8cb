# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/pake/cpace.c proto/pake/cpace.h \
	proto/pake/kdf.c proto/pake/kdf.h \
	proto/pake/ksf.c proto/pake/ksf.h \
	proto/pake/opaque.h \
	proto/pake/opaque_3dh.c proto/pake/opaque_3dh.h \
	proto/pake/opaque_envelope.c proto/pake/opaque_envelope.h \
	proto/pake/opaque_keys.c proto/pake/opaque_keys.h \
	proto/pake/opaque_login.h \
	proto/pake/opaque_login_client.c \
	proto/pake/opaque_login_server.c \
	proto/pake/opaque_registration.c proto/pake/opaque_registration.h \
	proto/pake/opaque_retrieval.c proto/pake/opaque_retrieval.h \
	proto/pake/oprf.c proto/pake/oprf.h
