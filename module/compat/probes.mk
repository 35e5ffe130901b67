# SPDX-License-Identifier: GPL-2.0-only
# Features of this kernel: each probe is for a header in this folder.
has = $(shell grep -qs '\<$(2)\>' $(srctree)/include/$(1) && echo y)
ccflags-$(call has,net/genetlink.h,genl_info_dump) += -DHAVE_GENL_INFO_DUMP
ccflags-$(call has,linux/shrinker.h,shrinker_alloc) += -DHAVE_SHRINKER_ALLOC
ccflags-$(call has,linux/rcupdate.h,call_rcu_hurry) += -DHAVE_CALL_RCU_HURRY
ccflags-$(call has,linux/mm.h,vm_flags_mod) += -DHAVE_VM_FLAGS_MOD
# Linux 6.18 and 6.19 have an earlier form of it, with which kpool was never tried.
ifeq ($(filter 6,$(VERSION)),)
ccflags-$(call has,linux/slab.h,kmalloc_nolock) += -DHAVE_KMALLOC_NOLOCK
endif
ccflags-$(call has,linux/lockdep_types.h,seq_count) += -DHAVE_HELD_LOCK_SEQ_COUNT
ccflags-$(call has,linux/hrtimer.h,hrtimer_setup) += -DHAVE_HRTIMER_SETUP
ccflags-$(shell grep -qs 'char \*args;' $(srctree)/include/linux/module.h && echo y) += -DHAVE_MODULE_ARGS
ccflags-$(shell grep -qs 'struct dentry \*dname;' $(srctree)/include/linux/fault-inject.h && \
	echo y) += -DHAVE_FAULT_DENTRY
