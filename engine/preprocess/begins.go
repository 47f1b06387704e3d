package preprocess

// begins makes a test of how data begins; '?' stands for any byte.
func begins(magic string) func([]byte) bool {
	return func(data []byte) bool {
		if len(data) < len(magic) {
			return false
		}
		for i := range len(magic) {
			if magic[i] != '?' && magic[i] != data[i] {
				return false
			}
		}
		return true
	}
}
