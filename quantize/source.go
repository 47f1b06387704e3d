package quantize

import "github.com/riffle-ml/riffle/weights"

// source is a value that gets a scale and a zero point of its own: what a quantized
// operator computes, or what is made of a float32 value. Planes that a split, a concat or
// a shuffle moves are still those of their sources.
type source struct {
	value string // that the float32 network has for it
	same  int    // a source that has the same scale and zero point, or itself: a forest, see find
	quant weights.Quant
}

// sources are all of a network, and which of them each channel of each quantized value
// has.
type sources struct {
	list     []source
	channels map[string][]int // by the name of the quantized value
}

// add makes a source for all channels of a quantized value.
func (s *sources) add(value, quantized string, channels int) {
	id := len(s.list)
	s.list = append(s.list, source{value: value, same: id})
	c := make([]int, channels)
	for i := range c {
		c[i] = id
	}
	s.channels[quantized] = c
}

// find returns the source that stands for all that have its scale.
func (s *sources) find(id int) int {
	for s.list[id].same != id {
		s.list[id].same = s.list[s.list[id].same].same
		id = s.list[id].same
	}
	return id
}

// unify gives all planes of a quantized value one scale and one zero point.
func (s *sources) unify(quantized string) {
	c := s.channels[quantized]
	for _, id := range c[1:] {
		a, b := s.find(c[0]), s.find(id)
		s.list[max(a, b)].same = min(a, b)
	}
}

// quants returns the scale and zero point of each channel.
func (s *sources) quants(quantized string) []weights.Quant {
	out := make([]weights.Quant, len(s.channels[quantized]))
	for i, id := range s.channels[quantized] {
		out[i] = s.list[s.find(id)].quant
	}
	return out
}

// groups returns, for each source that stands for others, the values of all of them.
func (s *sources) groups() map[int][]string {
	m := map[int][]string{}
	for id := range s.list {
		root := s.find(id)
		m[root] = append(m[root], s.list[id].value)
	}
	return m
}
