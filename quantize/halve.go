package quantize

import "github.com/riffle-ml/riffle/weights"

// halve keeps a generator's matrices as float16, rounded to what that can hold.
func (b *builder) halve(tensors map[string]string) {
	for _, role := range []string{"w1", "w2"} {
		for i := range b.out.Tensors {
			if t := &b.out.Tensors[i]; t.Name == tensors[role] {
				*t = half(*t)
			}
		}
	}
}

// half is a tensor as float16.
func half(t weights.Tensor) weights.Tensor {
	m := weights.Model{Tensors: []weights.Tensor{t}}
	return m.ToFloat16().Tensors[0]
}
