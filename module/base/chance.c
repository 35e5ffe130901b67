// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random numbers that choose samples, and spread lifetimes. They are cheap and can be foreseen, so
 * they are no secret. get_random_u32() costs some ten thousand instructions until the kernel has
 * collected its first entropy, and takes a lock that sleeps on PREEMPT_RT.
 */
#include <linux/compiler.h>
#include <linux/percpu.h>
#include <linux/prandom.h>

#include "base/chance.h"

static DEFINE_PER_CPU(struct rnd_state, chance);

/* Context: process context, before the first kp_chance(). */
void kp_chance_init(void)
{
	prandom_seed_full_state(&chance);
}

/*
 * A random number. Context: any.
 *
 * An interrupt, or a task that has moved to another CPU, may use the same state at the same time.
 * Then both have the same number, or the state is a mix of its words before and after. Each word
 * alone goes from one valid value to the next, so a mix is valid, too.
 */
u32 kp_chance(void)
{
	struct rnd_state *state = raw_cpu_ptr(&chance);

	/* data_race(): see above */
	return data_race(prandom_u32_state(state));
}
