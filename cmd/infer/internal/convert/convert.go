// Package convert is infer convert: a model comes in, a .rfl or an ONNX file goes out.
package convert

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/load"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/modelfile"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// Run is the command.
func Run(a *app.App, args []string) error {
	c := newFlags()
	rest, err := c.ParseAll(args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) != 1:
		return cli.Usagef("got %d models, want one", len(rest))
	case c.out == "" && !c.check:
		return cli.Usagef("-o: want the name of the file to write")
	case c.out != "" && c.check:
		return cli.Usagef("-check and -o: want one of them, for -check writes nothing")
	case c.half && c.full:
		return cli.Usagef("-f16 and -f32: want one of them")
	case c.IsSet("crop") && c.crop < 1:
		return cli.Usagef("-crop: got %d, want 1 or more", c.crop)
	case c.IsSet("output") && c.output == "":
		return cli.Usagef("-output: got an empty name, want that of an output, a value or a node")
	}
	from := rest[0]
	m, notes, err := c.model(from)
	var info engine.Info
	if err == nil {
		// What riffle cannot run is refused before anything is written.
		info, err = plan(m)
		err = app.ModelError(modelfile.WithPath(from, err))
	}
	if c.check {
		err = report(a, from, &info, err)
	}
	size := 0
	if err == nil && !c.check {
		size, err = c.write(a, from, m)
	}
	if err != nil || c.quiet {
		return err
	}
	if doubt := load.CheckClasses(m, &info); doubt != nil {
		notes = append(notes, doubt.Error())
	}
	for _, n := range notes {
		a.Note("convert", "%s", n)
	}
	if !c.check {
		fmt.Fprintf(a.Stderr, "%s: %s parameters, %s multiply-adds, %s bytes\n", cli.Printable(c.out),
			units.Thousands(int64(info.Parameters)), units.Thousands(info.MACs), units.Thousands(int64(size)))
	}
	return nil
}

// write writes the model's file, and returns its size in bytes.
func (c *flags) write(a *app.App, from string, m *weights.Model) (int, error) {
	b, err := encode(m, c.out)
	if err != nil {
		return 0, app.ModelError(modelfile.WithPath(from, err))
	}
	return len(b), a.WriteBytes(c.out, b)
}

// model reads the model and changes it as the flags say. The notes are for people.
func (c *flags) model(from string) (*weights.Model, []string, error) {
	m, err := load.Read(from, load.Reading{Size: load.Size{c.crop, c.crop}, ChannelsLast: c.nhwc, WiderCasts: c.wide})
	if err != nil {
		return nil, nil, err
	}
	if c.output != "" {
		if err := load.ChooseOutput(m, c.output); err != nil {
			return nil, nil, err
		}
	}
	if err := c.describe(m, from); err != nil {
		return nil, nil, err
	}
	notes, err := c.preprocess(m)
	if err != nil {
		return nil, nil, err
	}
	if c.short {
		shorten(m)
	}
	if c.half {
		if err := checkHalf(m); err != nil {
			return nil, nil, app.ModelError(err)
		}
		m = m.ToFloat16()
	}
	if c.full {
		for i := range m.Tensors {
			m.Tensors[i].DType = weights.Float32
		}
	}
	return m, notes, nil
}

// describe writes into m its name, labels and provenance.
func (c *flags) describe(m *weights.Model, from string) (err error) {
	if c.IsSet("name") {
		m.Name = c.name
	} else if m.Name == "" || modelfile.IsONNX(from) {
		base := filepath.Base(from)
		m.Name = strings.TrimSuffix(base, filepath.Ext(base))
	}
	if c.labels != "" {
		if m.Labels, err = readLabels(c.labels); err != nil {
			return err
		}
	}
	for flag, to := range map[string]*string{
		"source": &m.Provenance.Source, "data": &m.Provenance.Data, "date": &m.Provenance.Date,
		"accuracy": &m.Provenance.Accuracy, "license": &m.Provenance.License, "notes": &m.Provenance.Notes,
	} {
		if c.IsSet(flag) {
			*to = c.Lookup(flag).Value.String()
		}
	}
	return nil
}

// plan is what the engine says of a model that it can run.
func plan(m *weights.Model) (engine.Info, error) {
	e, err := engine.New(m, engine.WithThreads(1))
	if err != nil {
		return engine.Info{}, err
	}
	defer e.Close()
	return e.Info(), nil
}

// encode makes the file: ONNX where the name says so. Dynamic shuffles, which ONNX does
// not know, become nodes of riffle's own domain there, so that the file can come back.
func encode(m *weights.Model, path string) ([]byte, error) {
	if strings.EqualFold(filepath.Ext(path), ".onnx") {
		return onnx.Export(m, onnx.WithCustomDomain())
	}
	return m.Encode()
}
