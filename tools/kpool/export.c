// SPDX-License-Identifier: GPL-2.0-only
/* kpool export: the figures of all pools and sets of buffers, for Prometheus. */
#include <stdio.h>

#include "tool.h"

static void print_prometheus(FILE *to, const struct kp_all *all)
{
	metrics_print(to, all, FORM_PROMETHEUS);
}

static enum exit_status export(struct kp *kp, const struct options *o)
{
	enum exit_status status = EXIT_DONE;
	struct kp_all all;

	if (kp_all_get(kp, false, &all))
		status = refused("%s", kp_message(kp));
	else if (o->textfile)
		status = replace_file("export", o->textfile, print_prometheus, &all);
	else
		metrics_print(stdout, &all, o->prometheus ? FORM_PROMETHEUS : FORM_OPENMETRICS);
	kp_all_free(&all);
	return status;
}

enum exit_status cmd_export(const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_REFUSED;
	struct kp *kp;

	if (argc)
		return usage("export writes all pools and sets, it takes no '%s'", argv[0]);
	kp = connect_kernel();
	if (kp)
		status = export(kp, o);
	kp_close(kp);
	return status;
}
