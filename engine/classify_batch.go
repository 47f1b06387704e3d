package engine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"sync/atomic"

	"github.com/riffle-ml/riffle/engine/preprocess"
)

// PictureError says which picture of a batch could not be classified, and why.
type PictureError struct {
	Index int // in the batch
	Err   error
}

func (e *PictureError) Error() string { return fmt.Sprintf("picture %d: %v", e.Index, e.Err) }

// Unwrap returns Err.
func (e *PictureError) Unwrap() error { return e.Err }

// batchPictures is how many pictures a thread gets at a time.
const batchPictures = 8

// ClassifyBatch is [Model.Classify] for many pictures, which the model's threads share.
// Element i of the result has the k most probable classes of imgs[i], with the same
// bits as Classify's. It is nil where picture i failed: the error then joins a
// [PictureError] for each that did, and the others are classified all the same. If ctx
// is done, or the model cannot classify at all, the error is that, and the result has
// what was finished before.
func (m *Model) ClassifyBatch(ctx context.Context, imgs []image.Image, k int) ([][]Prediction, error) {
	if m.prep == nil {
		return nil, ErrNoPreprocess
	}
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	in, out := m.plan.InLen, m.plan.OutLen
	chunk := min(len(imgs), batchPictures*m.plan.Threads)
	src, dst := make([]float32, chunk*in), make([]float32, chunk*out)
	preps := make([]*preprocess.Preprocessor, min(m.plan.Threads, chunk))
	for i := range preps {
		if preps[i], err = preprocess.New(m.prep); err != nil {
			return nil, err
		}
	}
	top := make([][]Prediction, len(imgs))
	var failed []error
	for begin := 0; begin < len(imgs); begin += chunk {
		part := imgs[begin:min(begin+chunk, len(imgs))]
		bad := applyAll(ctx, preps, src, part, in)
		if err := ctx.Err(); err != nil {
			return top, err
		}
		var good []int // pictures of the part, in the order of their samples
		for i, err := range bad {
			if err != nil {
				failed = append(failed, &PictureError{begin + i, err})
				continue
			}
			copy(src[len(good)*in:][:in], src[i*in:])
			good = append(good, i)
		}
		if len(good) == 0 {
			continue
		}
		if err := s.Run(ctx, dst[:len(good)*out], src[:len(good)*in]); err != nil {
			return top, err
		}
		for k0, i := range good {
			if top[begin+i], err = m.Top(dst[k0*out:][:out], k); err != nil {
				return top, err
			}
		}
	}
	return top, errors.Join(failed...)
}

// applyAll preprocesses pictures, with as many goroutines as there are preprocessors.
// It returns the error of each picture. A panic of a picture, which is the caller's own
// code, is the caller's.
func applyAll(ctx context.Context, preps []*preprocess.Preprocessor, src []float32, imgs []image.Image, in int) []error {
	errs := make([]error, len(imgs))
	var next atomic.Int64
	var panicked atomic.Pointer[any]
	work := func(p *preprocess.Preprocessor) {
		defer func() {
			if r := recover(); r != nil {
				panicked.CompareAndSwap(nil, &r)
			}
		}()
		for panicked.Load() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(imgs) {
				return
			}
			errs[i] = p.ApplyContext(ctx, src[i*in:][:in], imgs[i])
		}
	}
	var wg sync.WaitGroup
	for _, p := range preps[1:] {
		wg.Go(func() { work(p) })
	}
	work(preps[0])
	wg.Wait()
	if r := panicked.Load(); r != nil {
		panic(*r)
	}
	return errs
}
