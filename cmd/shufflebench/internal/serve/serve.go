// Package serve is riffle as a peer of shufflebench: "shufflebench peer". It
// measures how riffle starts, and what memory it takes, in a process that does
// nothing else, and lets two versions of riffle be compared.
package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
)

// Serve answers the requests on stdin until the request "quit" or the end of
// stdin. args are flags: -isa NAME, -half.
func Serve(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	f := flag.NewFlagSet("peer", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	isa := f.String("isa", "", "")
	half := f.Bool("half", false, "")
	if err := f.Parse(args); err != nil {
		return cli.WithStatus(cli.Usage, err)
	}
	s := Server{ISA: *isa, Half: *half}
	defer s.Close()
	in, out := bufio.NewReader(stdin), json.NewEncoder(stdout)
	for {
		l, err := in.ReadBytes('\n')
		if err == io.EOF && len(l) == 0 {
			return nil
		}
		if err != nil && err != io.EOF {
			return err
		}
		var q peer.Request
		if err := json.Unmarshal(l, &q); err != nil {
			return fmt.Errorf("got %.80q, want a request: %w", l, err)
		}
		if q.Op == "quit" {
			return nil
		}
		a, err := s.Do(ctx, q)
		if err != nil {
			a = &peer.Answer{Error: err.Error()}
		}
		a.OK = err == nil
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}
