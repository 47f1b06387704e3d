// Command riffle-beam classifies the pictures that a pattern names, on any runner of Apache
// Beam that takes Go, and writes a line of JSON for each: OUTPUT-results and OUTPUT-failed.
//
//	riffle-beam -input 'pictures/*.png' -output out/run1 -runner prism
//
// README.md has the commands for Flink and Dataflow. Exit status: 0 done (pictures that
// could not be classified are in OUTPUT-failed), 1 the pipeline failed, 2 wrong usage.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/textio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	riffle "github.com/riffle-ml/riffle/beam"
)

var (
	input  = flag.String("input", "", "`pattern` of the pictures' files, local or gs://; required")
	output = flag.String("output", "", "`prefix` of the files to write; required")
	model  = flag.String("model", "", "a .rfl `file` that workers can read, or the name of an embedded model")
	top    = flag.Int("top", 5, "classes of each picture")
)

func init() {
	register.Function1x2(result)
	register.Function1x2(failure)
}

func result(r riffle.Result) (string, error)   { return line(r) }
func failure(f riffle.Failure) (string, error) { return line(f) }

func line(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func main() {
	flag.Parse()
	beam.Init() // on a worker, this never returns
	if *input == "" || *output == "" || *top < 1 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	p, s := beam.NewPipelineWithRoot()
	files := fileio.ReadMatches(s, fileio.MatchFiles(s, *input))
	// Matching makes one bundle of all names: spread them before the work begins.
	results, failed := riffle.Classify(s, beam.Reshuffle(s, files), riffle.Options{Model: *model, Top: *top})
	textio.Write(s, *output+"-results", beam.ParDo(s, result, results))
	textio.Write(s, *output+"-failed", beam.ParDo(s, failure, failed))
	if err := beamx.Run(context.Background(), p); err != nil {
		fmt.Fprintln(os.Stderr, "riffle-beam:", err)
		os.Exit(1)
	}
}
