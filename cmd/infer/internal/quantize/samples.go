package quantize

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/riffle-ml/riffle/cmd/infer/internal/eval/cifar"
	"github.com/riffle-ml/riffle/cmd/infer/internal/pictures"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
)

// samples are pictures as a network takes them, spread evenly over a larger set, so that
// the same are taken each time.
type samples struct {
	ctx  context.Context
	prep *preprocess.Preprocessor
	name string
	note string // for the user, if it is not empty
	all  int    // pictures of the set
	n    int    // that are taken
	open func(i int) (image.Image, error)
	done func()

	title func(i int) string // for messages
	err   error              // of the picture that could not be read
}

// openSamples finds at most so many pictures: in files of CIFAR, in directories.
func openSamples(ctx context.Context, paths []string, spec *weights.Preprocess, most int) (*samples, error) {
	prep, err := preprocess.New(spec)
	if err != nil {
		return nil, err
	}
	s := &samples{ctx: ctx, prep: prep, name: paths[0], done: func() {}}
	if len(paths) == 1 {
		files, err := cifar.OpenTraining(paths[0])
		switch {
		case err == nil:
			var scratch *image.NRGBA
			s.name, s.all, s.done = files.Name+", "+paths[0], files.Len(), files.Close
			s.title = func(i int) string { return fmt.Sprintf("%s: picture %d", paths[0], i) }
			s.open = func(i int) (image.Image, error) {
				img, err := files.Image(i, scratch)
				scratch = img
				return img, err
			}
			s.n = min(most, s.all)
			return s, nil
		case !errors.Is(err, cifar.ErrNone):
			return nil, err
		}
	}
	list := pictures.Expand(paths)
	s.all, s.note = len(list.All), list.Note()
	if s.all == 0 {
		return nil, fmt.Errorf("%s: no pictures there", paths[0])
	}
	s.n = min(most, s.all)
	s.title = func(i int) string { return list.All[i].Name }
	s.open = func(i int) (image.Image, error) { return list.All[i].Open(ctx, nil) }
	return s, nil
}

// Len is the number of pictures that are taken.
func (s *samples) Len() int { return s.n }

// Read is of quantize.Samples.
func (s *samples) Read(i int, dst []float32) error {
	at := i * s.all / s.n
	img, err := s.open(at)
	if err == nil {
		err = s.prep.ApplyContext(s.ctx, dst, img)
	}
	if err != nil {
		s.err = fmt.Errorf("%s: %w", s.title(at), err)
		return s.err
	}
	return nil
}
