// Package run is infer run: it runs a model on tensors, without any preprocessing.
package run

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/load"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
)

// Run is the command.
func Run(a *app.App, args []string) error {
	var (
		f   = app.NewFlags()
		m   load.Flags
		in  = f.String("in", "", "")
		out = f.String("out", "", "")
	)
	m.Add(f)
	rest, err := f.ParseAll(args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return cli.Usagef("got an argument %q, want flags alone", rest[0])
	}
	if *in == "" || *out == "" {
		return cli.Usagef("-in and -out: got %q and %q, want both", *in, *out)
	}
	if err := m.Check(f); err != nil {
		return err
	}
	model, err := m.Tensors(m.Threads)
	if err != nil {
		return err
	}
	defer model.Close()

	file := a.Stdin
	if *in != "-" {
		f, err := os.Open(*in)
		if err != nil {
			return err
		}
		defer f.Close()
		file = f
	}
	return a.WriteFile(*out, func(w io.Writer) error {
		if err := stream(a, model, open(file, *in), create(w, *out)); err != nil {
			var o *outputError
			if errors.As(err, &o) {
				return o.err
			}
			return fmt.Errorf("%s: %w", *in, err)
		}
		return nil
	})
}

// outputError tells an error of the output from one of the input.
type outputError struct{ err error }

func (e *outputError) Error() string { return e.err.Error() }

// stream runs the model on sample after sample until the input ends.
func stream(a *app.App, model *engine.Model, src source, dst sink) error {
	info := model.Info()
	s, err := model.NewSession()
	if err != nil {
		return app.ModelError(err)
	}
	defer s.Close()
	n, err := src.begin(&info)
	if err != nil {
		return err
	}
	if err := dst.begin(&info, n); err != nil {
		return &outputError{err}
	}
	x, y := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	for {
		if err := src.next(x); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		if err := s.Run(a.Ctx, y, x); err != nil {
			return err
		}
		if err := dst.write(y); err != nil {
			return &outputError{err}
		}
	}
	if err := dst.end(); err != nil {
		return &outputError{err}
	}
	return nil
}
