// Package assign turns a small square matrix of logits into a permutation. It
// knows nothing else.
package assign
