// Package plot has a report drawn by a program of its own module, so that a
// plotting library is not among the dependencies of those who import riffle:
// shufflebench-plot, where it is installed, or else its source in the folder
// cmd/shufflebench/plot, built by the go command.
package plot

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/tail"
)

// Formats are the formats of drawings, which are also the extensions of their files.
var Formats = []string{"svg", "png", "pdf"}

// FormatOf returns the format that the name of a file asks for; ok is false if it
// asks for none of [Formats].
func FormatOf(path string) (format string, ok bool) {
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	for _, f := range Formats {
		if f == ext {
			return f, true
		}
	}
	return "", false
}

// Plotter is a program that draws. It is for one goroutine at a time.
type Plotter struct {
	program string
	dir     string // of a program that New built
}

// New finds or builds the program, and has it draw a small report, so that what is
// missing is told before anything is measured. Close must be called in the end.
func New(ctx context.Context) (*Plotter, error) {
	p := &Plotter{}
	var err error
	if p.program, err = exec.LookPath("shufflebench-plot"); err != nil {
		if err := p.build(ctx); err != nil {
			p.Close()
			return nil, fmt.Errorf("-plot: no shufflebench-plot in PATH, and %w", err)
		}
	}
	const small = `{"format":1,"rows":[{"network":"n","engine":"e","threads":1,"n":1,"p50_ns":1e6,"p90_ns":2e6,"min_ns":1e6}]}`
	if _, err := p.Draw(ctx, []byte(small), "svg"); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Close removes what New built.
func (p *Plotter) Close() {
	if p.dir != "" {
		os.RemoveAll(p.dir)
	}
}

// Draw draws a report, which is JSON as -o json prints it, in one of [Formats].
func (p *Plotter) Draw(ctx context.Context, report []byte, format string) ([]byte, error) {
	c := exec.CommandContext(ctx, p.program, "-o", "-", "-format", format)
	var out bytes.Buffer
	var msg tail.Tail
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(report), &out, &msg
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("-plot: %s: %w: %s", p.program, err, msg.String())
	}
	return out.Bytes(), nil
}

// build builds the program from its source.
func (p *Plotter) build(ctx context.Context) error {
	source, err := source(ctx)
	if err != nil {
		return err
	}
	if p.dir, err = os.MkdirTemp("", "shufflebench-plot"); err != nil {
		return err
	}
	p.program = filepath.Join(p.dir, "shufflebench-plot")
	if runtime.GOOS == "windows" {
		p.program += ".exe"
	}
	c := exec.CommandContext(ctx, "go", "build", "-C", source, "-o", p.program, ".")
	// The module is no member of a workspace that may be in force.
	c.Env = append(os.Environ(), "GOWORK=off")
	var msg tail.Tail
	c.Stderr = &msg
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("its source in %s cannot be built: %w: %s", source, err, msg.String())
	}
	return nil
}

// source finds plot/ in the source of riffle that the current folder uses.
func source(ctx context.Context) (string, error) {
	b, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/riffle-ml/riffle").Output()
	if err != nil {
		return "", fmt.Errorf("the current folder is not in a Go module that uses riffle")
	}
	dir := filepath.Join(strings.TrimSpace(string(b)), "cmd", "shufflebench", "plot")
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return "", fmt.Errorf("no source of it: %w", err)
	}
	return dir, nil
}
