// SPDX-License-Identifier: GPL-2.0-only
/* kpool export: the figures of all pools and sets of buffers, for Prometheus. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static int ask(struct kp *kp, struct metrics *m)
{
	int err = kp_sets(kp, NULL, &m->sets, &m->n_sets);

	/* An older module has none. */
	if (err == -EOPNOTSUPP)
		err = 0;
	if (!err)
		err = kp_pools(kp, NULL, &m->pools, &m->n_pools);
	if (!err)
		err = kp_stats(kp, NULL, false, &m->stats, &m->n_stats);
	return err;
}

/* As 0 or a negative errno. Closes the file. */
static int write_file(int fd, const struct metrics *m)
{
	FILE *to = fdopen(fd, "w");
	int err = 0;

	if (!to) {
		err = -errno;
		close(fd);
		return err;
	}
	metrics_print(to, m, FORM_PROMETHEUS);
	/* Another user reads the file. Everybody may ask the kernel for what is in it. */
	if (fflush(to) || fchmod(fd, 0644) || fsync(fd))
		err = -errno;
	else if (ferror(to))
		err = -EIO;
	if (fclose(to) && !err)
		err = -errno;
	return err;
}

/*
 * The new file replaces the old one at once, so a reader finds one of them as a whole. The name of
 * the unfinished file does not end in .prom, so the node exporter does not read it.
 */
static enum exit_status replace_file(const struct metrics *m, const char *path)
{
	enum exit_status status = EXIT_DONE;
	struct stat old;
	char *unfinished;
	int fd, err;

	if (!lstat(path, &old) && !S_ISREG(old.st_mode))
		return refused("export: %s is not a regular file, so it is not replaced", path);
	if (asprintf(&unfinished, "%s.XXXXXX", path) < 0)
		checked(NULL);
	fd = mkstemp(unfinished);
	if (fd < 0) {
		status = refused("export: cannot make a file beside %s: %s", path,
				 strerror(errno));
	} else {
		err = write_file(fd, m);
		if (!err && rename(unfinished, path))
			err = -errno;
		if (err) {
			unlink(unfinished);
			status = refused("export: cannot write %s: %s", path, strerror(-err));
		}
	}
	free(unfinished);
	return status;
}

static enum exit_status export(struct kp *kp, const struct options *o)
{
	enum exit_status status = EXIT_DONE;
	struct metrics m = { NULL };

	if (ask(kp, &m))
		status = refused("%s", kp_message(kp));
	else if (o->textfile)
		status = replace_file(&m, o->textfile);
	else
		metrics_print(stdout, &m, o->prometheus ? FORM_PROMETHEUS : FORM_OPENMETRICS);
	kp_stats_free(m.stats, m.n_stats);
	kp_sets_free(m.sets, m.n_sets);
	free(m.pools);
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
