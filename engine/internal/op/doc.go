// Package op has the operators, one to a file: its attributes and their checks, the
// shapes of its outputs, its multiply-adds, what it can absorb, and how it becomes
// steps. What a step does that several operators share is in package step.
//
// [Kinds] lists them all; [Lower] makes a plan of a graph. The package knows
// operators, and through package step what kernels there are. It does not know how
// a graph is improved (package passes) or how a plan is run (package run).
//
// To add an operator: a file here with its Kind, a line in list.go (an activation: lines in activation_list.go), its page in
// weights/FORMAT.md, its golden numbers (train/golden.py), and a file in
// weights/onnx. An operator that needs new arithmetic also needs a kernel.
package op
