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

// Options say how to classify. The zero value is the embedded model and five classes.
type Options struct {
	// Model is the path of a .rfl file, of any file system that the program registered
	// with Beam ("gs://...", "/models/net.rfl"), or the name of an embedded model
	// ("cifar10-sds", the default). Workers must be able to read it.
	Model string
	// Top is how many classes to return; 0 is 5.
	Top int
	// Batch is how many pictures are computed together, at most, within one bundle; 0 is
	// 32. A batch is spread over the worker's processors. Outside of the global window it
	// is 1, so that results stay in their pictures' windows.
	Batch int
	// MaxPixels and MaxBytes bound one picture; 0 is 64 Mi pixels and 256 MiB.
	MaxPixels, MaxBytes int64
}

// Result is what is in one picture.
type Result struct {
	Name    string // the file's path, or the key
	Classes []Class
}

// Class is one class that a picture may belong to.
type Class struct {
	Class int     // index into the network's output
	Label string  // "" where the model has no labels
	Prob  float32 // 0 to 1
}

// Failure is a picture that could not be classified.
type Failure struct {
	Name   string
	Reason string // one line, for people
}

// Picture is an encoded picture with a name.
type Picture struct {
	Name string
	Data []byte
}

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
