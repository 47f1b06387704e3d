package main

import (
	"errors"
	"image"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/riffle-ml/riffle/engine/preprocess"
)

// picture is one picture to classify, or the reason why there is none.
type picture struct {
	name string // as the user may recognise it; "-" is standard input
	err  error
}

// expand turns arguments into pictures: a folder becomes the pictures in it and
// below. What cannot be listed stays in the list, as an error in its place.
func expand(args []string) []picture {
	var list []picture
	for _, arg := range args {
		if arg == "-" {
			list = append(list, picture{name: arg})
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case err != nil:
			list = append(list, picture{arg, bare(err)})
		case info.IsDir():
			n := len(list)
			list = walk(list, arg)
			if len(list) == n {
				list = append(list, picture{arg, errors.New("no pictures in this folder")})
			}
		default:
			list = append(list, picture{name: arg})
		}
	}
	return list
}

// walk appends the pictures in dir and below, by name. Links to files count,
// links to folders are not followed, so that it ends.
func walk(list []picture, dir string) []picture {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return append(list, picture{dir, bare(err)})
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			list = walk(list, path)
		case !isPicture(e.Name()):
		case e.Type().IsRegular(): // most are: no need to ask again
			list = append(list, picture{name: path})
		default:
			if info, err := os.Stat(path); err != nil {
				list = append(list, picture{path, bare(err)})
			} else if info.Mode().IsRegular() {
				list = append(list, picture{name: path})
			}
		}
	}
	return list
}

// isPicture goes by the extension: a folder holds other things, too.
func isPicture(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp":
		return true
	}
	return false
}

// open decodes the picture.
func (p picture) open(stdin io.Reader) (image.Image, error) {
	if p.err != nil {
		return nil, p.err
	}
	r := stdin
	if p.name != "-" {
		f, err := os.Open(p.name)
		if err != nil {
			return nil, bare(err)
		}
		defer f.Close()
		r = f
	}
	img, _, err := preprocess.Decode(r, preprocess.Options{})
	return img, bare(err)
}

// bare drops the file's name from an error of the os package: records and
// messages name it already.
func bare(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
