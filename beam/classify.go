// Package riffle classifies pictures in Apache Beam pipelines, on any runner that takes Go:
// Flink, Dataflow, Spark, or prism on one machine.
//
//	files := fileio.ReadMatches(s, fileio.MatchFiles(s, "gs://bucket/*.jpg"))
//	results, failed := riffle.Classify(s, files, riffle.Options{Model: "gs://bucket/model.rfl"})
//
// A worker loads the model once, whatever the number of bundles and threads. What cannot be
// classified goes to a collection of its own, with the reason, and the pipeline goes on.
package riffle

import (
	"context"
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	for _, t := range []any{Result{}, Failure{}, Picture{}, Options{}} {
		beam.RegisterType(reflect.TypeOf(t))
	}
	register.DoFn4x1[context.Context, fileio.ReadableFile, func(Picture), func(Failure), error](&readFn{})
	register.DoFn6x1[context.Context, beam.Window, beam.EventTime, Picture,
		func(beam.EventTime, Result), func(beam.EventTime, Failure), error](&classifyFn{})
	register.Emitter1[Picture]()
	register.Emitter1[Failure]()
	register.Emitter2[beam.EventTime, Result]()
	register.Emitter2[beam.EventTime, Failure]()
}

var fileType = reflect.TypeOf(fileio.ReadableFile{})

// Classify names what is in each of a collection of files (of fileio.ReadMatches) or of
// [Picture] values. It returns a collection of [Result] and one of [Failure], each
// element of the input in exactly one of them. It panics, as Beam's transforms do when a
// pipeline is built, if the collection is of another type or an option is negative.
//
// A picture that is none, or over a limit, and a file that is gone, is a Failure. An error
// of storage, or of the model, fails the bundle, which the runner tries again.
//
// Counters, in namespace "riffle": classified, failed, bytes; distributions: decode_us,
// run_us (of a batch), batch.
func Classify(s beam.Scope, pictures beam.PCollection, o Options) (results, failed beam.PCollection) {
	s = s.Scope("riffle.Classify")
	if o.Top < 0 || o.Batch < 0 || o.MaxPixels < 0 || o.MaxBytes < 0 {
		panic(fmt.Sprintf("riffle.Classify: negative option in %+v", o))
	}
	switch t := pictures.Type().Type(); t {
	case fileType:
		var gone beam.PCollection
		pictures, gone = beam.ParDo2(s, &readFn{Options: o}, pictures)
		results, failed = beam.ParDo2(s, &classifyFn{Options: o}, pictures)
		return results, beam.Flatten(s, failed, gone)
	case reflect.TypeOf(Picture{}):
		return beam.ParDo2(s, &classifyFn{Options: o}, pictures)
	default:
		panic(fmt.Sprintf("riffle.Classify: a collection of %v, want %v or riffle.Picture", t, fileType))
	}
}
