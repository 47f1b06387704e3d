package eval

import (
	"context"
	"fmt"
	"image"

	"github.com/riffle-ml/riffle/cmd/infer/internal/eval/cifar"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// dataset is labelled pictures. open may be called from several goroutines,
// each with a worker number of its own below the number given to newDataset.
type dataset struct {
	name  string
	notes []string // for the user
	n     int
	class func(i int) int
	title func(i int) string // for messages
	open  func(ctx context.Context, worker, i int) (image.Image, error)
}

// cifarSet is the test split of one of the CIFAR sets.
func cifarSet(dir string, k cifar.Kind, classes, workers int) (*dataset, error) {
	if classes != k.Classes {
		return nil, cli.Usagef("the model has %d classes, %s has %d", classes, k.Name, k.Classes)
	}
	set, err := cifar.LoadTest(dir, k)
	if err != nil {
		return nil, err
	}
	scratch := make([]*image.NRGBA, workers)
	return &dataset{
		name:  k.Name + " test",
		n:     set.Len(),
		class: set.Class,
		title: func(i int) string { return fmt.Sprintf("%s picture %d", k.Name, i) },
		open: func(_ context.Context, w, i int) (image.Image, error) {
			scratch[w] = set.Image(i, scratch[w])
			return scratch[w], nil
		},
	}, nil
}
