// Command plot draws a report of shufflebench, read from standard input as JSON:
// latencies with their spread, and the roofline of the machine with every step
// of the profiled networks on it.
//
//	shufflebench -arch shufflenetv2:1x@224 -plot latency.svg
//
// runs it. It is a module of its own: its plotting library is no dependency of
// riffle's.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	out := flag.String("o", "", "file to write: .svg, .png or .pdf")
	flag.Parse()
	if err := run(os.Stdin, *out); err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out string) error {
	if out == "" {
		return fmt.Errorf("got no -o, want the file to write")
	}
	var r report
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return fmt.Errorf("standard input: not a report of shufflebench -o json: %w", err)
	}
	if r.Format != 1 {
		return fmt.Errorf("standard input: format %d, want 1", r.Format)
	}
	return drawReport(&r, out)
}
