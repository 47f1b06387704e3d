// Package quantize is infer quantize: it makes a model of 8 bits.
package quantize

import (
	"fmt"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/load"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/modelfile"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/quantize"
	"github.com/riffle-ml/riffle/weights"
)

// Run is the command.
func Run(a *app.App, args []string) error {
	f := newFlags()
	rest, err := f.ParseAll(args)
	if err != nil {
		return err
	}
	if err := f.check(rest); err != nil {
		return err
	}
	m, err := load.Read(rest[0], load.Reading{})
	if err != nil {
		return err
	}
	if m.Preprocess == nil {
		return app.ModelError(modelfile.WithPath(rest[0], fmt.Errorf("got a model that does not say how a picture becomes its input; infer convert makes one that does")))
	}
	s, err := openSamples(a.Ctx, f.calibrate, m.Preprocess, f.n)
	if err != nil {
		return err
	}
	defer s.done()
	if s.note != "" && !f.quiet {
		a.Note("quantize", "%s", s.note)
	}
	bar := a.Bar(3*s.n, f.quiet)
	f.options.Progress = func(done, total int) { bar.Set(done) }
	m8, report, err := quantize.Model(a.Ctx, m, s, f.options)
	bar.Hide()
	switch {
	case s.err != nil:
		return s.err
	case a.Ctx.Err() != nil:
		return a.Ctx.Err()
	case err != nil:
		return app.ModelError(modelfile.WithPath(rest[0], err))
	}
	m8.Provenance.Notes = strings.TrimSpace(m8.Provenance.Notes + fmt.Sprintf("\nquantized by infer quantize, calibrated on %d pictures of %s", s.n, s.name))
	size, err := f.write(a, rest[0], m8)
	if err != nil || f.quiet {
		return err
	}
	if err := a.Print(text(report)); err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "%s: %s bytes\n", cli.Printable(f.out), units.Thousands(int64(size)))
	return nil
}

// write writes the model's file, and returns its size in bytes.
func (f *flags) write(a *app.App, from string, m *weights.Model) (int, error) {
	b, err := m.Encode()
	if err != nil {
		return 0, app.ModelError(modelfile.WithPath(from, err))
	}
	return len(b), a.WriteBytes(f.out, b)
}
