// SPDX-License-Identifier: GPL-2.0-only
/* kpool save: the limits of pools and sets, as words that kpool restore reads. */
#include <stdio.h>
#include <string.h>

#include "tool.h"

/*
 * Sets come first, because their limit leaves room for those of their classes. Names have no
 * blanks.
 */
static void print_all(FILE *to, const struct kp_all *all)
{
	const struct kp_pool *pool;
	const struct kp_set *set;

	fputs("# Limits of pools and sets of buffers; kpool restore sets them.\n", to);
	for (set = all->sets; set < all->sets + all->n_sets; set++) {
		if (set->state != KPOOL_STATE_LIVE)
			continue;
		fprintf(to, "set %s", set->name);
		print_limits_of(to, NULL, set);
		fputc('\n', to);
	}
	for (pool = all->pools; pool < all->pools + all->n_pools; pool++) {
		if (pool->state != KPOOL_STATE_LIVE)
			continue;
		fprintf(to, "set %s", pool->name);
		print_limits_of(to, pool, NULL);
		fputc('\n', to);
	}
}

enum exit_status cmd_save(const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_DONE;
	struct kp_all all;
	struct kp *kp;

	(void)o;
	if (argc > 1)
		return usage("save takes one file, not '%s' too", argv[1]);
	kp = connect_kernel();
	if (!kp)
		return EXIT_REFUSED;
	if (kp_all_get(kp, false, &all))
		status = refused("%s", kp_message(kp));
	else if (argc && strcmp(argv[0], "-"))
		status = replace_file("save", argv[0], print_all, &all);
	else
		print_all(stdout, &all);
	kp_all_free(&all);
	kp_close(kp);
	return status;
}
