package main

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/cifar"
)

// dataset is labelled pictures. open may be called from several goroutines,
// each with a worker number of its own below the number given to newDataset.
type dataset struct {
	name  string
	n     int
	class func(i int) int
	title func(i int) string // for messages
	open  func(worker, i int) (image.Image, error)
}

// cifarSet is the test split of one of the CIFAR sets.
func cifarSet(dir string, k cifar.Kind, classes, workers int) (*dataset, error) {
	if classes != k.Classes {
		return nil, usagef("the model has %d classes, %s has %d", classes, k.Name, k.Classes)
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
		open: func(w, i int) (image.Image, error) {
			scratch[w] = set.Image(i, scratch[w])
			return scratch[w], nil
		},
	}, nil
}

// folderSet has one sub-folder per class.
func folderSet(dir string, labels []string, classes int) (*dataset, error) {
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
	var list []picture
	var class []int
	for i, name := range names {
		list = walk(list, filepath.Join(dir, name))
		for len(class) < len(list) {
			class = append(class, index[i])
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no pictures in its %d sub-folders", dir, len(names))
	}
	return &dataset{
		name:  dir,
		n:     len(list),
		class: func(i int) int { return class[i] },
		title: func(i int) string { return list[i].name },
		open:  func(_, i int) (image.Image, error) { return list[i].open(nil) },
	}, nil
}

// classOf says which class each sub-folder is: by the model's labels if all of
// the names are among them, else by order if there are as many as classes.
func classOf(dir string, names, labels []string, classes int) ([]int, error) {
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
		return nil, fmt.Errorf("%s: no sub-folders, want one per class", dir)
	case unknown == "":
		return index, nil
	case len(names) == classes:
		for i := range index {
			index[i] = i
		}
		return index, nil
	}
	return nil, fmt.Errorf("%s: sub-folder %q is no label of the model, and %d sub-folders are not its %d classes in order",
		dir, unknown, len(names), classes)
}
