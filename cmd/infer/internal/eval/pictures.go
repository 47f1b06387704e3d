package eval

import (
	"context"
	"fmt"
	"image"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/eval/labelled"
	"github.com/riffle-ml/riffle/cmd/infer/internal/pictures"
)

// pictureSet is the pictures of a directory or a tar archive. The class of each is what the
// file list calls it, or where there is no list the sub-directory that it lies in. The file
// table, if there is one, says which of the model's classes that is.
func pictureSet(from, list, table string, labels []string, classes int) (*dataset, error) {
	c := collection{from: from}
	var err error
	if list != "" {
		err = c.listed(list)
	} else {
		err = c.directories()
	}
	if err != nil {
		return nil, err
	}
	index, note, err := classesOf(from, c.kinds(), table, labels, classes)
	if err != nil {
		return nil, err
	}
	return c.dataset(index, note)
}

// collection is pictures, and what their classes are called.
type collection struct {
	from  string
	list  pictures.List
	kind  []string // of each picture
	empty []string // classes without a picture
}

// directories takes the pictures of every sub-directory, which is a class.
func (c *collection) directories() error {
	info, err := os.Stat(c.from)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s: got a file, want a directory, or with -list FILE a tar archive", c.from)
	}
	entries, err := os.ReadDir(c.from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		dir := filepath.Join(c.from, e.Name())
		if info, err := os.Stat(dir); err != nil || !info.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		n := len(c.list.All)
		c.list.Walk(dir)
		if len(c.list.All) == n {
			c.empty = append(c.empty, e.Name())
		}
		for len(c.kind) < len(c.list.All) {
			c.kind = append(c.kind, e.Name())
		}
	}
	return nil
}

// listed takes the pictures that a list names: all of them must be there. Others are left
// out.
func (c *collection) listed(list string) error {
	kinds, err := labelled.ReadList(list)
	if err != nil {
		return err
	}
	info, err := os.Stat(c.from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		c.list.Walk(c.from)
		c.list.All = slices.DeleteFunc(c.list.All, func(p pictures.Picture) bool {
			_, there := kinds[filepath.Base(p.Name)]
			return !there
		})
	} else if err := c.list.Archive(c.from, func(name string) bool { _, there := kinds[path.Base(name)]; return there }); err != nil {
		return err
	}
	left := len(kinds)
	for _, p := range c.list.All {
		name := path.Base(filepath.ToSlash(p.Name))
		if kinds[name] == "" {
			return fmt.Errorf("%s: got two pictures %s, want one for the line of %s", c.from, name, list)
		}
		c.kind = append(c.kind, kinds[name])
		kinds[name] = ""
		left--
	}
	for name, kind := range kinds {
		if kind != "" {
			return fmt.Errorf("%s: %s of %s are not there, such as %s", c.from, app.Count(left, "picture"), list, name)
		}
	}
	return nil
}

// kinds are what classes are called, sorted.
func (c *collection) kinds() []string {
	names := append(slices.Clone(c.empty), c.kind...)
	slices.Sort(names)
	return slices.Compact(names)
}

// dataset leaves out the pictures whose class has no index.
func (c *collection) dataset(index map[string]int, note string) (*dataset, error) {
	var list []pictures.Picture
	var class []int
	for i, p := range c.list.All {
		if k, ok := index[c.kind[i]]; ok {
			list, class = append(list, p), append(class, k)
		}
	}
	var notes []string
	if note != "" {
		notes = append(notes, note)
	}
	if out := len(c.list.All) - len(list); out > 0 {
		notes = append(notes, fmt.Sprintf("%s left out, whose classes the model does not have", app.Count(out, "picture")))
	}
	if n := c.list.Note(); n != "" {
		notes = append(notes, n)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: got no pictures of the model's classes in %s", c.from, app.Count(len(c.kinds()), "class"))
	}
	return &dataset{
		name:  c.from,
		notes: notes,
		n:     len(list),
		class: func(i int) int { return class[i] },
		title: func(i int) string { return list[i].Name },
		open:  func(ctx context.Context, _, i int) (image.Image, error) { return list[i].Open(ctx, nil) },
	}, nil
}
