// Command plot draws a report of shufflebench, read from standard input as JSON:
// latencies with their spread, latencies under load, and the roofline of the
// machine with every step of the profiled networks on it.
//
//	shufflebench -arch shufflenetv2:1x@224 -plot latency.svg
//
// runs it. By hand:
//
//	shufflebench -profile -o json | shufflebench-plot -o latency.svg
//
// It is a module of its own: its plotting library is no dependency of riffle's.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	out := flag.String("o", "", "file to write: .svg, .png or .pdf; - is standard output")
	format := flag.String("format", "", "svg, png or pdf (default: what the file's name says)")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *out, *format); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, stdout io.Writer, out, format string) error {
	if out == "" {
		return fmt.Errorf("got no -o, want the file to write")
	}
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(out)), ".")
	}
	switch format {
	case "svg", "png", "pdf":
	default:
		return fmt.Errorf("got format %q, want svg, png or pdf", format)
	}
	var r report
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return fmt.Errorf("standard input: not a report of shufflebench -o json: %w", err)
	}
	if r.Format != 1 {
		return fmt.Errorf("standard input: got format %d, want 1", r.Format)
	}
	drawing, err := drawReport(&r, format)
	if err != nil {
		return err
	}
	if out == "-" {
		_, err := drawing.WriteTo(stdout)
		return err
	}
	return replace(out, drawing)
}

// replace writes a file that appears whole or not at all: under a temporary name
// in the same folder, and then renamed.
func replace(path string, content io.WriterTo) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // there is none after the rename
	if _, err := content.WriteTo(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
