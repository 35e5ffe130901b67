// SPDX-License-Identifier: GPL-2.0-only
/* kpool set: other limits for a pool or a set of buffers that is in use. */
#include <stdio.h>

#include "tool.h"

static int find(struct kp *kp, const char *arg, const struct limits *limits,
		struct kp_which *which)
{
	struct kp_pool pool;
	struct kp_set *set;

	if (!limits->of_set) {
		if (find_pool(kp, arg, &pool))
			return EXIT_REFUSED;
		which->id = (__u32)pool.id;
		return EXIT_DONE;
	}
	if (find_set(kp, arg, &set))
		return EXIT_REFUSED;
	which->id = (__u32)set->id;
	kp_sets_free(set, 1);
	return EXIT_DONE;
}

static enum exit_status change(struct kp *kp, const char *arg, const struct limits *limits)
{
	struct kp_which which = { 0 };

	if (find(kp, arg, limits, &which))
		return EXIT_REFUSED;
	if (kp_set(kp, &which, limits->limit, limits->n))
		return refused("set %s: %s", arg, kp_message(kp));
	return EXIT_DONE;
}

enum exit_status cmd_set(const struct options *o, int argc, char **argv)
{
	enum exit_status status;
	struct limits limits;
	struct kp *kp;

	(void)o;
	if (!argc)
		return usage("set what? Give a pool and its limits, as in: kpool set POOL max=500");
	if (argc == 1)
		return usage("set %s to what? Give limits, as in max=500; there are: %s", argv[0],
			     limit_names());
	if (!read_limits(&limits, argc - 1, argv + 1))
		return EXIT_USAGE;
	kp = connect_kernel();
	if (!kp)
		return EXIT_REFUSED;
	status = change(kp, argv[0], &limits);
	kp_close(kp);
	return status;
}
