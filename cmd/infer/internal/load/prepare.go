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
	if embed {
		r.Model, err = m.withEmbedding(w, threads)
	} else if err = m.choose(w); err == nil {
		r.Model, err = m.prepare(w, threads)
	}
	if err != nil {
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
	if !embed {
		return r, nil
	}
	// What -output names may be one of the outputs anyway. The engine's own embedding
	// is the last one.
	value := info.Outputs[len(info.Outputs)-1].Name
	if m.Output != "" {
		if value, err = ValueOf(w, m.Output); err != nil {
			return nil, err
		}
	}
	r.find(value)
	return r, nil
}

// withEmbedding prepares the model to give the value that -output names, too, or what
// its last linear layer reads.
func (m *Flags) withEmbedding(w *weights.Model, threads int) (*engine.Model, error) {
	if m.Output != "" {
		value, err := ValueOf(w, m.Output)
		if err != nil {
			return nil, err
		}
		return m.prepare(w, threads, engine.WithOutputs(value))
	}
	e, err := m.prepare(w, threads, engine.WithEmbedding())
	if err == nil {
		return e, nil
	}
	if plain, other := m.prepare(w, threads); other == nil { // it is the embedding that is missing
		plain.Close()
		err = m.wrong(fmt.Errorf("%w; choose a value to embed with -output NAME, infer inspect lists them", err))
	}
	return nil, err
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
func (m *Flags) read() (*weights.Model, error) { return Read(m.Model, Reading{Size: m.Size}) }

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

func (m *Flags) prepare(w *weights.Model, threads int, opts ...engine.Option) (*engine.Model, error) {
	opts = append(opts, engine.WithThreads(threads))
	if m.Size != (Size{}) {
		opts = append(opts, engine.WithInputSize(m.Size[0], m.Size[1]))
	}
	if m.ISA != "" {
		opts = append(opts, engine.WithISA(m.ISA))
	}
	if m.Half {
		opts = append(opts, engine.WithHalfArithmetic())
	}
	e, err := engine.New(w, opts...)
	if err != nil {
		return nil, m.wrong(err)
	}
	return e, nil
}

// wrong says that the model cannot be used, with its name.
func (m *Flags) wrong(err error) error {
	return app.ModelError(modelfile.WithPath(m.Title(), err))
}
