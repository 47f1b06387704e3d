package kernel

import "fmt"

// HalfArithmetic returns nil where the set computes a [HalfGEMM] with the processor's
// float16 instructions, or is generic, which emulates them so that what they do can be
// tried and measured on any machine. Else it says what is missing: there a [HalfGEMM] has
// the same bits, and is many times slower than a [GEMM].
func (s *Set) HalfArithmetic() error {
	switch {
	case s.halfGEMM.by == s.Name:
		return nil
	case s.halfLacks != "":
		return fmt.Errorf("float16 arithmetic: the processor, or the operating system, lacks %s, which the set %s needs for it", s.halfLacks, s.Name)
	}
	return fmt.Errorf("float16 arithmetic: the set %s has none, wanted neon, or generic, which emulates it", s.Name)
}

// HalfPanelLen returns how many elements of [HalfGEMM].Panel make one of depth k and n
// pixels fastest: 0 where it is as fast without. It is at most 2^18 where k is at most
// 2^15.
func (s *Set) HalfPanelLen(k, n int) int {
	if s.halfPanel == nil {
		return 0
	}
	return s.halfPanel(k, n)
}
