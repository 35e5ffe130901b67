// SPDX-License-Identifier: GPL-2.0-only
/* Files that readers find as a whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

/* As 0 or a negative errno. Closes the file. */
static int write_file(int fd, void (*print)(FILE *to, const struct kp_all *all),
		      const struct kp_all *all)
{
	FILE *to = fdopen(fd, "w");
	int err = 0;

	if (!to) {
		err = -errno;
		close(fd);
		return err;
	}
	print(to, all);
	/* Another user reads the file. Everybody may ask the kernel for what is in it. */
	if (fflush(to) || fchmod(fd, 0644) || fsync(fd))
		err = -errno;
	else if (ferror(to))
		err = -EIO;
	if (fclose(to) && !err)
		err = -errno;
	return err;
}

/**
 * replace_file() - write a file in place of the one that has its name
 * @command: the command that writes the file, for messages
 * @path: the name of the file
 * @print: prints what goes into the file
 * @all: for @print
 *
 * The new file replaces the old one at once, so a reader finds one of them as a whole. The name of
 * the unfinished file has another end, so that nobody who looks for files by their end reads it.
 */
enum exit_status replace_file(const char *command, const char *path,
			      void (*print)(FILE *to, const struct kp_all *all),
			      const struct kp_all *all)
{
	enum exit_status status = EXIT_DONE;
	struct stat old;
	char *unfinished;
	int fd, err;

	if (!lstat(path, &old) && !S_ISREG(old.st_mode))
		return refused("%s: %s is not a regular file, so it is not replaced", command,
			       path);
	if (asprintf(&unfinished, "%s.XXXXXX", path) < 0)
		checked(NULL);
	fd = mkstemp(unfinished);
	if (fd < 0) {
		status = refused("%s: cannot make a file beside %s: %s", command, path,
				 strerror(errno));
	} else {
		err = write_file(fd, print, all);
		if (!err && rename(unfinished, path))
			err = -errno;
		if (err) {
			unlink(unfinished);
			status = refused("%s: cannot write %s: %s", command, path,
					 strerror(-err));
		}
	}
	free(unfinished);
	return status;
}
