// SPDX-License-Identifier: GPL-2.0-only
/* A set of buffers for a person: its figures, its classes, and what it was asked for. */
#include <stdio.h>
#include <stdlib.h>

#include "tool.h"

#define CLASS_COLUMNS	\
	"size,existing,in_use,idle,vmalloced,gets,misses,asked_bytes,given_bytes,waste"

/* The samples of a power of two, which several buckets have. */
struct octave {
	__u64 up_to;
	__u64 samples;
	__u64 share;		/* thousandths of all */
};

static const struct kp_field octave_fields[] = {
	{ "up_to", KP_UP_TO, 0, offsetof(struct octave, up_to), sizeof(__u64), NULL },
	{ "samples", KP_COUNTER, 0, offsetof(struct octave, samples), sizeof(__u64), NULL },
	{ "share", KP_SHARE, 0, offsetof(struct octave, share), sizeof(__u64), NULL },
	{ NULL }
};

static const struct kp_field *first_of_oversize(void)
{
	const struct kp_field *field = kp_set_fields;

	while (field->attr != KPOOL_A_SET_OVERSIZE_GETS)
		field++;
	return field;
}

static void print_items(const struct kp_field *fields, const char *names, const void *items,
			size_t n, size_t size, const struct options *o)
{
	struct columns c;

	if (columns_choose(&c, fields, names, o)) {
		putchar('\n');
		items_print(&c, items, n, size, o);
		columns_free(&c);
	}
}

/* The next power of two from a size on; 0, which is any size, as it is. */
static __u64 power_from(__u64 size)
{
	__u64 power = 1;

	if (!size)
		return 0;
	while (power < size)
		power *= 2;
	return power;
}

static void print_sizes(const struct kp_set *set, const struct options *o)
{
	struct octave *octaves = checked(calloc(set->n_buckets, sizeof(*octaves)));
	__u64 up_to, all = 0;
	size_t i, n = 0;

	for (i = 0; i < set->n_buckets; i++) {
		up_to = power_from(set->buckets[i].up_to);
		if (!n || octaves[n - 1].up_to != up_to)
			octaves[n++].up_to = up_to;
		octaves[n - 1].samples += set->buckets[i].samples;
		all += set->buckets[i].samples;
	}
	for (i = 0; i < n && all; i++)
		octaves[i].share = (octaves[i].samples * 1000 + all / 2) / all;
	print_items(octave_fields, "up_to,samples,share", octaves, n, sizeof(*octaves), o);
	free(octaves);
}

static void print_choice(const struct better *b)
{
	printf("\nbetter classes:");
	for (size_t i = 0; i < b->n; i++)
		printf("%s %llu", i ? "," : "", b->sizes[i]);
	printf("\nThe same gets would be given %llu.%llu%% less, and", b->less_given / 10,
	       b->less_given % 10);
	printf(" %llu.%llu%% less would be wasted,", b->less_waste / 10, b->less_waste % 10);
	printf("\nby %llu samples. Sizes are rounded up as memory comes:", b->samples);
	printf(" below a page to\nmultiples of 16 bytes, from there on to powers of two.\n");
}

static void print_better(const struct kp_set *set)
{
	struct better b;

	better_classes(set, &b);
	switch (b.verdict) {
	case TOO_FEW_SAMPLES:
		printf("\nbetter classes: too few gets were sampled to say, %llu of %d", b.samples,
		       SAMPLES_LEAST);
		printf(" (one of %llu is)\n", set->sample_interval);
		return;
	case NONE_BETTER:
		printf("\nbetter classes: none would give %d%% less, by %llu samples\n",
		       GAIN_LEAST / 10, b.samples);
		return;
	case IS_BETTER:
		print_choice(&b);
	}
}

/**
 * print_set() - print a set
 * @set: the set
 * @o: whether numbers have units
 */
void print_set(const struct kp_set *set, const struct options *o)
{
	const struct kp_field *oversize = first_of_oversize();

	print_fields(kp_set_fields, oversize, set, o);
	print_items(kp_class_fields, CLASS_COLUMNS, set->classes, set->n_classes,
		    sizeof(*set->classes), o);
	putchar('\n');
	print_fields(oversize, NULL, set, o);
	if (set->n_buckets)
		print_sizes(set, o);
	print_better(set);
}
