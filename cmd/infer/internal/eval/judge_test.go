package eval

import (
	"fmt"
	"math"
	"testing"
)

func TestClassOf(t *testing.T) {
	for _, c := range []struct {
		names, labels []string
		classes       int
		want          string
	}{
		{[]string{"cat", "ant"}, []string{"ant", "bee", "cat"}, 3, "[2 0]"},
		{[]string{"n01", "n02"}, []string{"ant", "bee"}, 2, "[0 1]"},
		{[]string{"n01", "n02"}, nil, 2, "[0 1]"},
		{[]string{"cat", "cow"}, []string{"ant", "bee", "cat"}, 3, "error"},
		{nil, nil, 2, "error"},
	} {
		got, err := classOf("dir", c.names, c.labels, c.classes)
		text := fmt.Sprint(got)
		if err != nil {
			text = "error"
		}
		if text != c.want {
			t.Errorf("%q of %q: got %s (%v), want %s", c.names, c.labels, text, err, c.want)
		}
	}
}

func TestRank(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		score       []float32
		class       int
		first, rank int
	}{
		{[]float32{1, 3, 2}, 1, 1, 0}, {[]float32{1, 3, 2}, 0, 1, 2}, {[]float32{3, 3, 3}, 0, 0, 0},
		{[]float32{3, 3, 3}, 2, 0, 2}, {[]float32{-5}, 0, 0, 0},
	} {
		if v := rank(c.score, c.class); v.class != c.first || v.rank != c.rank || v.err != nil {
			t.Errorf("%v, class %d: got %+v, want class %d, rank %d", c.score, c.class, v, c.first, c.rank)
		}
	}
	if v := rank([]float32{1, nan, 2}, 0); v.err == nil {
		t.Error("NaN: want an error")
	}
}
