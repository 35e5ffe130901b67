# SPDX-License-Identifier: GPL-2.0-only
#
# Compares the documentation with the code.

load helpers

# Our own files, also those that are not checked in yet, by their names from the top.
ours() {
	(cd "$TOP" && git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
		[ ! -e "$file" ] || echo "$file"
	done)
}

@test "README's example is samples/hello, word for word" {
	readme-example "$BATS_TEST_TMPDIR"
	diff "$BATS_TEST_TMPDIR/hello.c" "$TOP/samples/hello/hello.c"
	diff "$BATS_TEST_TMPDIR/Kbuild" "$TOP/samples/hello/Kbuild"
}

@test "README's example builds against an installed kpool, loads and unloads, 6.1" {
	local folder kdir example=$TOP/build/readme-example
	folder=$(built 6.1)
	kdir=$(realpath "$(kernel 6.1)/build")
	rm -rf "$example"
	readme-example "$example"
	logged readme-example make -C "$kdir" M="$example" KPOOL="$folder/stage/usr/local" modules
	(grep -iE 'warning|error:' "$LOGS/readme-example.log" || :) | none "not a clean build"
	vm -l "$LOGS/readme-example.console" -o "$folder/kpool.ko" -o "$example/hello.ko" \
		bash -c 'grep -w hello /sys/kernel/debug/kpool/pools && rmmod hello kpool'
	kernel-log "$LOGS/readme-example.console"
}

@test "make docs: no warning, and every exported call is there" {
	rm -rf "$TOP/build/docs"
	logged make-docs make -C "$TOP" docs
	sed -n 's/^EXPORT_SYMBOL_GPL(\(.*\));$/\1/p' "$TOP"/module/*.c "$TOP"/module/*/*.c |
		while read -r name; do
			grep -qE "id=\"c\.(call\.)?$name\"" "$TOP"/build/docs/{api,sized,ring,memory,dma}.html ||
				echo "$name"
		done | none "not in the pages of calls"
}

