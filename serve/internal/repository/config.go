package repository

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// Config is a model's own file config.json, beside its versions. All of it is optional.
type Config struct {
	// Outputs are layers to offer as outputs besides the network's own, by the names
	// that infer inspect prints.
	Outputs []string `json:"outputs"`
	// Threads is how many threads one sample may use; 0 is what the server says.
	Threads int `json:"threads"`
	// Versions is how many versions are kept loaded; 0 is what the server says.
	Versions int `json:"versions"`
}

// configure reads a model's configuration, if it has one, and says which file that was.
func configure(path string) (c Config, size int64, at time.Time, err error) {
	r, err := os.Open(path)
	if os.IsNotExist(err) {
		return c, 0, at, nil
	} else if err != nil {
		return c, 0, at, err
	}
	defer r.Close()
	if info, err := r.Stat(); err == nil {
		size, at = info.Size(), info.ModTime()
	}
	d := json.NewDecoder(io.LimitReader(r, 1<<20))
	d.DisallowUnknownFields()
	if err = d.Decode(&c); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	} else if c.Threads < 0 {
		err = fmt.Errorf("%s: threads is %d, want 0 or more", path, c.Threads)
	} else if c.Versions < 0 {
		err = fmt.Errorf("%s: versions is %d, want 0 or more", path, c.Versions)
	}
	return c, size, at, err
}
