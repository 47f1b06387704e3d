package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"

	"github.com/riffle-ml/riffle/cmd/internal/folder"
	"github.com/riffle-ml/riffle/cmd/internal/terminal"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/machine"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// Pictures measures the whole way from the files in dir to classes, and fills in
// rep. The classes are compared before anything is timed. Errors are as with [Run].
func Pictures(ctx context.Context, o *Options, dir string, rep *report.Report, line *terminal.Line) error {
	files, _, err := folder.Pictures(dir)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("-pictures: %s: got no pictures, want at least one", dir)
	}
	temp, err := os.MkdirTemp("", "shufflebench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	b := &bench{Options: o, rep: rep, line: line}
	if err := b.prepare(ctx, temp); err != nil {
		return err
	}
	rep.Folder = &report.Folder{Path: dir, Pictures: len(files)}
	for _, f := range files { // read once, so that all contenders find them in memory
		content, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		rep.Folder.Bytes += int64(len(content))
	}
	b.busy("before")
	machine.Measure(&rep.Machine)
	var rows []*classifying
	defer func() {
		for _, r := range rows {
			r.c.Close()
		}
	}()
	for _, n := range b.nets {
		some, err := b.enterPictures(ctx, n)
		rows = append(rows, some...)
		if err != nil {
			return err
		}
		if err := b.agree(ctx, some, files); err != nil {
			return err
		}
	}
	err = b.pictureRounds(ctx, rows, files)
	for _, r := range rows {
		r.finish()
		rep.Folder.Rows = append(rep.Folder.Rows, r.PictureRow)
	}
	gains(rep.Folder.Rows)
	if err != nil {
		return err
	}
	b.busy("after")
	return nil
}

// fewestAlike is the least share of pictures for which a contender must name the same
// class as the first row. It is below 1 because decoders and filters round
// differently, and some pictures lie between two classes.
const fewestAlike = 0.9

// agree has every row of a network classify all pictures, and compares the classes
// with those of the first row.
func (b *bench) agree(ctx context.Context, rows []*classifying, files []string) error {
	var want []int
	for _, r := range rows {
		b.line.Say("checking " + r.Label())
		got, err := r.c.Classify(ctx, files)
		if err != nil {
			return fmt.Errorf("%s: %w", r.Label(), err)
		}
		if want == nil {
			want = got.Classes
		}
		same := 0
		for i, class := range got.Classes {
			if class == want[i] {
				same++
			}
		}
		r.Agree, r.each = float64(same)/float64(len(files)), got.Elapsed/float64(len(files))
		if r.Agree < fewestAlike {
			return fmt.Errorf("%s: classes disagree with those of %s, nothing was timed: got the same class for %d of %d pictures, want at least %.0f %%",
				r.Label(), rows[0].Label(), same, len(files), 100*fewestAlike)
		}
	}
	if !varied(want) {
		b.rep.Warn("weak check", "%s: all pictures are of one class: that contenders agree says little", rows[0].Network)
	}
	return nil
}

// varied tells whether more than one class was named.
func varied(classes []int) bool {
	for _, c := range classes {
		if c != classes[0] {
			return true
		}
	}
	return false
}

// pictureRounds times all rows, interleaved. In a round all of them classify the
// same pictures: all that there are, or as many as the slowest row can do in a
// round's share of the time, and in the next round those that come after.
func (b *bench) pictureRounds(ctx context.Context, rows []*classifying, files []string) error {
	slowest := 0.0
	for _, r := range rows {
		slowest = max(slowest, r.each)
	}
	turn := float64(b.Benchtime) / float64(b.Rounds)
	n := min(len(files), max(1, int(turn/slowest)))
	rng := rand.New(rand.NewPCG(3, uint64(len(rows))))
	for round := range b.Rounds {
		runtime.GC()
		some := make([]string, n)
		for i := range some {
			some[i] = files[(round*n+i)%len(files)]
		}
		for k, i := range rng.Perm(len(rows)) {
			b.line.Bar(round*len(rows)+k, b.Rounds*len(rows))
			got, err := rows[i].c.Classify(ctx, some)
			if err != nil {
				b.rep.Interrupted, b.rep.Partial = round, true
				if ctx.Err() != nil {
					return ctx.Err()
				}
				return fmt.Errorf("%s: %w", rows[i].Label(), err)
			}
			rows[i].ns = append(rows[i].ns, got.NS...)
			rows[i].RoundRate = append(rows[i].RoundRate, float64(n)/(got.Elapsed/1e9))
		}
	}
	return nil
}

// gains compares every row with riffle's first row of the same network and threads.
func gains(rows []report.PictureRow) {
	for i := range rows {
		for k := range rows {
			r, b := &rows[i], &rows[k]
			if b.Network == r.Network && b.Threads == r.Threads && b.ISA != "" && b.Rate > 0 {
				r.Gain = r.Rate / b.Rate
				break
			}
		}
	}
}
