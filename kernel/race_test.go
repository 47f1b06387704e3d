//go:build race

package kernel

// raceDetector makes the arithmetic of tests an order slower.
const raceDetector = true
