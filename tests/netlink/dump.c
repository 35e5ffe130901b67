// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dumps all pools again and again. Checks that each pool of the crowd is there exactly once, and
 * that ids ascend. With percpu each pool must have been used by some CPU:
 *
 *	dump pool|stats|percpu POOLS ROUNDS
 *	dump set 0 ROUNDS
 *
 * With set it dumps all sets. Checks that each set is there once, and that crowd-wide has all of
 * its classes and sizes, in however many messages they come.
 *
 * Prints the lowest cost of a pool, in nanoseconds inside of system calls. Exit status 2: the
 * kernel does not have the family.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nl.h"

/* The most classes and buckets that a set can have. */
#define WIDE_CLASSES	32
#define WIDE_BUCKETS	161

static bool percpu;
static __u8 cmd = KPOOL_CMD_STATS_GET;
static unsigned int crowd;
/* In this dump: how often crowd-N was there, and how many CPUs had used it. */
static unsigned int *seen, *cpus;
/* In this dump: classes and buckets of crowd-wide. */
static unsigned int wide_classes, wide_buckets;
static __u64 spent;
static unsigned int all;	/* pools */
static __u64 continued;		/* messages in all dumps that continued a pool */

static __u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void request(int fd, __u16 family)
{
	char message[64];
	__u64 began;

	nl_begin(message, family, NLM_F_DUMP, cmd);
	if (percpu)
		nl_put(message, KPOOL_A_STATS_PERCPU, NULL, 0);
	began = now();
	nl_send(fd, message);
	spent += now() - began;
}

/* In a dump of CPUs or sets, further messages of the same pool or set have no totals. */
static void count(const struct nl_reply *reply, __u32 *last_id)
{
	bool first = reply->totals, goes_on = percpu || cmd == KPOOL_CMD_SET_GET;
	unsigned int i;

	if (first ? reply->id <= *last_id : !goes_on || reply->id != *last_id)
		errx(1, "id %u comes after %u", reply->id, *last_id);
	*last_id = reply->id;
	all += first;
	continued += !first;
	if (!strcmp(reply->name, "crowd-wide")) {
		wide_classes += reply->classes;
		wide_buckets += reply->buckets;
	}
	if (sscanf(reply->name, "crowd-%u", &i) != 1)
		return;
	if (i >= crowd)
		errx(1, "%s was never created", reply->name);
	seen[i] += first;
	cpus[i] += reply->cpus;
}

/* The size of the reader's buffer decides where the kernel ends a message. */
static void receive(int fd, size_t room)
{
	static char buffer[NL_ROOM];
	const struct nlmsghdr *nlh;
	struct nl_reply reply;
	size_t size, at;
	__u32 last_id = 0;
	__u64 began;
	int error;

	for (;;) {
		began = now();
		size = nl_receive(fd, buffer, room);
		spent += now() - began;
		for (at = 0; (nlh = nl_next(buffer, size, &at));) {
			if (nlh->nlmsg_type == NLMSG_DONE) {
				error = nl_check_done(nlh);
				if (error)
					errx(1, "the dump ends with %s", strerror(error));
				return;
			}
			if (nlh->nlmsg_type == NLMSG_ERROR)
				errx(1, "the dump is refused: %s", strerror(nl_check_error(nlh)));
			reply = nl_check_reply(nlh, cmd);
			count(&reply, &last_id);
		}
	}
}

static void check_crowd(unsigned int round)
{
	unsigned int i;

	for (i = 0; i < crowd; i++)
		if (seen[i] != 1 || percpu != !!cpus[i])
			errx(1, "dump %u: crowd-%u is there %u times, with %u CPUs", round, i,
			     seen[i], cpus[i]);
	if (cmd == KPOOL_CMD_SET_GET &&
	    (wide_classes != WIDE_CLASSES || wide_buckets != WIDE_BUCKETS))
		errx(1, "dump %u: crowd-wide has %u classes and %u sizes", round, wide_classes,
		     wide_buckets);
}

static __u64 dump(__u16 family, unsigned int round)
{
	int fd = nl_open();

	memset(seen, 0, crowd * sizeof(*seen));
	memset(cpus, 0, crowd * sizeof(*cpus));
	spent = 0;
	all = 0;
	wide_classes = 0;
	wide_buckets = 0;
	request(fd, family);
	receive(fd, round ? 8192 + 52 * round : NL_ROOM);
	close(fd);
	check_crowd(round);
	return all ? spent / all : 0;
}

int main(int argc, char **argv)
{
	__u64 price, least = ~0ULL, others = 0;
	unsigned int rounds, i;
	__u16 family;

	if (argc != 4)
		errx(1, "usage: dump pool|stats|percpu|set POOLS ROUNDS");
	if (!strcmp(argv[1], "pool"))
		cmd = KPOOL_CMD_POOL_GET;
	if (!strcmp(argv[1], "set"))
		cmd = KPOOL_CMD_SET_GET;
	percpu = !strcmp(argv[1], "percpu");
	crowd = strtoul(argv[2], NULL, 10);
	rounds = strtoul(argv[3], NULL, 10);
	seen = calloc(crowd + 1, sizeof(*seen));
	cpus = calloc(crowd + 1, sizeof(*cpus));
	if (!seen || !cpus)
		err(1, "calloc");

	family = nl_family(nl_open(), KPOOL_FAMILY_NAME);
	for (i = 0; i < rounds; i++) {
		price = dump(family, i);
		others += all - crowd;
		if (price < least)
			least = price;
	}
	printf("dump %s of %u pools, %u times: %llu ns a pool; %llu others, %llu continued\n",
	       argv[1], crowd, rounds, least, others, continued);
	return 0;
}
