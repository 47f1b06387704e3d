package main

import (
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/kernel"
)

// mostThreads is the most that one row may have, and mostSessions the most sessions
// side by side.
const (
	mostThreads  = 32
	mostSessions = 1024
)

// parseCounts reads numbers from 1 to most, with commas between; "all" is
// GOMAXPROCS, or most if that is less. A number that is given twice counts once.
func parseCounts(flag, s string, most int) ([]int, error) {
	var out []int
	for _, p := range strings.Split(s, ",") {
		n := min(runtime.GOMAXPROCS(0), most)
		if p = strings.TrimSpace(p); p != "all" {
			var err error
			if n, err = strconv.Atoi(p); err != nil || n < 1 || n > most {
				return nil, cli.Usagef("%s: got %q, want 1 to %d, or all", flag, p, most)
			}
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// parseISAs reads names of instruction sets, with commas between. "all" is every set
// of this machine, "" the one that engine chooses by itself.
func parseISAs(s string) ([]string, error) {
	switch s {
	case "":
		set, err := kernel.Select("") // as engine chooses
		if err != nil {
			return nil, err
		}
		return []string{set.Name}, nil
	case "all":
		return engine.Sets(), nil
	}
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); !slices.Contains(engine.Sets(), p) {
			return nil, cli.Usagef("-isa: got %q, this machine has %s", p, strings.Join(engine.Sets(), ", "))
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}
