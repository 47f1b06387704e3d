package measure

import (
	"github.com/riffle-ml/riffle/cmd/internal/terminal"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/contender"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// bench is one measurement under way.
type bench struct {
	*Options
	rep  *report.Report
	nets []*network.Network
	runs []*entry // one for each row
	line *terminal.Line
}

// entry is a row with what runs it.
type entry struct {
	row    int // index into the report's rows
	net    *network.Network
	c      contender.Contender
	all    []float64 // times of all rounds
	allocs []float64 // of each round
	n      int       // timed runs in a round
	warm   int       // runs before them
}

func (b *bench) row(e *entry) *report.Row { return &b.rep.Rows[e.row] }

// add appends a row to the report.
func (b *bench) add(n *network.Network, r report.Row) *entry {
	r.Network, r.Batch, r.Allocs = n.Name, b.Batch, -1
	e := &entry{row: len(b.rep.Rows), net: n}
	b.rep.Rows = append(b.rep.Rows, r)
	b.runs = append(b.runs, e)
	return e
}

func (b *bench) close() {
	for _, e := range b.runs {
		if e.c != nil {
			e.c.Close()
		}
	}
}
