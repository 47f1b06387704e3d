package render

import (
	"bufio"
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/internal/table"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/compare"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report/reporttest"
)

// go test ./cmd/shufflebench/internal/render -run Golden -update
var update = flag.Bool("update", false, "write the golden files")

const goldenDir = "../../testdata"

// invented is a report with something in every field.
func invented() *report.Report {
	r := reporttest.Invented()
	r.Ratios = compare.Ratios(r)
	return r
}

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"report.table", Options{Format: "table", Profile: true, Verbose: true}}, {"brief.table", Options{Format: "table"}},
		{"narrow.table", Options{Format: "table", Width: 60}}, {"wide.table", Options{Format: "table", Width: 160}},
		{"report.md", Options{Format: "md", Profile: true}}, {"pictures.csv", Options{Format: "csv"}}, {"report.csv", Options{Format: "csv"}},
		{"report.json", Options{Format: "json"}}, {"report.bench", Options{Format: "bench"}},
	} {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		rep := invented()
		if c.name == "report.csv" {
			rep.Folder = nil
		}
		Write(w, rep, c.o)
		w.Flush()
		path := filepath.Join(goldenDir, c.name)
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, b.Bytes(), want)
		}
	}
}

// What -o json prints, -baseline reads.
func TestReadReport(t *testing.T) {
	got, err := report.Read(goldenDir + "/report.json")
	if err != nil {
		t.Fatal(err)
	}
	if want := invented(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	for _, bad := range []string{goldenDir + "/report.csv", goldenDir + "/none"} {
		if _, err := report.Read(bad); err == nil {
			t.Errorf("%s: got no error", bad)
		}
	}
}

// A step that runs the reference although there is a vector instruction set is
// told apart.
func TestReferenceIsMarked(t *testing.T) {
	p := &report.Profile{Steps: []report.Step{{Kernel: "depthwise7x7s1 8x4x4", Reference: true}, {Kernel: "gemm4x24 8x8x16"}}}
	steps := profiles(p)[1]
	if got := steps.Rows[0][2]; got != "depthwise7x7s1 8x4x4 (reference)" {
		t.Errorf("got %q, want the reference marked", got)
	}
	if got := steps.Rows[1][2]; got != "gemm4x24 8x8x16" {
		t.Errorf("got %q, want no mark", got)
	}
}

// A ratio of lower clusters is marked, and the title says what the mark means.
func TestLowIsMarked(t *testing.T) {
	rep := invented()
	for i := range rep.Ratios {
		rep.Ratios[i].Low = rep.Ratios[i].What == "engine"
	}
	for _, g := range []*table.Table{brief(rep, 100), ratios(rep)} {
		var b bytes.Buffer
		g.Text(&b)
		if !strings.Contains(g.Title, "* of the lower cluster") || strings.Count(b.String(), "1.48*")+strings.Count(b.String(), "1.476*") != 1 {
			t.Errorf("got\n%s\nwant the ratio of engines marked, and no other", b.String())
		}
	}
	for i := range rep.Ratios {
		rep.Ratios[i].Low = rep.Ratios[i].What != "engine" // which the brief table does not show
	}
	if g := brief(rep, 100); strings.Contains(g.Title, "*") {
		t.Errorf("got %q, want no note without a mark", g.Title)
	}
}
