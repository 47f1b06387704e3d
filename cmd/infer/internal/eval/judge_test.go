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
		noted         bool
	}{
		{[]string{"cat", "ant"}, []string{"ant", "bee", "cat"}, 3, "map[ant:0 cat:2]", false},
		{[]string{"n01", "n02"}, []string{"ant", "bee"}, 2, "map[n01:0 n02:1]", true},
		{[]string{"n01", "n02"}, nil, 2, "map[n01:0 n02:1]", false},
		{[]string{"cat", "cow"}, []string{"ant", "bee", "cat"}, 3, "error", false},
		{nil, nil, 2, "error", false},
	} {
		got, note, err := classesOf("dir", c.names, "", c.labels, c.classes)
		if (note != "") != c.noted {
			t.Errorf("%q of %q: got the note %q, want one: %v", c.names, c.labels, note, c.noted)
		}
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
