/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for the registry's numbers. */
#include "wire/words.h"

static const char *const modes[] = {
	[OBOL_MODE_PORTABLE] = "portable",
	[OBOL_MODE_DEVICE] = "device",
};

static const char *const key_types[] = {
	[OBOL_KEY_EC_P256] = "ec-p256",
	[OBOL_KEY_EC_P384] = "ec-p384",
	[OBOL_KEY_RSA_3072] = "rsa-3072",
	[OBOL_KEY_ED25519] = "ed25519",
};

#define N_MODES (sizeof(modes) / sizeof(modes[0]))
#define N_KEY_TYPES (sizeof(key_types) / sizeof(key_types[0]))

static const char *word_of(const char *const *words, size_t n, uint8_t number)
{
	return number > 0 && number < n ? words[number] : "unknown";
}

static uint8_t number_of(const char *const *words, size_t n, const char *word)
{
	size_t i;

	for (i = 1; i < n; i++)
	{
		if (strcmp(words[i], word) == 0)
		{
			return (uint8_t)i;
		}
	}
	return 0;
}

const char *obol_mode_word(uint8_t mode)
{
	return word_of(modes, N_MODES, mode);
}

uint8_t obol_mode_number(const char *word)
{
	return number_of(modes, N_MODES, word);
}

const char *obol_key_type_word(uint8_t key_type)
{
	return word_of(key_types, N_KEY_TYPES, key_type);
}

uint8_t obol_key_type_number(const char *word)
{
	return number_of(key_types, N_KEY_TYPES, word);
}
