# SPDX-License-Identifier: GPL-2.0-or-later
libobolserver_la_SOURCES += \
	proto/issue/anchors_sign.c proto/issue/anchors_sign.h \
	proto/issue/ca_key.c proto/issue/ca_key.h \
	proto/issue/ca_path.c proto/issue/ca_path.h \
	proto/issue/certificate.c proto/issue/certificate.h \
	proto/issue/identity.c proto/issue/identity.h \
	proto/issue/crl.c proto/issue/crl.h \
	proto/issue/issuer.h \
	proto/issue/issuer_file.c \
	proto/issue/pem.c proto/issue/pem.h \
	proto/issue/request.c proto/issue/request.h \
	proto/issue/san.c proto/issue/san.h \
	proto/issue/self_signed.c proto/issue/tls_self.h \
	proto/issue/spki.c proto/issue/spki.h \
	proto/issue/template.c proto/issue/template.h \
	proto/issue/token.c proto/issue/token.h
libobolserver_la_CPPFLAGS += $(P11_CFLAGS) $(P11KIT_CFLAGS)
libobolserver_la_LIBADD += liboboltoken.la $(P11_LIBS)
