// SPDX-License-Identifier: GPL-2.0-only
/* All suites. They run when the module is loaded; it has no init of its own. */
#include <linux/module.h>

#include "sets.h"

/* These suites are about hits, and about interrupts that nest in hits. */
kunit_test_suites(&cache_suite, &close_suite, &context_suite);

/* These have cases for nodes, hotplug, NMI, or an interrupt that comes at once. */
#ifndef KPOOL_KUNIT_HITS
kunit_test_suites(&hotplug_suite, &atomic_suite, &wait_suite, &sweep_suite, &rcu_suite,
		  &stress_suite, &dma_suite, &home_suite, &huge_suite);
#endif

#ifndef KPOOL_KUNIT_MACHINE
kunit_test_suites(&params_suite, &shrink_suite, &ring_wait_suite, &wipe_suite,
		  &lifecycle_suite, &objects_suite, &memory_suite, &bulk_suite, &age_suite,
		  &depot_suite, &faults_suite, &reserve_suite, &expiry_suite, &renewal_suite,
		  &retune_suite, &kvmalloc_suite, &callbacks_suite, &sized_suite,
		  &sized_limits_suite, &sized_end_suite, &sized_check_suite, &ring_suite,
		  &ring_stream_suite, &ring_pool_suite, &ring_poll_suite, &sized_stress_suite,
		  &grant_suite, &ctor_suite, &figures_suite, &discard_suite, &sized_rcu_suite,
		  &sized_share_suite, &window_suite, &health_suite, &misuse_suite, &wrong_put_suite,
		  &sample_suite, &debug_suite, &fail_suite, &track_suite,
		  &alarm_suite, &weigh_suite, &available_suite, &oom_suite, &adapt_suite,
		  &provider_suite, &porting_suite, &nolock_suite);
#endif

MODULE_DESCRIPTION("KUnit suites of kpool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
