package contender

import (
	"context"
	"fmt"
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
	threads int
}

// NewPictures returns a classifier on m, which should run on one thread for each
// picture, and which it closes in the end.
func NewPictures(m *engine.Model, threads int) *Pictures { return &Pictures{m, threads} }

// Close closes the model.
func (p *Pictures) Close() { p.model.Close() }

// Classify classifies files. The first error ends it.
func (p *Pictures) Classify(ctx context.Context, files []string) (*Classified, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c := &Classified{Classes: make([]int, len(files)), NS: make([]float64, len(files))}
	var next atomic.Int64
	var done sync.WaitGroup
	begin := time.Now()
	for range min(p.threads, len(files)) {
		done.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				start := time.Now()
				class, err := p.one(ctx, files[i])
				if err != nil {
					cancel(fmt.Errorf("%s: %w", files[i], err))
					return
				}
				c.Classes[i], c.NS[i] = class, float64(time.Since(start))
			}
		})
	}
	done.Wait()
	c.Elapsed = float64(time.Since(begin))
	return c, context.Cause(ctx)
}

func (p *Pictures) one(ctx context.Context, file string) (int, error) {
	img, err := preprocess.DecodeFile(file)
	if err != nil {
		return 0, err
	}
	top, err := p.model.Classify(ctx, img, 1)
	if err != nil {
		return 0, err
	}
	return top[0].Class, nil
}
