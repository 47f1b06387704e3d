// Package step has the steps that several operators are made of: a kernel call,
// cut into parts that workers can share.
//
// Each file has one kind of step: a struct that says what is wanted, an Add method
// that hands it to a plan.Builder, and the Run method that calls the kernel. The
// package knows kernels and plans. It does not know operators or graphs.
package step
