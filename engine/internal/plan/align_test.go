package plan

import "unsafe"

// address is where a memory's arena begins.
func address(m *Memory) uintptr { return uintptr(unsafe.Pointer(&m.Bytes[0])) }
