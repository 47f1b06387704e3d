package doctor

import (
	"context"
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
