package eval

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/eval/cifar"
	"github.com/riffle-ml/riffle/cmd/infer/internal/pictures"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// dataset is labelled pictures. open may be called from several goroutines,
// each with a worker number of its own below the number given to newDataset.
type dataset struct {
	name  string
	note  string // for the user, if it is not empty
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

// directorySet has one sub-directory per class.
func directorySet(dir string, labels []string, classes int) (*dataset, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	index, err := classOf(dir, names, labels, classes)
	if err != nil {
		return nil, err
	}
	var list pictures.List
	var class []int
	for i, name := range names {
		list.Walk(filepath.Join(dir, name))
		for len(class) < len(list.All) {
			class = append(class, index[i])
		}
	}
	if len(list.All) == 0 {
		return nil, fmt.Errorf("%s: no pictures in its %d sub-directories", dir, len(names))
	}
	return &dataset{
		name:  dir,
		note:  list.Note(),
		n:     len(list.All),
		class: func(i int) int { return class[i] },
		title: func(i int) string { return list.All[i].Name },
		open:  func(ctx context.Context, _, i int) (image.Image, error) { return list.All[i].Open(ctx, nil) },
	}, nil
}

// classOf says which class each sub-directory is: by the model's labels if all of
// the names are among them, else by order if there are as many as classes.
func classOf(dir string, names, labels []string, classes int) ([]int, error) {
	if classes == 2 && len(labels) == 1 {
		// One output, whose label says what a high value means.
		labels = []string{"not " + labels[0], labels[0]}
		for i, name := range names {
			if len(names) == 2 && name != labels[1] && names[1-i] == labels[1] {
				labels[0] = name
			}
		}
	}
	index := make([]int, len(names))
	unknown := ""
	for i, name := range names {
		index[i] = slices.Index(labels, name)
		if index[i] < 0 {
			unknown = name
		}
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("%s: no sub-directories, want one per class", dir)
	case unknown == "":
		return index, nil
	case len(names) == classes:
		for i := range index {
			index[i] = i
		}
		return index, nil
	}
	return nil, fmt.Errorf("%s: sub-directory %q is no label of the model, and %d sub-directories are not its %d classes in order",
		dir, unknown, len(names), classes)
}
