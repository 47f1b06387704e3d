package eval

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// Report is what eval says, and the JSON object. Accuracy counts the pictures that did
// not fail.
type Report struct {
	Model    string  `json:"model"`
	ISA      string  `json:"isa"`
	Half     bool    `json:"half_arithmetic,omitempty"` // float16
	Threads  int     `json:"threads"`
	Data     string  `json:"data"`
	Pictures int     `json:"pictures"` // those that failed left out
	Failed   int     `json:"failed"`
	Top1     int     `json:"top1_right"`
	Top5     int     `json:"top5_right"`
	Top1Rate float64 `json:"top1"` // 0..1
	Top5Rate float64 `json:"top5"`
	Seconds  float64 `json:"seconds"`
	Speed    float64 `json:"pictures_per_second"`

	Against *Agreement `json:"against,omitempty"`
}

// evaluation is a report, and every single picture.
type evaluation struct {
	Report
	predicted []int // -1: failed
}

func (r *evaluation) add(i int, v verdict) {
	r.Pictures++
	r.predicted[i] = v.class
	if v.rank < 1 {
		r.Top1++
	}
	if v.rank < 5 {
		r.Top5++
	}
}

func (r *evaluation) text() string {
	var b strings.Builder
	half := ""
	if r.Half {
		half = " in float16 arithmetic"
	}
	fmt.Fprintf(&b, "model   %s, %s%s, %s\n", cli.Printable(r.Model), r.ISA, half, app.Count(r.Threads, "thread"))
	fmt.Fprintf(&b, "data    %s, %d pictures", cli.Printable(r.Data), r.Pictures)
	if r.Failed > 0 {
		fmt.Fprintf(&b, " and %d that failed", r.Failed)
	}
	fmt.Fprintf(&b, "\ntop-1   %6.2f %%  (%d right)\n", 100*r.Top1Rate, r.Top1)
	fmt.Fprintf(&b, "top-5   %6.2f %%  (%d right)\n", 100*r.Top5Rate, r.Top5)
	fmt.Fprintf(&b, "speed   %.0f pictures/s  (%.2f s)\n", r.Speed, r.Seconds)
	if r.Against != nil {
		b.WriteString(r.Against.text())
	}
	return b.String()
}

// writePredictions writes the class of each picture, one a line.
func (r *evaluation) writePredictions(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, c := range r.predicted {
		b.WriteString(strconv.Itoa(c))
		b.WriteByte('\n')
	}
	return b.Flush()
}
