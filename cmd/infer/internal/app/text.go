package app

import (
	"bytes"
	"encoding/json"

	"github.com/riffle-ml/riffle/cmd/internal/units"
)

// JSONLine is v as JSON on one line. The characters < and > stay as they are. v must
// hold no NaN and no infinity, which JSON cannot say.
func JSONLine(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.String()
}

// Count writes a number and its noun: "1 thread", "2 threads".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return units.Thousands(int64(n)) + " " + noun + "s"
}

// Size is the number of elements of a shape.
func Size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
