# SPDX-License-Identifier: GPL-2.0-only
#
# kpool as patches for the kernel: the newest kernel takes, builds and runs them. The kernel is a
# program of this machine, as the kernel's own tests of libraries are. The tree and its build stay in
# the cache folder, so only the first run builds all of the kernel.

load ../helpers
load ../in-tree

setup_file() {
	local linux cache=${XDG_CACHE_HOME:-$HOME/.cache}/kpool
	linux=$(kernel source-um)
	export TREE=$cache/in-tree-${linux##*-}
	# Links are enough: git am makes new files.
	if [ ! -d "$TREE" ]; then
		rm -rf "$TREE.part"
		cp -al "$linux" "$TREE.part"
		repository "$TREE.part"
		mv "$TREE.part" "$TREE"
	fi
	export BUILD=$TREE-build
	the_series "$LOGS/in-tree"
	git -C "$TREE" reset -q --hard base
	git -C "$TREE" am -q "$LOGS"/in-tree/*.patch
}

# of_tree TARGET...: make in the tree, as an administrator of a user-mode kernel runs it.
of_tree() {
	nice make -C "$TREE" ARCH=um O="$BUILD" -j "$(($(nproc) + 1))" "$@"
}

# clean NAME: the log of a build has no warning about kpool.
clean() { (grep -E -A 5 '^[^ ]*kpool[^ ]*: (warning|error)' "$LOGS/$1.log" || :) | none "not a clean build"; }

# suites_of JSON: each suite with the number of its cases. A case with parameters is a group.
suites_of() {
	jq -r '[.. | objects | select(.name? // "" | startswith("kpool_")) | select(.test_cases)] |
		unique_by(.name)[] | "\(.name) \((.test_cases + .sub_groups) | length)"' "$1" | sort
}

# The kernel's tool for these tests. Its configuration stays for the tests below.
@test "kunit.py runs the suites, built in" {
	local json=$LOGS/in-tree-kunit.json log=$LOGS/in-tree-kunit.log
	cd "$TREE"
	mkdir -p "$BUILD"
	# It ends with an error if a case fails. The kernel's own log is there, too.
	python3 tools/testing/kunit/kunit.py run --kunitconfig lib/kpool --build_dir "$BUILD" \
		--jobs "$(($(nproc) + 1))" --timeout 3000 \
		--kernel_args ncpus=4 --kernel_args seccomp=on --json="$json" >"$log" 2>&1 ||
		{ grep -v PASSED "$log" | tail -n 60 && false; }
	cp "$BUILD/test.log" "$LOGS/in-tree-kunit.console"
	diff <(awk '/^[a-z]/ { print $1, $2 }' "$TOP/tests/kunit/suites" | sort) <(suites_of "$json")
}

@test "each patch builds, without a warning at W=1" {
	local commit
	git -C "$TREE" rev-list --reverse base..HEAD >"$BATS_TEST_TMPDIR/commits"
	while read -r commit; do
		git -C "$TREE" checkout -q --detach "$commit"
		[ -e "$TREE/lib/kpool/Makefile" ] || continue
		logged "in-tree-$commit" of_tree olddefconfig
		logged "in-tree-$commit" of_tree W=1 lib/kpool/
		clean "in-tree-$commit"
	done <"$BATS_TEST_TMPDIR/commits"
	git -C "$TREE" checkout -q --detach "$(tail -n 1 "$BATS_TEST_TMPDIR/commits")"
}

@test "kpool, its suites and its stress test build as modules, without a warning at W=1" {
	"$TREE/scripts/config" --file "$BUILD/.config" -e MODULES -e MODULE_UNLOAD -m KUNIT -m KPOOL \
		-m KPOOL_KUNIT_TEST -m KPOOL_STRESS
	logged in-tree-modules of_tree olddefconfig
	grep -x CONFIG_KPOOL_STRESS=m "$BUILD/.config"
	logged in-tree-modules of_tree W=1
	clean in-tree-modules
	[ "$(cd "$BUILD" && find lib/kpool -name '*.ko' | sort | paste -sd ' ')" = \
		"lib/kpool/kpool.ko lib/kpool/stress/kpool_stress.ko lib/kpool/tests/kpool_kunit.ko" ]
	[ "$(modinfo -F import_ns "$BUILD/lib/kpool/stress/kpool_stress.ko")" = KPOOL ]
}

# Not shown: that new files may need an entry in MAINTAINERS, which the first patch adds for all.
@test "checkpatch of that kernel has nothing new to say" {
	cd "$TREE"
	(perl scripts/checkpatch.pl --terse --no-summary --ignore FILE_PATH_CHANGES "$LOGS"/in-tree/*.patch || :) |
		grep -vE 'Macros with complex values|linux/nmi.h. instead of|.retuned. may be misspelled' |
		none checkpatch
}

@test "the kernel's own build of documents takes the pages" {
	cd "$TREE"
	logged in-tree-pages nice make SPHINXDIRS=core-api/kpool SPHINXOPTS=-q htmldocs \
		BUILDDIR="$BUILD/pages"
	(grep -E 'kpool.*(WARNING|ERROR)' "$LOGS/in-tree-pages.log" || :) | none "sphinx"
}
