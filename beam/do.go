package riffle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
)

// classifyFn classifies the pictures of a bundle in batches. Beam makes one for each
// thread; they share the model.
type classifyFn struct {
	Options Options

	model    *engine.Model
	session  *engine.Session
	pre      *preprocess.Preprocessor
	src, dst []float32
	names    []string         // of the batch that is being gathered; src holds its pictures
	times    []beam.EventTime // of its elements
}

// Setup gets the model, which the first on this worker loads.
func (fn *classifyFn) Setup(ctx context.Context) error {
	m, err := load(ctx, fn.Options.Model)
	if err != nil {
		return err
	}
	if m.Preprocess() == nil {
		return fmt.Errorf("model %s: %w", fn.Options.Model, engine.ErrNoPreprocess)
	}
	if fn.pre, err = preprocess.New(m.Preprocess()); err != nil {
		return err
	}
	fn.session, err = m.NewSession()
	fn.model = m
	if fn.Options.Top == 0 {
		fn.Options.Top = 5
	}
	if fn.Options.Batch == 0 {
		fn.Options.Batch = 32
	}
	return err
}

// StartBundle forgets what a bundle that failed left behind.
func (fn *classifyFn) StartBundle(context.Context, func(beam.EventTime, Result), func(beam.EventTime, Failure)) {
	fn.names, fn.times, fn.src = fn.names[:0], fn.times[:0], fn.src[:0]
}

// ProcessElement prepares one picture, and computes the batch when it is full.
func (fn *classifyFn) ProcessElement(ctx context.Context, w beam.Window, t beam.EventTime, p Picture,
	emit func(beam.EventTime, Result), fail func(beam.EventTime, Failure)) error {
	bytes.Inc(ctx, int64(len(p.Data)))
	start := time.Now()
	bad, err := fn.prepare(ctx, p)
	if err != nil {
		return err
	}
	decodeTime.Update(ctx, time.Since(start).Microseconds())
	if bad != nil {
		failures.Inc(ctx, 1)
		fail(t, Failure{p.Name, bad.Error()})
		return nil
	}
	fn.names, fn.times = append(fn.names, p.Name), append(fn.times, t)
	// What FinishBundle emits is in the global window, whatever the elements were in.
	if _, global := w.(window.GlobalWindow); global && len(fn.names) < fn.Options.Batch {
		return nil
	}
	return fn.run(ctx, emit)
}

// FinishBundle computes what is left.
func (fn *classifyFn) FinishBundle(ctx context.Context, emit func(beam.EventTime, Result), _ func(beam.EventTime, Failure)) error {
	return fn.run(ctx, emit)
}

// prepare appends a picture to the batch. bad says what is wrong with the picture, err
// what else went wrong.
func (fn *classifyFn) prepare(ctx context.Context, p Picture) (bad, err error) {
	img, _, err := preprocess.DecodeBytesContext(ctx, p.Data, preprocess.Options{MaxPixels: fn.Options.MaxPixels, MaxBytes: fn.Options.MaxBytes})
	if errors.Is(err, preprocess.ErrFormat) || errors.Is(err, preprocess.ErrLimit) {
		return err, nil
	} else if err != nil {
		return nil, err
	}
	n, size := len(fn.src), fn.model.Info().InputLen()
	if cap(fn.src) < n+size {
		grown := make([]float32, n, 2*n+size)
		copy(grown, fn.src)
		fn.src = grown
	}
	err = fn.pre.ApplyContext(ctx, fn.src[n:n+size], img)
	if errors.Is(err, preprocess.ErrImage) {
		return err, nil
	} else if err != nil {
		return nil, err
	}
	fn.src = fn.src[:n+size]
	return nil, nil
}

// run computes the batch and emits its results, each at its picture's time.
func (fn *classifyFn) run(ctx context.Context, emit func(beam.EventTime, Result)) error {
	n := len(fn.names)
	if n == 0 {
		return nil
	}
	size := fn.model.Info().OutputLen()
	if cap(fn.dst) < n*size {
		fn.dst = make([]float32, n*size)
	}
	fn.dst = fn.dst[:n*size]
	start := time.Now()
	if err := fn.session.Run(ctx, fn.dst, fn.src); err != nil {
		return err
	}
	runTime.Update(ctx, time.Since(start).Microseconds())
	batches.Update(ctx, int64(n))
	for i, name := range fn.names {
		top, err := fn.model.Top(fn.dst[i*size:], fn.Options.Top)
		if err != nil {
			return err
		}
		r := Result{Name: name}
		for _, p := range top {
			r.Classes = append(r.Classes, Class(p))
		}
		emit(fn.times[i], r)
	}
	classified.Inc(ctx, int64(n))
	fn.names, fn.times, fn.src = fn.names[:0], fn.times[:0], fn.src[:0]
	return nil
}

// Teardown drops the session. The model stays for the worker's other threads.
func (fn *classifyFn) Teardown() error {
	if fn.session == nil {
		return nil
	}
	return fn.session.Close()
}
