package run

import (
	"path/filepath"
	"strings"
)

func isNPY(path string) bool { return strings.EqualFold(filepath.Ext(path), ".npy") }
