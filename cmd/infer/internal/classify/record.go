package classify

import (
	"fmt"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/explain"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
)

// answer is what came of one picture.
type answer struct {
	top    []engine.Prediction
	logits []float32 // of all classes, where they are wanted
	routes []explain.Route
	err    error
}

// form is how answers are printed.
type form struct {
	json, routes, logits bool
	binary               bool // the probability is a sigmoid: the network has one output
}

// record prints one picture's answer: a result to standard output; an error to
// standard error, or to standard output where the output is JSON.
func (f *form) record(a *app.App, name string, r answer) error {
	switch {
	case f.json:
		return a.Print(f.line(name, r))
	case r.err != nil:
		fmt.Fprintf(a.Stderr, "infer: %s: %s\n", cli.Printable(name), cli.OneLine(r.err))
		return nil
	}
	text := f.text(name, r)
	if f.routes {
		text += explain.Text(r.routes)
	}
	return a.Print(text)
}

// text is for people:
//
//	cat.jpg
//	   97.31%  cat
//	    1.20%  dog
func (f *form) text(name string, r answer) string {
	var b strings.Builder
	fmt.Fprintln(&b, cli.Printable(name))
	for _, p := range r.top {
		switch {
		case f.logits:
			fmt.Fprintf(&b, "  %9.4f  %s\n", r.logits[p.Class], className(p))
		case f.binary:
			fmt.Fprintf(&b, "  %6.2f%%  %s (sigmoid of the only output)\n", 100*p.Prob, className(p))
		default:
			fmt.Fprintf(&b, "  %6.2f%%  %s\n", 100*p.Prob, className(p))
		}
	}
	return b.String()
}

func className(p engine.Prediction) string {
	if p.Label == "" {
		return fmt.Sprintf("class %d", p.Class)
	}
	return cli.Printable(p.Label)
}

// line is JSON, for programs.
func (f *form) line(name string, r answer) string {
	type class struct {
		Class int     `json:"class"`
		Label string  `json:"label,omitempty"`
		Prob  float32 `json:"prob"`
	}
	rec := struct {
		File   string           `json:"file"`
		Top    []class          `json:"top,omitempty"`
		Logits []float32        `json:"logits,omitempty"`
		Routes *[]explain.Route `json:"routes,omitempty"`
		Error  string           `json:"error,omitempty"`
	}{File: name}
	if r.err != nil {
		rec.Error = cli.OneLine(r.err)
		return app.JSONLine(rec)
	}
	for _, p := range r.top {
		rec.Top = append(rec.Top, class{p.Class, p.Label, p.Prob})
	}
	if f.logits {
		rec.Logits = r.logits
	}
	if f.routes {
		routes := append([]explain.Route{}, r.routes...)
		rec.Routes = &routes
	}
	return app.JSONLine(rec)
}
