// Package cifartest gives tests the real CIFAR test splits.
//
// They come from the folder that the environment variable RIFFLE_DATA names,
// see [realdata.CIFAR].
package cifartest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/riffle-ml/riffle/internal/realdata"
)

// TestBatch writes the binary version of the CIFAR-10 test split to a new
// folder of t's and returns the folder. It skips t where RIFFLE_DATA is not set.
func TestBatch(t testing.TB) string {
	return write(t, "cifar10/test_batch.med.gz", 1, "test_batch.bin")
}

// Test100 is TestBatch for CIFAR-100.
func Test100(t testing.TB) string {
	return write(t, "cifar100/test.med.gz", 2, "test.bin")
}

func write(t testing.TB, from string, heads int, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), realdata.CIFAR(t, realdata.Dir(t), from, heads), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}
