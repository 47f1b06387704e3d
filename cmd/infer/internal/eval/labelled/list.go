package labelled

import (
	"errors"
	"fmt"
	"path"
)

// ReadList reads a file with a line for each picture: its file, a tab, its class. What
// follows after another tab, such as a box, is ignored, and so is the file's directory.
// The result has the class of each file.
func ReadList(file string) (map[string]string, error) {
	found := map[string]string{}
	err := lines(file, func(cells []string) error {
		if len(cells) < 2 || cells[0] == "" || cells[1] == "" {
			return fmt.Errorf("got %.80q, want a picture's file, a tab, its class", cells)
		}
		name := path.Base(cells[0])
		if _, there := found[name]; there {
			return fmt.Errorf("got the picture %.80q a second time", name)
		}
		found[name] = cells[1]
		return nil
	})
	if err == nil && len(found) == 0 {
		err = errors.New(file + ": got no pictures, want one a line")
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}
