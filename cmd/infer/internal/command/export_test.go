package command

// Helps are the help texts by command, for the tests.
func Helps() map[string]string {
	m := map[string]string{"": helpClassify}
	for _, c := range commands() {
		m[c.name] = c.help
	}
	return m
}
