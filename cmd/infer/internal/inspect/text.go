package inspect

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/units"
)

// text is the tables, for people.
func (s *summary) text() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(key, format string, args ...any) {
		fmt.Fprintf(w, "%s\t%s\n", key, cli.Printable(fmt.Sprintf(format, args...)))
	}
	row("file", "%s, %d bytes", s.File, s.Bytes)
	row("sha256", "%s", s.SHA256)
	if s.isONNX {
		row("format", "ONNX, as riffle reads it; infer convert makes a .rfl file of it")
	} else {
		row("crc32c", "%s (header, JSON and data sums all right)", s.CRC32C)
	}
	row("name", "%s", orNone(s.Name))
	row("input", "%s", units.Dims(s.Input))
	for _, o := range s.Outputs {
		row("output", "%s %s", o.Name, units.Dims(o.Shape))
	}
	row("parameters", "%s (%d tensors float32, %d float16)", units.Thousands(int64(s.Parameters)), s.Float32, s.Float16)
	row("multiply-adds", "%s", units.Thousands(s.MACs))
	row("activations", "%s bytes a session", units.Thousands(int64(s.Activations)))
	if p := s.Preprocess; p != nil {
		resize := "exactly to the crop"
		switch {
		case p.Letterbox != nil:
			resize = fmt.Sprintf("to fit in whole, margins %v", p.Letterbox)
		case p.Resize > 0:
			resize = fmt.Sprintf("shorter side to %d", p.Resize)
		}
		row("preprocessing", "resize %s (%s), crop %d x %d, %s", resize, p.Filter, p.Crop[0], p.Crop[1], p.Order)
		order := ""
		if p.Order == "bgr" {
			order = " (blue, green, red)"
		}
		row("", "mean %v, std %v%s", p.Mean, p.Std, order)
	} else if s.isONNX {
		row("preprocessing", "none: an ONNX file does not say how a picture becomes the input")
	} else {
		row("preprocessing", "none: the input is not a picture")
	}
	row("labels", "%s", labelText(s.Labels))
	for _, p := range [][2]string{
		{"source", s.Provenance.Source}, {"data", s.Provenance.Data}, {"date", s.Provenance.Date},
		{"accuracy", s.Provenance.Accuracy}, {"license", s.Provenance.License}, {"notes", s.Provenance.Notes},
	} {
		if p[1] != "" {
			row(p[0], "%s", p[1])
		}
	}
	var ops []string
	for _, o := range s.Operators {
		ops = append(ops, fmt.Sprintf("%d %s", o.Count, o.Op))
	}
	row("operators", "%s", strings.Join(ops, ", "))
	w.Flush()
	if len(s.Nodes) == 0 {
		return b.String()
	}
	b.WriteByte('\n')
	w = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "node\top\tfrom\tshape\tparameters\tmultiply-adds\tdetails")
	for _, n := range s.Nodes {
		var shapes []string
		for _, sh := range n.Shapes {
			shapes = append(shapes, units.Dims(sh))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", cli.Printable(n.Name), cli.Printable(n.Op), cli.Printable(strings.Join(n.In, " ")),
			strings.Join(shapes, " "), blankZero(int64(n.Parameters)), blankZero(n.MACs), details(n))
	}
	w.Flush()
	return b.String()
}

// details shows a node's attributes, long lists cut short.
func details(n node) string {
	var parts []string
	for _, key := range []string{
		"kernel", "stride", "dilation", "pad", "groups", "sizes", "range", "perm", "ceil", "countpad", "factors", "pairs", "form",
	} {
		v, ok := n.Attrs[key]
		if !ok || plain(key, v) {
			continue
		}
		text := strings.Trim(fmt.Sprint(v), "[]")
		if len(v) > 6 {
			text = strings.Trim(fmt.Sprint(v[:6]), "[]") + " ..."
		}
		parts = append(parts, key+" "+text)
	}
	return strings.Join(parts, ", ")
}

// plain tells whether an attribute says nothing: a dilation of one, and the like.
func plain(key string, v []int) bool {
	usual := 0
	switch key {
	case "dilation", "groups", "stride":
		usual = 1
	case "pad", "ceil", "countpad":
	default:
		return false
	}
	for _, x := range v {
		if x != usual {
			return false
		}
	}
	return true
}

func labelText(labels []string) string {
	switch n := len(labels); {
	case n == 0:
		return "none"
	case n <= 10:
		return strings.Join(labels, ", ")
	default:
		return fmt.Sprintf("%d: %s, ...", n, strings.Join(labels[:4], ", "))
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func blankZero(n int64) string {
	if n == 0 {
		return "-"
	}
	return units.Thousands(n)
}
