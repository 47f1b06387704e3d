package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// examine gathers the report, which takes about a second.
func examine(ctx context.Context) *report {
	r := &report{
		Version: cli.Version(), Go: runtime.Version(), Target: target(), Processor: processor(), Sets: sets(),
		Environment: environment(), Processors: runtime.NumCPU(), Threads: runtime.GOMAXPROCS(0),
		Quota: quota(os.DirFS("/")),
	}
	if _, err := kernel.Select(""); err != nil { // RIFFLE_ISA asks for what cannot be had
		r.Problems = append(r.Problems, err.Error())
	}
	for _, name := range zoo.Names() {
		if ctx.Err() != nil {
			break
		}
		for _, t := range selfTest(ctx, name) {
			r.Tests = append(r.Tests, t)
			if !t.OK {
				r.Problems = append(r.Problems, fmt.Sprintf("the self-test of %s on %s failed; please report this text", t.Model, t.Set))
			}
		}
	}
	r.Well = len(r.Problems) == 0
	return r
}

// set is an instruction set, and whether it is in use here, and why.
type set struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// known are the names that this or another build may have.
var known = []string{"avx512", "avx2", "neon", "generic"}

func sets() []set {
	chosen, err := kernel.Select("")
	var why *kernel.SelectError
	fromEnvironment := err == nil && environment() != ""
	var list []set
	for _, name := range known {
		_, err := kernel.Select(name)
		state := "can be used"
		switch {
		case errors.As(err, &why):
			state = "cannot be used: " + why.Reason
		case chosen != nil && chosen.Name == name && fromEnvironment:
			state = "in use, because " + kernel.EnvISA + " says so"
		case chosen != nil && chosen.Name == name:
			state = "in use, because it is the best that this machine and this build have"
		}
		list = append(list, set{name, state})
	}
	return list
}
