# SPDX-License-Identifier: GPL-2.0-only
#
# Code that a consumer may not write does not compile, and the compiler says why.

load helpers

# compiles NAME: builds a function as a consumer's code. Its body comes on standard input. BEFORE comes
# before the function.
compiles() {
	local folder=$LOGS/compile-$1 kernel_folder
	kernel_folder=$(built 6.1)
	mkdir -p "$folder"
	cp "$TOP/samples/hello/Makefile" "$folder"
	sed 's/hello/body/' "$TOP/samples/hello/Kbuild" >"$folder/Kbuild"
	{
		cat <<-END
			// SPDX-License-Identifier: GPL-2.0-only
			#include <linux/kpool_ring_wait.h>
			#include <linux/kpool_sized.h>

			struct apple { int seeds; };
			struct pear { int seeds; };
			DEFINE_KPOOL_TYPE(apple, struct apple);
			DEFINE_KPOOL_TYPE(pear, struct pear);
			${BEFORE-}
			int body(struct apple_pool *apples, struct pear_pool *pears, struct pear *pear);
			int body(struct apple_pool *apples, struct pear_pool *pears, struct pear *pear)
			{
		END
		cat
		printf '\treturn 0;\n}\nMODULE_LICENSE("GPL");\nKPOOL_IMPORT_NS;\n'
	} >"$folder/body.c"
	make -C "$folder" KDIR="$(realpath "$(kernel 6.1)/build")" \
		KPOOL="$kernel_folder/stage/usr/local" 2>&1
}

@test "typed get and put of the right type compile" {
	compiles right <<-'END'
		struct apple *apple = apple_get(apples, GFP_KERNEL);
		apple_put(apples, apple);
		kpool_scoped(struct apple, other, apple_pool(apples), GFP_KERNEL);
		if (IS_ERR(other))
			return PTR_ERR(other);
	END
}

# refused NAME MESSAGE: does not compile, and this is the compiler's message.
refused() {
	run compiles "$1"
	[ "$status" -ne 0 ] || { echo "$output" && return 1; }
	grep -E "$2" <<<"$output" || { echo "$output" && return 1; }
}

@test "an object of another type cannot be put" {
	refused object 'incompatible pointer type' <<-'END'
		apple_put(apples, pear);
	END
}

@test "an object of another type cannot be got" {
	refused get 'incompatible pointer type' <<-'END'
		pear = apple_get(apples, GFP_KERNEL);
	END
}

@test "another pool cannot be put to" {
	refused pool 'incompatible pointer type' <<-'END'
		pear_put(apples, pear);
	END
}

# refused_flag FLAG: a get with this constant flag does not compile, and the message names the flag.
refused_flag() {
	refused "gfp-$1" "a get takes reclaim flags only, not $1:" <<-END
		pear = pear_get(pears, GFP_KERNEL | $1);
	END
}

@test "a constant gfp flag that a get cannot have does not compile, and the message names it" {
	local flag
	for flag in __GFP_NOFAIL __GFP_ACCOUNT __GFP_THISNODE __GFP_COMP __GFP_DMA __GFP_DMA32 \
		__GFP_HIGHMEM __GFP_MOVABLE; do
		refused_flag $flag
	done
}

# refused_calls NAME MESSAGE CALL...: the compiler refuses each of these calls with this message.
refused_calls() {
	local call head functions='' number=0
	# To the compiler a call that is refused never returns. So each has a function of its own.
	for call in "${@:3}"; do
		head="long call$((number++))(struct kpool *pool, struct pear_pool *pears,
			struct kpool_sized *set, struct kpool_ring_pool *rings, void **objs)"
		functions+="$head; $head { return (long)$call; }"$'\n'
	done
	BEFORE=$functions run compiles "$1" </dev/null
	[ "$(grep -c "error: .*$2" <<<"$output")" = $(($# - 2)) ] || { echo "$output" && return 1; }
}

# The gets of several objects, of a set and of a pool of rings.
@test "each get refuses a constant flag that it cannot have" {
	local gfp='GFP_KERNEL | __GFP_ACCOUNT'
	refused_calls account 'a get takes reclaim flags only, not __GFP_ACCOUNT:' \
		"kpool_get_bulk(pool, $gfp, objs, 1)" \
		"kpool_get_timeout(pool, $gfp, 1)" \
		"kpool_get_bulk_timeout(pool, $gfp, objs, 1, 1)" \
		"kpool_sized_get(set, 64, $gfp)" \
		"kpool_sized_get_bulk(set, 64, $gfp, objs, 1)" \
		"kpool_sized_get_bulk_timeout(set, 64, $gfp, objs, 1, 1)" \
		"pear_get_bulk(pears, $gfp, (void *)objs, 1)" \
		"kpool_ring_get_bulk(rings, $gfp, (void *)objs, 1)"
}

@test "each get that waits refuses constant flags that may not block" {
	local way calls=()
	for way in '' interruptible_ killable_; do
		calls+=("kpool_get_${way}timeout(pool, GFP_NOWAIT, 1)"
			"kpool_get_bulk_${way}timeout(pool, GFP_NOWAIT, objs, 1, 1)"
			"kpool_sized_get_${way}timeout(set, 64, GFP_ATOMIC, 1)"
			"kpool_sized_get_bulk_${way}timeout(set, 64, GFP_ATOMIC, objs, 1, 1)"
			"pear_get_${way}timeout(pears, GFP_ATOMIC, 1)"
			"pear_get_bulk_${way}timeout(pears, GFP_ATOMIC, (void *)objs, 1, 1)"
			"kpool_ring_get_${way}timeout(rings, GFP_ATOMIC, 1)"
			"kpool_ring_get_bulk_${way}timeout(rings, GFP_ATOMIC, (void *)objs, 1, 1)")
	done
	refused_calls waits 'a get that waits takes flags that may block' "${calls[@]}"
}

@test "the compiler warns about a call whose error nobody looks at" {
	run compiles unchecked <<-'END'
		pear_get(pears, GFP_KERNEL);
		pear_get_timeout(pears, GFP_KERNEL, 1);
		pear_pool_create(&(struct kpool_params){ .name = "pears" });
		kpool_get(pear_pool(pears), GFP_KERNEL);
		kpool_get_bulk(pear_pool(pears), GFP_KERNEL, NULL, 0);
		kpool_retune(pear_pool(pears), NULL);
		kpool_ring_wait_data(NULL, 1);
		kpool_ring_wait_space(NULL, 1);
		kpool_sized_class_stats(NULL, 0, NULL);
	END
	[ "$(grep -c 'ignoring return value of' <<<"$output")" = 9 ] || { echo "$output" && return 1; }
}
