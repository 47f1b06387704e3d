package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// flags is a flag set that lets flags stand before and after the other arguments.
type flags struct{ *flag.FlagSet }

func newFlags() flags {
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are reported in one place, report
	return flags{fs}
}

// parse returns the arguments that are no flags. After "--" nothing is a flag.
func (f flags) parse(args []string) ([]string, error) {
	var rest []string
	for {
		if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, errHelp
		} else if err != nil {
			return nil, &failure{exitUsage, err}
		}
		left := f.Args()
		if len(left) == 0 {
			return rest, nil
		}
		if n := len(args) - len(left); n > 0 && args[n-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

// isSet tells whether the user gave the flag.
func (f flags) isSet(name string) bool {
	set := false
	f.Visit(func(x *flag.Flag) { set = set || x.Name == name })
	return set
}

// floats is a flag of comma-separated numbers.
type floats []float64

func (v *floats) String() string { return fmt.Sprint([]float64(*v)) }

func (v *floats) Set(s string) error {
	*v = nil
	for _, p := range strings.Split(s, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil {
			return errors.New("want numbers with commas between, like 0.485,0.456,0.406")
		}
		*v = append(*v, x)
	}
	return nil
}
