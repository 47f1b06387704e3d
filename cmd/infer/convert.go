package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
)

// convertFlags are what convert can be told about the model.
type convertFlags struct {
	flags
	out, labels, order, name                     string
	source, data, date, accuracy, license, notes string
	half, full, short, quiet                     bool
	mean, std                                    floats
	resize, crop                                 int
}

func newConvertFlags() *convertFlags {
	c := &convertFlags{flags: newFlags()}
	c.StringVar(&c.out, "o", "", "")
	c.StringVar(&c.labels, "labels", "", "")
	c.StringVar(&c.order, "order", "", "")
	c.StringVar(&c.name, "name", "", "")
	c.StringVar(&c.source, "source", "", "")
	c.StringVar(&c.data, "data", "", "")
	c.StringVar(&c.date, "date", "", "")
	c.StringVar(&c.accuracy, "accuracy", "", "")
	c.StringVar(&c.license, "license", "", "")
	c.StringVar(&c.notes, "notes", "", "")
	c.BoolVar(&c.half, "f16", false, "")
	c.BoolVar(&c.full, "f32", false, "")
	c.BoolVar(&c.short, "short", false, "")
	c.BoolVar(&c.quiet, "q", false, "")
	c.Var(&c.mean, "mean", "")
	c.Var(&c.std, "std", "")
	c.IntVar(&c.resize, "resize", 0, "")
	c.IntVar(&c.crop, "crop", 0, "")
	return c
}

// convert is infer convert: a model comes in, a .rfl or an ONNX file goes out.
func (a *app) convert(args []string) error {
	c := newConvertFlags()
	rest, err := c.parse(args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) != 1:
		return usagef("got %d models, want one", len(rest))
	case c.out == "":
		return usagef("-o: want the name of the file to write")
	case c.half && c.full:
		return usagef("-f16 and -f32: want one of them")
	case c.isSet("crop") && c.crop < 1:
		return usagef("-crop: got %d, want 1 or more", c.crop)
	}
	m, err := readAny(rest[0], c.crop)
	if err != nil {
		return err
	}
	notes, err := c.apply(m, rest[0])
	if err != nil {
		return err
	}
	if c.short {
		shorten(m)
	}
	if c.half {
		if err := checkHalf(m); err != nil {
			return modelError(err)
		}
		m = m.ToFloat16()
	}
	if c.full {
		for i := range m.Tensors {
			m.Tensors[i].DType = weights.Float32
		}
	}
	// What riffle cannot run is refused before anything is written.
	e, err := engine.New(m, engine.WithThreads(1))
	if err != nil {
		return modelError(withPath(rest[0], err))
	}
	info := e.Info()
	e.Close()
	encode := (*weights.Model).Encode
	if isONNX(c.out) {
		encode = writeONNX
	}
	b, err := encode(m)
	if err != nil {
		return modelError(withPath(rest[0], err))
	}
	err = a.writeFile(c.out, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	if !c.quiet {
		for _, n := range notes {
			fmt.Fprintf(a.stderr, "infer convert: note: %s\n", printable(n))
		}
		fmt.Fprintf(a.stderr, "%s: %s parameters, %s multiply-adds, %s bytes\n", printable(c.out),
			thousands(int64(info.Parameters)), thousands(info.MACs), thousands(int64(len(b))))
	}
	return nil
}

func isONNX(path string) bool { return strings.EqualFold(filepath.Ext(path), ".onnx") }

// readAny reads an ONNX or .rfl file, or a built-in model. size is for an ONNX
// input that leaves its height and width open.
func readAny(name string, size int) (*weights.Model, error) {
	if !isONNX(name) {
		return readModel(name)
	}
	m, err := readONNX(name, size)
	if err != nil {
		return nil, modelError(withPath(name, err))
	}
	return m, nil
}

