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

static enum exit_status list(struct kp *kp, const struct columns *c, const struct options *o)
{
	struct kp_pool *pools;
	size_t n;

	if (kp_pools(kp, NULL, &pools, &n))
		return refused("%s", kp_message(kp));
	items_sort(c, pools, n, sizeof(*pools));
	if (o->json)
		print_json(pools, n, o);
	else if (!n)
		fputs("kpool: there is no pool\n", stderr);
	else
		items_print(c, pools, n, sizeof(*pools), o);
	free(pools);
	return EXIT_DONE;
}

enum exit_status cmd_list(const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_REFUSED;
	struct columns c;
	struct kp *kp;

	if (argc)
		return usage("list takes no '%s': show does", argv[0]);
	if (!columns_choose(&c, kp_pool_fields, o->output ? o->output : COLUMNS, o))
		return EXIT_USAGE;
	kp = connect_kernel();
	if (kp)
		status = list(kp, &c, o);
	kp_close(kp);
	columns_free(&c);
	return status;
}
