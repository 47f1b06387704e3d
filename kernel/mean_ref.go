package kernel

import "fmt"

// Check tells where m breaks its contract.
func (m *Mean) Check() error {
	const name = "mean"
	if err := positive(name, "N", m.N); err != nil {
		return err
	}
	if len(m.Dst) != m.C {
		return fmt.Errorf("%s: Dst has %d elements, wanted %d", name, len(m.Dst), m.C)
	}
	return planes{"Src", m.Src, m.N, Slack, Slack}.check(name, len(m.Mem), m.C)
}

func refMean(m *Mean) {
	inv := 1 / float32(m.N)
	for c := range m.C {
		src := m.Mem[m.Src[c]:][:m.N]
		var s [8]float32
		for len(src) >= 8 {
			v := (*[8]float32)(src)
			for j := range s {
				s[j] += v[j]
			}
			src = src[8:]
		}
		for j, v := range src {
			s[j] += v
		}
		m.Dst[c] = (((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))) * inv
	}
}
