# SPDX-License-Identifier: GPL-2.0-only
#
# Code that a consumer may not write does not compile, and the compiler says why.

load helpers

# compiles NAME: builds a function as a consumer's code. Its body comes on standard input.
compiles() {
	local folder=$LOGS/compile-$1 kernel_folder
	kernel_folder=$(built 6.1)
	mkdir -p "$folder"
	cp "$TOP/samples/hello/Makefile" "$folder"
	sed 's/hello/body/' "$TOP/samples/hello/Kbuild" >"$folder/Kbuild"
	{
		cat <<-END
			// SPDX-License-Identifier: GPL-2.0-only
			#include <linux/kpool.h>

			struct apple { int seeds; };
			struct pear { int seeds; };
			DEFINE_KPOOL_TYPE(apple, struct apple);
			DEFINE_KPOOL_TYPE(pear, struct pear);

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

@test "the compiler warns about a get or a create whose result nobody looks at" {
	run compiles unchecked <<-'END'
		pear_get(pears, GFP_KERNEL);
		pear_get_timeout(pears, GFP_KERNEL, 1);
		pear_pool_create(&(struct kpool_params){ .name = "pears" });
		kpool_get(pear_pool(pears), GFP_KERNEL);
		kpool_get_bulk(pear_pool(pears), GFP_KERNEL, NULL, 0);
		kpool_retune(pear_pool(pears), NULL);
	END
	[ "$(grep -c 'ignoring return value of' <<<"$output")" = 6 ] || { echo "$output" && return 1; }
}
