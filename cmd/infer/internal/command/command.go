// Package command is the list of what infer does, and the choice among it.
package command

import (
	"context"
	"io"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/classify"
	"github.com/riffle-ml/riffle/cmd/infer/internal/convert"
	"github.com/riffle-ml/riffle/cmd/infer/internal/doctor"
	"github.com/riffle-ml/riffle/cmd/infer/internal/eval"
	"github.com/riffle-ml/riffle/cmd/infer/internal/inspect"
	"github.com/riffle-ml/riffle/cmd/infer/internal/quantize"
	"github.com/riffle-ml/riffle/cmd/infer/internal/run"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// command is one of the things that infer does.
type command struct {
	name string // as it is called; "" is infer without a command
	help string
	run  func(a *app.App, args []string) error
}

// commands lists those that have a name.
func commands() []command {
	return []command{
		{"convert", helpConvert, convert.Run},
		{"quantize", helpQuantize, quantize.Run},
		{"run", helpRun, run.Run},
		{"inspect", helpInspect, inspect.Run},
		{"eval", helpEval, eval.Run},
		{"doctor", helpDoctor, doctor.Run},
	}
}

func find(name string) (command, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{"", helpClassify, classifyOrVersion}, false
}

// Run is the program without the process around it. It returns the exit status.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := app.New(ctx, stdin, stdout, stderr)
	c, _ := find("")
	if len(args) > 0 {
		if args[0] == "help" {
			return help(a, args[1:])
		}
		var named bool
		if c, named = find(args[0]); named {
			args = args[1:]
		}
	}
	return a.Report(c.name, c.help, c.run(a, args))
}

// help prints a command's help to standard output: it was asked for.
func help(a *app.App, args []string) int {
	text := helpClassify
	if len(args) > 0 {
		c, named := find(args[0])
		if !named {
			var names []string
			for _, c := range commands() {
				names = append(names, c.name)
			}
			return a.Report("", "", cli.Usagef("help: got %q, want one of %s", args[0], strings.Join(names, ", ")))
		}
		text = c.help
	}
	return a.Report("", text, app.ErrHelp)
}

func classifyOrVersion(a *app.App, args []string) error { return classify.Run(a, args, version) }
