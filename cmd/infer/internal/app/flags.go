package app

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// Flags is a flag set whose flags may stand before and after the other arguments.
type Flags struct{ *flag.FlagSet }

// NewFlags returns an empty flag set that prints nothing: App.Report reports errors.
func NewFlags() Flags {
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return Flags{fs}
}

// ParseAll sets the flags and returns the other arguments. After "--" nothing is a
// flag. Where the user asks for help, the error is ErrHelp; what else is wrong is a
// usage error.
func (f Flags) ParseAll(args []string) ([]string, error) {
	var rest []string
	for {
		if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, ErrHelp
		} else if err != nil {
			return nil, cli.WithStatus(cli.Usage, err)
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

// IsSet tells whether the user gave the flag.
func (f Flags) IsSet(name string) bool {
	set := false
	f.Visit(func(x *flag.Flag) { set = set || x.Name == name })
	return set
}

// Floats is the value of a flag that takes numbers with commas between. It is nil where
// the flag was not given.
type Floats []float64

func (v *Floats) String() string { return fmt.Sprint([]float64(*v)) }

// Set is of flag.Value.
func (v *Floats) Set(s string) error {
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
