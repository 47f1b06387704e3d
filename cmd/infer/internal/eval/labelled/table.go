package labelled

import (
	"fmt"
	"strconv"
)

// Table says what classes are called: by the name of a directory, such as n02124075, and
// by a name that people read, such as Egyptian cat. It is only read once it is there.
type Table struct {
	path string
	rows []row
	at   map[string]int // rows by their directories
}

type row struct{ directory, name string }

// ReadTable reads a file with a line for each class: its directory, a tab, its name. A
// number and a tab may come first; then it is the line's number, counted from 0.
func ReadTable(path string) (*Table, error) {
	t := &Table{path: path, at: map[string]int{}}
	err := lines(path, func(cells []string) error {
		if len(cells) == 3 && cells[0] == strconv.Itoa(len(t.rows)) {
			cells = cells[1:]
		}
		if len(cells) != 2 || cells[0] == "" || cells[1] == "" {
			return fmt.Errorf("got %d columns %.80q, want %d, a directory, a name, or the latter two, with tabs between them", len(cells), cells, len(t.rows))
		}
		if _, there := t.at[cells[0]]; there {
			return fmt.Errorf("got the directory %.80q a second time", cells[0])
		}
		t.at[cells[0]] = len(t.rows)
		t.rows = append(t.rows, row{cells[0], cells[1]})
		return nil
	})
	if err == nil && len(t.rows) == 0 {
		err = fmt.Errorf("%s: got no classes, want one a line", path)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Classes says which of a model's classes each directory is. If all names are labels of
// the model, they say it. Otherwise line k is class k of a table that has as many lines as
// the model has classes. A longer one may hold more than the model knows, as a dictionary
// does: what is a label counts, and the rest is left out.
func (t *Table) Classes(labels []string, classes int) (map[string]int, error) {
	first := map[string]int{}
	for k, label := range labels {
		if _, there := first[label]; !there {
			first[label] = k
		}
	}
	found := map[string]int{}
	for k, r := range t.rows {
		if k < len(labels) && labels[k] == r.name { // two classes may have one name
			found[r.directory] = k
		} else if c, ok := first[r.name]; ok {
			found[r.directory] = c
		}
	}
	switch {
	case len(found) == len(t.rows):
	case len(t.rows) == classes:
		for k, r := range t.rows {
			found[r.directory] = k
		}
	case len(found) == 0 || len(t.rows) < classes:
		return nil, fmt.Errorf("%s: got %d classes, %d of them by a label of the model, want its %d classes in order, or names that are its labels",
			t.path, len(t.rows), len(found), classes)
	}
	return found, nil
}
