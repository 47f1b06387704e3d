// Package plot has a report drawn by a program of its own module, so that a
// plotting library is not among the dependencies of those who import riffle:
// shufflebench-plot, where it is installed, or else its source in the folder
// cmd/shufflebench/plot, run by the go command.
package plot

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/tail"
)

// Draw has the report, which is JSON as -o json prints it, drawn to a file.
func Draw(ctx context.Context, report []byte, path string) error {
	out, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	argv := []string{"shufflebench-plot"}
	if p, err := exec.LookPath(argv[0]); err == nil {
		argv[0] = p
	} else {
		dir, err := plotSource(ctx)
		if err != nil {
			return fmt.Errorf("-plot: no shufflebench-plot in PATH, and %w", err)
		}
		argv = []string{"go", "run", "-C", dir, "."}
	}
	c := exec.CommandContext(ctx, argv[0], append(argv[1:], "-o", out)...)
	var msg tail.Tail
	c.Stdin, c.Stderr = bytes.NewReader(report), &msg
	// The nested module is no member of a workspace that may be in force.
	c.Env = append(os.Environ(), "GOWORK=off")
	if err := c.Run(); err != nil {
		return fmt.Errorf("-plot: %s: %w: %s", strings.Join(argv, " "), err, msg.String())
	}
	return nil
}

// plotSource finds plot/ in the source of riffle that the current folder uses.
func plotSource(ctx context.Context) (string, error) {
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
