package quantize

import (
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/quantize"
)

// flags are what quantize can be told.
type flags struct {
	app.Flags
	out, method string
	calibrate   []string
	n           int
	quiet       bool
	options     quantize.Options
}

func newFlags() *flags {
	f := &flags{Flags: app.NewFlags()}
	f.StringVar(&f.out, "o", "", "")
	f.StringVar(&f.method, "method", string(quantize.MSE), "")
	f.IntVar(&f.n, "n", 500, "")
	f.BoolVar(&f.quiet, "q", false, "")
	f.BoolVar(&f.options.HalfGenerators, "half-generators", false, "")
	f.Func("calibrate", "", func(s string) error {
		f.calibrate = append(f.calibrate, s)
		return nil
	})
	f.Func("keep", "", func(s string) error {
		f.options.Keep = append(f.options.Keep, strings.Split(s, ",")...)
		return nil
	})
	return f
}

// check reports flags that are wrong in themselves.
func (f *flags) check(rest []string) error {
	switch {
	case len(rest) != 1:
		return cli.Usagef("got %d models, want one", len(rest))
	case f.out == "":
		return cli.Usagef("-o: want the name of the file to write")
	case len(f.calibrate) == 0:
		return cli.Usagef("-calibrate: want a directory of pictures, or files of CIFAR")
	case f.n < 1:
		return cli.Usagef("-n: got %d, want at least 1", f.n)
	}
	f.options.Method = quantize.Method(f.method)
	if !slices.Contains(quantize.Methods, f.options.Method) {
		return cli.Usagef("-method: got %q, want one of %v", f.method, quantize.Methods)
	}
	return nil
}
