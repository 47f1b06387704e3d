package load

import (
	"fmt"
	"strconv"
	"strings"
)

// Size is the value of a flag that takes the height and the width of a network's input: one
// number for both, or HxW. Zeros are the network's own.
type Size [2]int

func (s *Size) String() string {
	if *s == (Size{}) {
		return ""
	}
	return fmt.Sprintf("%dx%d", s[0], s[1])
}

// Set is of flag.Value.
func (s *Size) Set(v string) error {
	h, w, both := strings.Cut(v, "x")
	if !both {
		w = h
	}
	var err1, err2 error
	s[0], err1 = strconv.Atoi(h)
	s[1], err2 = strconv.Atoi(w)
	if err1 != nil || err2 != nil || min(s[0], s[1]) < 1 || max(s[0], s[1]) > 1<<16 {
		return fmt.Errorf("got %q, want a number of pixels, or HEIGHTxWIDTH, of 1 to %d", v, 1<<16)
	}
	return nil
}
