// SPDX-License-Identifier: GPL-2.0-only
/*
 * The classes that kpool show suggests, from the sizes that a set was asked for. First a
 * table of known sets, then random ones, for which no other choice of classes may give fewer
 * bytes.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define INTERVAL	256
#define RANDOM_SETS	2000

void *checked(void *allocated)
{
	if (!allocated)
		errx(1, "out of memory");
	return allocated;
}

struct test {
	const char *what;
	struct {
		__u64 size, gets, asked;	/* gets in samples; asked: bytes of each */
	} classes[5];
	struct kp_bucket buckets[6];
	unsigned int verdict;
	__u64 samples;
	__u64 sizes[5];
	__u64 less_given, less_waste;
};

static const struct test tests[] = {
	{ "all of one size",
	  { { 1024 }, { 2048, 200, 1100 }, { 4096 } }, { { 1152, 200 } },
	  IS_BETTER, 200, { 1152 }, 438, 945 },
	{ "nothing",
	  { { 1024 }, { 4096 } }, { { 0 } }, TOO_FEW_SAMPLES, 0 },
	{ "too few",
	  { { 1024 }, { 2048, 99, 1100 } }, { { 1152, 99 } }, TOO_FEW_SAMPLES, 99 },
	{ "as good as can be",
	  { { 1024, 100, 1024 }, { 2048, 100, 2048 } }, { { 1024, 100 }, { 2048, 100 } },
	  NONE_BETTER, 200, { 1024, 2048 } },
	{ "two sizes, two classes",
	  { { 1024, 100, 600 }, { 4096, 100, 3000 } }, { { 640, 100 }, { 3072, 100 } },
	  IS_BETTER, 200, { 640, 3072 }, 275, 926 },
	{ "no more classes than there are: those that are asked for most",
	  { { 4096, 1010, 1000 } }, { { 1024, 1000 }, { 4096, 10 } },
	  NONE_BETTER, 1010, { 4096 } },
	{ "a class within a bucket, which is all its own",
	  { { 1100, 100, 1100 }, { 4096 } }, { { 1152, 100 } },
	  NONE_BETTER, 100, { 1104 } },
	{ "a class within a bucket, which is in part another's",
	  { { 1100, 50, 1100 }, { 4096, 50, 1130 } }, { { 1152, 100 } },
	  IS_BETTER, 100, { 1104, 1152 }, 566, 991 },
	{ "the largest class within a bucket: what is more is not its own",
	  { { 1500, 120, 1450 } }, { { 1536, 300 } },
	  NONE_BETTER, 120, { 1504 } },
	{ "oversize counts for nothing",
	  { { 1024, 150, 1000 } }, { { 1024, 150 }, { 65536, 900 }, { 0, 900 } },
	  NONE_BETTER, 150, { 1024 } },
	{ "what was never sampled still has its class",
	  { { 1024, 200, 100 }, { 65536, 1, 60000 } }, { { 104, 200 } },
	  IS_BETTER, 201, { 112, 65536 }, 675, 958 },
	{ "from a page on powers of two, so nothing is won",
	  { { 8192, 200, 4200 } }, { { 4608, 200 } }, NONE_BETTER, 200, { 8192 } },
	{ "what is nearly a page is one",
	  { { 8192, 200, 4090 } }, { { 4096, 200 } }, IS_BETTER, 200, { 4096 }, 500, 999 },
};

static struct kp_class *add_class(struct kp_set *set, __u64 size, __u64 gets, __u64 asked)
{
	struct kp_class *class = &set->classes[set->n_classes++];

	*class = (struct kp_class){
		.size = size,
		.gets = gets * INTERVAL,
		.given_bytes = gets * INTERVAL * size,
		.asked_bytes = gets * INTERVAL * asked,
	};
	return class;
}

static void run_test(const struct test *t)
{
	struct kp_class classes[5];
	struct kp_set set = {
		.sample_interval = INTERVAL, .classes = classes,
		.buckets = (struct kp_bucket *)t->buckets,
	};
	struct better b;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(t->classes) && t->classes[i].size; i++)
		add_class(&set, t->classes[i].size, t->classes[i].gets, t->classes[i].asked);
	while (set.n_buckets < ARRAY_SIZE(t->buckets) && t->buckets[set.n_buckets].samples)
		set.n_buckets++;
	better_classes(&set, &b);
	if (b.verdict != t->verdict || b.samples != t->samples)
		errx(1, "%s: verdict %d by %llu samples", t->what, b.verdict, b.samples);
	for (i = 0; i < ARRAY_SIZE(t->sizes) && t->verdict != TOO_FEW_SAMPLES; i++)
		if (t->sizes[i] != (i < b.n ? b.sizes[i] : 0))
			errx(1, "%s: size %zu is %llu", t->what, i, b.sizes[i]);
	if (t->verdict == IS_BETTER &&
	    (b.less_given != t->less_given || b.less_waste != t->less_waste))
		errx(1, "%s: %llu less given, %llu less waste", t->what, b.less_given,
		     b.less_waste);
}

/* The bytes given with the classes whose bits are set among the buckets' sizes. */
static __u64 given_by(const struct kp_bucket *buckets, size_t n, unsigned int chosen)
{
	__u64 given = 0, samples = 0;

	for (size_t i = 0; i < n; i++) {
		samples += buckets[i].samples;
		if (!(chosen >> i & 1))
			continue;
		given += samples * buckets[i].up_to;
		samples = 0;
	}
	return given;
}

/* Up to ten sizes, and up to four classes, of which one was used. */
static void run_random(unsigned int seed)
{
	struct kp_bucket buckets[10];
	struct kp_class classes[4];
	struct kp_set set = {
		.sample_interval = INTERVAL, .classes = classes, .buckets = buckets,
	};
	__u64 size, all = 0, least = ~0ULL, given = 0;
	unsigned int chosen, best = 0, unused;
	struct better b;
	size_t i;

	srand(seed);
	for (size = 128; size <= 2048 && set.n_buckets < ARRAY_SIZE(buckets); size += 128)
		if (rand() % 2)
			buckets[set.n_buckets++] = (struct kp_bucket){ size, 10 + rand() % 1000 };
	for (i = 0; i < set.n_buckets; i++)
		all += buckets[i].samples;
	if (!set.n_buckets || all < SAMPLES_LEAST)
		return;
	unused = rand() % ARRAY_SIZE(classes);
	for (i = 0; i < unused; i++)
		add_class(&set, 16 * (i + 1), 0, 0);
	add_class(&set, 2048, all, 1);
	better_classes(&set, &b);
	for (chosen = 1; chosen < 1U << set.n_buckets; chosen++) {
		if ((size_t)__builtin_popcount(chosen) > set.n_classes ||
		    !(chosen >> (set.n_buckets - 1)))
			continue;
		given = given_by(buckets, set.n_buckets, chosen);
		if (given < least) {
			least = given;
			best = chosen;
		}
	}
	for (i = 0, chosen = 0; i < set.n_buckets; i++)
		for (size_t j = 0; j < b.n; j++)
			if (b.sizes[j] == buckets[i].up_to)
				chosen |= 1U << i;
	if (given_by(buckets, set.n_buckets, chosen) != least || b.n > set.n_classes)
		errx(1, "seed %u: classes %#x give %llu, %#x would give %llu", seed, chosen,
		     given_by(buckets, set.n_buckets, chosen), best, least);
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		run_test(&tests[i]);
	for (i = 0; i < RANDOM_SETS; i++)
		run_random(i);
	return 0;
}