// apply writes into m what the flags say. The notes are for people.
func (c *convertFlags) apply(m *weights.Model, from string) (notes []string, err error) {
	if c.isSet("name") {
		m.Name = c.name
	} else if m.Name == "" || isONNX(from) {
		base := filepath.Base(from)
		m.Name = strings.TrimSuffix(base, filepath.Ext(base))
	}
	if c.labels != "" {
		if m.Labels, err = readLabels(c.labels); err != nil {
			return nil, err
		}
	}
	for _, p := range []struct {
		flag, value string
		to          *string
	}{
		{"source", c.source, &m.Provenance.Source}, {"data", c.data, &m.Provenance.Data},
		{"date", c.date, &m.Provenance.Date}, {"accuracy", c.accuracy, &m.Provenance.Accuracy},
		{"license", c.license, &m.Provenance.License}, {"notes", c.notes, &m.Provenance.Notes},
	} {
		if c.isSet(p.flag) {
			*p.to = p.value
		}
	}
	return c.applyPreprocess(m)
}

// applyPreprocess completes the preprocessing: the flags first, then what m has,
// then what the network's input says.
func (c *convertFlags) applyPreprocess(m *weights.Model) (notes []string, err error) {
	given := false
	for _, name := range []string{"mean", "std", "resize", "crop", "order"} {
		given = given || c.isSet(name)
	}
	if len(m.Graph.Inputs) == 0 {
		return nil, nil // the engine says what is wrong with it
	}
	in := m.Graph.Inputs[0].Shape
	if len(in) != 3 || in[0] != 1 && in[0] != 3 {
		if given {
			return nil, usagef("-mean, -std, -resize, -crop, -order: the input is %s, want a picture of 1 or 3 channels", dims(in))
		}
		return nil, nil
	}
	p := weights.Preprocess{Filter: "bilinear", Order: "rgb"}
	if in[0] == 1 {
		p.Order = "gray"
	}
	had := m.Preprocess != nil
	if had {
		p = *m.Preprocess
	}
	if c.isSet("order") {
		p.Order = c.order
	}
	p.Crop = [2]int{in[1], in[2]}
	if c.isSet("crop") && (c.crop != in[1] || c.crop != in[2]) {
		return nil, usagef("-crop: got %d, want %s, the network's input", c.crop, dims(in[1:]))
	}
	if c.isSet("resize") {
		if c.resize < 0 {
			return nil, usagef("-resize: got %d, want 0 or more", c.resize)
		}
		p.Resize = c.resize
	}
	if p.Mean, err = perChannel("-mean", c.mean, p.Mean, 0, in[0]); err != nil {
		return nil, err
	}
	if p.Std, err = perChannel("-std", c.std, p.Std, 1, in[0]); err != nil {
		return nil, err
	}
	if _, err := preprocess.New(&p); err != nil {
		return nil, usagef("%w", err)
	}
	if !had && c.mean == nil && c.std == nil {
		notes = append(notes, "no -mean and -std: pixels will only be scaled to 0..1")
	}
	m.Preprocess = &p
	return notes, nil
}

// perChannel takes the flag's values, else those there were, else the default.
// One value stands for every channel.
func perChannel(name string, given floats, had []float64, def float64, channels int) ([]float64, error) {
	switch {
	case given == nil && len(had) == channels:
		return had, nil
	case given == nil:
		return slices.Repeat([]float64{def}, channels), nil
	case len(given) == 1:
		return slices.Repeat(given, channels), nil
	case len(given) != channels:
		return nil, usagef("%s: got %d values, want %d, one a channel", name, len(given), channels)
	}
	return given, nil
}

// readLabels reads one class name a line. Empty lines at the end do not count;
// others would shift every class after them, and are refused.
func readLabels(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var labels []string
	empty := 0
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(sc.Text(), "\ufeff"))
		if line == "" {
			if empty == 0 {
				empty = n
			}
			continue
		}
		if empty > 0 {
			return nil, fmt.Errorf("%s: line %d: got an empty one, want a class name", path, empty)
		}
		labels = append(labels, line)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(labels) == 0 {
		return nil, fmt.Errorf("%s: got no class names, want one a line", path)
	}
	return labels, nil
}

// checkHalf names the first weight that -f16 cannot keep.
func checkHalf(m *weights.Model) error {
	for i := range m.Tensors {
		t := &m.Tensors[i]
		for k, v := range t.Data {
			if len(t.Shape) > 1 && math.Abs(float64(v)) >= 65520 {
				return fmt.Errorf("-f16: tensor %q: got %v at index %d, want at most 65504", t.Name, v, k)
			}
		}
	}
	return nil
}
