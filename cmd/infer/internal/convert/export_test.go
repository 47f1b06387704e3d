package convert

// For the tests.
var (
	Shorten = shorten
	Modules = modules
)
