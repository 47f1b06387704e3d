// Package cli is what riffle's commands have in common as programs: the
// function main, the exit statuses, errors that ask for one of them, text that
// is safe to print on a terminal, and the version of the build.
//
// It knows nothing of models, pictures or measurements.
package cli
