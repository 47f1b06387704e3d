package command

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// version says which build this is and what it can do here.
func version() string {
	models := "none"
	if names := zoo.Names(); len(names) > 0 {
		models = strings.Join(names, ", ")
	}
	return fmt.Sprintf("infer %s\n%s %s/%s\ninstruction sets: %s\nmodels built in: %s\n",
		cli.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, strings.Join(engine.Sets(), ", "), models)
}
