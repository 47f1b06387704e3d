package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const module = "github.com/riffle-ml/riffle"

// serve makes dir a module proxy of one module, the checkout at root, so that "go install
// PACKAGE@latest" finds it before it is published. The layout is that of
// https://go.dev/ref/mod#goproxy-protocol, in files.
func serve(dir, root, version string) error {
	at := filepath.Join(dir, filepath.FromSlash(module), "@v")
	if err := os.MkdirAll(at, 0o777); err != nil {
		return err
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Now().UTC().Format(time.RFC3339)})
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	for name, b := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": info, version + ".mod": mod} {
		if err := os.WriteFile(filepath.Join(at, name), b, 0o666); err != nil {
			return err
		}
	}
	f, err := os.Create(filepath.Join(at, version+".zip"))
	if err != nil {
		return err
	}
	return errors.Join(pack(f, root, version), f.Close())
}

// pack writes the module's zip file: what git knows of the checkout and does not ignore,
// as it is on the disk, without the modules inside it.
func pack(w io.Writer, root, version string) error {
	list := exec.Command("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	names := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	nested := map[string]bool{}
	for _, name := range names {
		if dir, base := path.Split(name); base == "go.mod" && dir != "" {
			nested[dir] = true
		}
	}
	z := zip.NewWriter(w)
	for _, name := range names {
		if within(name, nested) {
			continue
		}
		file := filepath.Join(root, filepath.FromSlash(name))
		info, err := os.Lstat(file)
		if errors.Is(err, fs.ErrNotExist) { // deleted, and not committed
			continue
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		to, err := z.Create(module + "@" + version + "/" + name)
		if err != nil {
			return err
		}
		if _, err := to.Write(b); err != nil {
			return err
		}
	}
	return z.Close()
}

// within tells whether a file lies in one of the directories.
func within(name string, dirs map[string]bool) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if dirs[dir+"/"] {
			return true
		}
	}
	return false
}

var heading = regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+[^\]]*)\]`)

// latest is the newest version that the changelog names.
func latest(root string) (string, error) {
	b, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return "", err
	}
	m := heading.FindSubmatch(b)
	if m == nil {
		return "", fmt.Errorf("CHANGELOG.md: got no heading like \"## [1.2.3]\"")
	}
	return "v" + string(m[1]), nil
}
