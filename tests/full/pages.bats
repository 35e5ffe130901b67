# SPDX-License-Identifier: GPL-2.0-only
#
# The documentation as a reader sees it: a browser opens each page of the HTML, without a network.

load ../helpers

setup_file() {
	export DOCS=$BATS_FILE_TMPDIR/docs
	logged pages-docs make -C "$TOP" docs DOCS="$DOCS"
	mkdir -p "$LOGS/pages"
}

# browser OPTION... URL: what the browser prints goes to the output, and its messages to ./log.
browser() {
	chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr --hide-scrollbars \
		--host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$BATS_FILE_TMPDIR/profile" \
		--window-size=1280,3000 "$@" 2>log
}

@test "each link leads to a page, a place in it, or a file; no page is empty" {
	page-links "$DOCS" | none "links"
}

# The pictures stay with the logs, for people to look at. A picture with few colours is an empty page.
@test "a browser shows each page, and its console says nothing" {
	local page name
	cd "$BATS_TEST_TMPDIR"
	for page in "$DOCS"/*.html; do
		name=$(basename "$page" .html)
		browser --screenshot="$LOGS/pages/$name.png" "file://$page"
		grep CONSOLE log | sed "s/^/$name: /" || :
		[ "$(pngtopnm "$LOGS/pages/$name.png" | ppmhist -noheader | wc -l)" -gt 20 ] ||
			echo "$name: nothing to see"
	done | none "the browser"
}

@test "each page has the version and a field to search" {
	local page version
	version=$("$TOP/tools/version")
	for page in "$DOCS"/*.html; do
		case $page in */benchmark.html) continue ;; esac
		grep -qF "version $version" "$page" || echo "$page: no version"
		grep -qE 'id="searchbox"|id="search-results"' "$page" || echo "$page: no search"
	done | none "pages"
}

@test "the search finds pages" {
	cd "$BATS_TEST_TMPDIR"
	browser --virtual-time-budget=10000 --dump-dom "file://$DOCS/search.html?q=shrinker" >dom
	# The sidebar comes later, and has all pages.
	sed -n '/id="search-results"/,/sphinxsidebar/p' dom | grep -o 'href="design.html[^"]*"'
}

@test "each page is in the contents" {
	cd "$TOP/Documentation"
	for page in *.rst; do
		[ "$page" = index.rst ] || grep -qE "^   (${page%.rst}|.*<${page%.rst}>)$" index.rst ||
			echo "$page"
	done | none "in no list of index.rst"
}
