/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a PKCS#12 whose certificate and key do not belong together, but claim
 * to by their local key id: what the openssl command refuses to make.
 *
 * usage: mismatched-pkcs12 CERTIFICATE KEY PASSWORD OUTPUT */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdio.h>

#define ITERATIONS 2048

static unsigned char local_key_id[] = "same";
#define LOCAL_KEY_ID_LEN 4

static int add(STACK_OF(PKCS7) * *safes, STACK_OF(PKCS12_SAFEBAG) * bags,
			   PKCS12_SAFEBAG *bag)
{
	return bag && PKCS12_add_localkeyid(bag, local_key_id, LOCAL_KEY_ID_LEN) &&
		   PKCS12_add_safe(safes, bags, -1, 0, NULL);
}

static PKCS12 *make(X509 *certificate, EVP_PKEY *key, const char *password)
{
	STACK_OF(PKCS12_SAFEBAG) *certificates = NULL, *keys = NULL;
	STACK_OF(PKCS7) *safes = NULL;
	PKCS12_SAFEBAG *bag;
	PKCS12 *p12 = NULL;

	bag = PKCS12_add_cert(&certificates, certificate);
	if (!add(&safes, certificates, bag))
	{
		return NULL;
	}
	bag = PKCS12_add_key(&keys, key, 0, ITERATIONS, -1, password);
	if (!add(&safes, keys, bag))
	{
		return NULL;
	}
	p12 = PKCS12_add_safes(safes, 0);
	if (!p12 ||
		!PKCS12_set_mac(p12, password, -1, NULL, 0, ITERATIONS, EVP_sha256()))
	{
		return NULL;
	}
	return p12;
}

int main(int argc, char *argv[])
{
	X509 *certificate = NULL;
	EVP_PKEY *key = NULL;
	PKCS12 *p12 = NULL;
	BIO *in, *out;

	if (argc != 5)
	{
		fprintf(stderr, "usage: mismatched-pkcs12 CERTIFICATE KEY PASSWORD "
						"OUTPUT\n");
		return 2;
	}
	in = BIO_new_file(argv[1], "r");
	certificate = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	BIO_free(in);
	in = BIO_new_file(argv[2], "r");
	key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
	BIO_free(in);
	if (certificate && key)
	{
		p12 = make(certificate, key, argv[3]);
	}
	out = p12 ? BIO_new_file(argv[4], "w") : NULL;
	if (!out || !i2d_PKCS12_bio(out, p12))
	{
		ERR_print_errors_fp(stderr);
		return 1;
	}
	BIO_free(out);
	PKCS12_free(p12);
	EVP_PKEY_free(key);
	X509_free(certificate);
	return 0;
}
