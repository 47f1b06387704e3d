package load

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/modelfile"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// Title is how messages call the model.
func (m *Flags) Title() string { return modelfile.Title(m.Model) }

// Tensors prepares the model to run on tensors, with so many threads a run.
func (m *Flags) Tensors(threads int) (*engine.Model, error) {
	w, err := m.read()
	if err != nil {
		return nil, err
	}
	if err := m.choose(w); err != nil {
		return nil, err
	}
	return m.prepare(w, threads)
}

// Ready is a model that runs on pictures.
type Ready struct {
	*engine.Model
	Note    string // for the user, if it is not empty
	Classes bool   // the first output holds the scores of classes

	// Embedding is the value to be written by -embed, which begins at element At of the
	// outputs. It is zero without -embed.
	Embedding engine.Output
	At        int
}

// Pictures prepares the model to run on pictures, with so many threads a run. A model
// that does not say how a picture becomes its input is an error now: better one than
// one for every picture. So is a first output that holds no classes, unless an
// embedding is wanted: then -output names that, and not the output of the classes.
func (m *Flags) Pictures(threads int, embed bool) (*Ready, error) {
	w, err := m.read()
	if err != nil {
		return nil, err
	}
	r := &Ready{}
	if w.Preprocess == nil && modelfile.IsONNX(m.Model) && len(w.Graph.Inputs) == 1 {
		w.Preprocess = DefaultPreprocess(w.Graph.Inputs[0].Shape)
		r.Note = fmt.Sprintf("%s does not say how a picture becomes the network's input: pixels are scaled to 0..1, without mean and deviation. infer convert stores those, and labels", m.Model)
	}
	var extra []string
	if embed {
		extra = make([]string, 1)
		extra[0], err = m.embedding(w)
	} else {
		err = m.choose(w)
	}
	if err != nil {
		return nil, err
	}
	if r.Model, err = m.prepare(w, threads, extra...); err != nil {
		return nil, err
	}
	info := r.Info()
	doubt := CheckClasses(w, &info)
	r.Classes = doubt == nil
	if err = checkPreprocess(r.Model); err == nil && !embed {
		err = doubt
	}
	if err != nil {
		r.Close()
		return nil, m.wrong(err)
	}
	if embed {
		r.find(extra[0])
	}
	return r, nil
}

// embedding is the value to embed: what -output names, or what the network suggests.
func (m *Flags) embedding(w *weights.Model) (string, error) {
	if m.Output != "" {
		return ValueOf(w, m.Output)
	}
	value, err := embedding(w)
	if err != nil {
		return "", m.wrong(err)
	}
	return value, nil
}

// find tells where among the outputs the embedding is.
func (r *Ready) find(value string) {
	for _, o := range r.Info().Outputs {
		if o.Name == value {
			r.Embedding = o
			return
		}
		r.At += app.Size(o.Shape)
	}
}

// read reads the model as it is.
func (m *Flags) read() (*weights.Model, error) { return Read(m.Model, 0) }

// choose leaves the model the output that was asked for.
func (m *Flags) choose(w *weights.Model) error {
	if m.Output == "" {
		return nil
	}
	labels := slices.Clone(w.Labels)
	if err := ChooseOutput(w, m.Output); err != nil || w.Labels != nil || labels == nil {
		return err
	}
	// The labels of the first output suit this one if they are as many as its elements.
	e, err := engine.New(w, engine.WithThreads(1))
	if err != nil {
		return m.wrong(err)
	}
	defer e.Close()
	if info := e.Info(); info.OutputLen() == len(labels) {
		w.Labels = labels
	}
	return nil
}

func (m *Flags) prepare(w *weights.Model, threads int, extra ...string) (*engine.Model, error) {
	opts := []engine.Option{engine.WithThreads(threads), engine.WithOutputs(extra...)}
	if m.ISA != "" {
		opts = append(opts, engine.WithISA(m.ISA))
	}
	e, err := engine.New(w, opts...)
	if err != nil {
		return nil, m.wrong(err)
	}
	return e, nil
}

func (m *Flags) wrong(err error) error {
	return app.ModelError(fmt.Errorf("%s: %w", m.Title(), err))
}
