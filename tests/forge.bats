# SPDX-License-Identifier: GPL-2.0-only
#
# What a forge reads: templates of issues, and where vulnerabilities are reported.

load helpers

@test "the address for vulnerabilities is a placeholder, says so, and is the same everywhere" {
	local address
	address=$(grep -om 1 '[a-z]*@[a-z.]*' "$TOP/SECURITY.md")
	if [[ $address != *.invalid ]]; then
		# Somebody has put in a real one. Then nothing may speak of a placeholder any more.
		(cd "$TOP" && grep -n placeholder SECURITY.md .github/ISSUE_TEMPLATE/config.yml || :) |
			none "no placeholder any more"
	else
		grep -q "\`$address\`. \*\*This address is a placeholder" "$TOP/SECURITY.md"
	fi
	grep -qF "url: mailto:$address" "$TOP/.github/ISSUE_TEMPLATE/config.yml"
	(cd "$TOP" && grep -rnoE '[a-z]+@[a-z.]*kpool[a-z.]*' SECURITY.md CONTRIBUTING.md .github .gitlab |
		grep -vF ":$address" || :) | none "another address"
}

@test "GitHub's forms are forms, and ask for what a maintainer needs" {
	python3 - "$TOP"/.github/ISSUE_TEMPLATE/*.yml <<-'END'
		import sys, yaml
		KEYS = {"markdown": {"value"}, "input": {"label", "description"}, "dropdown": {"label", "options"},
		        "textarea": {"label", "description", "render"}}
		for name in sys.argv[1:]:
		    form = yaml.safe_load(open(name))
		    if name.endswith("/config.yml"):
		        assert form["blank_issues_enabled"] is False, name
		        assert all(set(link) == {"name", "url", "about"} for link in form["contact_links"]), name
		        continue
		    assert set(form) == {"name", "description", "body"}, name
		    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
		    assert len(ids) == len(set(ids)), name
		    for part in form["body"]:
		        assert set(part) <= {"type", "id", "attributes", "validations"}, (name, part)
		        assert set(part["attributes"]) <= KEYS[part["type"]], (name, part)
		        assert set(part.get("validations", {})) <= {"required"}, (name, part)
	END
	asked "$TOP/.github/ISSUE_TEMPLATE/bug.yml"
}

# asked FILE: the template of a bug report asks for these.
asked() {
	local words
	for words in 'kpool version' 'uname -a' dmesg 'kpool show NAME' SECURITY.md; do
		grep -qF "$words" "$1" || echo "$words"
	done | none "$1 does not ask for"
}

@test "GitLab's templates ask for the same" {
	local form label
	asked "$TOP/.gitlab/issue_templates/Bug.md"
	cmp "$TOP/.github/PULL_REQUEST_TEMPLATE.md" "$TOP/.gitlab/merge_request_templates/Default.md"
	for form in bug:Bug feature:Feature; do
		sed -n 's/^      label: //p' "$TOP/.github/ISSUE_TEMPLATE/${form%:*}.yml" |
			while read -r label; do
				grep -qxF "## $label" "$TOP/.gitlab/issue_templates/${form#*:}.md" || echo "$label"
			done | none "not in ${form#*:}.md"
	done
}

@test "commands that the templates name are commands of the program" {
	local command
	logged tools make -C "$TOP" tools
	cat "$TOP"/.github/ISSUE_TEMPLATE/*.yml "$TOP"/.gitlab/issue_templates/*.md |
		grep -oP '`kpool \K[a-z-]+' | sort -u | while read -r command; do
		"$TOP/build/tools/kpool" help "$command" >/dev/null || echo "$command"
	done | none "no command"
}
