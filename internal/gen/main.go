// Command gen writes the assembly of package asm: a folder for each instruction
// set, and in it the code of each unit, the Go declarations of all of them, a file
// for other machines, and MANIFEST, the sums of the files. units.go lists sets and
// units.
//
// A unit X is a function in X_avx2.go, built by avo, or in X_neon.go, built by
// package arm64, since avo writes no arm64. Where the best code is shaped alike,
// units of two sets have the same functions with the same contract, so that what
// package kernel does around a call is written once.
//
//	go run . [-out DIR]         write
//	go run . [-out DIR] -check  compare; exit 1 if a file differs
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	flags := flag.NewFlagSet("gen", flag.ExitOnError) // avo puts flags of its own into the default set
	out := flags.String("out", "../../asm", "`folder` of package asm")
	check := flags.Bool("check", false, "compare, write nothing")
	flags.Parse(os.Args[1:])
	run := write
	if *check {
		run = drift
	}
	if err := eachSet(*out, run); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// eachSet hands run every set's folder and the files that belong there.
func eachSet(out string, run func(dir string, files map[string][]byte) error) error {
	var errs []error
	for i := range sets {
		files, err := sets[i].files()
		if err == nil {
			err = run(filepath.Join(out, sets[i].name), files)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// write brings dir up to date: files that the old manifest names and nothing
// makes any more are removed.
func write(dir string, files map[string][]byte) error {
	old, err := os.ReadFile(filepath.Join(dir, manifest))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for line := range strings.Lines(string(old)) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if name == "" || files[name] != nil || name != filepath.Base(name) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// drift tells which files of dir are not what the units make.
func drift(dir string, files map[string][]byte) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(files)) {
		got, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case err != nil:
			errs = append(errs, err)
		case !bytes.Equal(got, files[name]):
			errs = append(errs, fmt.Errorf("%s is not what its unit makes; \"go generate ./...\" writes it anew", filepath.Join(dir, name)))
		}
	}
	return errors.Join(errs...)
}
