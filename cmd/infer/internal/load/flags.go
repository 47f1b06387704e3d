// Package load finds the model that a command was given, and makes it ready to run.
//
// It knows model files, the models built in and ONNX. It must not know what a
// command does with a model.
package load

import (
	"flag"
	"runtime"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/kernel"
)

// Flags are the flags of every command that runs a model.
type Flags struct {
	Model   string // a path, or the name of a model built in; "" is the default one
	ISA     string
	Half    bool   // float16 arithmetic
	Output  string // the value to use in place of the model's first output; "" is that one
	Threads int
	Size    Size // of the input; zero: the model's own
}

// Add puts the flags into f.
func (m *Flags) Add(f app.Flags) {
	f.StringVar(&m.Model, "m", "", "")
	f.StringVar(&m.ISA, "isa", "", "")
	f.BoolVar(&m.Half, "half", false, "")
	f.StringVar(&m.Output, "output", "", "")
	f.IntVar(&m.Threads, "threads", 0, "")
	f.Var(&m.Size, "size", "")
}

// Check reports flags that are wrong in themselves, and fills in the number of
// threads.
func (m *Flags) Check(f app.Flags) error {
	var err error
	f.Visit(func(x *flag.Flag) {
		switch {
		case x.Name == "threads" && m.Threads < 1:
			err = cli.Usagef("-threads: got %d, want at least 1", m.Threads)
		case x.Name == "isa" && !slices.Contains(engine.Sets(), m.ISA):
			err = cli.Usagef("-isa: got %q, this machine has %s", m.ISA, strings.Join(engine.Sets(), ", "))
		case x.Name == "half" && m.Half && err == nil:
			err = m.checkHalf()
		case x.Name == "output" && m.Output == "":
			err = cli.Usagef("-output: got an empty name, want that of an output, a value or a node")
		}
	})
	if m.Threads == 0 {
		m.Threads = runtime.GOMAXPROCS(0)
	}
	return err
}

// checkHalf tells why the instruction set has no float16 arithmetic. One that this machine
// does not have is reported elsewhere.
func (m *Flags) checkHalf() error {
	set, err := kernel.Select(m.ISA)
	if err != nil {
		return nil
	}
	if err := set.HalfArithmetic(); err != nil {
		return cli.Usagef("-half: %v", err)
	}
	return nil
}
