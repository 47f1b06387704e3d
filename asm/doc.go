// Package asm has a package for each instruction set that package kernel has
// assembly for. All of them are written by the generators in internal/gen; a test
// in each holds its files to its MANIFEST.
package asm

//go:generate go run -C ../internal/gen .
