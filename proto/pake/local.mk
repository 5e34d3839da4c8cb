# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/pake/ksf.h \
	proto/pake/opaque.h \
	proto/pake/opaque_login.h \
	proto/pake/opaque_registration.h