@test "the reference is what make reference makes of the headers, and has each call in them" {
	local name
	reference pages "$(kernel source-6.1)/scripts/kernel-doc" "$BATS_TEST_TMPDIR/reference"
	diff -r "$TOP/Documentation/reference" "$BATS_TEST_TMPDIR/reference"
	(cd "$TOP/module/include/linux" && grep -ohP '^ \* \K[a-zA-Z]\w*(?=\(\) - )' ./*.h kpool/*.h) |
		while read -r name; do
			grep -qrxF "$name" "$TOP/Documentation/reference" || echo "$name"
		done | none "not in the reference"
}

@test "the reference is plain reStructuredText, which every reader knows" {
	local page
	for page in "$TOP"/Documentation/reference/*.rst; do
		rst2html --report=info "$page" 2>&1 >/dev/null
	done | none "docutils"
}

# man_says FILE: what man and groff complain about in a page, as lintian asks them.
man_says() { LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null; }

@test "the manual has a page for each call, struct and flag, which man shows without a warning" {
	local pages=$BATS_TEST_TMPDIR/man page name
	logged make-man make -C "$TOP" man
	cp -r "$TOP/build/man" "$pages"
	[ "$(cd "$pages/man9" && echo ./*)" = "$(reference names | LC_ALL=C sort | sed 's|^|./|' | paste -sd ' ')" ]
	grep -oP '^- ``\K[^`(]+' "$TOP/Documentation/reference/README.rst" | tr ' ' _ |
		while read -r name; do
			[ -e "$pages/man9/$name.9" ] || echo "$name"
		done | none "without a page"
	for page in "$pages"/*/*; do
		man_says "$page" | sed "s|^|${page##*/}: |"
		lexgrog "$page" >/dev/null || echo "${page##*/}: whatis finds no name"
	done | none "man"
	man -l "$pages/man9/kpool_get.9" | col -b | tr -s ' \t' ' ' >"$BATS_TEST_TMPDIR/kpool_get"
	grep -F '#include <linux/kpool.h>' "$BATS_TEST_TMPDIR/kpool_get"
	grep -F 'void *kpool_get(struct kpool *pool, gfp_t gfp)' "$BATS_TEST_TMPDIR/kpool_get"
	grep -xE 'PARAMETERS|DESCRIPTION|CONTEXT|RETURN' "$BATS_TEST_TMPDIR/kpool_get" | wc -l | grep -x 4
	grep -oP '\*\*\K\w+(?=\*\*\\ \(9\))' "$TOP/Documentation/kpool.7.rst" | sort -u | while read -r name; do
		[ -e "$pages/man9/$name.9" ] || echo "$name"
	done | none "named in kpool.7"
}

@test "make install-man, and uninstall leaves nothing" {
	local root=$BATS_TEST_TMPDIR/root
	logged install-man make -C "$TOP" install-man DESTDIR="$root"
	[ -e "$root/usr/local/share/man/man7/kpool.7" ]
	[ -e "$root/usr/local/share/man/man9/kpool_get.9" ]
	logged uninstall-man make -C "$TOP" uninstall DESTDIR="$root"
	find "$root" -type f -o -path '*/man/man*' | none 'still there'
}

@test "kernel-doc has nothing to say of our comments" {
	local source
	source=$(kernel source-6.1)
	(cd "$TOP" && "$source/scripts/kernel-doc" -none -Werror module/include/linux/*.h module/include/linux/kpool/*.h \
		module/*.h module/*.c module/[a-z]*/*.h module/[a-z]*/*.c 2>&1) | none "kernel-doc"
}

@test "the name of each time in the public headers says its unit" {
	(cd "$TOP" && grep -nE '\b(long|int) +(timeout|delay|time)[,)]|@(timeout|delay):' \
		module/include/linux/*.h module/include/linux/kpool/*.h samples/*/*.h || :) |
		none "times without a unit"
}

@test "admin.rst explains every figure, line of config and module parameter" {
	{
		sed -n '/^struct kpool_stats {/,/^}/s/.*u64 \(.*\);/\1/p' \
			"$TOP/module/include/linux/kpool/figures.h"
		grep -ohP '^module_param\w*\(\K\w+' "$TOP"/module/*.c "$TOP"/module/*/*.c
		sed -n '/^static int config_show/,/^}/p' "$TOP/module/view/debugfs.c" |
			grep -oP '("|\\n)\K[a-z_]+(?=: )'
	} | while read -r name; do
		grep -q "\`\`$name\`\`" "$TOP/Documentation/admin.rst" || echo "$name"
	done | none "not in admin.rst"
}

@test "files and folders that the documents name exist" {
	(cd "$TOP" && grep -ohP '(?<![\w/.-])(module|tests|samples|Documentation|LICENSES)/[\w./-]*\w' \
		README.md CONTRIBUTING.md SECURITY.md Documentation/*.rst) | grep -v NAME | sort -u |
		while read -r path; do
			[ -e "$TOP/$path" ] || [ -e "$TOP/$path.bats" ] || echo "$path"
		done | none "named but not there"
}

@test "every file says its licence" {
	ours ':!LICENSES' | while read -r file; do
		head -n 3 "$TOP/$file" | grep -qE 'SPDX-License-Identifier: \(*GPL-2\.0' || echo "$file"
	done | none "no licence"
}

@test "MAINTAINERS covers every file" {
	ours | awk '
		NR == FNR { if (/^F:\t/) place[$2]; next }
		{
			for (p in place)
				if ($0 == p || (p ~ /\/$/ && index($0, p) == 1))
					next
			print
		}' "$TOP/MAINTAINERS" - | none "in no entry"
}

@test "the tables in performance.rst are what the benchmark prints of its results" {
	local file
	for file in "$TOP"/Documentation/benchmark/*.json; do
		# Below the licence.
		"$TOP/tools/bench/kpool-bench" --show "$file" | diff <(tail -n +3 "${file%.json}.txt") -
	done
	[ -e "$TOP/build/docs/benchmark.html" ] || logged make-docs-again make -C "$TOP" docs
	grep -qF '<canvas' "$TOP/build/docs/benchmark.html"
	grep -qF 'href="benchmark.html"' "$TOP/build/docs/performance.html"
}

@test "design.rst has the sizes of a pool, a depot and a CPU's cache, 6.1" {
	local module struct sizes=''
	module=$(built 6.1)/kpool.ko
	for struct in kp_pool kp_depot kpool_cpu; do
		sizes+=" $(pahole -C "$struct" "$module" | sed -n 's|.*/\* size: \([0-9]*\),.*|\1|p')"
	done
	[ "$sizes" = "$(sed -n 's/^bytes of a pool .* \([0-9]*\) + \([0-9]*\) \* N + \([0-9]*\) \* C .*/ \1 \2 \3/p' \
		"$TOP/Documentation/design.rst")" ]
}

# says TEXT: reliability.rst has these words, on one line or on two.
says() {
	tr -s '\n ' ' ' <"$TOP/Documentation/reliability.rst" | grep -qF "$1" ||
		{ echo "reliability.rst does not say: $1" && return 1; }
}

# says_more_than COUNT WORDS...: it says "more than N WORDS", for an N below COUNT, and not far below.
says_more_than() {
	local count=$1 said
	said=$(tr -s '\n ' ' ' <"$TOP/Documentation/reliability.rst" | grep -oiP "more than \K\d+(?= ${*:2})")
	if ((said >= count || said < count * 3 / 4)); then
		echo "reliability.rst says: more than $said ${*:2}; there are $count"
		return 1
	fi
}

@test "the numbers in reliability.rst are those of the tests" {
	local tests=$TOP/tests
	diff <(awk '$1 ~ /^hold_/ && $1 != "hold_idle_growth" { print $1, $2 }' "$tests/bench/budgets") \
		<(sed -nE 's/^``(hold_[a-z_]+)`` +([0-9]+) .*/\1 \2/p' "$TOP/Documentation/reliability.rst")
	says "a look of ageing $(awk '$1 == "hold_idle_growth" { print $2 }' "$tests/bench/budgets") times as long"
	grep -qx '#define IDLE		100000U' "$tests/bench/hold_idle.c"
	grep -q '^#define POOLS		64U' "$tests/bench/hold_idle.c"
	grep -qx '#define WAITERS		10000U' "$tests/bench/hold_wait.c"
	says "each of $(grep -c '{ holds ' "$tests/models.bats") configurations"
	says "$(find "$tests/models/litmus" -name '*.litmus' | wc -l) litmus files"
	says_more_than "$(grep -c 'killed ' "$tests/mutants.bats")" 'mutants of the models'
	says_more_than "$(grep -c '^[a-z]' "$tests/kunit/mutants")" 'mutants change'
	says_more_than "$(grep -c '^[a-z]' "$tests/kunit/suites")" suites
	says_more_than "$(awk '!/^#/ { n += $2 } END { print n }' "$tests/kunit/suites")" cases
	says "lists $(grep -c '^[a-z]' "$tests/kunit/guests") such guests. $(awk '$2 == "short"' "$tests/kunit/guests" | wc -l) of them"
	says "$(grep -c '^@test "stress of all' "$tests/stress.bats") kernels each time"
}
