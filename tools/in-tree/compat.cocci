// SPDX-License-Identifier: GPL-2.0-only
// Calls of module/compat that only older kernels need. tools/in-tree/series applies this.

// Slab caches have SLAB_NO_MERGE, and need no constructor for that.
@@ expression alone; @@
- alone ? SLAB_NO_MERGE_CTOR : NULL
+ NULL

// The kernel sets the parameters of a module before KUnit runs the suites.
@@ expression name, set; @@
- early_uint_param(name, set)
+ set

// Each hold of a lock has a number.
@@ expression hold, before; @@
- kp_same_hold(&hold, &before)
+ hold.seq_count =
+ 	before.seq_count

// Newer kernels take the type, not the size.
@@ expression object, gfp; @@
- kmalloc(sizeof(*object), gfp)
+ kmalloc_obj(*object, gfp)
@@ expression object, gfp; @@
- kzalloc(sizeof(*object), gfp)
+ kzalloc_obj(*object, gfp)
