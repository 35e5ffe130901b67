// SPDX-License-Identifier: GPL-2.0-only
/* kpool trim and kpool reset-peaks: what an administrator asks of pools once. */
#include <stdio.h>

#include "tool.h"

static enum exit_status trim_pool(struct kp *kp, const char *name, const struct kp_pool *pool,
				  void *arg)
{
	const struct kp_which which = { .id = (__u32)pool->id };
	char memory[CELL_LEN];
	__u64 n;

	(void)arg;
	if (kp_trim(kp, &which, &n))
		return refused("trim %s: %s", name, kp_message(kp));
	bytes_text(memory, n * pool->footprint, false);
	printf("%s: %llu idle objects, %s bytes\n", pool->name, n, memory);
	return EXIT_DONE;
}

static enum exit_status reset_pool(struct kp *kp, const char *name, const struct kp_pool *pool,
				   void *arg)
{
	const struct kp_which which = { .id = (__u32)pool->id };

	(void)arg;
	if (kp_reset_peaks(kp, &which))
		return refused("reset-peaks %s: %s", name, kp_message(kp));
	return EXIT_DONE;
}

static enum exit_status each(int argc, char **argv,
			     enum exit_status (*one)(struct kp *kp, const char *name,
						     const struct kp_pool *pool, void *arg))
{
	enum exit_status status = EXIT_DONE;
	struct kp *kp = connect_kernel();

	if (!kp)
		return EXIT_REFUSED;
	for (int i = 0; i < argc; i++)
		if (each_pool(kp, argv[i], one, NULL))
			status = EXIT_REFUSED;
	kp_close(kp);
	return status;
}

enum exit_status cmd_trim(const struct options *o, int argc, char **argv)
{
	(void)o;
	return argc ? each(argc, argv, trim_pool) : usage("trim what? Give pools or sets");
}

enum exit_status cmd_reset_peaks(const struct options *o, int argc, char **argv)
{
	(void)o;
	return argc ? each(argc, argv, reset_pool) :
		      usage("reset-peaks of what? Give pools or sets");
}
