// Package asm holds the generated assembly of package kernel, one unit a
// kernel, and MANIFEST, the SHA-256 sums of what was generated. The
// generators are in internal/gen; nothing here but this file and the test is
// written by hand. The functions check nothing and are called by kernel alone.
package asm

//go:generate go run -C ../internal/gen .
