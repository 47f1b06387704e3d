// Package folder lists the pictures in a directory.
package folder

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/engine/preprocess"
)

// IsPicture tells by the extension whether a file is a picture: a directory holds
// other things, too.
func IsPicture(name string) bool {
	return slices.Contains(preprocess.Extensions(), strings.ToLower(filepath.Ext(name)))
}

// Pictures returns the pictures in dir and in the directories below, in order of
// their names, and how many other files were skipped. Names that begin with a dot
// are left out. Links to files count; links to directories are not followed, so
// that the walk ends. What cannot be listed is an error; the files listed before
// it are returned.
func Pictures(dir string) (paths []string, skipped int, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
		case e.IsDir():
		case !IsPicture(e.Name()) || !isFile(path, e):
			skipped++
		default:
			paths = append(paths, path)
		}
		return nil
	})
	return paths, skipped, err
}

// isFile tells whether path is a regular file, or a link to one.
func isFile(path string, e fs.DirEntry) bool {
	if e.Type().IsRegular() {
		return true // most are: no need to ask again
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
