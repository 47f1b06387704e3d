package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// versionText says which build this is and what it can do here.
func versionText() string {
	version, revision := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" {
			version = v
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = " " + s.Value[:min(len(s.Value), 12)]
			case s.Key == "vcs.modified" && s.Value == "true":
				revision += "+changes"
			}
		}
	}
	models := "none"
	if names := zoo.Names(); len(names) > 0 {
		models = strings.Join(names, ", ")
	}
	return fmt.Sprintf("infer %s%s\n%s %s/%s\ninstruction sets: %s\nmodels built in: %s\n",
		version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH,
		strings.Join(engine.Sets(), ", "), models)
}
