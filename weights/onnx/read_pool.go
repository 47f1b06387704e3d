package onnx

// poolKernel reads the kernel of a pool, and refuses its second output.
func (im *importer) poolKernel() []int {
	k := im.attrInts("kernel_shape", 2, 1)
	if k == nil {
		im.failf(ErrInvalid, "kernel_shape: got none, want one of two dimensions")
	}
	if im.second() {
		im.failf(ErrUnsupported, "got a second output (indices) that is read, want one")
	}
	return k
}

// emitPool adds a pool with the attributes that window gave.
func (im *importer) emitPool(op, x string, attrs map[string][]int, c, oh, ow int) {
	if im.flag("ceil_mode", 0) {
		attrs["ceil"] = []int{1}
	}
	im.emit(op, []string{x}, attrs, nil, c, oh, ow)
}
