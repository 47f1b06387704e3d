package doctor

import (
	"os"
	"runtime"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/riffle-ml/riffle/kernel"
)

// processor is the processor's name, as far as it can be asked.
func processor() string {
	name := strings.Join(strings.Fields(cpuid.CPU.BrandName), " ")
	if name == "" {
		name = "unknown"
	}
	if features := cpuid.CPU.FeatureSet(); len(features) > 0 {
		name += " (" + strings.Join(features, " ") + ")"
	}
	return name
}

func target() string { return runtime.GOOS + "/" + runtime.GOARCH }

func environment() string { return os.Getenv(kernel.EnvISA) }
