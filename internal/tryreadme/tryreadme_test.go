package main

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const page = "# Title\n\n<!-- sh: echo hidden >hidden.txt -->\n\n```sh\necho one\ncat hidden.txt\n```\n\ntext\n\n" +
	"```sh norun\nrm -rf /\n```\n\n```sh needs:no-such-command\nno-such-command\n```\n\n" +
	"```text\nnot a command\n```\n\n````go file:sub/main.go\npackage main // ```\n````\n\n<!-- sh:\ntrue\nfalse\n-->\n"

func TestParse(t *testing.T) {
	blocks, err := parse(page)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range blocks {
		got = append(got, fmt.Sprintf("%d %s %v %v %s %q", b.line, b.lang, b.norun, b.needs, b.file, b.text))
	}
	want := []string{
		`3 sh false []  "echo hidden >hidden.txt"`,
		`6 sh false []  "echo one\ncat hidden.txt"`,
		`13 sh true []  "rm -rf /"`,
		`17 sh false [no-such-command]  "no-such-command"`,
		`21 text false []  "not a command"`,
		`25 go false [] sub/main.go "package main // ` + "```" + `"`,
		`28 sh false []  "true\nfalse"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for text, says := range map[string]string{
		"a\n```\nx\n```":               "line 2: the block does not say what it is",
		"```sh\nx":                     "line 1: the block has no end",
		"<!-- sh: x":                   "line 1: the comment has no end",
		"```sh nonsense\n```":          `line 1: got "nonsense"`,
		"```sh file:x\n```":            `line 1: got "file:x"`,
		"```go needs:x\n```":           `line 1: got "needs:x"`,
		"```sh\nx\n```\n\n```\ny\n```": "line 5",
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", text, err, says)
		}
	}
}

// run runs a page's script and returns what it printed.
func run(t *testing.T, page string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	blocks, err := parse(page)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text, err := script("PAGE.md", blocks, filepath.Join(dir, "programs"), func(c string) bool { return c == "true" })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "bash", "-c", text)
	c.Dir = filepath.Join(dir, "work")
	if err := os.Mkdir(c.Dir, 0o777); err != nil {
		t.Fatal(err)
	}
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := c.CombinedOutput()
	return string(out), err
}

// TestScript: one shell for all, in order; a program sees the shell's directory; what fails
// is named by its line.
func TestScript(t *testing.T) {
	out, err := run(t, "```sh\nmkdir sub && cd sub\nx=5\n```\n```sh\necho $x >out.txt\n```\n"+
		"```go\npackage main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\tb, err := os.ReadFile(\"out.txt\")\n\tfmt.Println(\"read\", string(b), err)\n}\n```\n"+
		"```go file:prog.go\npackage main\n```\n```sh\ncat prog.go\n```\n```sh needs:true\necho has\n```\n```sh needs:true,none\necho has not\n```\n```sh norun\necho never\n```\n")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"read 5\n <nil>", "package main\n", "\nhas\n", "PAGE.md:31: left out, for there is no none"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "never") || strings.Contains(out, "has not") {
		t.Errorf("got what was not to be run:\n%s", out)
	}
	for text, at := range map[string]string{
		"```sh\ntrue\n```\n```sh\ntrue\nfalse\necho on\n```\n":    "PAGE.md:5: failed",
		"```sh\nfalse | cat\necho on\n```\n":                      "PAGE.md:2: failed",
		"```go\npackage main\n\nfunc main() { undefined() }\n```": "PAGE.md:2: failed",
		"```go\npackage main\n\nfunc main() { panic(1) }\n```":    "PAGE.md:2: failed",
		"<!-- sh: false -->\n":                                    "PAGE.md:1: failed",
	} {
		out, err := run(t, text)
		if err == nil || !strings.Contains(out, at) || strings.Contains(out, "\non\n") {
			t.Errorf("%q: got %v and\n%s\nwant %q", text, err, out, at)
		}
	}
}

// TestProxy: the zip file has what the module has: files that are not committed too, no
// module inside it, nothing that is ignored.
func TestProxy(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	root, dir := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module " + module + "\n", "a.go": "package a\n", "sub/go.mod": "module x\n", "sub/b.go": "package b\n", "sub/deep/c.go": "package c\n",
		"other/d.go": "package d\n", ".gitignore": "ignored\n", "ignored": "x", "CHANGELOG.md": "# Log\n\n## [0.7.1] - soon\n\n## [0.7.0]\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("git", "-C", root, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	version, err := latest(root)
	if err != nil || version != "v0.7.1" {
		t.Fatalf("got %q, %v", version, err)
	}
	if err := serve(dir, root, version); err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(dir, filepath.FromSlash(module), "@v")
	z, err := zip.OpenReader(filepath.Join(at, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var names []string
	for _, f := range z.File {
		names = append(names, strings.TrimPrefix(f.Name, module+"@v0.7.1/"))
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != ".gitignore CHANGELOG.md a.go go.mod other/d.go" {
		t.Errorf("got files %q", got)
	}
	if b, err := os.ReadFile(filepath.Join(at, "list")); err != nil || string(b) != "v0.7.1\n" {
		t.Errorf("got the list %q, %v", b, err)
	}
}

// TestRepository: the pages of this repository can be tried at all.
func TestRepository(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parse(string(b)); err != nil {
		t.Errorf("README.md: %v", err)
	}
	if _, err := latest("../.."); err != nil {
		t.Error(err)
	}
}
