// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which classes would suit better what a set of buffers is asked for, as far as samples tell.
 *
 * A sample says in which bucket a request's size was, so it is taken for the largest of it.
 * What a class of some size takes is counted, not its capacity: see taken().
 */
#include <stdlib.h>
#include <unistd.h>

#include "tool.h"

/* Requests that need a buffer of a size, or more. */
struct need {
	__u64 size;		/* as taken() */
	double samples;
};

/* Those of all classes, the smallest first. */
struct needs {
	struct need *need;
	size_t n;
	double given;		/* bytes, by the classes that there are */
	double asked;
	double samples;
};

/*
 * What a buffer takes: below a page objects of slab, side by side; from there on a compound
 * page, which is a power of two.
 */
static __u64 taken(__u64 size)
{
	__u64 page = (__u64)sysconf(_SC_PAGESIZE), power = page;

	if (size <= page - 16)
		return (size + 15) / 16 * 16;
	while (power < size)
		power *= 2;
	return power;
}

/* The size that is just too small for a bucket: each power of two is in eight parts. */
static __u64 below(__u64 up_to)
{
	__u64 part = 1;

	while (up_to > 16 * part)
		part *= 2;
	return up_to - part;
}

/* Gets of a class, in samples. */
static double expected(const struct kp_set *set, const struct kp_class *class)
{
	return (double)class->given_bytes / (double)class->size / (double)set->sample_interval;
}

/* Sizes ascend, so do those of the buffers that are taken for them. */
static void add_need(struct needs *needs, __u64 size, double samples,
		     const struct kp_class *class)
{
	double gets = (double)class->given_bytes / (double)class->size;
	struct need *last = needs->n ? &needs->need[needs->n - 1] : NULL;

	if (samples <= 0)
		return;
	needs->samples += samples;
	needs->given += samples * (double)taken(class->size);
	needs->asked += samples * (double)class->asked_bytes / (gets > 0 ? gets : 1);
	if (last && last->size == taken(size))
		last->samples += samples;
	else
		needs->need[needs->n++] = (struct need){ taken(size), samples };
}

/*
 * What a class was asked for, out of the buckets from *bucket on, the first of which has *left
 * samples that were not of smaller classes. Where the class ends within a bucket, what it had
 * of that follows from how many gets it had in all.
 */
static void add_class(struct needs *needs, const struct kp_set *set, const struct kp_class *class,
		      const struct kp_bucket **bucket, double *left)
{
	const struct kp_bucket *end = set->buckets + set->n_buckets;
	double had = 0, part;

	while (*bucket < end && (*bucket)->up_to && (*bucket)->up_to <= class->size) {
		add_need(needs, (*bucket)->up_to, *left, class);
		had += *left;
		++*bucket;
		*left = *bucket < end ? (double)(*bucket)->samples : 0;
	}
	part = expected(set, class) - had;
	if (*bucket < end && (*bucket)->up_to && below((*bucket)->up_to) < class->size) {
		if (part > *left)
			part = *left;
		add_need(needs, class->size, part, class);
		*left -= part > 0 ? part : 0;
	} else if (!had) {
		/* So seldom that no sample was of it, but a buffer has to be large enough. */
		add_need(needs, class->size, part, class);
	}
}

static void add_classes(struct needs *needs, const struct kp_set *set)
{
	const struct kp_bucket *bucket = set->buckets;
	double left = set->n_buckets ? (double)bucket->samples : 0;

	*needs = (struct needs){ 0 };
	needs->need = checked(calloc(set->n_buckets + set->n_classes + 1, sizeof(*needs->need)));
	for (size_t i = 0; i < set->n_classes; i++)
		add_class(needs, set, &set->classes[i], &bucket, &left);
}

/* The least that the first needs, so many, can be given by so many classes; and how. */
struct plan {
	double given;
	size_t before;		/* needs that smaller classes serve */
};

static void plan_one(struct plan *plan, const struct plan *fewer, const struct need *need,
		     size_t n)
{
	double given, samples = 0;
	size_t i;

	plan[n] = (struct plan){ fewer[0].given, 0 };
	for (i = n; i--;) {
		samples += need[i].samples;
		given = fewer[i].given + samples * (double)need[n - 1].size;
		if (i == n - 1 || given <= plan[n].given)
			plan[n] = (struct plan){ given, i };
	}
}

/* Each row is of one class more; the first, of none, can serve no need. */
static struct plan *make_plans(const struct needs *needs, size_t classes)
{
	const size_t row = needs->n + 1;
	struct plan *plans = checked(calloc((classes + 1) * row, sizeof(*plans)));
	size_t i, n;

	for (n = 1; n < row; n++)
		plans[n].given = 1e300;
	for (i = 1; i <= classes; i++)
		for (n = 1; n < row; n++)
			plan_one(&plans[i * row], &plans[(i - 1) * row], needs->need, n);
	return plans;
}

static void follow_plan(struct better *b, const struct plan *plans, const struct needs *needs)
{
	const size_t row = needs->n + 1;
	size_t i, n = needs->n;

	for (i = b->n; i; i--) {
		b->sizes[i - 1] = needs->need[n - 1].size;
		n = plans[i * row + n].before;
	}
}

static __u64 thousandths(double part, double whole)
{
	if (whole <= 0 || part <= 0)
		return 0;
	return part >= whole ? 1000 : (__u64)(part / whole * 1000 + 0.5);
}

/* Needs are not empty. */
static void choose(struct better *b, const struct needs *needs, size_t most)
{
	const size_t row = needs->n + 1;
	struct plan *plans;
	double saved;

	if (most > needs->n)
		most = needs->n;
	plans = make_plans(needs, most);
	/* No more classes than it takes. */
	b->n = most;
	while (b->n > 1 && plans[(b->n - 1) * row + needs->n].given <=
			   plans[most * row + needs->n].given)
		b->n--;
	follow_plan(b, plans, needs);
	saved = needs->given - plans[b->n * row + needs->n].given;
	b->less_given = thousandths(saved, needs->given);
	b->less_waste = thousandths(saved, needs->given - needs->asked);
	b->verdict = b->less_given >= GAIN_LEAST ? IS_BETTER : NONE_BETTER;
	free(plans);
}

/**
 * better_classes() - which classes would give less for the same requests
 * @set: the set
 * @b: what is found: no more classes than there are
 */
void better_classes(const struct kp_set *set, struct better *b)
{
	size_t most = set->n_classes < CLASSES_MOST ? set->n_classes : CLASSES_MOST;
	struct needs needs;

	*b = (struct better){ .verdict = TOO_FEW_SAMPLES };
	if (!set->sample_interval)
		return;
	add_classes(&needs, set);
	b->samples = (__u64)(needs.samples + 0.5);
	if (b->samples >= SAMPLES_LEAST && needs.n)
		choose(b, &needs, most);
	free(needs.need);
}
