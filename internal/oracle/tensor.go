package oracle

// Tensor is a value: Shape is [C H W] or [N], Data row-major.
type Tensor struct {
	Shape []int
	Data  []float64
}

func (t *Tensor) at(c, y, x int) float64 {
	h, w := t.Shape[1], t.Shape[2]
	if y < 0 || y >= h || x < 0 || x >= w {
		return 0
	}
	return t.Data[(c*h+y)*w+x]
}

func alloc(shape ...int) *Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return &Tensor{shape, make([]float64, n)}
}

func dot(w []float32, x []float64, b []float32, o int) float64 {
	s := 0.0
	if b != nil {
		s = float64(b[o])
	}
	for i, v := range x {
		s += float64(w[i]) * v
	}
	return s
}

func permute(x *Tensor, pick []int) *Tensor {
	per := len(x.Data) / x.Shape[0]
	y := alloc(append([]int{len(pick)}, x.Shape[1:]...)...)
	for c, from := range pick {
		copy(y.Data[c*per:(c+1)*per], x.Data[from*per:])
	}
	return y
}
