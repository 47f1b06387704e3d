package kernel

// leftward: strips of 3x3, stride 2, go left and share a column.
const leftward = true

// lanes is the order that separating even from odd columns leaves 8 outputs in.
var lanes = [8]int{0, 1, 4, 5, 2, 3, 6, 7}
