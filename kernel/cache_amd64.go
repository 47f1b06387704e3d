//go:build !purego

package kernel

import "github.com/klauspost/cpuid/v2"

func nearCache() int { return cpuid.CPU.Cache.L2 }
