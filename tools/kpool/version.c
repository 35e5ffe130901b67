// SPDX-License-Identifier: GPL-2.0-only
/* kpool version: the version of this program, and the one of the module in the kernel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/kpool_netlink.h>

#include "tool.h"

#define LOADED "/sys/module/kpool/version"

void print_version(void)
{
	printf("kpool %s (netlink family %s, version %d)\n", KPOOL_VERSION, KPOOL_FAMILY_NAME,
	       KPOOL_FAMILY_VERSION);
}

/* Does not load the module. */
enum exit_status cmd_version(const struct options *o, int argc, char **argv)
{
	char loaded[128] = "";
	FILE *file;

	(void)o;
	if (argc)
		return usage("version takes no '%s'", argv[0]);
	print_version();
	file = fopen(LOADED, "r");
	if (!file && errno == ENOENT) {
		printf("kpool.ko is not loaded\n");
		return EXIT_DONE;
	}
	if (!file || !fgets(loaded, sizeof(loaded), file) || !*loaded) {
		if (file)
			fclose(file);
		return refused("cannot read " LOADED);
	}
	fclose(file);
	loaded[strcspn(loaded, "\n")] = '\0';
	printf("kpool.ko %s is loaded\n", loaded);
	if (strcmp(loaded, KPOOL_VERSION)) {
		printf("The versions differ, so what only the newer one knows is missing: ");
		printf("install the same version of both, then load the module anew ");
		printf("(or restart the machine).\n");
	}
	return EXIT_DONE;
}
