package repository

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// found is the newest version of a model in the directory.
type found struct {
	version int
	path    string
	stamp   stamp
	config  Config
	err     error // of the configuration
}

// stamp tells whether files changed.
type stamp struct {
	path         string
	size         int64
	time         time.Time
	config       int64
	configuredAt time.Time
}

// Config is a model's own file config.json, beside its versions. All of it is optional.
type Config struct {
	// Outputs are layers to offer as outputs besides the network's own, by the names
	// that infer inspect prints.
	Outputs []string `json:"outputs"`
	// Threads is how many threads one sample may use; 0 is what the server says.
	Threads int `json:"threads"`
}

// names of models: what is safe in an address, in a label of a metric and in a log. A
// request's name is only looked up among those that a scan found, never made a path.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// file is the name of the model in its version's directory.
const file = "model.rfl"

// scan looks through DIR/name/version/model.rfl, and returns the newest version of each
// model: the largest number. A directory of another name is passed over. Symbolic links
// are followed, as a volume of Kubernetes is made of them: whoever may write to the
// directory decides what is served.
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
		if f, ok := newest(filepath.Join(dir, m.Name())); ok {
			all[m.Name()] = f
		}
	}
	return all, nil
}

// newest finds the newest version in one model's directory.
func newest(dir string) (found, bool) {
	versions, err := os.ReadDir(dir)
	if err != nil {
		return found{}, false // a file beside the models, or one that is just being removed
	}
	best := found{version: -1}
	for _, v := range versions {
		n, err := strconv.Atoi(v.Name())
		if err != nil || n < 0 || strconv.Itoa(n) != v.Name() || n <= best.version {
			continue
		}
		path := filepath.Join(dir, v.Name(), file)
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		best = found{version: n, path: path, stamp: stamp{path: path, size: info.Size(), time: info.ModTime()}}
	}
	if best.version < 0 {
		return best, false
	}
	best.configure(filepath.Join(dir, "config.json"))
	return best, true
}

// configure reads the model's configuration, if it has one.
func (f *found) configure(path string) {
	r, err := os.Open(path)
	if err != nil {
		if !os.IsNotExist(err) {
			f.err = err
		}
		return
	}
	defer r.Close()
	if info, err := r.Stat(); err == nil {
		f.stamp.config, f.stamp.configuredAt = info.Size(), info.ModTime()
	}
	d := json.NewDecoder(io.LimitReader(r, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&f.config); err != nil {
		f.err = fmt.Errorf("%s: %w", path, err)
	} else if f.config.Threads < 0 {
		f.err = fmt.Errorf("%s: threads is %d, want 0 or more", path, f.config.Threads)
	}
}
