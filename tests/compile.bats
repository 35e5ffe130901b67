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

@test "constant gfp flags that a get cannot have do not compile" {
	refused gfp 'a get takes reclaim flags only' <<-'END'
		pear = pear_get(pears, GFP_KERNEL | __GFP_NOFAIL);
	END
}
