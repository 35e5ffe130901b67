# SPDX-License-Identifier: GPL-2.0-only
#
# What a forge reads: templates of issues, where vulnerabilities are reported, and what runs the tests.

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

@test "both forges run README's command for tests on Debian 12, keep the cache folder and the logs" {
	python3 - "$TOP" <<-'END'
		import re, sys, yaml
		top = sys.argv[1]
		def text(name):
		    return open(f"{top}/{name}").read()
		readme = text("README.md")
		[command] = re.findall(r"^(make test\b.*?) *#", readme.split("```sh\n")[1].split("```")[0], re.M)
		[cache] = re.findall(r"`\$\{XDG_CACHE_HOME:-~/(.*?)\}/(.*?)`", readme)
		needed = {"git", "make"}
		assert "On Debian 12 or 13 with git and make, as root" in readme

		def installed(lines):
		    [line] = [line for line in lines if line.startswith("apt-get install")]
		    return set(line.split()[2:])

		# GitHub
		[job] = yaml.safe_load(text(".github/workflows/test.yml"))["jobs"].values()
		steps = job["steps"]
		assert job["container"]["image"] == "debian:12", job["container"]
		runs = [line for step in steps for line in step.get("run", "").splitlines()]
		assert [line for line in runs if "make " in f"{line} " and "apt-get" not in line] == [command], runs
		assert needed <= installed(runs)
		def using(action):
		    [step] = [step for step in steps if step.get("uses", "").startswith(f"actions/{action}@")]
		    return step
		assert using("checkout")["with"]["fetch-depth"] == 0
		assert using("cache")["with"]["path"] == f"~/{cache[0]}/{cache[1]}", using("cache")
		assert using("upload-artifact")["with"]["path"] == "build/logs"
		assert using("upload-artifact")["if"] == "always()"
		order = [steps.index(step) for step in (using("checkout"), using("cache"),
		         *(step for step in steps if step.get("run") == command), using("upload-artifact"))]
		assert order == sorted(order), order

		# GitLab
		job = yaml.safe_load(text(".gitlab-ci.yml"))["test"]
		assert job["image"] == "debian:12"
		assert job["script"] == [command], job["script"]
		assert needed <= installed(job["before_script"])
		assert job["variables"]["GIT_DEPTH"] == "0"
		folder = job["variables"]["XDG_CACHE_HOME"].replace("$CI_PROJECT_DIR/", "")
		assert job["cache"]["paths"] == [f"{folder}/{cache[1]}"], job["cache"]
		assert job["artifacts"]["paths"] == ["build/logs"]
		assert job["artifacts"]["when"] == "always"
	END
}
