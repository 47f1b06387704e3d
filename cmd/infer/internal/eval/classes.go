package eval

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/cmd/infer/internal/eval/labelled"
)

// classesOf says which class each kind of picture of a set is, by a file of the classes if
// one is given, and has a note for the user where that is a guess. A kind that has no class
// is left out.
func classesOf(from string, kinds []string, table string, labels []string, classes int) (index map[string]int, note string, err error) {
	if len(kinds) == 0 {
		return nil, "", fmt.Errorf("%s: no sub-directories, want one per class", from)
	}
	if classes == 2 && len(labels) == 1 {
		labels = both(labels[0], kinds)
	}
	if table == "" {
		return classOf(from, kinds, labels, classes)
	}
	t, err := labelled.ReadTable(table)
	if err != nil {
		return nil, "", err
	}
	index, err = t.Classes(labels, classes)
	return index, "", err
}

// both are the two classes of one output, whose label says what a high value means.
func both(label string, kinds []string) []string {
	for i, name := range kinds {
		if len(kinds) == 2 && name != label && kinds[1-i] == label {
			return []string{name, label}
		}
	}
	return []string{"not " + label, label}
}

// classOf says which class each kind is without a table: by the model's labels if all
// kinds are among them, else by order if there are as many as classes.
func classOf(from string, kinds, labels []string, classes int) (index map[string]int, note string, err error) {
	index = map[string]int{}
	unknown := ""
	for _, name := range kinds {
		index[name] = slices.Index(labels, name)
		if index[name] < 0 {
			unknown = name
		}
	}
	switch {
	case unknown == "":
		return index, "", nil
	case len(kinds) == classes:
		for i, name := range kinds {
			index[name] = i
		}
		if len(labels) > 0 {
			note = fmt.Sprintf("%q is no label of the model: the classes are taken in order of name; -classes FILE says another order", unknown)
		}
		return index, note, nil
	}
	return nil, "", fmt.Errorf("%s: %q is no label of the model, and %d names are not those of its %d classes in order; -classes FILE says what they stand for",
		from, unknown, len(kinds), classes)
}
