// Package plan has a network made ready to run: steps in order, tables through
// which the steps find their planes, and the layout of the memory that holds
// the planes.
//
// A [Builder] makes a [Plan]. A [Memory] is what one run of it at a time needs.
// A [Step] is a piece of work that a [Worker] does in a Memory, alone or shared
// with others.
//
// The package knows planes, tables, memory and steps. It does not know
// operators or graphs (package op lowers them to steps), what a step computes
// (packages step and op), or how workers are organised (package run).
//
// # Planes and tables
//
// A [Tensor] is a list of references to planes, one for each channel. Permuting,
// splitting and joining channels makes a new list, and no step. A step reads a
// tensor through a table: the offsets of its planes in the arena. Where a plane is
// chosen anew for each input, its place in the table is filled while the plan runs.
package plan
