package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// inspect is infer inspect: what is in a model file.
func (a *app) inspect(args []string) error {
	var (
		f      = newFlags()
		name   = f.String("m", "", "")
		asJSON = f.Bool("json", false, "")
		nodes  = f.Bool("nodes", true, "")
	)
	rest, err := f.parse(args)
	if err != nil {
		return err
	}
	if *name != "" {
		rest = append(rest, *name)
	}
	if len(rest) != 1 {
		return usagef("got %d models, want one", len(rest))
	}
	s, err := summarize(rest[0])
	if err != nil {
		return err
	}
	if !*nodes {
		s.Nodes = nil
	}
	if *asJSON {
		return a.print(jsonLine(s))
	}
	return a.print(s.text())
}

// summary is everything that inspect says; its fields are the JSON object's.
type summary struct {
	File        string              `json:"file"`
	Bytes       int                 `json:"bytes"`
	SHA256      string              `json:"sha256"`
	CRC32C      string              `json:"crc32c"` // of the whole file
	Name        string              `json:"name"`
	Input       []int               `json:"input"`
	Outputs     []output            `json:"outputs"`
	Parameters  int                 `json:"parameters"`
	MACs        int64               `json:"macs"`
	Float32     int                 `json:"float32_tensors"`
	Float16     int                 `json:"float16_tensors"`
	Activations int                 `json:"activation_bytes"` // of one session
	Preprocess  *weights.Preprocess `json:"preprocess,omitempty"`
	Labels      []string            `json:"labels,omitempty"`
	Provenance  weights.Provenance  `json:"provenance"`
	Operators   []operator          `json:"operators"`
	Nodes       []node              `json:"nodes,omitempty"`
}

type output struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

type operator struct {
	Op    string `json:"op"`
	Count int    `json:"count"`
}

type node struct {
	Name       string           `json:"name"`
	Op         string           `json:"op"`
	In         []string         `json:"in"`
	Out        []string         `json:"out"`
	Shapes     [][]int          `json:"shapes"` // of the outputs
	Attrs      map[string][]int `json:"attrs,omitempty"`
	Parameters int              `json:"parameters"`
	MACs       int64            `json:"macs"`
}

// summarize reads a model, and plans it: what inspect shows is what would run.
func summarize(name string) (*summary, error) {
	b, err := modelBytes(name)
	if err != nil {
		return nil, modelError(err)
	}
	w, err := weights.Read(b)
	if err != nil {
		return nil, modelError(withPath(name, err))
	}
	e, err := engine.New(w, engine.WithThreads(1))
	if err != nil {
		return nil, modelError(withPath(name, err))
	}
	defer e.Close()
	info := e.Info()
	hash := sha256.Sum256(b)
	s := &summary{
		File: name, Bytes: len(b), SHA256: hex.EncodeToString(hash[:]),
		CRC32C: fmt.Sprintf("%08x", crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))),
		Name:   w.Name, Input: info.Input, Parameters: info.Parameters, MACs: info.MACs,
		Activations: info.ActivationBytes, Preprocess: w.Preprocess, Labels: w.Labels, Provenance: w.Provenance,
	}
	for _, o := range info.Outputs {
		s.Outputs = append(s.Outputs, output{o.Name, o.Shape})
	}
	for i := range w.Tensors {
		if w.Tensors[i].DType == weights.Float16 {
			s.Float16++
		} else {
			s.Float32++
		}
	}
	seen := map[string]int{}
	for i, n := range info.Nodes {
		at, ok := seen[n.Op]
		if !ok {
			at = len(s.Operators)
			seen[n.Op] = at
			s.Operators = append(s.Operators, operator{Op: n.Op})
		}
		s.Operators[at].Count++
		g := &w.Graph.Nodes[i]
		s.Nodes = append(s.Nodes, node{n.Name, n.Op, g.Inputs, g.Outputs, n.Outputs, g.Attrs, n.Parameters, n.MACs})
	}
	return s, nil
}

func modelBytes(name string) ([]byte, error) {
	if isPath(name) {
		return os.ReadFile(name)
	}
	if !slices.Contains(zoo.Names(), name) {
		return nil, noModel(name)
	}
	return zoo.Bytes(name)
}

func (s *summary) text() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(key, format string, args ...any) {
		fmt.Fprintf(w, "%s\t%s\n", key, printable(fmt.Sprintf(format, args...)))
	}
	row("file", "%s, %d bytes", s.File, s.Bytes)
	row("sha256", "%s", s.SHA256)
	row("crc32c", "%s (header, JSON and data sums all right)", s.CRC32C)
	row("name", "%s", orNone(s.Name))
	row("input", "%s", dims(s.Input))
	for _, o := range s.Outputs {
		row("output", "%s %s", o.Name, dims(o.Shape))
	}
	row("parameters", "%s (%d tensors float32, %d float16)", thousands(int64(s.Parameters)), s.Float32, s.Float16)
	row("multiply-adds", "%s", thousands(s.MACs))
	row("activations", "%s bytes a session", thousands(int64(s.Activations)))
	if p := s.Preprocess; p != nil {
		resize := "exactly to the crop"
		if p.Resize > 0 {
			resize = fmt.Sprintf("shorter side to %d", p.Resize)
		}
		row("preprocessing", "resize %s (%s), crop %d x %d, %s", resize, p.Filter, p.Crop[0], p.Crop[1], p.Order)
		row("", "mean %v, std %v", p.Mean, p.Std)
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
			shapes = append(shapes, dims(sh))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(n.Name), printable(n.Op), printable(strings.Join(n.In, " ")),
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

func dims(shape []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", "x")
}

func blankZero(n int64) string {
	if n == 0 {
		return "-"
	}
	return thousands(n)
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
