// Package pictures finds the pictures that a command was given, and opens them.
//
// It knows files and directories. It must not know models.
package pictures

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
)

// List is pictures in the order in which they were given, and by name in a directory.
type List struct {
	All []Picture
	// Skipped counts the files in directories and archives whose names are not those of
	// pictures, Example is one of them. Hidden files do not count.
	Skipped int
	Example string
}

// Expand turns arguments into pictures: a directory becomes the pictures in it and
// below. What cannot be listed stays in the list, as an error in its place.
func Expand(args []string) *List {
	l := &List{}
	for _, arg := range args {
		if arg == "-" {
			l.All = append(l.All, Picture{Name: arg})
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case err != nil:
			l.All = append(l.All, Picture{Name: arg, err: bare(err)})
		case info.IsDir():
			n := len(l.All)
			l.Walk(arg)
			if len(l.All) == n {
				l.All = append(l.All, Picture{Name: arg, err: errors.New("no pictures in this directory")})
			}
		default:
			l.All = append(l.All, Picture{Name: arg})
		}
	}
	return l
}

// Walk appends the pictures in dir and below, by name. Links to files count, links to
// directories are not followed, so that it ends.
func (l *List) Walk(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		l.All = append(l.All, Picture{Name: dir, err: bare(err)})
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			l.Walk(path)
		case !isPicture(e.Name()):
			l.Skipped++
			l.Example = path
		case e.Type().IsRegular(): // most are: no need to ask again
			l.All = append(l.All, Picture{Name: path})
		default:
			if info, err := os.Stat(path); err != nil {
				l.All = append(l.All, Picture{Name: path, err: bare(err)})
			} else if info.Mode().IsRegular() {
				l.All = append(l.All, Picture{Name: path})
			}
		}
	}
}

// Note says how many files were skipped, for the user. It is empty if none were.
func (l *List) Note() string {
	if l.Skipped == 0 {
		return ""
	}
	were := "were"
	if l.Skipped == 1 {
		were = "was"
	}
	return fmt.Sprintf("%s %s skipped, by the ending of the name (%s)", app.Count(l.Skipped, "file"), were, l.Example)
}
