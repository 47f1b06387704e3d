//go:build !amd64

package kernel

const leftward = false

// lanes is the order that separating even from odd columns leaves 8 outputs in.
var lanes = [8]int{0, 1, 2, 3, 4, 5, 6, 7}
