package kernel

// apply is the reference of every kind: it applies a to each element of v.
func (a Activation) apply(v []float32) {
	switch a.Kind {
	case Floor:
		for i, x := range v {
			if x < a.Lo {
				v[i] = a.Lo
			}
		}
	case Clamp:
		for i, x := range v {
			v[i] = within(x, a.Lo, a.Hi)
		}
	case HardSigmoid:
		for i, x := range v {
			v[i] = within(float32(x*a.Lo)+a.Hi, 0, 1)
		}
	case LeakyReLU:
		for i, x := range v {
			if x < 0 {
				v[i] = x * a.Lo
			}
		}
	case ELU:
		for i, x := range v {
			if x < 0 {
				v[i] = expm1(x) * a.Lo
			}
		}
	default:
		if f := functions[a.Kind]; f != nil {
			for i, x := range v {
				v[i] = f(x)
			}
		}
	}
}

// refActivate is the reference of [Set.activate].
func refActivate(mem []float32, src, dst []int32, off, n int, act Activation) {
	for c, from := range src {
		x, y := mem[int(from)+off:][:n], mem[int(dst[c])+off:][:n]
		copy(y, x)
		act.apply(y)
	}
}
