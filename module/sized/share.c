// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which class of a set gets how many of the bytes that are for CPUs' magazines.
 *
 * A magazine saves lock holds at the depot. Without a magazine each get takes a hold. With one
 * of n objects one get in n does. So the first object of a magazine saves most, and each doubling
 * saves half of the holds that are left. A class that is used twice as often saves twice as many.
 *
 * The bytes go, step by step, to the class that saves most holds for each byte. Of classes that are
 * used alike the one of smaller buffers comes first.
 */
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "base/cpus.h"
#include "base/export.h"
#include "sized/share.h"

/* The next size of a class's magazines: the double, or one object. */
static unsigned int step_of(const struct kp_share *c)
{
	return min(max(2 * c->next, 1U), c->wanted);
}

/* Bytes of the buffers that a step adds to a magazine. */
static u64 bytes_of_step(const struct kp_share *c)
{
	return (u64)(step_of(c) - c->next) * c->size;
}

/*
 * How many lock holds each byte of the next step saves, by a scale of its own. A class keeps what
 * it has unless another one gains twice as much, because a change interrupts all CPUs.
 */
static u64 gain_of(const struct kp_share *c)
{
	u64 holds = (min_t(u64, c->use, U32_MAX - 1) + 1) << 30;

	if (c->next)
		holds = div_u64(holds, 2 * c->next);
	if (step_of(c) <= c->now)
		holds *= 2;
	return div64_u64(holds, bytes_of_step(c));
}

/* The class that gains most by a step that fits, or NULL. */
static struct kp_share *best(struct kp_share *classes, unsigned int n, u64 left)
{
	struct kp_share *c, *found = NULL;

	for (c = classes; c < classes + n; c++)
		if (c->next < c->wanted && bytes_of_step(c) <= left &&
		    (!found || gain_of(c) > gain_of(found)))
			found = c;
	return found;
}

/**
 * kp_share_out() - choose the size of each class's magazines
 * @classes: the classes; sets next and bytes
 * @n: how many
 * @bytes: how many bytes all magazines of all CPUs may have together
 *
 * A class has what was asked for in any case, as far as the bytes go. Of classes that gain equally
 * the first one comes first.
 *
 * Context: process context.
 */
void kp_share_out(struct kp_share *classes, unsigned int n, size_t bytes)
{
	unsigned int magazines = 2 * READ_ONCE(kp_cpus);
	u64 left = div_u64(bytes, magazines);
	struct kp_share *c;

	for (c = classes; c < classes + n; c++) {
		c->next = min_t(u64, min(c->least, c->wanted), div64_u64(left, c->size));
		left -= (u64)c->next * c->size;
	}
	while ((c = best(classes, n, left))) {
		left -= bytes_of_step(c);
		c->next = step_of(c);
	}
	for (c = classes; c < classes + n; c++)
		c->bytes = (size_t)magazines * c->next * c->size;
}
EXPORT_SYMBOL_FOR_TESTS(kp_share_out);
