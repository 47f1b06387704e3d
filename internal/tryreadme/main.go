// Command tryreadme does what README.md says, as somebody would who pastes it line by line
// on a machine that has Go and has never seen this project: commands run in one shell, in an
// empty directory, with an empty home; Go programs are built and run. It fails at the first
// line that does. .ci/readme runs it; CONTRIBUTING.md says how blocks are marked.
//
//	go run ./internal/tryreadme [-list] [-keep] [README.md]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	list := flag.Bool("list", false, "only say what would be run")
	keep := flag.Bool("keep", false, "keep the directory in which everything happens")
	limit := flag.Duration("timeout", 20*time.Minute, "how long all of it may take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	page := "README.md"
	if flag.NArg() > 0 {
		page = flag.Arg(0)
	}
	if err := try(ctx, page, *list, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "tryreadme:", err)
		os.Exit(1)
	}
}

// try runs the page of the checkout in the working directory.
func try(ctx context.Context, page string, list, keep bool) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	blocks, err := parse(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	dir, err := os.MkdirTemp("", "tryreadme-")
	if err != nil {
		return err
	}
	if keep {
		fmt.Println("in", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	commands, err := script(filepath.Base(page), blocks, filepath.Join(dir, "programs"), func(c string) bool {
		_, err := exec.LookPath(c)
		return err == nil
	})
	if err != nil || list {
		fmt.Print(commands)
		return err
	}
	env, err := prepare(dir, root)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "script")
	if err := os.WriteFile(file, []byte(commands), 0o666); err != nil {
		return err
	}
	c := exec.CommandContext(ctx, "bash", file)
	c.Dir, c.Env, c.Stdout, c.Stderr = filepath.Join(dir, "work"), env, os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("%s: %w", page, err)
	}
	return nil
}

// prepare makes the machine: an empty home and an empty directory to work in, a proxy that
// has this checkout as the module's newest version, and a git that clones it. It returns the
// environment.
func prepare(dir, root string) ([]string, error) {
	version, err := latest(root)
	if err != nil {
		return nil, err
	}
	home, proxy := filepath.Join(dir, "home"), filepath.Join(dir, "proxy")
	for _, d := range []string{home, filepath.Join(dir, "work")} {
		if err := os.Mkdir(d, 0o777); err != nil {
			return nil, err
		}
	}
	if err := serve(proxy, root, version); err != nil {
		return nil, err
	}
	git := fmt.Sprintf("[url %q]\n\tinsteadOf = https://%s\n[safe]\n\tdirectory = *\n", "file://"+filepath.ToSlash(root), module)
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(git), 0o666); err != nil {
		return nil, err
	}
	settings, err := exec.Command("go", "env", "GOPROXY", "GONOSUMDB", "GOCACHE", "GOMODCACHE", "GOFLAGS").Output()
	if err != nil {
		return nil, err
	}
	s := strings.Split(string(settings), "\n")
	others := fmt.Sprintf("file://%s,%s", filepath.ToSlash(filepath.Join(s[3], "cache", "download")), s[0])
	// The compiler's cache is shared, and so are the flags that what lies in it was built
	// with, to save time: they change no result.
	return append(os.Environ(),
		"HOME="+home, "USERPROFILE="+home, "PATH="+filepath.Join(home, "go", "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOENV=off", "GOPATH=", "GOBIN=", "GOMODCACHE=", "GOWORK=", "GOFLAGS=-modcacherw "+s[4], "GOCACHE="+s[2],
		"GOPROXY=file://"+filepath.ToSlash(proxy)+","+others, "GONOSUMDB="+strings.Trim(s[1]+","+module, ","), "CHECKOUT="+root), nil
}
