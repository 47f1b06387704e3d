package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// modelFlags are the flags of every command that runs a model.
type modelFlags struct {
	model   string
	isa     string
	threads int
}

func (m *modelFlags) add(f flags) {
	f.StringVar(&m.model, "m", "", "")
	f.StringVar(&m.isa, "isa", "", "")
	f.IntVar(&m.threads, "threads", 0, "")
}

// check reports flags that are wrong in themselves, and fills in the number of
// threads.
func (m *modelFlags) check(f flags) error {
	var err error
	f.Visit(func(x *flag.Flag) {
		switch {
		case x.Name == "threads" && m.threads < 1:
			err = usagef("-threads: got %d, want at least 1", m.threads)
		case x.Name == "isa" && !slices.Contains(engine.Sets(), m.isa):
			err = usagef("-isa: got %q, this machine has %s", m.isa, strings.Join(engine.Sets(), ", "))
		}
	})
	if m.threads == 0 {
		m.threads = runtime.GOMAXPROCS(0)
	}
	return err
}

// load prepares the model to run with threads per picture.
func (m *modelFlags) load(threads int) (*engine.Model, error) {
	w, err := readModel(m.model)
	if err != nil {
		return nil, err
	}
	opts := []engine.Option{engine.WithThreads(threads)}
	if m.isa != "" {
		opts = append(opts, engine.WithISA(m.isa))
	}
	e, err := engine.New(w, opts...)
	if err != nil {
		return nil, modelError(fmt.Errorf("%s: %w", m.title(), err))
	}
	return e, nil
}

// loadForPictures is load of a model that must know how a picture becomes its
// input: better one error now than one for every picture.
func (m *modelFlags) loadForPictures(threads int) (*engine.Model, error) {
	e, err := m.load(threads)
	if err != nil {
		return nil, err
	}
	if err := checkPreprocess(e); err != nil {
		e.Close()
		return nil, modelError(fmt.Errorf("%s: %w", m.title(), err))
	}
	return e, nil
}

func checkPreprocess(e *engine.Model) error {
	if e.Preprocess() == nil {
		return engine.ErrNoPreprocess
	}
	p, err := preprocess.New(e.Preprocess())
	if err != nil {
		return err
	}
	c, h, w := p.Shape()
	if in := e.Info().Input; !slices.Equal(in, []int{c, h, w}) {
		return fmt.Errorf("preprocessing makes %s, want %s, the network's input", dims([]int{c, h, w}), dims(in))
	}
	return nil
}

// title is how messages call the model.
func (m *modelFlags) title() string {
	if m.model == "" {
		return zoo.Default
	}
	return m.model
}

// isPath tells a file from the name of a built-in model: it has a separator or
// an extension.
func isPath(name string) bool {
	return strings.ContainsAny(name, `/\`) || filepath.Ext(name) != ""
}

// readModel reads a model file, or a built-in model; "" is the default one.
func readModel(name string) (*weights.Model, error) {
	if isPath(name) {
		w, err := weights.ReadFile(name)
		if err != nil {
			return nil, modelError(withPath(name, err))
		}
		return w, nil
	}
	names := zoo.Names()
	if len(names) == 0 {
		return nil, modelError(errors.New("this build has no model built in: give one with -m model.rfl"))
	}
	if name == "" {
		name = zoo.Default
	}
	if !slices.Contains(names, name) {
		return nil, modelError(noModel(name))
	}
	w, err := zoo.Load(name)
	if err != nil {
		return nil, modelError(fmt.Errorf("built-in model %s: %w", name, err))
	}
	return w, nil
}

// noModel is what to say of a name that is neither a path nor a built-in model's.
func noModel(name string) error {
	return fmt.Errorf("model: got %q, want a .rfl file (./%s for one called so) or one of %s", name, name, strings.Join(zoo.Names(), ", "))
}

// withPath puts the file's name before an error that does not name it.
func withPath(path string, err error) error {
	if strings.Contains(err.Error(), path) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}
