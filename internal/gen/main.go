// Command gen writes the assembly of package asm: one pair of files, code and
// Go declarations, for each unit, and MANIFEST, the sums of them all.
//
// A unit X is a function in X_avx2.go, built by avo, or in X_neon.go, built by
// package arm64, since avo writes no arm64; units.go lists them. Both write
// functions of the same contract under the same name where the best code is
// shaped alike; what package kernel does around a call is there once.
//
//	go run . [-out DIR]         write
//	go run . [-out DIR] -check  compare; exit 1 if a file differs
package main

import (
	"bytes"
	"crypto/sha256"
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

const manifest = "MANIFEST"

func main() {
	flags := flag.NewFlagSet("gen", flag.ExitOnError) // avo puts flags of its own into the default set
	out := flags.String("out", "../../asm", "`folder` of package asm")
	check := flags.Bool("check", false, "compare, write nothing")
	flags.Parse(os.Args[1:])
	run := write
	if *check {
		run = drift
	}
	files, err := generate()
	if err == nil {
		err = run(*out, files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate returns every file of every unit and the manifest, by name.
func generate() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, u := range units {
		made, err := u.make()
		if err != nil {
			return nil, fmt.Errorf("unit %s: %w", u.name, err)
		}
		for suffix, text := range made {
			name := u.name + suffix
			if files[name] != nil {
				return nil, fmt.Errorf("unit %s: %s is another unit's already", u.name, name)
			}
			files[name] = text
		}
	}
	var sums bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(files[name]), name)
	}
	files[manifest] = sums.Bytes()
	return files, nil
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
