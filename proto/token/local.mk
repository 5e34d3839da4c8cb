# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LTLIBRARIES += liboboltoken.la
liboboltoken_la_SOURCES = \
	proto/include/obol/pkcs11.h \
	proto/token/key_pair.c \
	proto/token/object.c \
	proto/token/pkcs11_private.h \
	proto/token/session.c \
	proto/token/uri.c proto/token/uri.h
liboboltoken_la_CPPFLAGS = $(AM_CPPFLAGS) $(P11KIT_CFLAGS)
liboboltoken_la_LIBADD = $(P11KIT_LIBS) $(OPENSSL_LIBS)
