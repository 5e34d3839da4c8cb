/* usage: fetch ACCOUNT@SERVER DEVICE-FILE CREDENTIAL */
#include <obol/client.h>

#include <stdio.h>

static int fetch(struct obol_client *client, const struct obol_device *device,
				 const char *name)
{
	struct obol_bundle *bundle = NULL;
	uint64_t version;

	if (obol_client_login_device(client, device) != OBOL_OK ||
		obol_client_fetch(client, name, 0, &bundle, &version) != OBOL_OK)
	{
		printf("%s: %s\n", obol_cause_name(obol_client_error(client)->cause),
			   obol_client_error(client)->text);
		return 1;
	}
	printf("fetched version %u of %s for %s\n", (unsigned)version, name,
		   obol_client_account(client));
	obol_bundle_free(bundle);
	return 0;
}

int main(int argc, char **argv)
{
	struct obol_client_options options;
	struct obol_client *client = NULL;
	struct obol_device device;
	struct obol_error error;
	int code = 2;

	if (argc != 4 || obol_device_load(argv[2], &device, &error) != OBOL_OK)
	{
		return code;
	}
	obol_client_options_init(&options);
	options.account = argv[1];
	if (obol_client_new(&options, &client, &error) == OBOL_OK)
	{
		code = fetch(client, &device, argv[3]);
	}
	obol_client_free(client);
	obol_device_clear(&device);
	return code;
}
