package repository

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// found is a model in the directory.
type found struct {
	versions []version // the newest first
	config   Config
	err      error // of the configuration
}

// version is one of its versions.
type version struct {
	number int
	stamp  stamp
}

// stamp tells whether files changed.
type stamp struct {
	path         string
	size         int64
	time         time.Time
	config       int64
	configuredAt time.Time
}

// names of models: what is safe in an address, in a label of a metric and in a log. A
// request's name is only looked up among those that a scan found, never made a path.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// file is the name of the model in its version's directory.
const file = "model.rfl"

// scan looks through DIR/name/version/model.rfl. A version is a number; a directory of
// another name is passed over. Symbolic links are followed, as a volume of Kubernetes is
// made of them: whoever may write to the directory decides what is served.
func scan(dir string) (map[string]found, error) {
	models, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	all := map[string]found{}
	for _, m := range models {
		if !names.MatchString(m.Name()) {
			continue
		}
		if f := look(filepath.Join(dir, m.Name())); len(f.versions) > 0 {
			all[m.Name()] = f
		}
	}
	return all, nil
}

// look finds the versions in one model's directory.
func look(dir string) (f found) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return f // a file beside the models, or one that is just being removed
	}
	for _, v := range list {
		n, err := strconv.Atoi(v.Name())
		if err != nil || n < 0 || strconv.Itoa(n) != v.Name() {
			continue
		}
		path := filepath.Join(dir, v.Name(), file)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			f.versions = append(f.versions, version{n, stamp{path: path, size: info.Size(), time: info.ModTime()}})
		}
	}
	if len(f.versions) == 0 {
		return f
	}
	slices.SortFunc(f.versions, func(a, b version) int { return cmp.Compare(b.number, a.number) })
	var size int64
	var at time.Time
	f.config, size, at, f.err = configure(filepath.Join(dir, "config.json"))
	for i := range f.versions {
		f.versions[i].stamp.config, f.versions[i].stamp.configuredAt = size, at
	}
	return f
}
