// SPDX-License-Identifier: GPL-2.0-only
/* kpool list: the pools, a line each. */
#include <stdio.h>
#include <stdlib.h>

#include "tool.h"

#define COLUMNS	"id,name,state,size,existing,in_use,idle,memory,owner"

static void print_json(const struct kp_pool *pools, size_t n, const struct options *o)
{
	json_t *array = checked(json_array());

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_of_pool(&pools[i]));
	json_print(array, o);
}

enum exit_status cmd_list(struct kp *kp, const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_USAGE;
	struct kp_pool *pools;
	struct columns c;
	size_t n;

	if (argc)
		return usage("list takes no '%s': show does", argv[0]);
	if (!columns_choose(&c, kp_pool_fields, o->output ? o->output : COLUMNS))
		return EXIT_USAGE;
	if (kp_pools(kp, NULL, &pools, &n)) {
		status = refused("%s", kp_message(kp));
	} else if (items_sort(pools, n, sizeof(*pools), kp_pool_fields, o)) {
		if (o->json)
			print_json(pools, n, o);
		else if (!n)
			fputs("kpool: there is no pool\n", stderr);
		else
			items_print(&c, pools, n, sizeof(*pools), o);
		status = EXIT_DONE;
	}
	free(pools);
	columns_free(&c);
	return status;
}
