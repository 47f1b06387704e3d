package onnx

// broadcast is the common shape of two, and of each the step along every
// dimension, 0 where it repeats.
func (im *importer) broadcast(a, b []int) (dims, stepA, stepB []int) {
	rank := max(len(a), len(b))
	dims, stepA, stepB = make([]int, rank), make([]int, rank), make([]int, rank)
	na, nb := 1, 1
	for i := 1; i <= rank; i++ {
		da, db := 1, 1
		if i <= len(a) {
			da = a[len(a)-i]
		}
		if i <= len(b) {
			db = b[len(b)-i]
		}
		if da != db && da != 1 && db != 1 {
			im.failf(ErrInvalid, "inputs: got shapes %v and %v, want some that broadcast", a, b)
		}
		dims[rank-i] = da
		if da == 1 {
			dims[rank-i] = db
		} else {
			stepA[rank-i] = na
		}
		if db != 1 {
			stepB[rank-i] = nb
		}
		na, nb = na*da, nb*db
	}
	return dims, stepA, stepB
}

// offset is where element k of dims lies for steps.
func offset(k int, dims, step []int) int {
	at := 0
	for d := len(dims) - 1; d >= 0; d-- {
		at += k % dims[d] * step[d]
		k /= dims[d]
	}
	return at
}
