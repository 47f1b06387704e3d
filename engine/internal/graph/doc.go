// Package graph has the checked network: values with shapes, and nodes that each
// hold an operator.
//
// [Build] makes it from a weights.Model. It knows how a network hangs together:
// names, shapes, who reads what, and the limits on all of it. It does not know
// which operators there are (package op lists them), how they run (packages plan
// and step), or how a graph is improved (package passes).
package graph
