package avxvnni

import (
	"testing"

	"github.com/riffle-ml/riffle/asm/internal/manifest"
)

func TestManifest(t *testing.T) { manifest.Check(t) }
