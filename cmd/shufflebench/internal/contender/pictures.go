package contender

import (
	"context"
	"fmt"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
)

// Classified is what became of a list of picture files.
type Classified struct {
	Classes []int     // the most probable class of each file
	NS      []float64 // of each file: from opening it to its class
	Elapsed float64   // nanoseconds from the first file to the last class
}

// Classifier goes the whole way from a picture's file to a class.
type Classifier interface {
	// Classify classifies files, with all the threads that the contender has.
	Classify(ctx context.Context, files []string) (*Classified, error)
	// Close frees what the classifier holds. It may be called again.
	Close()
}

// Pictures is riffle as a [Classifier]. Every thread takes a picture of its own, so
// that decoding and inference of different pictures overlap.
type Pictures struct {
	model   *engine.Model
	workers []*engine.Classifier
	options preprocess.Options
}

// NewPictures returns a classifier with so many threads on m, which should run on
// one thread for each picture, and which it closes in the end. With draft, large
// JPEGs are decoded at a reduced size.
func NewPictures(m *engine.Model, threads int, draft bool) (*Pictures, error) {
	p := &Pictures{model: m}
	for range threads {
		c, err := m.NewClassifier()
		if err != nil {
			p.Close()
			return nil, err
		}
		p.workers = append(p.workers, c)
	}
	if spec := m.Preprocess(); draft {
		side := spec.Resize
		if side == 0 {
			side = max(spec.Crop[0], spec.Crop[1]) // a picture may be turned after it was decoded
		}
		p.options.Draft = image.Pt(side, side)
	}
	return p, nil
}

// Close closes the classifiers and the model.
func (p *Pictures) Close() {
	for _, c := range p.workers {
		c.Close()
	}
	p.model.Close()
}

// Classify classifies files. The first error ends it.
func (p *Pictures) Classify(ctx context.Context, files []string) (*Classified, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c := &Classified{Classes: make([]int, len(files)), NS: make([]float64, len(files))}
	var next atomic.Int64
	var done sync.WaitGroup
	begin := time.Now()
	for _, worker := range p.workers {
		done.Go(func() {
			var top []engine.Prediction
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				start := time.Now()
				img, err := preprocess.DecodeFileContext(ctx, files[i], p.options)
				if err == nil {
					top, err = worker.AppendClasses(ctx, top[:0], img, 1)
				}
				if err != nil {
					cancel(fmt.Errorf("%s: %w", files[i], err))
					return
				}
				c.Classes[i], c.NS[i] = top[0].Class, float64(time.Since(start))
			}
		})
	}
	done.Wait()
	c.Elapsed = float64(time.Since(begin))
	return c, context.Cause(ctx)
}
