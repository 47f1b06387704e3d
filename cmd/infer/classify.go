package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/riffle-ml/riffle/engine"
)

// answer is what came of one picture.
type answer struct {
	top    []engine.Prediction
	routes []route
	err    error
}

// classify is infer without a command: it names what is in pictures.
func (a *app) classify(args []string) error {
	var (
		f       = newFlags()
		m       modelFlags
		k       = f.Int("k", 5, "")
		asJSON  = f.Bool("json", false, "")
		quiet   = f.Bool("q", false, "")
		version = f.Bool("version", false, "")
		explain = f.Bool("explain", false, "")
		drawTo  = f.String("explain-png", "", "")
	)
	m.add(f)
	names, err := f.parse(args)
	if err != nil {
		return err
	}
	if *version {
		return a.print(versionText())
	}
	if *k < 1 {
		return usagef("-k: got %d, want at least 1", *k)
	}
	if err := m.check(f); err != nil {
		return err
	}
	if len(names) == 0 {
		return usagef("no picture given")
	}
	list := expand(names)

	// One picture gets all threads; of several, each thread takes its own,
	// so that decoding and inference of different pictures overlap.
	workers, threads := min(m.threads, len(list)), 1
	if len(list) == 1 {
		workers, threads = 1, m.threads
	}
	model, err := m.loadForPictures(threads)
	if err != nil {
		return err
	}
	defer model.Close()

	var explainers []*explainer
	if *explain || *drawTo != "" {
		if explainers, err = newExplainers(model, workers); err != nil {
			return modelError(fmt.Errorf("%s: %w", m.title(), err))
		}
		for _, e := range explainers {
			defer e.s.Close()
		}
	}
	var drawn []routed

	bar := newProgress(a.stderr, len(list), *quiet)
	defer bar.hide()
	failed := false
	err = ordered(a.ctx, workers, len(list), func(w, i int) answer {
		img, err := list[i].open(a.stdin)
		if err != nil {
			return answer{err: err}
		}
		top, err := model.Classify(a.ctx, img, *k)
		if err == nil && !finite(top) {
			err = fmt.Errorf("the network's output is not a number")
		}
		var routes []route
		if err == nil && explainers != nil {
			routes, err = explainers[w].explain(a, img)
		}
		return answer{top, routes, err}
	}, func(i int, r answer) error {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		bar.hide()
		failed = failed || r.err != nil
		if *drawTo != "" && r.err == nil {
			drawn = append(drawn, routed{list[i].name, r.routes})
		}
		err := a.record(list[i].name, r, *asJSON, *explain)
		bar.set(i + 1)
		return err
	})
	if err == nil && len(drawn) > 0 {
		err = a.writeFile(*drawTo, func(w io.Writer) error { return drawRoutes(w, drawn) })
	}
	if err == nil && failed {
		return errSome
	}
	return err
}

func finite(top []engine.Prediction) bool {
	for _, p := range top {
		if math.IsNaN(float64(p.Prob)) || math.IsInf(float64(p.Prob), 0) {
			return false
		}
	}
	return true
}

// record prints one picture's answer: a result to standard output; an error to
// standard error, or to standard output where the output is JSON.
func (a *app) record(name string, r answer, asJSON, explain bool) error {
	switch {
	case asJSON:
		return a.print(jsonRecord(name, r, explain))
	case r.err != nil:
		fmt.Fprintf(a.stderr, "infer: %s: %s\n", printable(name), oneLine(r.err))
		return nil
	}
	text := textRecord(name, r.top)
	if explain {
		text += routesText(r.routes)
	}
	return a.print(text)
}

// textRecord is for people:
//
//	cat.jpg
//	   97.31%  cat
//	    1.20%  dog
func textRecord(name string, top []engine.Prediction) string {
	var b strings.Builder
	fmt.Fprintln(&b, printable(name))
	for _, p := range top {
		fmt.Fprintf(&b, "  %6.2f%%  %s\n", 100*p.Prob, className(p))
	}
	return b.String()
}

func className(p engine.Prediction) string {
	if p.Label == "" {
		return fmt.Sprintf("class %d", p.Class)
	}
	return printable(p.Label)
}

// jsonRecord is one line for programs.
func jsonRecord(name string, r answer, explain bool) string {
	type class struct {
		Class int     `json:"class"`
		Label string  `json:"label,omitempty"`
		Prob  float32 `json:"prob"`
	}
	rec := struct {
		File   string   `json:"file"`
		Top    []class  `json:"top,omitempty"`
		Routes *[]route `json:"routes,omitempty"`
		Error  string   `json:"error,omitempty"`
	}{File: name}
	if r.err != nil {
		rec.Error = oneLine(r.err)
	}
	for _, p := range r.top {
		if r.err == nil {
			rec.Top = append(rec.Top, class{p.Class, p.Label, p.Prob})
		}
	}
	if explain && r.err == nil {
		routes := append([]route{}, r.routes...)
		rec.Routes = &routes
	}
	return jsonLine(rec)
}

// jsonLine is v on one line, as it is: < and > are not escaped.
func jsonLine(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		// Only a number that is none can do this, and those were caught.
		panic(err)
	}
	return b.String()
}
